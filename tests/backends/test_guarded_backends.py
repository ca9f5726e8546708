"""Backends whose writes are asked about: a dry run writes nothing, and neither does a deposed leader."""

from __future__ import annotations

import asyncio
import logging
import random

import pytest
from galileo_backends.database.guarded import GuardedDatabase
from galileo_backends.database.memory import MemoryDatabase
from galileo_backends.database.rows import EventRow
from galileo_backends.etcd.guarded import GuardedEtcd
from galileo_backends.etcd.memory import MemoryEtcd
from galileo_backends.kubernetes import PODS, MemoryKubernetes
from galileo_backends.kubernetes.guarded import UID, GuardedKubernetes
from galileo_bus.election.authority import NotLeadingError
from galileo_bus.election.candidate import Candidate
from galileo_bus.election.memory import MemoryLeases
from galileo_bus.election.terms import Terms
from galileo_bus.service.write_guard import DryRunGuard, LeaderGuard
from galileo_bus.transport.memory import MemoryServer

POD = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "main", "resources": {}}]}}


@pytest.fixture(autouse=True)
def logs_are_kept(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


async def test_a_dry_run_changes_no_pod_and_answers_as_if_it_had(caplog: pytest.LogCaptureFixture) -> None:
    inner = MemoryKubernetes(now=lambda: 0.0, rng=random.Random(1))
    kubernetes = GuardedKubernetes(inner, DryRunGuard())
    created = await kubernetes.create(PODS, POD, namespace="default")
    assert (created["metadata"]["name"], created["metadata"]["uid"]) == ("p", UID)
    before = await inner.create(PODS, POD, namespace="default")
    await kubernetes.bind("default", "p", "n1")
    assert await kubernetes.patch(PODS, "p", {"metadata": {"labels": {"a": "b"}}}, namespace="default") == before
    assert await kubernetes.patch_status(PODS, "p", {"status": {"phase": "Failed"}}, namespace="default") == before
    assert await kubernetes.patch_resize("p", {"spec": {}}, namespace="default") == before
    assert await kubernetes.delete(PODS, "p", namespace="default") == before
    await kubernetes.create_event("default", {"metadata": {"name": "e"}})
    assert await kubernetes.get(PODS, "p", namespace="default") == before
    assert "would POST /api/v1/namespaces/default/pods: {" in caplog.text
    assert "would bind pod default/p to n1" in caplog.text
    assert 'would PATCH /api/v1/namespaces/default/pods/p: {"metadata":{"labels":{"a":"b"}}}' in caplog.text
    assert "would PATCH /api/v1/namespaces/default/pods/p/resize" in caplog.text
    assert "would DELETE /api/v1/namespaces/default/pods/p" in caplog.text


async def test_a_dry_run_puts_nothing_into_etcd(caplog: pytest.LogCaptureFixture) -> None:
    inner = MemoryEtcd()
    await inner.put("kept", b"1")
    etcd = GuardedEtcd(inner, DryRunGuard())
    await etcd.put("a", b"1")
    await etcd.put_all({"b": b"2"})
    assert await etcd.delete("kept")
    assert not await etcd.delete("absent")
    items, _revision = await inner.get_prefix("")
    assert [item.key for item in items] == ["kept"]
    assert "would put into etcd: b = 2" in caplog.text


async def test_a_dry_run_writes_no_rows(caplog: pytest.LogCaptureFixture) -> None:
    inner = MemoryDatabase()
    database = GuardedDatabase(inner, DryRunGuard())
    assert await database.create_experiment("e", name="e", creator="me", start=0.0)
    assert await database.write_events("e", [EventRow(timestamp=1.0, name="n", value="v")]) == 1
    assert await inner.experiments() == []
    assert await database.events("e") == []
    assert "would write 1 events of e into the database" in caplog.text


@pytest.mark.looptime
async def test_who_leads_no_more_by_its_own_clock_writes_nothing() -> None:
    server = MemoryServer(asyncio.get_running_loop().time)
    candidate = Candidate(MemoryLeases(server), name="d", holder="one", terms=Terms())
    inner = MemoryEtcd()
    etcd = GuardedEtcd(inner, LeaderGuard(candidate))
    with pytest.raises(NotLeadingError, match="one does not lead d: did not put a into etcd: 1"):
        await etcd.put("a", b"1")
    await candidate.win()
    await etcd.put("a", b"1")
    await asyncio.sleep(Terms().duration_s)  # it stood still
    with pytest.raises(NotLeadingError):
        await etcd.put("a", b"2")
    found = await inner.get("a")
    assert found is not None
    assert found.value == b"1"
