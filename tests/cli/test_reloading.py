"""`galileo run FILE --reload` on a real Valkey: a change starts the services anew, after a clean stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from galileo_cli.__main__ import main
from galileo_cli.reloading import watched_files, why_not_compiled

from tests.servers import RedisServer

SERVICE = """
from galileo_bus.service import Service, Settings
from words import WORD

class Talking(Service):
    name = "talking"
    settings: Settings

    async def started(self):
        print(f"started {WORD}", flush=True)

    async def stopping(self):
        print(f"stopped {WORD}", flush=True)
"""


class Reloading:
    """The command, in a folder with `talking.py` and `words.py`."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        (folder / "talking.py").write_text(SERVICE)
        self.say("one")
        self._out = folder / "out"
        environ = {**os.environ, "galileo_redis_host": "127.0.0.1", "galileo_redis_port": f"{port}"}
        command = [sys.executable, "-m", "galileo_cli", "run", "talking.py", "--reload"]
        with self._out.open("wb") as out:
            self.process = subprocess.Popen(command, cwd=folder, env=environ, stdout=out, stderr=out)

    def say(self, word: str) -> None:
        (self.folder / "words.py").write_text(f'WORD = "{word}"\n')

    def await_text(self, text: str, *, within_s: float = 15.0) -> str:
        deadline = time.monotonic() + within_s
        while text not in self._out.read_text():
            assert time.monotonic() < deadline, self._out.read_text()
            time.sleep(0.05)
        return self._out.read_text()


@pytest.fixture
def reloading(tmp_path: Path, shared_redis: Callable[[str], RedisServer]) -> Iterator[Reloading]:
    running = Reloading(tmp_path, shared_redis("valkey").port)
    running.await_text('"ready": true')
    yield running
    running.process.send_signal(signal.SIGTERM)
    running.process.wait(timeout=15)


def test_a_change_of_what_it_imports_starts_it_anew_after_a_clean_stop(reloading: Reloading) -> None:
    reloading.say("two")
    text = reloading.await_text("started two")
    assert text.index("started one") < text.index("words.py changed") < text.index("stopped one")
    assert text.index("stopped one") < text.index("started two")
    reloading.process.send_signal(signal.SIGTERM)
    assert reloading.process.wait(timeout=15) == 0
    assert "stopped two" in reloading.await_text("stopped two")


def test_what_does_not_compile_or_start_is_told_and_the_next_change_is_waited_for(reloading: Reloading) -> None:
    (reloading.folder / "words.py").write_text("WORD = = 1\n")
    text = reloading.await_text("waiting for the next change")
    assert "words.py:1: invalid syntax" in text
    assert "SyntaxError: invalid syntax" in text
    (reloading.folder / "words.py").write_text("WORD = 1 / 0\n")
    text = reloading.await_text("the services ended with status 2; waiting for the next change")
    assert "ZeroDivisionError" in text
    reloading.say("three")
    reloading.await_text("started three")


def test_without_a_file_there_is_nothing_to_reload(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "pod_creator", "--reload"]) == 2
    assert capsys.readouterr().err == "galileo: --reload: pod_creator: expected a Python file among the names\n"


def test_modules_beside_a_file_are_watched_with_what_they_import(tmp_path: Path) -> None:
    (tmp_path / "service.py").write_text("import asyncio, direct\nfrom package.inner import x\nfrom . import beside\n")
    (tmp_path / "direct.py").write_text("import indirect\n")
    for name in ("indirect", "beside", "unrelated"):
        (tmp_path / f"{name}.py").write_text("import direct\n")
    (tmp_path / "package").mkdir()
    for name in ("__init__", "inner"):
        (tmp_path / "package" / f"{name}.py").write_text("")
    names = {str(path.relative_to(tmp_path)) for path in watched_files([tmp_path / "service.py"])}
    expected = {"service.py", "direct.py", "indirect.py", "beside.py", "package/__init__.py", "package/inner.py"}
    assert names == expected


def test_a_file_that_is_gone_is_one_line(tmp_path: Path) -> None:
    assert why_not_compiled([tmp_path / "gone.py"]) == (
        f"galileo: {tmp_path}/gone.py: cannot be read (No such file or directory)"
    )
