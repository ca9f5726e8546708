"""When the weight optimizer writes weights, what it says, and what it does while etcd is away."""

from __future__ import annotations

import asyncio
import json

import pytest
from galileo_backends.etcd.errors import EtcdUnavailable
from galileo_backends.etcd.interface import Change, Delete, Put
from galileo_backends.kubernetes.resources import PODS
from galileo_schemas.events import ContainerUsage, PodRunning, PodShutdown, Resync, TelemetryWindow, WeightUpdate
from galileo_schemas.raw.telemetry_sample import container_key
from galileo_services.cluster_observer.service import ClusterObserver
from galileo_services.weight_optimizer.service import WeightOptimizer

from tests.services.harness import House, unix_now
from tests.services.kubernetes_objects import add_gateway, add_node, add_running_pod, set_ready

pytestmark = pytest.mark.looptime

KEY = "golb/function/zone-a/resnet"
AWAY = EtcdUnavailable("http://etcd:2379: connection refused")


@pytest.fixture(autouse=True)
async def one_zone(house: House) -> None:
    await add_node(house.kubernetes, "node-1")
    await add_gateway(house.kubernetes, "gateway-1", "node-1", "10.0.0.100")


async def weights(house: House, key: str = KEY) -> dict[str, int] | None:
    found = await house.etcd.get(key)
    if found is None:
        return None
    value = json.loads(found.value)
    return dict(zip(value["ips"], value["weights"], strict=True))


async def settled(house: House) -> None:
    await asyncio.sleep(2.0)


async def test_weights_are_in_etcd_when_the_update_is_said(house: House) -> None:
    order: list[str] = []
    await house.transport.subscribe(
        lambda _channel, payload: order.append("said") if b" weight_update " in payload else None,
        channels=["galileo/events"],
    )
    real = house.etcd.put_all

    async def put_all(items: dict[str, bytes]) -> int:
        revision = await real(items)
        order.append("written")
        return revision

    house.etcd.put_all = put_all  # type: ignore[method-assign, assignment]
    await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1")
    async with house.living(WeightOptimizer, ClusterObserver):
        await settled(house)
    assert order == ["written", "said"]
    (update,) = house.said.of(WeightUpdate)
    assert (update.zone, update.fn, update.weights.ips) == ("zone-a", "resnet", ["10.0.0.1:8080"])
    assert await weights(house) == {"10.0.0.1:8080": 100}


async def test_all_functions_and_zones_go_in_one_transaction(house: House) -> None:
    await add_node(house.kubernetes, "node-2", "zone-b")
    await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1")
    await add_running_pod(house.kubernetes, "pod-2", "node-1", "10.0.0.2", "mobilenet")
    async with house.living(WeightOptimizer, ClusterObserver):
        await settled(house)
    (written,) = house.etcd.transactions
    prefix = "golb/function/zone-"
    assert sorted(written) == [f"{prefix}{place}" for place in ("a/mobilenet", "a/resnet", "b/mobilenet", "b/resnet")]


async def test_nothing_is_written_or_said_when_nothing_changed(house: House) -> None:
    await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1")
    async with house.living(WeightOptimizer, ClusterObserver):
        await settled(house)
        await asyncio.sleep(65)
    assert len(house.etcd.transactions) == len(house.said.of(WeightUpdate)) == 1


async def test_a_new_pod_gets_requests_soon_and_its_event_is_the_cause(house: House) -> None:
    await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1")
    async with house.living(WeightOptimizer, ClusterObserver, weight_optimizer_pod_change_delay="0.2"):
        await settled(house)
        await add_running_pod(house.kubernetes, "pod-2", "node-1", "10.0.0.2")
        await asyncio.sleep(0.5)
        assert set(await weights(house) or ()) == {"10.0.0.1:8080", "10.0.0.2:8080"}
        await asyncio.sleep(0.5)
    update = house.said.of(WeightUpdate)[-1]
    running = [event for event in house.said.of(PodRunning) if event.name == "pod-2"][-1]
    assert update.meta is not None
    assert running.meta is not None
    assert update.meta.cause == (running.meta.id,)


