"""The newer form of events, events.k8s.io/v1: the same stored objects under other field names.

Stored is the form of core/v1. What a client sends in the newer form is brought into that form before anything else is
done with it, and an answer is brought back at the end.
"""

from ..apiobjects import JsonObject

# Stored field to field of the newer form. What is in neither is in both under the same name.
_NEWER = {
    "count": "deprecatedCount",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "involvedObject": "regarding",
    "lastTimestamp": "deprecatedLastTimestamp",
    "message": "note",
    "reportingComponent": "reportingController",
    "source": "deprecatedSource",
}
_STORED = {newer: stored for stored, newer in _NEWER.items()}
# Left out by the newer form when empty.
_LEFT_OUT = ("reportingComponent", "reportingInstance")


def newer_event(body: JsonObject) -> JsonObject:
    """A stored event in the newer form. Shares the parts of `body`."""
    return {_NEWER.get(name, name): value for name, value in body.items() if value or name not in _LEFT_OUT}


def stored_event(body: JsonObject) -> JsonObject:
    """An event of the newer form as it is stored. Shares the parts of `body`."""
    return {_STORED.get(name, name): value for name, value in body.items()}
