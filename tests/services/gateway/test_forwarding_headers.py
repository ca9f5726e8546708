"""What the headers say about a request's way."""

from __future__ import annotations

from galileo_backends.http import Headers
from galileo_services.gateway.forwarding_headers import request_headers, response_headers


def test_headers_of_one_connection_are_not_handed_on() -> None:
    incoming = Headers(
        [
            ("Connection", "close, X-Private"),
            ("X-Private", "1"),
            ("TE", "trailers"),
            ("Host", "gw:80"),
            ("Accept", "*/*"),
        ]
    )
    sent = request_headers(incoming, node="edge-1", address="pod:80", now_s=1.5)
    assert dict(sent) == {
        "Accept": "*/*",
        "X-Forwarded-For": "edge-1",
        "X-Final-Host": "pod:80",
        "X-Forwarded-Host-edge-1": "1.5000000",
    }


def test_each_gateway_appends_itself() -> None:
    first = request_headers(Headers(), node="edge-1", address="gw-b:80", now_s=1)
    second = request_headers(first, node="cloud-1", address="pod:80", now_s=2)
    assert second.get("X-Forwarded-For") == "edge-1, cloud-1"
    assert second.get("X-Final-Host") == "gw-b:80, pod:80"
    assert second.get("X-Forwarded-Host-edge-1") == "1.0000000"
    assert second.get("X-Forwarded-Host-cloud-1") == "2.0000000"


def test_a_pod_cannot_bend_the_trace() -> None:
    sent = request_headers(Headers(), node="edge-1", address="pod:80", now_s=1)
    echoed = Headers(
        [("x-final-host", "elsewhere:1"), ("X-Forwarded-For", "me"), ("X-Forwarded-Host-me", "0"), ("A", "b")]
    )
    assert dict(response_headers(echoed, sent, node="edge-1", by_gateway=False)) == {
        "A": "b",
        "X-Forwarded-For": "edge-1",
        "X-Final-Host": "pod:80",
        "X-Forwarded-Host-edge-1": "1.0000000",
    }


def test_a_gateway_that_says_nothing_of_its_way_leaves_what_is_known() -> None:
    sent = request_headers(Headers(), node="edge-1", address="gw-b:80", now_s=1)
    headers = response_headers(Headers([("X-Forwarded-For", "cloud-1")]), sent, node="edge-1", by_gateway=True)
    assert headers.getall("X-Forwarded-For") == ["edge-1"]
    assert headers.getall("X-Final-Host") == ["gw-b:80"]
