"""Candidates in virtual time: who leads when, and who knows that it leads no more."""

from __future__ import annotations

import asyncio

import pytest
from galileo_bus.election.authority import NotLeadingError
from galileo_bus.election.candidate import Candidate
from galileo_bus.election.leases import Grant
from galileo_bus.election.memory import MemoryLeases
from galileo_bus.election.terms import Terms
from galileo_bus.transport import Fence, FencedError
from galileo_bus.transport.memory import MemoryServer, MemoryTransport

pytestmark = pytest.mark.looptime

TERMS = Terms()


def now() -> float:
    return asyncio.get_running_loop().time()


class Leases(MemoryLeases):
    """Its calls may hang, as when a network swallows them."""

    hangs = False

    async def renew(self, grant: Grant, *, duration_s: float) -> bool:
        if self.hangs:
            await asyncio.Event().wait()
        return await super().renew(grant, duration_s=duration_s)

    async def release(self, grant: Grant) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        await super().release(grant)


@pytest.fixture
async def server() -> MemoryServer:
    return MemoryServer(now)


@pytest.fixture
async def leases(server: MemoryServer) -> Leases:
    return Leases(server)


def candidate(leases: MemoryLeases, holder: str) -> Candidate:
    return Candidate(leases, name="decider", holder=holder, terms=TERMS)


@pytest.fixture
def leader(leases: Leases) -> Candidate:
    """It wins when a test asks it to: only a test's own time is virtual."""
    return candidate(leases, "one")


async def append(server: MemoryServer, by: Candidate, identity: str) -> bool:
    transport = MemoryTransport(server)

    async def call(fence: Fence | None) -> bool:
        return await transport.append("journal", b"", identity=identity, fence=fence)

    return await by.write(call)


async def test_a_leader_that_renews_keeps_its_epoch(leader: Candidate, server: MemoryServer) -> None:
    await leader.win()
    keeping = asyncio.create_task(leader.keep())
    await asyncio.sleep(60)
    assert leader.leads
    assert await append(server, leader, "1")
    keeping.cancel()


async def test_a_follower_leads_when_the_leader_died_as_soon_as_its_lease_has_run_out(
    leader: Candidate, server: MemoryServer
) -> None:
    await leader.win()
    follower = candidate(MemoryLeases(server), "two")
    assert await follower.win() == 2
    assert TERMS.duration_s <= now() <= TERMS.duration_s + 0.1


async def test_a_follower_leads_within_a_second_when_the_lease_is_given_back(
    leader: Candidate, server: MemoryServer
) -> None:
    await leader.win()
    winning = asyncio.create_task(candidate(MemoryLeases(server), "two").win())
    await asyncio.sleep(2.2)
    await leader.leave()
    await winning
    assert now() - 2.2 <= TERMS.try_every_s


async def test_renewals_that_hang_end_the_leadership_in_time_to_stop_the_work(
    leader: Candidate, leases: Leases, caplog: pytest.LogCaptureFixture
) -> None:
    await leader.win()
    leases.hangs = True
    assert "not renewed in time: no answer in time" in await leader.keep()
    assert now() == pytest.approx(TERMS.duration_s - TERMS.stop_within_s)
    assert leader.over_in_s == pytest.approx(TERMS.stop_within_s)
    assert "the election does not get an answer" in caplog.text


async def test_one_renewal_without_an_answer_deposes_nobody(leader: Candidate, leases: Leases) -> None:
    await leader.win()
    keeping = asyncio.create_task(leader.keep())
    leases.hangs = True
    await asyncio.sleep(2.6)
    leases.hangs = False
    await asyncio.sleep(10)
    assert leader.leads
    keeping.cancel()


async def test_a_bus_that_is_away_ends_the_leadership_and_the_next_one_is_won_when_it_is_back(
    leader: Candidate, server: MemoryServer
) -> None:
    await leader.win()
    server.available = False
    assert "the in-memory server is switched off" in await leader.keep()
    await leader.leave()
    winning = asyncio.create_task(leader.win())
    await asyncio.sleep(20)
    assert leader.trouble is not None
    server.available = True
    assert await winning == 2
    assert leader.trouble is None


async def test_giving_back_a_lease_to_a_keeper_that_hangs_takes_no_longer_than_an_answer_may(
    leader: Candidate, leases: Leases
) -> None:
    await leader.win()
    leases.hangs = True
    await leader.leave()
    assert now() == pytest.approx(TERMS.answer_within_s)


async def test_who_is_refused_for_a_newer_epoch_is_deposed_at_once(leader: Candidate, server: MemoryServer) -> None:
    await leader.win()
    keeping = asyncio.create_task(leader.keep())
    await asyncio.sleep(0.1)
    server.hashes["galileo/leader/decider"] = {"epoch": "2", "holder": "two"}
    with pytest.raises(FencedError, match="epoch 1 is over, now it is epoch 2 of two"):
        await append(server, leader, "1")
    assert not leader.leads
    assert "refused by the bus" in await keeping
    assert now() == pytest.approx(0.1)
    assert server.streams == {}


async def test_a_lease_that_has_run_out_by_ones_own_clock_is_no_right_to_write(
    leader: Candidate, server: MemoryServer
) -> None:
    """After the process stood still the bus need not be asked, nor may anything else be done."""
    await leader.win()
    await asyncio.sleep(TERMS.duration_s)
    with pytest.raises(NotLeadingError, match="one does not lead decider"):
        await append(server, leader, "1")


async def test_a_follower_may_not_write(server: MemoryServer) -> None:
    with pytest.raises(NotLeadingError):
        await append(server, candidate(MemoryLeases(server), "two"), "1")
