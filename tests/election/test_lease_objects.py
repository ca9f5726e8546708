"""What is particular to Lease objects: no clock but our own is trusted, and people touch the objects."""

from __future__ import annotations

import random

import pytest
from galileo_backends.kubernetes import LEASES, MemoryKubernetes
from galileo_backends.kubernetes.errors import Forbidden
from galileo_backends.kubernetes.leases import KubernetesLeases, lease_name
from galileo_bus.election.leases import Grant, Held, LeasesUnavailableError, fence_of
from galileo_bus.election.memory import MemoryFences
from galileo_bus.transport.memory import MemoryServer

DURATION_S = 5.0


class World:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.time_s = 0.0
        self.server = MemoryServer(self.clock)
        self.kubernetes = MemoryKubernetes(now=lambda: 1.0, rng=random.Random(1))

    def clock(self) -> float:
        return self.time_s

    def replica(self, *, off_by_s: float = 0.0) -> KubernetesLeases:
        return KubernetesLeases(
            self.kubernetes,
            MemoryFences(self.server),
            namespace="default",
            clock=self.clock,
            now=lambda: 1_700_000_000.0 + self.time_s + off_by_s,
        )


async def take(leases: KubernetesLeases, holder: str) -> Grant | Held:
    return await leases.acquire("pressure_calculator", holder, duration_s=DURATION_S)


@pytest.mark.parametrize("off_by_s", [-3600.0, 3600.0])
async def test_a_leader_whose_wall_clock_is_off_keeps_its_lease_for_as_long_as_it_renews(off_by_s: float) -> None:
    world = World()
    leader, follower = world.replica(off_by_s=off_by_s), world.replica()
    grant = await take(leader, "one")
    assert isinstance(grant, Grant)
    for _ in range(10):
        assert isinstance(await take(follower, "two"), Held)
        world.time_s += 2.0
        assert await leader.renew(grant, duration_s=DURATION_S)


async def test_who_has_just_come_waits_for_a_whole_lease_before_it_takes_one_over() -> None:
    """It cannot know when the lease was renewed last: it has only seen it now."""
    world = World()
    await take(world.replica(), "one")
    world.time_s += 100.0
    late = world.replica()
    assert await take(late, "two") == Held("one", DURATION_S)
    world.time_s += DURATION_S
    assert isinstance(await take(late, "two"), Grant)


async def test_a_person_who_labels_the_object_deposes_nobody() -> None:
    world = World()
    leader = world.replica()
    grant = await take(leader, "one")
    assert isinstance(grant, Grant)
    labels = {"metadata": {"labels": {"seen": "by-me"}}}
    await world.kubernetes.patch(LEASES, "galileo.pressure-calculator", labels, namespace="default")
    assert await leader.renew(grant, duration_s=DURATION_S)


async def test_an_object_that_was_deleted_is_made_anew_with_a_later_epoch() -> None:
    world = World()
    leader, follower = world.replica(), world.replica()
    for _ in range(3):
        grant = await take(leader, "one")
        assert isinstance(grant, Grant)
        await leader.release(grant)
    grant = await take(leader, "one")
    assert isinstance(grant, Grant)
    await world.kubernetes.delete(LEASES, "galileo.pressure-calculator", namespace="default")
    assert not await leader.renew(grant, duration_s=DURATION_S)
    successor = await take(follower, "two")
    assert isinstance(successor, Grant)
    assert successor.epoch == grant.epoch + 1
    lease = await world.kubernetes.get(LEASES, "galileo.pressure-calculator", namespace="default")
    assert lease["spec"]["leaseTransitions"] == successor.epoch


async def test_who_took_the_lease_and_stood_still_before_the_fence_was_up_does_not_lead() -> None:
    world = World()
    fences = MemoryFences(world.server)

    class Overtaken(MemoryFences):
        """While the first replica stands still, another takes the lease over."""

        async def put_up(self, fence: object) -> int | None:
            world.time_s += 2 * DURATION_S
            rival = world.replica()
            await take(rival, "two")
            world.time_s += 2 * DURATION_S
            assert isinstance(await take(rival, "two"), Grant)
            return await fences.put_up(first)

    first = fence_of("pressure_calculator", epoch=1, holder="one")
    slow = KubernetesLeases(
        world.kubernetes, Overtaken(world.server), namespace="default", clock=world.clock, now=lambda: 0.0
    )
    assert isinstance(await take(slow, "one"), Held)


async def test_a_refusal_of_the_api_is_told_with_what_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()

    async def forbidden(*_arguments: object, **_named: object) -> None:
        raise Forbidden(403, "Forbidden", "leases is forbidden")

    monkeypatch.setattr(world.kubernetes, "get", forbidden)
    with pytest.raises(LeasesUnavailableError, match=r"Lease default/galileo.pressure-calculator: 403 Forbidden"):
        await take(world.replica(), "one")


def test_names_of_objects_tell_the_service_and_the_zone() -> None:
    assert lease_name("galileo", "pressure_calculator/zone-a") == "galileo.pressure-calculator.zone-a"
    with pytest.raises(ValueError, match="galileo/zone ä: cannot be the name of a Lease"):
        lease_name("galileo", "zone ä")
