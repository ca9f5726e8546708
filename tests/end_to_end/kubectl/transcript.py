"""Transcripts of kubectl, as a person could have taken them down: commands, and what they answer.

    # why these commands are here
    $ kubectl get pods                  run once, by bash
    NAME READY STATUS RESTARTS AGE      a line of the answer; how much white space there is does not matter
    web-* 1/1 Running 0 *               `*` is any text
    ...                                 any lines, or none
    => exit 1                           the exit code, where it is not 0

    $~ kubectl get pods                 asked again until the answer is as written: something else brings it about

Standard error is part of the answer. Empty lines mean nothing.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

COMMAND_LIMIT_S = 30.0
COMES_ABOUT_WITHIN_S = 30.0
ONCE, AGAIN = "$ ", "$~ "
EXIT = "=> exit "


@dataclass
class Step:
    """A command, the lines of its answer, and the code with which it ends."""

    line: int
    command: str
    asked_again: bool
    expected: list[str] = field(default_factory=list)
    code: int = 0

    @property
    def pattern(self) -> re.Pattern[str]:
        """What the answer as `plain` gives it has to match as a whole."""
        return re.compile("".join(_source(line) for line in self.expected))


def read_transcript(path: Path) -> list[Step]:
    """The steps of a transcript."""
    return list(_steps(path.read_text().splitlines()))


def _steps(lines: list[str]) -> Iterator[Step]:
    step: Step | None = None
    for number, line in enumerate(lines, start=1):
        if line.startswith((ONCE, AGAIN)):
            if step is not None:
                yield step
            asked_again = line.startswith(AGAIN)
            step = Step(number, line.removeprefix(AGAIN if asked_again else ONCE), asked_again)
        elif step is not None and line.startswith(EXIT):
            step.code = int(line.removeprefix(EXIT))
        elif step is not None and line.strip() and not line.startswith("# "):
            step.expected.append(line)
    if step is not None:
        yield step


def line_pattern(line: str) -> re.Pattern[str]:
    """What one line of an answer, as `plain` gives it, has to match."""
    return re.compile(_source(line))


def _source(line: str) -> str:
    if line.strip() == "...":
        return "(?:.*\n)*"
    return ".*".join(re.escape(part) for part in _evenly_spaced(line).split("*")) + "\n"


def plain(output: str) -> str:
    """An answer without what does not matter."""
    lines = (_evenly_spaced(line) for line in output.splitlines())
    return "".join(f"{line}\n" for line in lines if line)


def _evenly_spaced(line: str) -> str:
    return " ".join(line.split())


def follow(step: Step, *, folder: Path, environ: Mapping[str, str]) -> str | None:
    """Runs a step's command; what is wrong with its answer, None when it is as written."""
    deadline = time.monotonic() + COMES_ABOUT_WITHIN_S
    while True:
        ran = subprocess.run(
            ["bash", "-c", step.command],
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_LIMIT_S,
            check=False,
        )
        if ran.returncode == step.code and step.pattern.fullmatch(plain(ran.stdout)):
            return None
        if not step.asked_again or time.monotonic() > deadline:
            wanted = "\n".join([*step.expected, f"{EXIT}{step.code}"])
            return f"line {step.line}: {step.command}\n{ran.stdout}{EXIT}{ran.returncode}\nexpected:\n{wanted}"
