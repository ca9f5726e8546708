"""Two processes with all deciders each, and an election: what is done is done once, and goes on without the leader."""

from __future__ import annotations

import asyncio

import pytest
from galileo_bus.election.terms import Terms
from galileo_bus.service.election import election_on_the_bus
from galileo_schemas.events import ApiPressure, PodBound, ScaleSchedule
from galileo_services.cluster_observer.service import ClusterObserver
from galileo_services.pressure_calculator.service import PressureCalculator
from galileo_services.scheduler_binder.service import SchedulerBinder
from galileo_services.weight_optimizer.service import WeightOptimizer

from tests.services.harness import House, until
from tests.services.kubernetes_objects import add_pod, pod_object
from tests.services.pressure_calculator.test_service import SETTINGS, a_pod_far_from_its_clients, press

pytestmark = pytest.mark.looptime

DECIDERS = (ClusterObserver, PressureCalculator, WeightOptimizer, SchedulerBinder)


class Replica:
    """One process, from its start until it is stopped."""

    def __init__(self, house: House) -> None:
        self.runtime = house.runtime(SETTINGS, election=election_on_the_bus(Terms()))
        for service in DECIDERS:
            self.runtime.add(service)
        self._stop = asyncio.Event()
        self._running = asyncio.create_task(self.runtime.run(self._stop))

    @property
    def leads(self) -> set[str]:
        return {name for name, figures in self.runtime.metrics().items() if figures["leading"]}

    async def stop(self) -> None:
        self._stop.set()
        await self._running


async def leader_and_follower(house: House) -> tuple[Replica, Replica]:
    await a_pod_far_from_its_clients(house)
    leader = Replica(house)
    await until(leader.runtime.started.is_set)
    await until(lambda: len(leader.leads) == len(DECIDERS))
    follower = Replica(house)
    await until(follower.runtime.started.is_set)
    await asyncio.sleep(1)
    return leader, follower


async def test_what_two_replicas_see_is_decided_once_and_open_decisions_outlive_a_leader(house: House) -> None:
    leader, follower = await leader_and_follower(house)
    await press(house, 11)
    assert follower.leads == set()
    assert len(house.said.of(ScaleSchedule)) == 1
    assert len(house.said.of(ApiPressure)) == 1
    assert len(house.etcd.transactions) == 1
    assert all(reason is None for reason in follower.runtime.readiness().values())
    await leader.stop()
    await until(lambda: len(follower.leads) == len(DECIDERS), within_s=1.0)
    await press(house, 11)
    assert len(house.said.of(ApiPressure)) == 2, "the follower knew the cluster already"
    assert len(house.said.of(ScaleSchedule)) == 1, "the decision of the first is still open"
    await follower.stop()


async def test_pods_are_bound_once_and_by_the_next_leader_when_the_first_has_gone(house: House) -> None:
    leader, follower = await leader_and_follower(house)
    await add_pod(house.kubernetes, pod_object("waiting-1"))
    await until(lambda: len(house.said.of(PodBound)) == 1)
    await leader.stop()
    await add_pod(house.kubernetes, pod_object("waiting-2"))
    await until(lambda: len(house.said.of(PodBound)) == 2)
    assert house.kubernetes.count("bind") == 2
    await follower.stop()
