"""The latency graph file, and what is said of one that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from galileo_context.latencies import LatencyGraphError
from galileo_services.latency_observer.graph_file import read_graph


def test_nodes_and_zones_with_their_round_trip_milliseconds(tmp_path: Path) -> None:
    path = tmp_path / "graph.json"
    path.write_text('{"zone-a": {"zone-b": 25, "cloud-1": 80.5}}')
    assert read_graph(path) == {"zone-a": {"zone-b": 25.0, "cloud-1": 80.5}}


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"{", "is no JSON"),
        (b"\xff\xfe", "is no JSON"),
        (b"[1]", "a latency graph is an object"),
        (b'{"a": 5}', "'a': expected an object"),
        (b'{"a": {"b": -1}}', "'a' to 'b': expected round-trip milliseconds"),
        (b'{"a": {"b": NaN}}', "'a' to 'b': expected round-trip milliseconds"),
        (b'{"a": {"b": true}}', "'a' to 'b': expected round-trip milliseconds"),
    ],
)
def test_a_mistake_is_named_with_file_and_place(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "graph.json"
    path.write_bytes(content)
    with pytest.raises(LatencyGraphError) as raised:
        read_graph(path)
    assert str(path) in str(raised.value)
    assert complaint in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LatencyGraphError, match=r"graph.json: cannot be read \(No such file or directory\)"):
        read_graph(tmp_path / "graph.json")
