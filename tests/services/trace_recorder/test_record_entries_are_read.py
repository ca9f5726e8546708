"""An entry of many trace lines: the good ones become traces, the bad ones are handed back with their reason."""

from __future__ import annotations

import random

from galileo_schemas.raw.trace_line import Trace, format_trace
from galileo_services.trace_recorder.batches import decode_batch

GOOD = Trace(
    request_id="r1", client="w:fn:0", service="fn", created=1.0, sent=1.5, done=2.0, status=200, server="10.0.0.1:8080"
)


def test_all_lines_of_an_entry_are_read_in_order() -> None:
    other = Trace(request_id="r2", client="w:fn:1", service="fn", created=1.0, sent=1.5, done=2.0, status=-1)
    batch = decode_batch("\n".join([format_trace(GOOD), format_trace(other)]).encode())
    assert batch.traces == [GOOD, other]
    assert batch.rejected == []


def test_a_bad_line_costs_only_itself() -> None:
    batch = decode_batch(f"{format_trace(GOOD)}\nnonsense\n{format_trace(GOOD)}\n\n".encode())
    assert batch.traces == [GOOD, GOOD]
    assert [line for line, _reason in batch.rejected] == [b"nonsense"]
    assert batch.rejected[0].reason.startswith("a trace line has eleven comma-joined fields")
    assert "'nonsense'" in batch.rejected[0].reason


def test_an_empty_entry_holds_nothing() -> None:
    assert decode_batch(b"") == ([], [])


def test_a_line_break_within_an_answer_is_not_the_end_of_a_line() -> None:
    talkative = Trace(
        request_id="r1", client="w:fn:0", service="fn", created=1, sent=1, done=2, status=200, response="one\ntwo"
    )
    assert decode_batch(f"{format_trace(talkative)}\n".encode()).traces == [talkative]


def test_no_bytes_whatever_raise() -> None:
    rng = random.Random(7)
    entry = "\n".join([format_trace(GOOD)] * 3).encode()
    for _ in range(5_000):
        mutated = bytearray(entry)
        for _ in range(rng.randint(1, 20)):
            mutated[rng.randrange(len(mutated))] = rng.randrange(256)
        batch = decode_batch(bytes(mutated))
        assert len(batch.traces) + len(batch.rejected) >= 1
