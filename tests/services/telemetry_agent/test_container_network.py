"""What containers receive and send, by a process of theirs, wherever that is found."""

from __future__ import annotations

import pytest
from galileo_services.telemetry_agent.instruments import container_network
from galileo_services.telemetry_agent.instruments.container_network import (
    ContainerNetwork,
    parse_container_of_process,
)
from galileo_services.telemetry_agent.instruments.control_groups import ControlGroups
from galileo_services.telemetry_agent.instruments.instrument import PartlyReadError, Reading, read_text

from tests.services.telemetry_agent.made_up_host import CONTAINER_A as A
from tests.services.telemetry_agent.made_up_host import CONTAINER_B as B
from tests.services.telemetry_agent.made_up_host import POD, MadeUpHost, net_dev

FOLDER = f"kubepods/burstable/pod{POD}/{A}"


def network(host: MadeUpHost) -> ContainerNetwork:
    made = ContainerNetwork(ControlGroups(host.cgroup), "kubernetes", host.proc)
    made.begin(0.0)
    return made


@pytest.fixture
def host(host: MadeUpHost) -> MadeUpHost:
    """Control groups of version 2, with one container."""
    host.group(".", cgroup__controllers="cpu\n")
    host.group(FOLDER, cgroup__procs="4711\n4712\n")
    return host


def test_each_device_is_told_both_ways_and_all_together(host: MadeUpHost) -> None:
    host.write("proc/4711/net/dev", net_dev(lo=(1, 2), eth0=(300, 40)))
    topic = f"kubernetes_cgrp_net/{A}"
    assert network(host).read(0.0) == [
        Reading(f"{topic}/lo", 3.0),
        Reading(f"{topic}/lo/rx", 1.0),
        Reading(f"{topic}/lo/tx", 2.0),
        Reading(f"{topic}/eth0", 340.0),
        Reading(f"{topic}/eth0/rx", 300.0),
        Reading(f"{topic}/eth0/tx", 40.0),
        Reading(topic, 343.0),
    ]


def test_version_1_is_asked_in_the_tree_of_the_cpu(host: MadeUpHost) -> None:
    (host.root / "sys/fs/cgroup/cgroup.controllers").unlink()
    host.group(f"cpuacct/docker/{B}", cgroup__procs="7\n")
    host.write("proc/7/net/dev", net_dev(eth0=(1, 1)))
    docker = ContainerNetwork(ControlGroups(host.cgroup), "docker", host.proc)
    docker.begin(0.0)
    assert docker.read(0.0)[-1] == Reading(f"docker_cgrp_net/{B}", 2.0)


def test_processes_may_be_in_groups_that_the_container_made(host: MadeUpHost) -> None:
    host.group(FOLDER, cgroup__procs="")
    host.group(f"{FOLDER}/init.scope", cgroup__procs="")
    host.group(f"{FOLDER}/system.slice/app.service", cgroup__procs="99\n")
    host.write("proc/99/net/dev", net_dev(eth0=(5, 5)))
    assert network(host).read(0.0)[-1] == Reading(f"kubernetes_cgrp_net/{A}", 10.0)


def test_processes_of_another_namespace_are_looked_for_in_the_hosts_proc(host: MadeUpHost) -> None:
    host.group(FOLDER, cgroup__procs="0\n0\n")
    host.write("proc/1/cgroup", "0::/init.scope\n")
    host.write("proc/55/cgroup", f"0::/kubepods/burstable/pod{POD}/{A}\n")
    host.write("proc/55/net/dev", net_dev(eth0=(5, 6)))
    host.write("proc/self/cgroup", "0::/\n")
    assert network(host).read(0.0)[-1] == Reading(f"kubernetes_cgrp_net/{A}", 11.0)


def test_they_are_not_looked_for_again_at_each_reading(host: MadeUpHost) -> None:
    host.group(FOLDER, cgroup__procs="0\n")
    found = network(host)
    assert found.read(0.0) == []
    host.write("proc/55/cgroup", f"0::/kubepods/burstable/pod{POD}/{A}\n")
    host.write("proc/55/net/dev", net_dev(eth0=(5, 6)))
    assert found.read(9.0) == []
    assert found.read(10.0) != []


def test_a_process_that_has_ended_is_no_failure(host: MadeUpHost) -> None:
    assert network(host).read(0.0) == []


def test_one_that_is_not_ours_to_look_at_is_told(host: MadeUpHost, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_devices(path: str) -> str:
        if path.endswith("net/dev"):
            raise PermissionError(13, "Permission denied", path)
        return read_text(path)

    monkeypatch.setattr(container_network, "read_text", refuse_devices)
    with pytest.raises(PartlyReadError, match="proc/4711/net/dev: Permission denied"):
        network(host).read(0.0)


@pytest.mark.parametrize(
    ("text", "container"),
    [
        (f"0::/system.slice/docker-{A}.scope\n", A),
        (f"0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-{A}.scope/init.scope\n", A),
        (f"12:cpuacct,cpu:/kubepods/pod{POD}/{A}\n1:name=systemd:/\n", A),
        (f"3:memory:/kubepods-besteffort-pod1.slice:cri-containerd:{A}\n", A),
        (f"0::/kubepods.slice/kubepods-pod1.slice/crio-conmon-{A}.scope\n", None),
        ("0::/user.slice/user-0.slice/session-1.scope\n", None),
        ("0::/\n", None),
        ("", None),
    ],
)
def test_the_container_of_a_process(text: str, container: str | None) -> None:
    assert parse_container_of_process(text) == container
