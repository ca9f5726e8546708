"""What containers use, in either version of control groups."""

from __future__ import annotations

import pytest
from galileo_services.telemetry_agent.instruments import container_use
from galileo_services.telemetry_agent.instruments.container_use import (
    ContainerUse,
    parse_cpu_stat,
    parse_io_stat,
    parse_service_bytes,
)
from galileo_services.telemetry_agent.instruments.control_groups import ControlGroups, Keeper
from galileo_services.telemetry_agent.instruments.instrument import (
    PartlyReadError,
    Reading,
    UnavailableError,
    UnreadableError,
)

from tests.services.telemetry_agent.made_up_host import CONTAINER_A as A
from tests.services.telemetry_agent.made_up_host import CONTAINER_B as B
from tests.services.telemetry_agent.made_up_host import POD, MadeUpHost

CPU_STAT = "usage_usec 293933\nuser_usec 200000\nsystem_usec 93933\n"
IO_STAT = "259:0 rbytes=1000 wbytes=20 rios=1 wios=1 dbytes=0 dios=0\n8:0 \n8:16 rbytes=3 wbytes=4\n"
BLKIO = "8:0 Read 1000\n8:0 Write 23\n8:0 Sync 0\n8:0 Total 1023\nTotal 1023\n"


def version_1(host: MadeUpHost, folder: str) -> None:
    host.group(f"cpuacct/{folder}", cpuacct__usage=293_933_000)
    host.group(f"memory/{folder}", memory__usage_in_bytes=5_000_000)
    host.group(f"blkio/{folder}", blkio__throttle__io_service_bytes=BLKIO)


def version_2(host: MadeUpHost, folder: str) -> None:
    host.group(".", cgroup__controllers="cpu io memory\n")
    host.group(folder, cpu__stat=CPU_STAT, memory__current=5_000_000, io__stat=IO_STAT)


def readings(host: MadeUpHost, keeper: Keeper) -> list[Reading]:
    groups = ControlGroups(host.cgroup)
    found = []
    for resource in ("cpu", "memory", "blkio"):
        use = ContainerUse(groups, keeper, resource)
        use.begin(0.0)
        found += use.read(1.0)
    return found


def test_docker_in_version_1(host: MadeUpHost) -> None:
    version_1(host, f"docker/{A}")
    assert readings(host, "docker") == [
        Reading(f"docker_cgrp_cpu/{A[:12]}", 293_933_000.0),
        Reading(f"docker_cgrp_memory/{A}", 5_000_000.0),
        Reading(f"docker_cgrp_blkio/{A[:12]}", 1023.0),
    ]


def test_docker_in_version_2(host: MadeUpHost) -> None:
    version_2(host, f"system.slice/docker-{A}.scope")
    assert readings(host, "docker") == [
        Reading(f"docker_cgrp_cpu/{A[:12]}", 293_933_000.0),
        Reading(f"docker_cgrp_memory/{A[:12]}", 5_000_000.0),
        Reading(f"docker_cgrp_blkio/{A[:12]}", 1027.0),
    ]


@pytest.mark.parametrize("version", [version_1, version_2])
def test_kubernetes_has_whole_ids_in_either_version(host: MadeUpHost, version: object) -> None:
    assert callable(version)
    version(host, f"kubepods/besteffort/pod{POD}/{A}")
    assert [reading.topic for reading in readings(host, "kubernetes")] == [
        f"kubernetes_cgrp_cpu/{A}",
        f"kubernetes_cgrp_memory/{A}",
        f"kubernetes_cgrp_blkio/{A}",
    ]


def test_a_container_that_ends_while_it_is_read_is_no_failure(host: MadeUpHost) -> None:
    version_2(host, f"docker/{A}")
    host.group(f"docker/{B}", memory__current=7)  # its cpu.stat is gone already
    use = ContainerUse(ControlGroups(host.cgroup), "docker", "cpu")
    assert [reading.topic for reading in use.read(0.0)] == [f"docker_cgrp_cpu/{A[:12]}"]


def test_one_that_cannot_be_read_is_told_and_the_others_are_read(host: MadeUpHost) -> None:
    version_2(host, f"docker/{A}")
    version_2(host, f"docker/{B}")
    host.group(f"docker/{A}", memory__current="max\n")
    use = ContainerUse(ControlGroups(host.cgroup), "docker", "memory")
    with pytest.raises(
        PartlyReadError, match=f"docker/{A}/memory.current: .*expected a whole number, got 'max"
    ) as raised:
        use.read(0.0)
    assert raised.value.readings == [Reading(f"docker_cgrp_memory/{B[:12]}", 5_000_000.0)]


def test_a_file_that_is_not_ours_to_read_is_told(host: MadeUpHost, monkeypatch: pytest.MonkeyPatch) -> None:
    version_2(host, f"docker/{A}")

    def refuse(path: str) -> str:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(container_use, "read_text", refuse)
    with pytest.raises(PartlyReadError, match=r"docker/.*/cpu.stat: Permission denied"):
        ContainerUse(ControlGroups(host.cgroup), "docker", "cpu").read(0.0)


def test_memory_is_left_out_where_it_is_not_counted(host: MadeUpHost) -> None:
    host.group(".", cgroup__controllers="cpuset cpu io pids\n")  # as on a Raspberry Pi that was not told to
    with pytest.raises(UnavailableError, match="the controller memory is off"):
        ContainerUse(ControlGroups(host.cgroup), "kubernetes", "memory").begin(0.0)


def test_a_device_without_numbers_has_moved_nothing() -> None:
    assert parse_io_stat("8:0 \n8:16\n\n") == 0
    assert parse_io_stat(IO_STAT) == 1027


def test_nothing_moved_yet_is_nothing() -> None:
    assert parse_service_bytes("") == 0
    assert parse_service_bytes("Total 0\n") == 0


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (parse_cpu_stat, ""),
        (parse_cpu_stat, "usage_usec many\n"),
        (parse_io_stat, "8:0 rbytes=x wbytes=4\n"),
        (parse_service_bytes, "Total all\n"),
    ],
)
def test_other_forms_are_refused(parse: object, text: str) -> None:
    assert callable(parse)
    with pytest.raises(UnreadableError, match="expected"):
        parse(text)
