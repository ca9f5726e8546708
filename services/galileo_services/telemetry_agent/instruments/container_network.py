"""`<keeper>_cgrp_net/<id>`: bytes that a container has received and sent, of all its devices; `…/<device>`: of one;
`…/<device>/rx` and `…/tx`: one way.

The kernel tells them of a process: any of the container's sees the devices of its network namespace. Processes are in
the control group, unless they are outside the process namespace that this program sees; then they are looked for where
/proc of the host is mounted. All containers of a pod share its devices, and one on the host's network shows the host's.
"""

from __future__ import annotations

import os

from galileo_services.telemetry_agent.instruments.control_groups import (
    ContainerGroup,
    ControlGroups,
    Keeper,
    container_id,
    subgroups,
)
from galileo_services.telemetry_agent.instruments.instrument import (
    GONE,
    Instrument,
    PartlyReadError,
    Reading,
    UnreadableError,
    folders,
    read_text,
)
from galileo_services.telemetry_agent.instruments.network import DeviceBytes, parse_network_devices

LOOK_AGAIN_S = 10.0
_DEEPEST = 3


def parse_container_of_process(text: str) -> str | None:
    """The container that a process belongs to, from /proc/<pid>/cgroup; None on the host itself."""
    for line in text.splitlines():
        for name in line.split("/")[1:]:  # behind `<number>:<controllers>:`
            if (found := container_id(name)) is not None:
                return found
    return None


def network_readings(topic: str, devices: dict[str, DeviceBytes]) -> list[Reading]:
    """All topics of one container."""
    readings = []
    for name, moved in devices.items():
        readings += [
            Reading(f"{topic}/{name}", float(moved.received + moved.sent)),
            Reading(f"{topic}/{name}/rx", float(moved.received)),
            Reading(f"{topic}/{name}/tx", float(moved.sent)),
        ]
    total = sum(moved.received + moved.sent for moved in devices.values())
    return [*readings, Reading(topic, float(total))]


class ContainerNetwork(Instrument):
    """The network of all containers of one keeper."""

    def __init__(self, groups: ControlGroups, keeper: Keeper, proc: str) -> None:
        self._groups = groups
        self._keeper: Keeper = keeper
        self._proc = proc
        self._tree = "cpuacct"
        self._looked_at: float | None = None
        self._process_of: dict[str, str] = {}

    def begin(self, at: float) -> None:
        self._tree = "cpu" if self._groups.version == 2 else "cpuacct"
        self._groups.require(self._tree)

    def read(self, at: float) -> list[Reading]:
        readings: list[Reading] = []
        trouble: str | None = None
        for group in self._groups.containers(self._keeper, at):
            try:
                devices = self._devices(group, at)
            except OSError as error:
                trouble = trouble or f"{error.filename}: {error.strerror}"
            except UnreadableError as error:
                trouble = trouble or str(error)
            else:
                if devices is not None:
                    readings += network_readings(f"{self._keeper}_cgrp_net/{group.id}", devices)
        if trouble is not None:
            raise PartlyReadError(trouble, readings)
        return readings

    def _devices(self, group: ContainerGroup, at: float) -> dict[str, DeviceBytes] | None:
        """None when the container has no process (any more)."""
        process = self._process_in(os.path.dirname(self._groups.path(group, self._tree, "cgroup.procs")), _DEEPEST)
        if process is None:
            process = self._process_by_proc(group.id, at)
        if process is None:
            return None
        try:
            return parse_network_devices(read_text(os.path.join(self._proc, process, "net/dev")))
        except OSError as error:
            self._process_of.pop(group.id, None)
            if error.errno in GONE:
                return None
            raise

    def _process_in(self, folder: str, deeper: int) -> str | None:
        """A process of a group or, where a program in the container made groups of its own, of one below it."""
        try:
            processes = read_text(os.path.join(folder, "cgroup.procs")).split()
        except OSError:
            processes = []  # ended meanwhile, or a group of threads
        for process in processes:
            if process != "0":  # how the kernel writes those of other process namespaces
                return process
        if deeper:
            for name in subgroups(folder):
                if (found := self._process_in(os.path.join(folder, name), deeper - 1)) is not None:
                    return found
        return None

    def _process_by_proc(self, container: str, at: float) -> str | None:
        known = self._process_of.get(container)
        if known is not None:
            return known
        if self._looked_at is None or at - self._looked_at >= LOOK_AGAIN_S:
            self._looked_at = at
            self._process_of = dict(self._look_through_proc())
        return self._process_of.get(container)

    def _look_through_proc(self) -> list[tuple[str, str]]:
        found = []
        for process in folders(self._proc):
            if process.isdigit():
                try:
                    container = parse_container_of_process(read_text(os.path.join(self._proc, process, "cgroup")))
                except OSError:
                    continue  # ended meanwhile, or another user's
                if container is not None:
                    found.append((container, process))
        return found
