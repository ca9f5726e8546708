"""A local function's output in a file."""

import logging
from pathlib import Path

import pytest
from galileo_emulation.functions.container_log import ContainerLog
from galileo_emulation.functions.output_file import OutputFile


def test_each_run_begins_with_its_moment_and_each_line_is_there_at_once(tmp_path: Path) -> None:
    file = OutputFile(tmp_path / "pods" / "p.log")
    log = ContainerLog(also=file.write)
    file.begin_run(0.5)
    log.write(1.0, b"one")
    log.note_request((1.5, "GET", "/", 200, 0.1, "1.2.3.4"))
    log.write(2.0, b"")
    assert file.path.read_bytes() == b"--- started 1970-01-01T00:00:00.500Z\none\n\n"
    assert log.last_words == "one"


def test_a_large_file_is_put_aside_once(tmp_path: Path) -> None:
    file = OutputFile(tmp_path / "p.log", largest_bytes=10)
    for number in range(5):
        file.write(0.0, b"line %d" % number)
    assert file.path.read_bytes() == b"line 4\n"
    assert (tmp_path / "p.log.1").read_bytes() == b"line 2\nline 3\n"


def test_a_file_that_cannot_be_written_is_warned_about_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "pods").write_text("no folder")
    file = OutputFile(tmp_path / "pods" / "p.log")
    with caplog.at_level(logging.WARNING):
        file.write(0.0, b"one")
        file.write(0.0, b"two")
    assert len(caplog.records) == 1
    assert "the output is not written any more" in caplog.text
