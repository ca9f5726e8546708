"""A host made up of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services.telemetry_agent.made_up_host import MadeUpHost, raspberry_pi


@pytest.fixture
def host(tmp_path: Path) -> MadeUpHost:
    """A host without anything."""
    return MadeUpHost(tmp_path)


@pytest.fixture
def pi(tmp_path: Path) -> MadeUpHost:
    """A Raspberry Pi with control groups of version 2."""
    return raspberry_pi(tmp_path)
