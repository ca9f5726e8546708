"""Containers are found in all layouts of control groups, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from galileo_services.telemetry_agent.instruments.control_groups import (
    ContainerGroup,
    ControlGroups,
    Keeper,
    container_id,
)
from galileo_services.telemetry_agent.instruments.instrument import UnavailableError

from tests.services.telemetry_agent.made_up_host import CONTAINER_A as A
from tests.services.telemetry_agent.made_up_host import CONTAINER_B as B
from tests.services.telemetry_agent.made_up_host import POD, POD_IN_SLICE, MadeUpHost

SLICE = "kubepods.slice/kubepods-burstable.slice"
LAYOUTS: dict[str, tuple[Keeper, str]] = {
    "docker without systemd": ("docker", f"docker/{A}"),
    "docker with systemd": ("docker", f"system.slice/docker-{A}.scope"),
    "containerd with systemd, burstable": (
        "kubernetes",
        f"{SLICE}/kubepods-burstable-pod{POD_IN_SLICE}.slice/cri-containerd-{A}.scope",
    ),
    "containerd with systemd, guaranteed": (
        "kubernetes",
        f"kubepods.slice/kubepods-pod{POD_IN_SLICE}.slice/cri-containerd-{A}.scope",
    ),
    "cri-o with systemd": ("kubernetes", f"{SLICE}/kubepods-burstable-pod{POD_IN_SLICE}.slice/crio-{A}.scope"),
    "docker beneath kubernetes": (
        "kubernetes",
        f"{SLICE}/kubepods-burstable-pod{POD_IN_SLICE}.slice/docker-{A}.scope",
    ),
    "containerd without systemd, best effort (k3s)": ("kubernetes", f"kubepods/besteffort/pod{POD}/{A}"),
    "containerd without systemd, guaranteed": ("kubernetes", f"kubepods/pod{POD}/{A}"),
    "cri-o without systemd": ("kubernetes", f"kubepods/burstable/pod{POD}/crio-{A}"),
    "kind with systemd": (
        "kubernetes",
        f"kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/"
        f"kubelet-kubepods-besteffort-pod{POD_IN_SLICE}.slice/cri-containerd-{A}.scope",
    ),
    "kind without systemd": ("kubernetes", f"kubelet/kubepods/besteffort/pod{POD}/{A}"),
    "a containerd that was not told of systemd": (
        "kubernetes",
        f"kubepods-besteffort-pod{POD_IN_SLICE}.slice:cri-containerd:{A}",
    ),
    "the same beneath its service": (
        "kubernetes",
        f"system.slice/containerd.service/kubepods-besteffort-pod{POD_IN_SLICE}.slice:cri-containerd:{A}",
    ),
}


@pytest.mark.parametrize(("keeper", "folder"), LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("version", [1, 2])
def test_a_container_is_found(host: MadeUpHost, version: int, keeper: Keeper, folder: str) -> None:
    if version == 2:
        host.group(".", cgroup__controllers="cpu io memory\n")
        host.group(folder, cpu__stat="usage_usec 5\n")
    else:
        host.group(f"cpuacct/{folder}", cpuacct__usage=5)
    groups = ControlGroups(host.cgroup)
    assert groups.version == version
    assert groups.containers(keeper, 0.0) == [ContainerGroup(A, keeper, folder)]
    other: Keeper = "docker" if keeper == "kubernetes" else "kubernetes"
    assert groups.containers(other, 0.0) == []


def test_what_is_no_container_is_left_alone(host: MadeUpHost) -> None:
    host.group(".", cgroup__controllers="cpu\n")
    for folder in (
        f"{SLICE}/kubepods-burstable-pod{POD_IN_SLICE}.slice/crio-conmon-{A}.scope",
        f"machine.slice/libpod-{A}.scope",
        "system.slice/docker.service",
        f"system.slice/{A}.mount",
        "kubepods.slice/kubepods-besteffort.slice",
        "init.scope",
        f"user.slice/user-1000.slice/docker-{A}.scope",
        f"docker/{A[:12]}",
    ):
        host.group(folder, cgroup__procs=1)
    groups = ControlGroups(host.cgroup)
    assert groups.containers("docker", 0.0) == groups.containers("kubernetes", 0.0) == []


def test_containers_come_and_go_between_two_times(host: MadeUpHost) -> None:
    groups = ControlGroups(host.cgroup)
    host.group(f"cpuacct/docker/{A}", cpuacct__usage=5)
    assert [group.id for group in groups.containers("docker", 0.0)] == [A]
    host.group(f"cpuacct/docker/{B}", cpuacct__usage=5)
    assert [group.id for group in groups.containers("docker", 0.0)] == [A]  # looked for once for each time
    assert [group.id for group in groups.containers("docker", 1.0)] == [A, B]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (A, A),
        (f"docker-{A}.scope", A),
        (f"cri-containerd-{A}.scope", A),
        (f"crio-{A}", A),
        (f"crio-conmon-{A}.scope", None),
        (A[:63], None),
        (A + "0", None),
        (f"x{A}", None),
        ("podf00", None),
        ("", None),
    ],
)
def test_an_id_is_sixty_four_digits_at_the_end(name: str, found: str | None) -> None:
    assert container_id(name) == found


def test_a_controller_that_is_off_is_named(host: MadeUpHost) -> None:
    host.group(".", cgroup__controllers="cpu io\n")
    groups = ControlGroups(host.cgroup)
    groups.require("cpu")
    with pytest.raises(UnavailableError, match="the controller memory is off in"):
        groups.require("memory")


def test_a_host_without_control_groups_has_none(host: MadeUpHost) -> None:
    groups = ControlGroups(host.cgroup)
    with pytest.raises(UnavailableError, match=r"no control groups at .*/cpuacct"):
        groups.require("cpuacct")
    assert groups.containers("docker", 0.0) == []
