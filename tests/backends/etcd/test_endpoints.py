"""Several endpoints, and what is said where none answers."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager

import pytest
from aiohttp import web
from galileo_backends.etcd import EtcdSettings, EtcdUnavailable, GatewayEtcd, Snapshot

from .conftest import EtcdServer, free_ports


def client_of(*endpoints: str, timeout_s: float = 1.0) -> GatewayEtcd:
    return GatewayEtcd(EtcdSettings(endpoints=endpoints, timeout_s=timeout_s, watch_idle_s=0.3), rng=random.Random(1))


@asynccontextmanager
async def endpoint(answer: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """The URL of an endpoint that answers so."""
    app = web.Application()
    app.router.add_post("/{path:.*}", answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def without_leader(request: web.Request) -> web.StreamResponse:
    """What a member without a leader answers."""
    return web.json_response({"error": "etcdserver: no leader", "code": 14}, status=503)


async def lists_but_has_no_leader_to_watch(request: web.Request) -> web.StreamResponse:
    """A member that has just lost its leader."""
    if request.path == "/v3/watch":
        return await without_leader(request)
    return web.json_response({"header": {"cluster_id": "1", "revision": "7"}})


async def lists_and_then_falls_silent(request: web.Request) -> web.StreamResponse:
    """A member that takes the request for a watch and never answers it."""
    if request.path == "/v3/watch":
        await asyncio.Event().wait()
    return web.json_response({"header": {"cluster_id": "1", "revision": "7"}})


@pytest.fixture
async def leaderless() -> AsyncIterator[str]:
    async with endpoint(without_leader) as url:
        yield url


async def test_a_dead_endpoint_is_passed_over(shared_server: EtcdServer, prefix: str) -> None:
    dead = f"http://127.0.0.1:{free_ports(1)[0]}"
    async with client_of(dead, shared_server.url) as etcd:
        await etcd.put(prefix + "a", b"1")
        async with aclosing(etcd.watch_prefix(prefix)) as changes:
            snapshot = await anext(changes)
            assert isinstance(snapshot, Snapshot)
            assert len(snapshot.items) == 1


async def test_a_member_without_a_leader_is_passed_over(
    shared_server: EtcdServer, leaderless: str, prefix: str
) -> None:
    async with client_of(leaderless, shared_server.url) as etcd:
        assert await etcd.put(prefix + "a", b"1") > 0


@pytest.mark.parametrize("answer", [lists_but_has_no_leader_to_watch, lists_and_then_falls_silent])
async def test_a_watch_leaves_a_member_that_cannot_watch(
    shared_server: EtcdServer, answer: Callable[[web.Request], Awaitable[web.StreamResponse]], prefix: str
) -> None:
    async with client_of(shared_server.url) as other:
        await other.put(prefix + "a", b"1")
    async with (
        endpoint(answer) as failing,
        client_of(failing, shared_server.url) as etcd,
        aclosing(etcd.watch_prefix(prefix)) as changes,
        asyncio.timeout(10),
    ):
        assert await anext(changes) == Snapshot([], 7)
        snapshot = await anext(changes)  # the other member is of another cluster here, so that the watch begins anew
        assert isinstance(snapshot, Snapshot)
        assert [item.value for item in snapshot.items] == [b"1"]


async def test_where_none_answers_each_reason_is_named(leaderless: str) -> None:
    dead = f"http://127.0.0.1:{free_ports(1)[0]}"
    async with client_of(dead, leaderless) as etcd:
        with pytest.raises(EtcdUnavailable, match=r"(?s)Cannot connect.*no leader"):
            await etcd.get("a")


async def test_status_tells_the_version(shared_server: EtcdServer) -> None:
    async with client_of(shared_server.url) as etcd:
        assert (await etcd.status())["version"].startswith("3.")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"endpoints": []}, "expected a list of URLs"),
        ({"endpoints": "http://127.0.0.1:2379"}, "expected a list of URLs"),
        ({"endpoints": ["127.0.0.1:2379"]}, "expected http://HOST:PORT"),
        ({"endpoints": ["http://h:1"], "cert_file": "c.pem"}, "cert_file and key_file go together"),
        ({"endpoints": ["http://h:1"], "username": "u"}, "username and password go together"),
        ({"endpoints": ["http://h:1"], "timeout_s": 0}, "more than 0 seconds"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        EtcdSettings(**settings)  # type: ignore[arg-type]
