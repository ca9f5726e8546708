"""What a service that only speaks on the bus loads: little, since Raspberry Pis run these."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("kubernetes_asyncio", "aiohttp", "numpy", "yaml", "aiosqlite", "matplotlib", "orjson", "pydantic", "requests")


def test_a_bus_only_service_loads_nothing_heavy() -> None:
    code = (
        "import sys, galileo_bus.service, galileo_bus.service.runtime, galileo_bus.transport.redis_transport;"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
