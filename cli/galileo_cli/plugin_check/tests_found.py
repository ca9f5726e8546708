"""Whether a plug-in has tests: files that pytest takes for tests, in its project, which name one of its services.

They are looked for beside the source, and in `tests` of each folder from there up to the project's own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from galileo_cli.plugin_check.finding import Finding

_PROJECT = ("pyproject.toml", "setup.py", "setup.cfg", ".git")
_HIGHEST = 6


def check_tests(file: Path, classes: Collection[str]) -> Iterator[Finding]:
    """`classes`: the services' names in Python; a test has to name one of them, or the module."""
    words = {*classes, file.stem}
    if not any(_names(path, words) for path in _test_files(file)):
        yield Finding(f"no test names {' or '.join(classes)}: write test_{file.stem}.py with galileo_bus.testing")


def _test_files(file: Path) -> Iterator[Path]:
    for pattern in ("test_*.py", "*_test.py"):
        yield from file.parent.glob(pattern)
        for folder in _folders(file):
            yield from (folder / "tests").rglob(pattern)


def _folders(file: Path) -> Iterator[Path]:
    """The source's folder and those above it, the project's last; without a project, the two that are nearest."""
    near = list(file.parents)[:_HIGHEST]
    tops = [number for number, folder in enumerate(near) if any((folder / name).exists() for name in _PROJECT)]
    yield from near[: tops[0] + 1 if tops else 2]


def _names(path: Path, words: Collection[str]) -> bool:
    text = path.read_text(encoding="utf-8", errors="replace")
    return any(word in text for word in words)
