"""The database under test: the twin in memory, then the one in a file."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from galileo_backends.database import ExperimentDatabase, MemoryDatabase, SqliteDatabase, TraceRow


@pytest.fixture(params=["memory", "sqlite"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ExperimentDatabase]:
    """An open, empty database."""
    if request.param == "memory":
        yield MemoryDatabase()
        return
    async with SqliteDatabase(tmp_path / "galileo.sqlite") as database:
        yield database


def trace(request_id: str, created: float = 1.0) -> TraceRow:
    """A request that succeeded."""
    return TraceRow(
        request_id, "client-1", "resnet", created, created + 0.1, created + 0.3, 200, "10.0.0.1:80", None, "{}", "ok"
    )
