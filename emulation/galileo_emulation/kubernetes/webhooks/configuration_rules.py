"""Webhook configurations as objects: what is filled in, and what makes one unacceptable."""

import base64
import binascii
import ssl
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from ..apiobjects import JsonObject
from ..checks.validation import duplicate, forbidden, required, unsupported, wrong
from ..columns.tables import NAME, Column, Columns, age
from ..custom.expressions import Expression, ExpressionError
from ..errors import Cause

_OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_SCOPES = ("*", "Cluster", "Namespaced")
_MOST_CONDITIONS = 64
_LONGEST_TIMEOUT_S = 30
_CONDITION_VARIABLES = ("object", "oldObject", "request")


def default_mutating(body: JsonObject) -> None:
    """Fill in a MutatingWebhookConfiguration."""
    default_validating(body)
    for webhook in body.get("webhooks", []):
        webhook.setdefault("reinvocationPolicy", "Never")


def default_validating(body: JsonObject) -> None:
    """Fill in a ValidatingWebhookConfiguration."""
    for webhook in body.get("webhooks", []):
        webhook.setdefault("failurePolicy", "Fail")
        webhook.setdefault("matchPolicy", "Equivalent")
        webhook.setdefault("namespaceSelector", {})
        webhook.setdefault("objectSelector", {})
        webhook.setdefault("timeoutSeconds", 10)
        for rule in webhook.get("rules", []):
            rule.setdefault("scope", "*")
        if "service" in webhook.get("clientConfig", {}):
            webhook["clientConfig"]["service"].setdefault("port", 443)


CONFIGURATION_COLUMNS = Columns(
    (NAME, Column("Webhooks", type="integer"), Column("Age")),
    lambda body, now: [body["metadata"]["name"], len(body.get("webhooks", [])), age(body, now)],
)


def configuration_causes(body: JsonObject) -> list[Cause]:
    """Check a configuration, which has its defaults."""
    causes: list[Cause] = []
    seen = set()
    for index, webhook in enumerate(body.get("webhooks", [])):
        causes += _webhook_causes(webhook, f"webhooks[{index}]")
        name = webhook.get("name", "")
        if name and name in seen:
            causes.append(duplicate(f"webhooks[{index}].name", name))
        seen.add(name)
    return causes


def _webhook_causes(webhook: JsonObject, here: str) -> Iterator[Cause]:
    name = webhook.get("name", "")
    if not name:
        yield required(f"{here}.name")
    elif len(name.split(".")) < 3:
        yield wrong(f"{here}.name", name, "should be a domain with at least three segments separated by dots")
    versions = webhook.get("admissionReviewVersions", [])
    if not versions:
        yield required(f"{here}.admissionReviewVersions", "must specify one of v1")
    elif "v1" not in versions:
        yield wrong(
            f"{here}.admissionReviewVersions", versions, "must include v1, the only version that is spoken here"
        )
    for index, rule in enumerate(webhook.get("rules", [])):
        yield from _rule_causes(rule, f"{here}.rules[{index}]")
    for field, offered in (
        ("failurePolicy", ("Fail", "Ignore")),
        ("matchPolicy", ("Equivalent", "Exact")),
        ("sideEffects", ("None", "NoneOnDryRun")),
        ("reinvocationPolicy", ("IfNeeded", "Never")),
    ):
        if field in webhook and webhook[field] not in offered:
            yield unsupported(f"{here}.{field}", webhook[field], offered)
    if "sideEffects" not in webhook:
        yield required(f"{here}.sideEffects", "must specify one of None, NoneOnDryRun")
    if not 1 <= webhook["timeoutSeconds"] <= _LONGEST_TIMEOUT_S:
        rule = f"the timeout value must be between 1 and {_LONGEST_TIMEOUT_S} seconds"
        yield wrong(f"{here}.timeoutSeconds", webhook["timeoutSeconds"], rule)
    yield from _client_causes(webhook.get("clientConfig", {}), f"{here}.clientConfig")
    yield from _condition_causes(webhook.get("matchConditions", []), f"{here}.matchConditions")


def _rule_causes(rule: JsonObject, here: str) -> Iterator[Cause]:
    for field in ("operations", "apiGroups", "apiVersions", "resources"):
        values = rule.get(field, [])
        if not values:
            yield required(f"{here}.{field}")
        elif "*" in values and len(values) > 1 and field != "resources":
            yield wrong(f"{here}.{field}", values, "if '*' is present, must not specify other values")
    for index, operation in enumerate(rule.get("operations", [])):
        if operation not in _OPERATIONS:
            yield unsupported(f"{here}.operations[{index}]", operation, _OPERATIONS)
    if rule["scope"] not in _SCOPES:
        yield unsupported(f"{here}.scope", rule["scope"], _SCOPES)


def _client_causes(client: JsonObject, here: str) -> Iterator[Cause]:
    if ("url" in client) == ("service" in client):
        yield required(here, "exactly one of url or service is required")
    elif "url" in client:
        yield from _url_causes(client["url"], f"{here}.url")
    else:
        service = client["service"]
        for field in ("name", "namespace"):
            if not service.get(field):
                yield required(f"{here}.service.{field}", f"service {field} is required")
        if not 0 < service["port"] < 2**16:
            yield wrong(f"{here}.service.port", service["port"], "port is not valid: must be between 1 and 65535")
        if service.get("path") and not service["path"].startswith("/"):
            yield wrong(f"{here}.service.path", service["path"], "must start with a '/'")
    if client.get("caBundle"):
        try:
            ssl.create_default_context(cadata=ca_text(client["caBundle"]))
        except (ValueError, ssl.SSLError) as error:
            rule = f"unable to load root certificates: {error}; expected certificates in PEM, in base64"
            yield wrong(f"{here}.caBundle", "<certificates>", rule)


def ca_text(bundle: str) -> str:
    """The PEM text of a caBundle. Raises ValueError when it is not in base64."""
    try:
        return base64.b64decode(bundle, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from None


def _url_causes(url: str, here: str) -> Iterator[Cause]:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
        rule = "'https' is the only allowed URL scheme, but for 'http' to an address of this machine (127.0.0.1, ::1)"
        yield wrong(here, url, rule)
    if not parts.hostname:
        yield wrong(here, url, "host must be specified")
    for name, value in (("user information", parts.username), ("query", parts.query), ("fragment", parts.fragment)):
        if value:
            yield forbidden(here, f"{name} is not permitted in the URL: {value}")


def is_loopback(host: str | None) -> bool:
    """Whether a URL's host is this machine."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _condition_causes(conditions: list[JsonObject], here: str) -> Iterator[Cause]:
    if len(conditions) > _MOST_CONDITIONS:
        most = f"Too many: {len(conditions)}: must have at most {_MOST_CONDITIONS} items"
        yield Cause("FieldValueTooMany", most, here)
    seen = set()
    for index, condition in enumerate(conditions):
        name, text = condition.get("name", ""), condition.get("expression", "")
        if not name:
            yield required(f"{here}[{index}].name")
        elif name in seen:
            yield duplicate(f"{here}[{index}].name", name)
        seen.add(name)
        if not text.strip():
            yield required(f"{here}[{index}].expression")
            continue
        try:
            unoffered = Expression(text, _CONDITION_VARIABLES).unoffered
        except ExpressionError as error:
            yield wrong(f"{here}[{index}].expression", text, str(error))
        else:
            if unoffered:
                yield wrong(f"{here}[{index}].expression", text, f"{unoffered} is not offered here")
