"""Whether an object fits the LabelSelector of a spec."""

from __future__ import annotations

from collections.abc import Mapping

from galileo_emulation.kubernetes import label_selectors
from galileo_emulation.kubernetes.apiobjects import JsonObject

Labels = Mapping[str, str]


def is_empty(selector: JsonObject) -> bool:
    """Whether a selector demands nothing, so that it selects everything."""
    return not selector.get("matchLabels") and not selector.get("matchExpressions")


def selects(selector: JsonObject, body: JsonObject) -> bool:
    """Whether an object's labels fulfil the selector; an empty one demands nothing."""
    return label_selectors.selects(selector, body["metadata"].get("labels") or {})
