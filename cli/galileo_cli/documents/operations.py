"""Who receives what, as AsyncAPI operations, from the marks of our services; and who uses the raw channels.

Events that a service merely watches are received from their channel; decisions that it acts on from their journal.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from galileo_bus.delivery.streams import journal_of
from galileo_bus.service import Service
from galileo_schemas.event import KINDS_BY_TYPE, Delivery, Event
from galileo_schemas.events import SettingChange

from galileo_cli.documents.asyncapi_keys import channel_key, message_key, reference
from galileo_cli.documents.raw_channels import RAW_OPERATIONS
from galileo_cli.service_table import SERVICES, service_class

Node = dict[str, Any]


class _Heard(NamedTuple):
    """Messages of one channel that a service receives; by acting on them, or not."""

    address: str
    acts: bool


def operations(channels: Node) -> Node:
    """All operations by key; `channels` are those of the document."""
    found: Node = {}
    for name in SERVICES:
        for heard, messages in sorted(_heard_by(service_class(name)).items()):
            verb = "acts_on" if heard.acts else "hears"
            found[f"{name}.{verb}.{channel_key(heard.address)}"] = {
                "action": "receive",
                "summary": f"{name} {verb.replace('_', ' ')} {', '.join(messages)}",
                "tags": [{"name": name}],
                "channel": reference("channels", channel_key(heard.address)),
                "messages": [
                    reference("channels", channel_key(heard.address), "messages", message_key(message))
                    for message in messages
                ],
            }
    for raw in RAW_OPERATIONS:
        key = channel_key(raw.address)
        found[f"{raw.service}.{raw.action}s.{key}"] = {
            "action": raw.action,
            "summary": f"{raw.service} {raw.action}s on {raw.address}",
            "tags": [{"name": raw.service}],
            "channel": reference("channels", key),
            "messages": [reference("channels", key, "messages", message) for message in channels[key]["messages"]],
        }
    return found


def _heard_by(service: type[Service]) -> dict[_Heard, list[str]]:
    found: dict[_Heard, list[str]] = {}
    for event_type in service.handled_types():
        kind = KINDS_BY_TYPE[event_type]
        acts = kind.delivery is Delivery.DECISION
        found.setdefault(_Heard(journal_of(kind.name) if acts else kind.channel, acts), []).append(kind.name)
    watched: tuple[type[Event], ...] = (*service.watched_types(), SettingChange)  # which the runtime hears for each
    for event_type in watched:
        kind = KINDS_BY_TYPE[event_type]
        found.setdefault(_Heard(kind.channel, acts=False), []).append(kind.name)
    return {heard: sorted(set(names)) for heard, names in found.items()}
