"""Where the containers of this host are in the tree of control groups, and which container runtime keeps them.

Version 2 has one tree, version 1 a tree per controller, all of the same shape. Known are the layouts of Docker, and of
Kubernetes with containerd, CRI-O or Docker, each with systemd or without (`<id>`: 64 hexadecimal digits):

    docker/<id>
    system.slice/docker-<id>.scope
    kubepods/[besteffort|burstable/]pod<uid>/<id>
    kubepods.slice/[kubepods-burstable.slice/]kubepods-[burstable-]pod<uid>.slice/cri-containerd-<id>.scope
    kubelet.slice/kubelet-kubepods.slice/…

Containers of guaranteed pods are right below `kubepods`. A containerd that was not told of systemd makes groups named
`kubepods-…pod<uid>.slice:cri-containerd:<id>`, at the root or beneath its own service.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from galileo_services.telemetry_agent.instruments.instrument import UnavailableError, read_text

Keeper = Literal["docker", "kubernetes"]

_ID = re.compile(r"(?:^|[-:])([0-9a-f]{64})(?:\.scope)?$")
_MONITOR = "crio-conmon-"  # the process that watches over a container, in a group of its own
_SYSTEM_SLICE = "system.slice"
_CONTAINERD_SERVICE = "system.slice/containerd.service"
_QUALITY_CLASSES = frozenset({"besteffort", "burstable", "guaranteed"})
_DEEPEST = 5
_VERSION_1_TREE = "cpuacct"


class ContainerGroup(NamedTuple):
    """A container's control group; `folder` is relative to the root of a tree."""

    id: str
    keeper: Keeper
    folder: str


def container_id(name: str) -> str | None:
    """The id of the container whose group has this name, None for any other group."""
    found = _ID.search(name)
    return None if found is None or name.startswith(_MONITOR) else found.group(1)


class ControlGroups:
    """The groups under the folder where they are mounted; looked for once for each time at which somebody asks."""

    def __init__(self, mount: str) -> None:
        self._mount = mount
        self._at: float | None = None
        self._found: list[ContainerGroup] = []

    @property
    def version(self) -> int:
        """2 where there is one tree, else 1."""
        return 2 if os.path.exists(os.path.join(self._mount, "cgroup.controllers")) else 1

    def require(self, controller: str) -> None:
        """Raises `UnavailableError` unless this controller counts here."""
        if self.version == 2:
            controllers = read_text(os.path.join(self._mount, "cgroup.controllers")).split()
            # What a group used of the CPU is counted whether the controller is on or not.
            if controller in controllers or controller == "cpu":
                return
            raise UnavailableError(f"the controller {controller} is off in {self._mount}/cgroup.controllers")
        if not os.path.isdir(os.path.join(self._mount, controller)):
            raise UnavailableError(f"no control groups at {self._mount}/{controller}")

    def path(self, group: ContainerGroup, controller: str, file: str) -> str:
        """A file of a group; the controller names the tree in version 1."""
        tree = self._mount if self.version == 2 else os.path.join(self._mount, controller)
        return os.path.join(tree, group.folder, file)

    def containers(self, keeper: Keeper, at: float) -> list[ContainerGroup]:
        """Those that are there now. Raises `OSError`."""
        if at != self._at:
            root = self._mount if self.version == 2 else os.path.join(self._mount, _VERSION_1_TREE)
            self._found, self._at = sorted(find_containers(root)), at
        return [group for group in self._found if group.keeper == keeper]


def find_containers(root: str) -> Iterator[ContainerGroup]:
    """All containers in a tree, Docker's and those of Kubernetes. Raises `OSError`, but not for what is gone."""
    for name in subgroups(root):
        if "kubepods" in name or name in ("kubelet", "kubelet.slice"):
            yield from _pods(root, name, _DEEPEST)
    for name in subgroups(os.path.join(root, _CONTAINERD_SERVICE)):
        if "kubepods" in name:
            yield from _pods(root, f"{_CONTAINERD_SERVICE}/{name}", _DEEPEST)
    for parent in ("docker", _SYSTEM_SLICE):
        for name in subgroups(os.path.join(root, parent)):
            found = container_id(name)
            if found is not None and (parent == "docker" or name.startswith("docker-")):
                yield ContainerGroup(found, "docker", f"{parent}/{name}")


def _pods(root: str, folder: str, deeper: int) -> Iterator[ContainerGroup]:
    found = container_id(os.path.basename(folder))
    if found is not None:
        yield ContainerGroup(found, "kubernetes", folder)
    elif deeper:
        for name in subgroups(os.path.join(root, folder)):
            if "pod" in name or name in _QUALITY_CLASSES or container_id(name) is not None:
                yield from _pods(root, f"{folder}/{name}", deeper - 1)


def subgroups(folder: str) -> list[str]:
    """The names of the groups right below one; none when it is gone. Raises other `OSError`s."""
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except (FileNotFoundError, NotADirectoryError):
        return []