async def test_what_follows_from_news_that_was_said_again_has_the_first_event_as_its_cause(house: House) -> None:
    await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1")
    async with house.living(WeightOptimizer, ClusterObserver):
        await settled(house)
        await house.person.say(Resync(wants=["pods"]))
        await asyncio.sleep(1)
        await add_node(house.kubernetes, "node-2", "zone-b")
        await asyncio.sleep(12)
    transitions = {event.meta.id for event in house.said.of(PodRunning, channel="galileo/events") if event.meta}
    update = house.said.of(WeightUpdate)[-1]
    assert update.zone == "zone-b"
    assert update.meta is not None
    assert len(update.meta.cause) == 1
    assert set(update.meta.cause) <= transitions


async def test_a_draining_pod_leaves_the_weights_at_once(house: House) -> None:
    for number in (1, 2):
        await add_running_pod(house.kubernetes, f"pod-{number}", "node-1", f"10.0.0.{number}")
    async with house.living(WeightOptimizer, ClusterObserver, weight_optimizer_pod_change_delay="0.2"):
        await settled(house)
        running = next(event for event in house.said.of(PodRunning) if event.name == "pod-2")
        fields = {field: getattr(running, field) for field in running.__struct_fields__ if field != "meta"}
        await house.person.say(PodShutdown(**fields))
        await asyncio.sleep(0.5)
        assert await weights(house) == {"10.0.0.1:8080": 100}
        await house.person.say(Resync())
        await asyncio.sleep(1.0)
    assert await weights(house) == {"10.0.0.1:8080": 100}, "nor does it come back when all is said again"


async def test_the_key_is_deleted_when_no_pod_is_left_and_that_is_said(house: House) -> None:
    await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1")
    async with house.living(WeightOptimizer, ClusterObserver):
        await settled(house)
        await house.kubernetes.delete(PODS, "pod-1", namespace="default", grace_period_s=0)
        await settled(house)
        assert await weights(house) is None
        await settled(house)
    update = house.said.of(WeightUpdate)[-1]
    assert (update.fn, update.weights.ips, update.weights.weights) == ("resnet", [], [])


async def test_cpu_use_moves_weights_at_the_next_run(house: House) -> None:
    for number in (1, 2):
        await add_running_pod(house.kubernetes, f"pod-{number}", "node-1", f"10.0.0.{number}")
    async with house.living(WeightOptimizer, ClusterObserver, osmotic_lb_opt_reconcile_interval="5"):
        await settled(house)
        busy = next(event for event in house.said.of(PodRunning) if event.name == "pod-2")
        usage = {container_key(busy.containers["resnet"].id): ContainerUsage(cpu_millicores=2000.0)}
        window = TelemetryWindow(node="node-1", start=unix_now() - 1, end=unix_now(), containers=usage)
        await house.person.say(window)
        await asyncio.sleep(5)
    assert await weights(house) == {"10.0.0.1:8080": 100, "10.0.0.2:8080": 50}


