"""Label selectors as objects carry them (matchLabels, matchExpressions): whom they choose, and how they are written.

The selectors of lists and watches, which come as text, are read in selectors.py.
"""

from collections.abc import Mapping

from .apiobjects import JsonObject


def selects(selector: JsonObject, labels: Mapping[str, str]) -> bool:
    """Whether a selector chooses an object with these labels. An empty selector chooses every object."""
    if any(labels.get(key) != text for key, text in selector.get("matchLabels", {}).items()):
        return False
    return all(_holds(expression, labels) for expression in selector.get("matchExpressions", []))


def _holds(expression: JsonObject, labels: Mapping[str, str]) -> bool:
    key, values = expression.get("key", ""), expression.get("values", [])
    match expression.get("operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case _:
            return False


def selector_text(selector: JsonObject | None) -> str:
    """A selector in the form in which lists and watches take it, `app=web,tier in (a,b)`, in the order of keys."""
    if not selector:
        return ""
    terms = [(key, f"{key}={text}") for key, text in selector.get("matchLabels", {}).items()]
    terms += [(term.get("key", ""), _term_text(term)) for term in selector.get("matchExpressions", [])]
    return ",".join(text for _, text in sorted(terms, key=lambda term: term[0]))


def _term_text(expression: JsonObject) -> str:
    key, values = expression.get("key", ""), ",".join(sorted(expression.get("values", [])))
    match expression.get("operator"):
        case "In":
            return f"{key} in ({values})"
        case "NotIn":
            return f"{key} notin ({values})"
        case "DoesNotExist":
            return f"!{key}"
        case _:
            return str(key)
