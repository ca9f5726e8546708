"""A file of another world, of another version, or that is none: one line says which and what to do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from galileo_emulation.world_file.maker import Maker
from galileo_emulation.world_file.reading import WorldFileError, read
from galileo_emulation.world_file.records import line

from tests.emulation.world_file.worlds import MAKER, new_store, whole_file


@pytest.mark.parametrize(
    ("own", "why"),
    [
        (replace(MAKER, nodes={"box-1": "here"}), r"with other nodes or zones \(box-2\)"),
        (replace(MAKER, nodes={**MAKER.nodes, "box-2": "here"}), r"with other nodes or zones \(box-2\)"),
        (replace(MAKER, nodes={**MAKER.nodes, "a": "x", "b": "x", "c": "x", "d": "x"}), r"\(a, b, c and 1 more\)"),
        (replace(MAKER, seed=7), "with seed 1, from which names follow; this run has seed 7"),
        (replace(MAKER, one_address=True), "an address for each pod; this run has one address for all pods"),
    ],
)
def test_a_file_of_another_world(own: Maker, why: str) -> None:
    with pytest.raises(
        WorldFileError, match=rf"^w: it was made by scenario 'small' .*{why}.*; name another file, or run "
    ):
        read("w", whole_file(new_store()), own)


def test_another_scenario_on_the_same_nodes_is_taken() -> None:
    assert read("w", whole_file(new_store()), replace(MAKER, scenario="other")) is not None


def test_another_version() -> None:
    with pytest.raises(
        WorldFileError, match=r"^w: the file is of version 2, this Galileo reads and writes version 1; "
    ):
        read("w", line(b'{"galileo_world":2,"anything":[]}'), MAKER)


@pytest.mark.parametrize(
    "data", [b"\x00", b"\n", b"name: small\n", b"{}\n", line(b"{}"), line(b"[]"), line(b"galileo"), line(b'{"a":1}')]
)
def test_no_world_file(data: bytes) -> None:
    with pytest.raises(WorldFileError, match=r"^w: this is no world file; name another one or remove it$"):
        read("w", data, MAKER)


def test_a_first_line_without_a_maker() -> None:
    with pytest.raises(WorldFileError, match=r"^w: its first line does not say which world made it; "):
        read("w", line(b'{"galileo_world":1,"scenario":"x"}'), MAKER)


def test_an_empty_file_is_a_new_world() -> None:
    assert read("w", b"", MAKER) is None
