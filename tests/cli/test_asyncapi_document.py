"""The AsyncAPI document is one by AsyncAPI's own parser, and names every channel, event and hearing service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import galileo_services
import pytest
from galileo_bus.delivery.streams import journal_of
from galileo_cli.documents.asyncapi import asyncapi_document
from galileo_cli.documents.asyncapi_keys import message_key
from galileo_cli.documents.raw_channels import RAW_OPERATIONS
from galileo_cli.service_table import SERVICES
from galileo_schemas.event import Delivery
from galileo_schemas.json_schema.event_schema import own_kinds

from tests.cli.asyncapi_parser import parsed

ERROR, WARNING = 0, 1
DOCUMENT = asyncapi_document()


def test_asyncapis_parser_takes_the_document(cache: pytest.Cache) -> None:
    found = parsed(json.dumps(DOCUMENT), cache)
    assert [finding for finding in found["findings"] if finding["severity"] <= WARNING] == []
    assert found["valid"]
    assert "galileo/events" in found["channels"]
    assert "pod_creator.acts_on.galileo.journal.scale_schedule" in found["operations"]


def test_asyncapis_parser_would_refuse_another(cache: pytest.Cache) -> None:
    broken = json.loads(json.dumps(DOCUMENT))
    broken["channels"]["galileo.events"]["messages"]["none"] = {"$ref": "#/components/messages/none"}
    found = parsed(json.dumps(broken), cache)
    assert not found["valid"]
    assert ERROR in [finding["severity"] for finding in found["findings"]]


def channel_at(address: str) -> Any:
    [found] = [channel for channel in DOCUMENT["channels"].values() if channel["address"] == address]
    return found


def test_every_event_is_on_its_channel_and_every_decision_in_its_journal() -> None:
    for kind in own_kinds():
        assert message_key(kind.name) in channel_at(kind.channel)["messages"]
        if kind.delivery is Delivery.DECISION:
            assert list(channel_at(journal_of(kind.name))["messages"]) == [message_key(kind.name)]


@pytest.mark.parametrize(
    "address",
    [
        *("telem/{node}/{metric}", "telem/{node}/{metric}/{subsystem}", "telemcmd/{node}", "galileo/results/traces"),
        *("galileo/events/telemetry", "galileo/records/events", "galileo/records/traces", "galileo/dead"),
        *("galileo/journal/scale_schedule", "routing:updates"),
    ],
)
def test_raw_channels_and_streams_are_there(address: str) -> None:
    assert channel_at(address)["messages"]


def test_pods_that_are_said_again_and_rows_beyond_the_limit_are_on_their_topics() -> None:
    assert "pod.running" in channel_at("galileo/events/cluster")["messages"]
    assert "pressure_req" in channel_at("galileo/events/pressure")["messages"]


def operation(key: str) -> Any:
    return DOCUMENT["operations"][key]


def test_who_hears_is_told_from_the_services_marks() -> None:
    heard = operation("weight_optimizer.hears.galileo.events.telemetry")
    assert heard["messages"] == [{"$ref": "#/channels/galileo.events.telemetry/messages/telemetry_window"}]
    acted = operation("pod_creator.acts_on.galileo.journal.scale_schedule")
    assert acted["action"] == "receive"


def test_every_service_receives_something() -> None:
    receiving = {key.partition(".")[0] for key, found in DOCUMENT["operations"].items() if found["action"] == "receive"}
    assert set(SERVICES) <= receiving


@pytest.mark.parametrize("service", sorted({raw.service for raw in RAW_OPERATIONS}))
def test_a_service_named_for_a_raw_channel_speaks_of_its_format(service: str) -> None:
    """These are written down by hand: one whose service no longer has to do with the format is stale."""
    sources = "".join(path.read_text() for path in (Path(galileo_services.__path__[0]) / service).rglob("*.py"))
    constants = {
        "telem/": ("telemetry_sample",),
        "telemcmd/": ("telemetry_command_channel",),
        "galileo/results/traces": ("TRACES_CHANNEL",),
        "galileo/records/traces": ("TRACES_STREAM",),
        "galileo/records/events": ("EVENT_RECORDS",),
    }
    for raw in RAW_OPERATIONS:
        if raw.service == service:
            [names] = [names for start, names in constants.items() if raw.address.startswith(start)]
            assert any(name in sources for name in names), raw
