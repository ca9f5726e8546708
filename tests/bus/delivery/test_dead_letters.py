"""Dead letters: written as data and read back whole, tried again where that can help, on every kind of bus."""

from __future__ import annotations

import pytest
from galileo_bus.delivery.dead_letters import DeadEntry, dead_entries, drop, given_up, keep, read_letter, rejected
from galileo_bus.delivery.retry_letters import try_again, why_not_again
from galileo_bus.delivery.streams import DEAD_LETTERS
from galileo_bus.transport import BusRetention, Retention, StreamEntry, Transport
from galileo_schemas.event import Event
from galileo_schemas.events import ScaleSchedule
from galileo_schemas.frame import EVENTS_CHANNEL, RawFrame
from galileo_schemas.registry import encode_frame

from tests.bus.conftest import Connect
from tests.bus.delivery.acting import JOURNAL, Actor, Workers, bus_on, decision, unix_now
from tests.bus.hearing import Heard, until, until_so

RETENTION = BusRetention()
BAD = b'1.0 scale_schedule {"fn": 7}'


async def the_only(transport: Transport) -> DeadEntry:
    (one,) = await dead_entries(transport)
    return one


@pytest.mark.parametrize("payload", ['1.0 x {"a": "zürich\n\u0000"}'.encode(), b"1.0 x \xff\xfe", b"", b"\x80" * 300])
async def test_a_message_is_read_back_as_it_was_whatever_its_bytes(connect: Connect, payload: bytes) -> None:
    transport = await connect()
    letter = rejected("c", payload, service="s", reason="why", now=7.5)
    assert await keep(transport, letter, identity="1", retention=RETENTION.dead_letters)
    found = (await the_only(transport)).letter
    assert found == letter
    assert (found.message, found.is_whole, found.size_bytes) == (payload, True, len(payload))
    assert (found.ts, found.service, found.where, found.reason) == (7.5, "s", "c", "why")


@pytest.mark.parametrize("payload", [b"1.0 x " + "ü".encode() * 10_000, b"\xff" * 20_000])
def test_of_a_long_rejected_message_the_beginning_is_kept_and_that_it_is_not_all(payload: bytes) -> None:
    letter = rejected("c", payload, service="s", reason="why", now=1.0)
    assert 9_990 <= len(letter.message) <= 10_000
    assert payload.startswith(letter.message)
    assert not letter.is_whole
    assert why_not_again(letter, now=2.0) == (
        f"cannot be tried again: only the beginning of its {len(payload):,} bytes was kept"
    )


def test_a_decision_is_kept_whole_however_long_it_is() -> None:
    payload = b"1.0 scale_schedule " + b"x" * 50_000
    letter = given_up(StreamEntry(JOURNAL, "5-0", payload), service="pod_creator", reason="why", now=1.0)
    assert letter.message == payload
    assert (letter.event, letter.entry, letter.where) == ("scale_schedule", "5-0", JOURNAL)


async def test_what_was_written_in_another_form_is_there_and_cannot_be_tried_again(connect: Connect) -> None:
    transport = await connect()
    await transport.append(DEAD_LETTERS, b"1.0 rejected galileo/events nonsense", identity="old")
    one = await the_only(transport)
    assert one.letter is None
    assert one.entry.payload == b"1.0 rejected galileo/events nonsense"
    assert "cannot be tried again" in str(why_not_again(one.letter, now=1.0))
    assert read_letter(b"\xff") is read_letter(b"{}") is read_letter(b'{"kind": "other"}') is None


async def test_letters_are_dropped_one_by_one(connect: Connect) -> None:
    transport = await connect()
    for number in range(3):
        letter = rejected("c", b"%d" % number, service="s", reason="why", now=1.0)
        await keep(transport, letter, identity=f"{number}", retention=Retention(max_length=1000))
    ids = [one.entry.id for one in await dead_entries(transport)]
    assert await drop(transport, [ids[1], "1-1"]) == 1
    assert [one.entry.id for one in await dead_entries(transport)] == [ids[0], ids[2]]


