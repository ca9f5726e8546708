"""The headers by which a request and its answer tell the way they took.

    X-Forwarded-For            the gateways' node names, in the order of the way there: "edge-1, cloudlet-1"
    X-Forwarded-Host-<node>    when that gateway sent the request on, in unix seconds with seven decimals
    X-Final-Host               host:port of each hop's target, the pod last: "10.0.0.1:8080, 10.0.1.7:8080"

A gateway appends itself on the way there, so the last gateway knows the whole way and writes it on the answer; the
gateways before it find their own way continued there and leave it. The times travel back one by one. What a pod says
under these names is dropped: a function that echoes its request must not be able to bend the trace.
"""

from __future__ import annotations

from galileo_backends.http import Headers

FORWARDED_FOR = "X-Forwarded-For"
FORWARDED_HOST = "X-Forwarded-Host-"
FINAL_HOST = "X-Final-Host"

# RFC 9110, 7.6.1: these are about one connection and end with it. Expect was answered by the server already.
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


def request_headers(incoming: Headers, *, node: str, address: str, now_s: float) -> Headers:
    """What `node` sends to `address` (host:port) for a request that came with `incoming`; `now_s` in unix seconds."""
    headers = _end_to_end(incoming)
    headers.remove("host")  # the target's own address takes its place
    for name, added in ((FORWARDED_FOR, node), (FINAL_HOST, address)):
        before = headers.joined(name)
        headers.set(name, f"{before}, {added}" if before else added)
    headers.set(f"{FORWARDED_HOST}{node}", f"{now_s:.7f}")
    return headers


def response_headers(answered: Headers, sent: Headers, *, node: str, by_gateway: bool) -> Headers:
    """What `node` answers after its target `answered` to the headers that were `sent` (see `request_headers`).

    `by_gateway`: the target was a gateway, which may have continued the way.
    """
    headers = _end_to_end(answered)
    if not by_gateway:
        headers = Headers(pair for pair in headers if not pair[0].lower().startswith(FORWARDED_HOST.lower()))
    for name in (FORWARDED_FOR, FINAL_HOST):
        own = sent.get(name) or ""
        further = headers.joined(name) if by_gateway else None
        continued = further is not None and (further == own or further.startswith(f"{own}, "))
        headers.set(name, further if further is not None and continued else own)
    headers.set(f"{FORWARDED_HOST}{node}", sent.get(f"{FORWARDED_HOST}{node}") or "")
    return headers


def _end_to_end(headers: Headers) -> Headers:
    named = {name.strip().lower() for value in headers.getall("connection") for name in value.split(",")}
    dropped = _HOP_BY_HOP | named
    return Headers(pair for pair in headers if pair[0].lower() not in dropped)
