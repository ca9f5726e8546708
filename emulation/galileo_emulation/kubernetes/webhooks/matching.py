"""Which webhooks want to see a request, and under which version.

A webhook's rules name operations and resources; its selectors look at labels of the namespace and of the object; its
conditions are expressions over the request. With the match policy Equivalent, a rule that names another version of the
same kind matches, too, and the webhook then sees the object under that version.
"""

from collections.abc import Iterator
from typing import Any

from ..apiobjects import JsonObject
from ..custom.expressions import ExpressionError
from ..kinds import NAMESPACES
from ..label_selectors import selects
from ..storage.store import Store
from .attributes import Attributes
from .configuration import Webhook
from .review import request_of

# Webhooks are not asked about webhooks, or a broken one could never be taken away.
_EXEMPT = ("mutatingwebhookconfigurations", "validatingwebhookconfigurations")
_EXEMPT_GROUP = "admissionregistration.k8s.io"


class ConditionError(Exception):
    """A match condition could not be evaluated; the message says which and why."""


def seen_as(webhook: Webhook, attributes: Attributes, store: Store) -> Attributes | None:
    """The request as the webhook wants to see it; None when it does not. Its conditions are another matter."""
    kind = attributes.kind
    if kind.group == _EXEMPT_GROUP and kind.plural in _EXEMPT:
        return None
    seen = next((form for form in _forms(webhook, attributes, store) if _named(webhook, form)), None)
    if seen is None:
        return None
    if not _selects_namespace(webhook.namespace_selector, attributes, store):
        return None
    return seen if _selects_object(webhook.object_selector, attributes) else None


def _forms(webhook: Webhook, attributes: Attributes, store: Store) -> Iterator[Attributes]:
    yield attributes
    if not webhook.exact and attributes.kind.custom is not None:
        for kind in store.catalog.versions_of(attributes.kind):
            if kind.version != attributes.kind.version:
                yield attributes.as_version(kind)


def _named(webhook: Webhook, attributes: Attributes) -> bool:
    return any(_rule_names(rule, attributes) for rule in webhook.rules)


def _rule_names(rule: JsonObject, attributes: Attributes) -> bool:
    kind = attributes.kind
    return (
        _among(rule["operations"], attributes.operation)
        and _among(rule["apiGroups"], kind.group)
        and _among(rule["apiVersions"], kind.version)
        and any(_resource_matches(resource, attributes) for resource in rule["resources"])
        and rule["scope"] in ("*", "Namespaced" if kind.namespaced else "Cluster")
    )


def _among(offered: list[str], wanted: str) -> bool:
    return "*" in offered or wanted in offered


def _resource_matches(text: str, attributes: Attributes) -> bool:
    resource, _, subresource = text.partition("/")
    return resource in ("*", attributes.kind.plural) and subresource in ("*", attributes.subresource)


def _selects_namespace(selector: JsonObject, attributes: Attributes, store: Store) -> bool:
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        return True
    if attributes.kind.key == NAMESPACES.key:
        labels = _labels(attributes.body or attributes.old)
    elif attributes.kind.namespaced:
        home = store.get(NAMESPACES, "", attributes.namespace)
        labels = home.body["metadata"].get("labels", {}) if home is not None else {}
    else:
        return True
    return selects(selector, labels)


def _selects_object(selector: JsonObject, attributes: Attributes) -> bool:
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        return True
    return any(selects(selector, _labels(body)) for body in (attributes.body, attributes.old) if body is not None)


def _labels(body: JsonObject | None) -> dict[str, str]:
    labels: dict[str, str] = (body or {}).get("metadata", {}).get("labels", {})
    return labels


def conditions_hold(webhook: Webhook, attributes: Attributes) -> bool:
    """Whether all match conditions hold. Raises ConditionError when none is false and one cannot be evaluated."""
    if not webhook.conditions:
        return True
    from celpy.adapter import json_to_cel

    values: dict[str, Any] = {
        "object": json_to_cel(attributes.body),
        "oldObject": json_to_cel(attributes.old),
        "request": json_to_cel(request_of(attributes, attributes, uid="")),
    }
    failed = None
    for name, expression in webhook.conditions.items():
        try:
            if not expression.holds(values):
                return False
        except ExpressionError as error:
            failed = failed or f"match condition {name}: {error}"
    if failed is not None:
        raise ConditionError(failed)
    return True
