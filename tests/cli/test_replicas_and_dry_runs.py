"""Elections and dry runs by their settings, with the services and backends of a real process."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from galileo_backends.kubernetes import LEASES, Connection, HttpKubernetes
from galileo_bus.service import Service, SettingError, Settings
from galileo_bus.service.runtime import Runtime
from galileo_cli.commands.run import new_runtime
from galileo_cli.elections import election_of
from galileo_cli.services_heard import ServicesHeard
from galileo_emulation.kubernetes.http.server import ApiServer
from galileo_emulation.kubernetes.storage.store import Store
from galileo_services.event_recorder.service import EventRecorder
from galileo_services.weight_optimizer.service import WeightOptimizer

from tests.bus.hearing import until
from tests.cli.test_services_heard import status
from tests.servers import RedisServer


class Elected(Service):
    """Has nothing to do, and one leader."""

    name = "elected"
    elected = True
    settings: Settings


@pytest.fixture
def bus(shared_redis: Callable[[str], RedisServer]) -> dict[str, str]:
    server = shared_redis("valkey")
    server.command("FLUSHALL")
    return {"galileo_redis_host": "127.0.0.1", "galileo_redis_port": f"{server.port}"}


@asynccontextmanager
async def running(environ: dict[str, str]) -> AsyncIterator[Runtime]:
    runtime = new_runtime(environ)
    runtime.add(Elected)
    await runtime.transport.start()
    stop = asyncio.Event()
    task = asyncio.create_task(runtime.run(stop))
    await until(lambda: runtime.started.is_set() or task.done())
    yield runtime
    stop.set()
    await task
    await runtime.transport.close()


def leads(runtime: Runtime) -> bool:
    return runtime.metrics()["elected"]["leading"] == 1.0


async def kubeconfig_of_an_api(stack: AsyncExitStack, folder: Path) -> tuple[HttpKubernetes, str]:
    store = Store(now=time.time, rng=random.Random(1))
    api = await stack.enter_async_context(ApiServer(store, host="127.0.0.1", port=0))
    client = await stack.enter_async_context(HttpKubernetes(Connection(base_url=api.url), rng=random.Random(1)))
    file = folder / "kubeconfig"
    file.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
        f"clusters: [{{name: k, cluster: {{server: '{api.url}'}}}}]\n"
        "users: [{name: u, user: {}}]\ncontexts: [{name: c, context: {cluster: k, user: u}}]\n"
    )
    return client, str(file)


async def test_two_processes_elect_one_leader_on_a_lease_object_and_the_other_follows(
    bus: dict[str, str], tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        kubernetes, kubeconfig = await kubeconfig_of_an_api(stack, tmp_path)
        environ = {**bus, "galileo_election": "lease", "KUBECONFIG": kubeconfig}
        async with running(environ) as follower, running(environ) as leader:
            await until(lambda: leads(leader) or leads(follower))
            if leads(follower):
                leader, follower = follower, leader
            await asyncio.sleep(1.5)
            assert (leads(leader), leads(follower)) == (True, False)
            lease = await kubernetes.get(LEASES, "galileo.elected", namespace="default")
            fence = await leader.transport.get_hash("galileo/leader/elected")
            assert lease["spec"]["leaseTransitions"] == 1
            assert fence == {"epoch": "1", "holder": lease["spec"]["holderIdentity"]}


async def test_on_the_bus_the_next_one_leads_within_a_second_of_a_clean_stop(bus: dict[str, str]) -> None:
    environ = {**bus, "galileo_election": "redis"}
    async with AsyncExitStack() as stack:
        async with running(environ) as leader:
            await until(lambda: leads(leader))
            follower = await stack.enter_async_context(running(environ))
            assert not leads(follower)
        await until(lambda: leads(follower), within_s=1.0)


@pytest.mark.parametrize(
    ("environ", "complaint"),
    [
        ({"galileo_election": "raft"}, r"galileo_election=raft: expected none \| redis \| lease"),
        (
            {"galileo_election": "redis", "galileo_election_lease": "2"},
            r"galileo_election_…: a lease of 2 s is too short: 4 s go to",
        ),
    ],
)
def test_a_wrong_setting_of_the_election_is_one_line(environ: dict[str, str], complaint: str) -> None:
    with pytest.raises(SettingError, match=complaint):
        election_of(environ)


def test_the_list_of_services_tells_who_leads() -> None:
    heard = ServicesHeard()
    heard.note(status("a", figures={"leading": 1.0}), 110.0)
    heard.note(status("b", figures={"leading": 0.0}), 110.0)
    heard.note(status("c"), 110.0)
    assert [(row.service, row.role, row.well) for row in heard.rows(111.0)] == [
        ("a", "leader", True),
        ("b", "follower", True),
        ("c", "", True),
    ]


async def test_a_dry_run_elects_nobody_and_refuses_what_it_cannot_hold_back(bus: dict[str, str]) -> None:
    runtime = new_runtime({**bus, "galileo_election": "redis", "galileo_dry_run": "true"})
    runtime.add(WeightOptimizer)
    assert "leading" not in runtime.metrics()["weight_optimizer"]
    with pytest.raises(SettingError, match="event_recorder cannot run dry, since it writes a file"):
        runtime.add(EventRecorder)
