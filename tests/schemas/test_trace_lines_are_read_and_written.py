"""Trace lines: eleven fields, as existing senders and recorders write them."""

from __future__ import annotations

import msgspec
import pytest
from galileo_schemas.frame import FrameError
from galileo_schemas.raw.trace_line import Trace, format_trace, parse_trace
from hypothesis import given, settings
from hypothesis import strategies as st

ANSWERED = Trace(
    request_id="r1",
    client="c1",
    service="s1",
    created=1.1,
    sent=1.2,
    done=1.3,
    status=200,
    server="10.0.0.1:8080",
    exp_id="exp1",
    headers='{"X-Final-Host": "a:1, b:2", "X": "p|q"}',
    response="a,b\nc",
)
ANSWERED_LINE = (
    r'r1,c1,s1,1.1000000,1.2000000,1.3000000,200,10.0.0.1:8080,exp1,{"X-Final-Host": "a:1| b:2"| "X": "p|q"},a,b\nc'
)


def test_an_answered_request_is_written_as_existing_senders_do() -> None:
    assert format_trace(ANSWERED) == ANSWERED_LINE


def test_commas_and_line_breaks_come_back_but_a_pipe_in_the_headers_is_lost() -> None:
    trace = parse_trace(ANSWERED_LINE.encode())
    assert trace.headers == '{"X-Final-Host": "a:1, b:2", "X": "p,q"}'
    assert trace.response == "a,b\nc"
    assert trace.header("x-final-host") == "a:1, b:2"


def test_an_unanswered_request_is_full_of_none() -> None:
    line = "req1,client,service,1.1000000,1.2000000,1.3000000,-1,None,None,None,None"
    trace = parse_trace(line.encode())
    assert (trace.server, trace.exp_id, trace.headers, trace.response) == (None, None, None, None)
    assert (trace.status, trace.succeeded) == (-1, False)
    assert format_trace(trace) == line


def test_headers_may_be_any_json() -> None:
    line = 'req2,client,service,2.2000000,2.3000000,2.4000000,200,server1,exp1,{"headers": 1},hello'
    trace = parse_trace(line.encode())
    assert (trace.server, trace.exp_id, trace.response) == ("server1", "exp1", "hello")
    assert trace.header("headers") == "1"
    assert trace.header("absent") is None
    assert format_trace(trace) == line


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"a,b,c",
        b"r,c,s,1,2,3,200,srv,exp,{}",
        b"None,c,s,1,2,3,200,srv,exp,{},x",
        b"r,c,s,1,2,None,200,srv,exp,{},x",
        b"r,c,s,1,2,nan,200,srv,exp,{},x",
        b"r,c,s,1,2,3,ok,srv,exp,{},x",
        b"r,c,s,1,2,3,None,srv,exp,{},x",
        b"r,c,s,1,2,3,200,srv,exp,{},\xff",
        b"r,c\nd,s,1,2,3,200,srv,exp,{},x",
    ],
)
def test_what_is_no_trace_is_quoted_in_one_line(line: bytes) -> None:
    with pytest.raises(FrameError, match="a trace line has eleven comma-joined fields") as refused:
        parse_trace(line)
    assert "\n" not in str(refused.value)
    assert repr(line[:8].decode("ascii", "replace"))[1:-1] in str(refused.value)


@pytest.mark.parametrize("field", ["request_id", "client", "service", "server", "exp_id"])
def test_an_identifier_that_the_format_cannot_carry_is_not_written(field: str) -> None:
    for text in ("a,b", "a\nb"):
        identifiers = {"request_id": "r", "client": "c", "service": "s", field: text}
        with pytest.raises(ValueError, match="identifiers hold no comma and no line break"):
            format_trace(Trace(**identifiers, created=1, sent=2, done=3, status=200))


@pytest.mark.parametrize("field", ["request_id", "client", "service"])
def test_a_name_that_means_nothing_is_not_written(field: str) -> None:
    identifiers = {"request_id": "r", "client": "c", "service": "s", field: "None"}
    with pytest.raises(ValueError, match="are not called None"):
        format_trace(Trace(**identifiers, created=1, sent=2, done=3, status=200))


@pytest.mark.parametrize("field", ["created", "sent", "done"])
def test_a_time_that_is_none_is_not_written(field: str) -> None:
    trace = Trace(request_id="r", client="c", service="s", created=1.0, sent=2.0, done=3.0, status=200)
    with pytest.raises(ValueError, match="times are finite"):
        format_trace(msgspec.structs.replace(trace, **{field: float("nan")}))


words = st.text(st.characters(codec="utf-8", exclude_characters=",\n"), max_size=20).filter(lambda word: word != "None")
optional_words = st.none() | words
times = st.floats(0, 4e9).map(lambda ts: round(ts, 7))
headers = st.text(st.characters(codec="utf-8", exclude_characters="|\n"), max_size=40).filter(
    lambda text: text != "None"
)
responses = st.text(st.characters(codec="utf-8", exclude_characters="\\"), max_size=40).filter(
    lambda text: text != "None"
)


@settings(deadline=None)
@given(
    trace=st.builds(
        Trace,
        request_id=words,
        client=words,
        service=words,
        created=times,
        sent=times,
        done=times,
        status=st.integers(-1, 599),
        server=optional_words,
        exp_id=optional_words,
        headers=st.none() | headers,
        response=st.none() | responses,
    )
)
def test_what_the_format_can_carry_comes_back(trace: Trace) -> None:
    again = parse_trace(format_trace(trace).encode())
    assert (again.created, again.sent, again.done) == pytest.approx((trace.created, trace.sent, trace.done), abs=1e-6)
    for field in ("request_id", "client", "service", "status", "server", "exp_id", "headers", "response"):
        assert getattr(again, field) == getattr(trace, field)
