"""A short name for a pod template: equal templates have equal ones, and it can stand in names and labels.

FNV-1a over the template's JSON, written in the letters that Kubernetes uses for such suffixes: no vowels, so that no
words come about, and nothing that is easily mistaken.
"""

from __future__ import annotations

import orjson

from galileo_emulation.kubernetes.apiobjects import JsonObject

POD_TEMPLATE_HASH = "pod-template-hash"
ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_OFFSET, _PRIME = 2166136261, 16777619


def template_hash(template: JsonObject, collisions: int = 0) -> str:
    """The hash of a template; `collisions` tells apart two templates whose hashes met."""
    encoded = orjson.dumps(template, option=orjson.OPT_SORT_KEYS)
    if collisions:
        encoded += str(collisions).encode()
    value = _OFFSET
    for byte in encoded:
        value = ((value ^ byte) * _PRIME) & 0xFFFFFFFF
    return "".join(ALPHABET[ord(digit) % len(ALPHABET)] for digit in str(value))


def without_hash(template: JsonObject) -> JsonObject:
    """The template without the label that holds its hash."""
    metadata = template.get("metadata", {})
    labels = {key: value for key, value in (metadata.get("labels") or {}).items() if key != POD_TEMPLATE_HASH}
    return {**template, "metadata": {**metadata, "labels": labels}}
