"""Distributions as pip leaves them: a module, and a folder that says who brought it and which services are in it."""

from __future__ import annotations

import textwrap
from pathlib import Path

SERVICE = '''
"""A plug-in."""

from galileo_bus.service import Service, every
from galileo_schemas.event import Delivery, Event, event


@event("{name}_beat", Delivery.{delivery})
class Beat(Event, kw_only=True):
    """The service is there."""

    count: int


class Beating(Service):
    """Says that it is there."""

    name = "{name}"

    @every(1.0)
    async def beat(self) -> None:
        await self.bus.say(Beat(count=1))
'''


def service_code(name: str, *, delivery: str = "OBSERVATION") -> str:
    """A module with the service `Beating`, which says `<name>_beat`."""
    return SERVICE.format(name=name, delivery=delivery)


def install(site: Path, name: str, code: str, *, distribution: str = "", target: str = "Beating") -> None:
    """Puts a module NAME and its distribution into a folder of packages, with an entry point NAME."""
    module = f"{name}_of_{distribution}".replace("-", "_") if distribution else name
    (site / f"{module}.py").write_text(textwrap.dedent(code))
    distribution = distribution or name.replace("_", "-")
    info = site / f"{distribution.replace('-', '_')}-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[galileo.services]\n{name} = {module}:{target}\n")
