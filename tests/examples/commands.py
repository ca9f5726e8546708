"""Programs that the examples need beside Python; where one is missing the test is skipped, and in CI it fails."""

from __future__ import annotations

import os
import shutil

import pytest


def command(name: str, *, package: str) -> str:
    """The path of a program."""
    found = shutil.which(name)
    if found is not None:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI needs {name}: apt-get install {package}")
    pytest.skip(f"no {name} here: apt-get install {package}")