async def give_up(transport: Transport, *, expires_in_s: float | None = None) -> bytes:
    """A decision that a service could not act on, as it stands in the journal."""
    await bus_on(transport).say(decision("p"), key="default/p", expires_in_s=expires_in_s)
    (entry,) = await transport.range(JOURNAL, count=10)
    letter = given_up(entry, service="pod_creator", reason="no such image", now=unix_now())
    await keep(transport, letter, identity="1", retention=RETENTION.dead_letters)
    return entry.payload


async def test_a_decision_that_is_tried_again_is_acted_on_again_under_its_own_id_and_its_letter_goes(
    connect: Connect, workers: Workers
) -> None:
    transport, actor, heard = await connect(), Actor(), Heard()
    frame = await give_up(transport)
    workers.start(transport, actor)
    await until(lambda: actor.done == ["p"])
    await transport.subscribe(heard, channels=[EVENTS_CHANNEL])
    one = await the_only(transport)
    assert one.letter is not None
    assert why_not_again(one.letter, now=unix_now()) is None
    assert await try_again(transport, one, retention=RETENTION) == JOURNAL
    await until(lambda: actor.done == ["p", "p"])
    assert list(actor.effects.values()) == ["p"], "once, since its id is the same"
    assert [entry.payload for entry in await transport.range(JOURNAL, count=10)] == [frame, frame]
    assert await dead_entries(transport) == []
    assert heard.messages == [], "it is no news"


async def test_trying_a_decision_again_twice_as_after_a_lost_answer_is_once(connect: Connect) -> None:
    transport = await connect()
    await give_up(transport)
    one = await the_only(transport)
    await try_again(transport, one, retention=RETENTION)
    await try_again(transport, one, retention=RETENTION)
    assert len(await transport.range(JOURNAL, count=10)) == 2


async def test_a_decision_that_has_expired_is_not_tried_again(connect: Connect) -> None:
    transport = await connect()
    await give_up(transport, expires_in_s=10.0)
    one = await the_only(transport)
    assert why_not_again(one.letter, now=unix_now() + 5) is None
    assert why_not_again(one.letter, now=unix_now() + 60) == "expired 50 s ago: nobody would act on it"


async def test_a_message_that_is_tried_again_is_heard_again_and_kept_again_if_it_is_still_bad(connect: Connect) -> None:
    transport, said = await connect(), Heard()

    async def ignore(_event: Event, _frame: RawFrame) -> None:
        return None

    bus = bus_on(transport)
    bus.listen(ScaleSchedule, ignore)
    await bus.start()
    await (await connect()).subscribe(said, channels=[EVENTS_CHANNEL])

    async def letters(count: int) -> bool:
        return len(await dead_entries(transport)) == count

    transport.publish(EVENTS_CHANNEL, BAD)
    await until_so(lambda: letters(1))
    first = await the_only(transport)
    assert await try_again(transport, first, retention=RETENTION) == EVENTS_CHANNEL
    await until(lambda: bus.rejections.counts["scale_schedule"] == 2)
    await until_so(lambda: letters(1))
    assert (await the_only(transport)).entry.id != first.entry.id
    assert said.payloads.count(BAD) == 2
    await bus.close()


async def test_a_line_of_a_record_stream_goes_back_there(connect: Connect) -> None:
    transport = await connect()
    letter = rejected("galileo/records/events", b"x y", service="event_recorder", reason="no frame", now=1.0)
    await keep(transport, letter, identity="1", retention=RETENTION.dead_letters)
    await try_again(transport, await the_only(transport), retention=RETENTION)
    assert [entry.payload for entry in await transport.range("galileo/records/events", count=10)] == [b"x y"]
    assert await dead_entries(transport) == []


def test_a_decision_of_no_journal_is_refused() -> None:
    frame = encode_frame(1.0, decision("p"))
    letter = given_up(StreamEntry("elsewhere", "5-0", frame), service="s", reason="why", now=1.0)
    assert why_not_again(letter, now=2.0) == "cannot be tried again: elsewhere is no journal"