async def test_while_etcd_is_away_the_last_weights_stay_and_soon_after_it_is_back_the_new_ones_are_there(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1")
    async with house.living(WeightOptimizer, ClusterObserver) as optimizer:
        await settled(house)
        assert optimizer.ready() is None
        house.etcd.trouble = AWAY
        await add_running_pod(house.kubernetes, "pod-2", "node-1", "10.0.0.2")
        await asyncio.sleep(15)
        assert optimizer.ready() == str(AWAY)
        assert len(house.said.of(WeightUpdate)) == 1, "what was not written is not said"
        house.etcd.trouble = None
        await asyncio.sleep(1.5)
        assert optimizer.ready() is None
        assert set(await weights(house) or ()) == {"10.0.0.1:8080", "10.0.0.2:8080"}
        await asyncio.sleep(0.5)
    assert len(house.said.of(WeightUpdate)) == 2
    assert sum("weights stay as they are" in record.getMessage() for record in caplog.records) == 1


async def test_a_restarted_one_starts_from_what_etcd_holds(house: House) -> None:
    await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1")
    async with house.living(ClusterObserver):
        async with house.living(WeightOptimizer):
            await settled(house)
        async with house.living(WeightOptimizer) as restarted:
            await asyncio.sleep(12)
            assert restarted.ready() is None
    assert len(house.etcd.transactions) == 1


async def test_a_restarted_one_takes_nobody_out_before_it_knows_all(house: House) -> None:
    for number in (1, 2):
        await add_running_pod(house.kubernetes, f"pod-{number}", "node-1", f"10.0.0.{number}")
    async with house.living(WeightOptimizer, ClusterObserver):
        await settled(house)
    running = next(event for event in house.said.of(PodRunning) if event.name == "pod-1")
    async with house.living(WeightOptimizer) as restarted:
        await house.person.say(running)
        await asyncio.sleep(12)
        assert restarted.ready() == "no cluster inventory heard yet"
    assert set(await weights(house) or ()) == {"10.0.0.1:8080", "10.0.0.2:8080"}


@pytest.mark.parametrize("value", [b"{", b'{"ips": ["10.0.0.1:8080"], "weights": [100, 7]}', b"[]"])
async def test_a_value_in_etcd_that_gateways_cannot_read_is_replaced(house: House, value: bytes) -> None:
    await house.etcd.put(KEY, value)
    await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1")
    async with house.living(WeightOptimizer, ClusterObserver):
        await settled(house)
    assert await weights(house) == {"10.0.0.1:8080": 100}


async def test_frozen_weights_are_written_once(house: House) -> None:
    await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1")
    async with house.living(WeightOptimizer, ClusterObserver, osmotic_lb_opt_strategy="frozen"):
        await settled(house)
        await add_running_pod(house.kubernetes, "pod-2", "node-1", "10.0.0.2")
        await asyncio.sleep(12)
        await house.kubernetes.delete(PODS, "pod-1", namespace="default", grace_period_s=0)
        await asyncio.sleep(12)
    assert await weights(house) == {"10.0.0.1:8080": 100}
    assert len(house.said.of(WeightUpdate)) == 1


async def test_gateways_that_watch_see_whole_values_only(house: House) -> None:
    seen: list[int] = []

    def see(change: Change) -> None:
        if isinstance(change, Put):
            seen.append(len(json.loads(change.value)["ips"]))
        elif isinstance(change, Delete):
            seen.append(0)

    async def watch() -> None:
        async for change in house.etcd.watch_prefix("golb/function/zone-a/"):
            see(change)

    watching = asyncio.get_running_loop().create_task(watch())
    for number in range(3):
        await add_running_pod(house.kubernetes, f"pod-{number}", "node-1", f"10.0.0.{number}")
    async with house.living(WeightOptimizer, ClusterObserver):
        await settled(house)
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert seen == [3], "not one after the other"


async def test_a_wrong_setting_is_one_line(house: House) -> None:
    with pytest.raises(ValueError, match=r"osmotic_lb_opt_strategy=best: expected threshold \| round_robin \| frozen"):
        house.runtime({"osmotic_lb_opt_strategy": "best"}).add(WeightOptimizer)


async def test_weights_leave_out_the_pods_of_a_node_that_fails_and_take_them_back(house: House) -> None:
    await add_node(house.kubernetes, "node-2")
    await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1")
    await add_running_pod(house.kubernetes, "pod-2", "node-2", "10.0.0.2")
    async with house.living(WeightOptimizer, ClusterObserver, osmotic_lb_opt_reconcile_interval="1000"):
        await settled(house)
        assert set(await weights(house) or ()) == {"10.0.0.1:8080", "10.0.0.2:8080"}
        await set_ready(house.kubernetes, "node-2", ready=False)
        await settled(house)
        assert set(await weights(house) or ()) == {"10.0.0.1:8080"}
        await set_ready(house.kubernetes, "node-2", ready=True)
        await settled(house)
        assert set(await weights(house) or ()) == {"10.0.0.1:8080", "10.0.0.2:8080"}


async def test_when_the_last_pod_is_out_of_reach_the_function_has_no_weights(house: House) -> None:
    await add_node(house.kubernetes, "node-2")
    await add_running_pod(house.kubernetes, "pod-2", "node-2", "10.0.0.2")
    async with house.living(WeightOptimizer, ClusterObserver):
        await settled(house)
        await set_ready(house.kubernetes, "node-2", ready=False)
        await settled(house)
        assert await weights(house) is None
    assert house.said.of(WeightUpdate)[-1].weights.ips == []


async def test_a_zone_keeps_its_weights_while_the_only_gateway_to_the_pods_is_not_ready(house: House) -> None:
    await add_node(house.kubernetes, "node-2", "zone-b")
    await add_gateway(house.kubernetes, "gateway-2", "node-2", "10.0.1.100")
    await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1")
    key = "golb/function/zone-b/resnet"
    async with house.living(WeightOptimizer, ClusterObserver):
        await settled(house)
        before = await weights(house, key)
        assert before is not None
        assert list(before) == ["10.0.0.100:8080"]
        unready = {"status": {"conditions": [{"type": "Ready", "status": "False"}]}}
        await house.kubernetes.patch_status(PODS, "gateway-1", unready, namespace="default")
        await settled(house)
        assert await weights(house, key) == before
        await house.kubernetes.delete(PODS, "pod-1", namespace="default", grace_period_s=0)
        await settled(house)
        assert await weights(house, key) is None


async def test_a_zone_loses_its_weights_when_the_only_gateway_to_the_pods_is_gone(house: House) -> None:
    await add_node(house.kubernetes, "node-2", "zone-b")
    await add_gateway(house.kubernetes, "gateway-2", "node-2", "10.0.1.100")
    await add_running_pod(house.kubernetes, "pod-1", "node-1", "10.0.0.1")
    key = "golb/function/zone-b/resnet"
    async with house.living(WeightOptimizer, ClusterObserver):
        await settled(house)
        assert list(await weights(house, key) or ()) == ["10.0.0.100:8080"]
        await house.kubernetes.delete(PODS, "gateway-1", namespace="default", grace_period_s=0)
        await settled(house)
        assert await weights(house, key) is None
        assert list(await weights(house) or ()) == ["10.0.0.1:8080"]
        await add_gateway(house.kubernetes, "gateway-3", "node-1", "10.0.0.101")
        await settled(house)
        assert list(await weights(house, key) or ()) == ["10.0.0.101:8080"]


async def test_a_zone_loses_its_weights_while_the_node_of_the_only_gateway_to_the_pods_is_lost(house: House) -> None:
    await add_node(house.kubernetes, "node-2", "zone-b")
    await add_node(house.kubernetes, "node-3", "zone-a")
    await add_gateway(house.kubernetes, "gateway-2", "node-2", "10.0.1.100")
    await add_running_pod(house.kubernetes, "pod-3", "node-3", "10.0.0.3")
    key = "golb/function/zone-b/resnet"
    async with house.living(WeightOptimizer, ClusterObserver):
        await settled(house)
        assert list(await weights(house, key) or ()) == ["10.0.0.100:8080"]
        await set_ready(house.kubernetes, "node-1", ready=False)
        await settled(house)
        assert await weights(house, key) is None
        await set_ready(house.kubernetes, "node-1", ready=True)
        await settled(house)
        assert list(await weights(house, key) or ()) == ["10.0.0.100:8080"]
