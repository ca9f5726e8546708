"""What a test loads of other people's code is forgotten when it ends."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from galileo_schemas.event import KINDS_BY_NAME, KINDS_BY_TYPE


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    modules, path, names, kinds = dict(sys.modules), list(sys.path), dict(KINDS_BY_NAME), dict(KINDS_BY_TYPE)
    yield
    for name in sys.modules.keys() - modules.keys():
        file = getattr(sys.modules[name], "__file__", None) or ""
        if "site-packages" not in file and "galileo_" not in file and "pytest" in file:
            del sys.modules[name]
    sys.path[:] = path
    KINDS_BY_NAME.clear()
    KINDS_BY_NAME.update(names)
    KINDS_BY_TYPE.clear()
    KINDS_BY_TYPE.update(kinds)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages, seen by this process and by those that it starts."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder
