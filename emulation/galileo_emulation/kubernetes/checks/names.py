"""Names and the texts that look like them: which form each kind of name has, and what is said when it is broken.

A form is a function from a text to the rules that it breaks; its answers are remembered, because the same few names
come with every object.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address
from typing import TypeAlias

from ..errors import Cause
from .validation import wrong

Form: TypeAlias = Callable[[str], tuple[str, ...]]

_REMEMBERED = 8192

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_DNS_LABEL = re.compile(_LABEL)
_DNS_SUBDOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_WILDCARD_SUBDOMAIN = re.compile(rf"\*\.{_LABEL}(\.{_LABEL})*")
_QUALIFIED_PART = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_PORT_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_DATA_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_ENVIRONMENT_NAME = re.compile(r"[ -<>-~]+")
_C_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_ALPHANUMERIC_ENDS = "and must start and end with an alphanumeric character"
_PART_RULE = f"must consist of alphanumeric characters, '-', '_' or '.', {_ALPHANUMERIC_ENDS}"


def _too_long(most: int) -> str:
    return f"must be no more than {most} characters"


@lru_cache(_REMEMBERED)
def dns_label(text: str) -> tuple[str, ...]:
    """A lowercase RFC 1123 label: one part of a domain name, at most 63 characters."""
    rules = [_too_long(63)] if len(text) > 63 else []
    if not _DNS_LABEL.fullmatch(text):
        characters = "must consist of lower case alphanumeric characters or '-'"
        rules.append(f"a lowercase RFC 1123 label {characters}, {_ALPHANUMERIC_ENDS}")
    return tuple(rules)


@lru_cache(_REMEMBERED)
def dns_subdomain(text: str) -> tuple[str, ...]:
    """A lowercase RFC 1123 subdomain: labels joined by dots, at most 253 characters."""
    rules = [_too_long(253)] if len(text) > 253 else []
    if not _DNS_SUBDOMAIN.fullmatch(text):
        characters = "must consist of lower case alphanumeric characters, '-' or '.'"
        rules.append(f"a lowercase RFC 1123 subdomain {characters}, {_ALPHANUMERIC_ENDS}")
    return tuple(rules)


@lru_cache(_REMEMBERED)
def path_segment(text: str) -> tuple[str, ...]:
    """Whatever can be one part of a path: the form of names in role-based access control."""
    if text in (".", ".."):
        return (f"may not be '{text}'",)
    return tuple(f"may not contain '{character}'" for character in "/%" if character in text)


@lru_cache(_REMEMBERED)
def qualified_name(text: str) -> tuple[str, ...]:
    """The key of a label or annotation: a name, with a subdomain and a slash before it if need be."""
    prefix, slash, name = text.rpartition("/")
    if "/" in prefix:
        return (f"a qualified name {_PART_RULE} with an optional DNS subdomain prefix and '/'",)
    rules = []
    if slash and not prefix:
        rules.append("prefix part must be non-empty")
    elif slash:
        rules += [f"prefix part {rule}" for rule in dns_subdomain(prefix)]
    if not name:
        rules.append("name part must be non-empty")
    elif len(name) > 63:
        rules.append(f"name part {_too_long(63)}")
    if not _QUALIFIED_PART.fullmatch(name):
        rules.append(f"name part {_PART_RULE}")
    return tuple(rules)


@lru_cache(_REMEMBERED)
def label_value(text: str) -> tuple[str, ...]:
    """The value of a label: empty, or at most 63 of a few characters."""
    rules = [_too_long(63)] if len(text) > 63 else []
    if text and not _QUALIFIED_PART.fullmatch(text):
        rules.append(f"a valid label must be an empty string or {_PART_RULE.removeprefix('must ')}")
    return tuple(rules)


@lru_cache(_REMEMBERED)
def port_name(text: str) -> tuple[str, ...]:
    """A port's name (RFC 6335): at most 15 characters, with a letter among them."""
    rules = [_too_long(15)] if len(text) > 15 else []
    if not _PORT_NAME.fullmatch(text):
        rules.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search("[a-z]", text):
        rules.append("must contain at least one letter (a-z)")
    if "--" in text:
        rules.append("must not contain consecutive hyphens")
    if text.startswith("-") or text.endswith("-"):
        rules.append("must not begin or end with a hyphen")
    return tuple(rules)


@lru_cache(_REMEMBERED)
def data_key(text: str) -> tuple[str, ...]:
    """A key in a config map or secret, which may become a file's name."""
    rules = [_too_long(253)] if len(text) > 253 else []
    if not _DATA_KEY.fullmatch(text):
        rules.append("a valid config key must consist of alphanumeric characters, '-', '_' or '.'")
    if text in (".", "..") or text.startswith(".."):
        rules.append(f"must not be '{text}'" if text in (".", "..") else "must not start with '..'")
    return tuple(rules)


@lru_cache(_REMEMBERED)
def environment_name(text: str) -> tuple[str, ...]:
    """The name of an environment variable: printable ASCII without '='."""
    if not _ENVIRONMENT_NAME.fullmatch(text):
        return ("a valid environment variable name must consist only of printable ASCII characters other than '='",)
    return ()


@lru_cache(_REMEMBERED)
def c_identifier(text: str) -> tuple[str, ...]:
    """A prefix of environment variables' names."""
    if not _C_IDENTIFIER.fullmatch(text):
        return ("must be a C identifier: alphabetic characters, digits or '_', and not start with a digit",)
    return ()


@lru_cache(_REMEMBERED)
def ip(text: str) -> tuple[str, ...]:
    """An IPv4 or IPv6 address."""
    try:
        ip_address(text)
    except ValueError:
        return ("must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",)
    return ()


@lru_cache(_REMEMBERED)
def wildcard_subdomain(text: str) -> tuple[str, ...]:
    """A subdomain whose first label is '*'."""
    return () if _WILDCARD_SUBDOMAIN.fullmatch(text) else ("must be a wildcard DNS-1123 subdomain, (e.g. '*.x.com')",)


def name_causes(field: str, text: str, form: Form) -> list[Cause]:
    """One cause for each rule that a name breaks."""
    return [wrong(field, text, rule) for rule in form(text)]
