"""Label selectors as objects carry them, and maps of labels."""

from ..apiobjects import JsonObject
from ..errors import Cause
from .names import label_value, name_causes, qualified_name
from .validation import forbidden, required, wrong

_WITH_VALUES = ("In", "NotIn")
_WITHOUT_VALUES = ("Exists", "DoesNotExist")


def labels_causes(field: str, labels: JsonObject) -> list[Cause]:
    """Check the keys and values of labels."""
    causes = []
    for key, text in labels.items():
        if rules := qualified_name(key):
            causes += [wrong(field, key, rule) for rule in rules]
        if rules := label_value(text):
            causes += [wrong(field, text, rule) for rule in rules]
    return causes


def selector_causes(field: str, selector: JsonObject | None) -> list[Cause]:
    """Check a label selector; an absent one is in order."""
    if selector is None:
        return []
    causes = labels_causes(f"{field}.matchLabels", selector.get("matchLabels", {}))
    for index, expression in enumerate(selector.get("matchExpressions", [])):
        causes += _expression_causes(f"{field}.matchExpressions[{index}]", expression)
    return causes


def _expression_causes(field: str, expression: JsonObject) -> list[Cause]:
    causes, operator, values = [], expression.get("operator"), expression.get("values", [])
    if operator in _WITH_VALUES and not values:
        causes.append(required(f"{field}.values", "must be specified when `operator` is 'In' or 'NotIn'"))
    elif operator in _WITHOUT_VALUES and values:
        causes.append(
            forbidden(f"{field}.values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
        )
    elif operator not in (*_WITH_VALUES, *_WITHOUT_VALUES):
        causes.append(wrong(f"{field}.operator", operator or "", "not a valid selector operator"))
    causes += name_causes(f"{field}.key", expression.get("key", ""), qualified_name)
    for index, text in enumerate(values):
        causes += name_causes(f"{field}.values[{index}]", text, label_value)
    return causes
