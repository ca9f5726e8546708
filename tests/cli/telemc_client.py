"""telemc, telemd's own client as it is on PyPI, used as its users do: in a Python of its own, against a server.

The wheel brings no command, only a library, so that what people type is Python. It also brings a package named `tests`,
which would hide ours: it is unpacked into a folder of its own, once, and only the processes started here look there.
Its only dependency, redis-py, is ours.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

VERSION = "0.3.0"
REQUIREMENT = f"telemc=={VERSION} --hash=sha256:4b5f07ff7a2233de02418de4f77eb5d395d5526d3f2b52ab04063e6c2181d3da\n"
PROMPT = """
import contextlib, io, json, sys, traceback
import redis
from telemc import TelemetryController, TelemetrySubscriber
rds = redis.Redis(port=int(sys.argv[1]), decode_responses=True)
names = {**globals(), "controller": TelemetryController(rds)}
for line in sys.stdin:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        try:
            exec(json.loads(line), names)
            error = None
        except Exception:
            error = traceback.format_exc()
    print(json.dumps([printed.getvalue(), error]), flush=True)
"""


def install(cache: Path) -> Path:
    """The folder with the package in it, downloaded when it is not there yet.

    Without PyPI the test is skipped, in CI it fails.
    """
    folder = cache / f"telemc-{VERSION}"
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(dir=cache))
    (making / "requirements").write_text(REQUIREMENT)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run(
        [*pip, "--require-hashes", "--target", making / "package", "-r", making / "requirements"],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        shutil.rmtree(making)
        told = f"telemc {VERSION} cannot be had from PyPI: {done.stderr.strip()[-300:]}"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)
    shutil.rmtree(making / "package" / "tests")
    try:
        (making / "package").rename(folder)
    except OSError:  # another run of the tests was quicker
        assert folder.is_dir()
    shutil.rmtree(making, ignore_errors=True)
    return folder


class Telemc:
    """A person at a Python prompt with telemc, connected to a server; leaves at the end of the block."""

    def __init__(self, package: Path, port: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROMPT, str(port)],
            env={**os.environ, "PYTHONPATH": str(package)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Telemc:
        return self

    def __exit__(self, *_: object) -> None:
        with self._process:  # closes its standard input, which ends it
            pass

    def types(self, code: str) -> list[str]:
        """What is printed, line by line. Fails with what was raised."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(code) + "\n")
        self._process.stdin.flush()
        printed, error = json.loads(self._process.stdout.readline())
        assert error is None, error
        return str(printed).splitlines()

    def follows(self, seconds: float) -> list[tuple[str, ...]]:
        """What is heard in that time, each as telemc's own tuple of texts."""
        rows = self.types(
            f"""
import threading
subscriber = TelemetrySubscriber(rds)
threading.Timer({seconds}, subscriber.close).start()
for telemetry in subscriber.run():
    print(*(field or "" for field in telemetry), sep="\t")
"""
        )
        return [tuple(row.split("\t")) for row in rows]
