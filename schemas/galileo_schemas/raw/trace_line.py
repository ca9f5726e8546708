r"""Trace lines on `galileo/results/traces`: eleven comma-joined fields, one request a line.

`request_id,client,service,created,sent,done,status,server,exp_id,headers,response`; None is the word `None`; commas in
the headers' JSON are written `|`; a newline in the response is written `\n`. The format cannot carry a `|` in headers
(read back as a comma) nor the word None as a response.
"""

from __future__ import annotations

import json
import math

import msgspec

from galileo_schemas.frame import FrameError, excerpt

TRACES_CHANNEL = "galileo/results/traces"
TRACES_STREAM = "galileo/records/traces"


class Trace(msgspec.Struct, kw_only=True, frozen=True):
    """One request. Times in unix seconds; `status` −1: no answer; `headers`: the answer's, as JSON text."""

    request_id: str
    client: str
    service: str
    created: float
    sent: float
    done: float
    status: int
    server: str | None = None
    exp_id: str | None = None
    headers: str | None = None
    response: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the request was answered with 2xx."""
        return 200 <= self.status < 300

    def header(self, name: str) -> str | None:
        """One of the answer's headers, whatever its case; None without headers or when they are no JSON object."""
        if not self.headers:
            return None
        try:
            headers = json.loads(self.headers)
        except (ValueError, RecursionError):
            return None
        if not isinstance(headers, dict):
            return None
        wanted = name.lower()
        found = next((str(value) for key, value in headers.items() if key.lower() == wanted), None)
        # Bytes that were no text arrive as halves of surrogate pairs, which no event could carry on.
        return None if found is None else found.encode("utf-8", "replace").decode()


def format_trace(trace: Trace) -> str:
    """One line. Raises `ValueError` when an identifier holds a comma or a line break, which the format cannot carry.

    So it does when the request, the client or the service is called `None`, or a time is no finite number.
    """
    if "None" in (trace.request_id, trace.client, trace.service):
        raise ValueError(f"a trace's request, client and service are not called None, got {trace.request_id!r:.80}")
    if not (math.isfinite(trace.created) and math.isfinite(trace.sent) and math.isfinite(trace.done)):
        raise ValueError(f"a trace's times are finite, got {trace.created}, {trace.sent}, {trace.done}")
    for field in (trace.request_id, trace.client, trace.service, trace.server or "", trace.exp_id or ""):
        if "," in field or "\n" in field:
            raise ValueError(f"a trace's identifiers hold no comma and no line break, got {field!r}")
    headers = None if trace.headers is None else trace.headers.replace(",", "|").replace("\n", " ")
    response = None if trace.response is None else trace.response.replace("\n", "\\n")
    return (
        f"{trace.request_id},{trace.client},{trace.service},{trace.created:.7f},{trace.sent:.7f},{trace.done:.7f},"
        f"{trace.status},{trace.server},{trace.exp_id},{headers},{response}"
    )


def parse_trace(line: bytes) -> Trace:
    """Reads a line. Raises `FrameError` that quotes it and says what was expected."""
    try:
        fields = [None if field == "None" else field for field in line.decode().split(",", 10)]
        request_id, client, service, created, sent, done, status, server, exp_id, headers, response = fields
        if request_id is None or client is None or service is None:
            raise ValueError("request id, client and service are required")
        if b"\n" in line and any("\n" in (field or "") for field in (request_id, client, service, server, exp_id)):
            raise ValueError("identifiers hold no line break")
        times = [float(text or "nan") for text in (created, sent, done)]
        if not all(map(math.isfinite, times)):
            raise ValueError("times are finite")
        return Trace(
            request_id=request_id,
            client=client,
            service=service,
            created=times[0],
            sent=times[1],
            done=times[2],
            status=int(status or ""),
            server=server,
            exp_id=exp_id,
            headers=None if headers is None else headers.replace("|", ","),
            response=None if response is None else response.replace("\\n", "\n"),
        )
    except ValueError:
        raise FrameError(
            "a trace line has eleven comma-joined fields: request_id,client,service,created,sent,done (unix seconds),"
            f"status (number),server,exp_id,headers,response, got {excerpt(line)}"
        ) from None
