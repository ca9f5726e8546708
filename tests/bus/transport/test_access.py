"""Passwords: used, refused in one clear error, and never shown."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from galileo_bus.transport import TransportRefusedError, TransportUnavailableError
from galileo_bus.transport.redis_address import RedisAddress, parse_redis_url
from galileo_bus.transport.redis_transport import RedisTransport

from tests.bus.hearing import Heard, until
from tests.servers import ENGINES, RedisServer

PASSWORD = "s3cret-word"


def transport_of(url: str) -> RedisTransport:
    return RedisTransport(parse_redis_url(url), rng=random.Random(1), heartbeat_s=0.2)


async def test_with_the_right_password_and_a_database_everything_works(
    redis_with: Callable[[str], RedisServer], no_task_left: None
) -> None:
    server = redis_with(f"--requirepass {PASSWORD}")
    transport, heard = transport_of(f"redis://:{PASSWORD}@127.0.0.1:{server.port}/3"), Heard()
    await transport.start()
    await transport.subscribe(heard, channels=["c"])
    transport.publish("c", b"1")
    await heard.at_least(1)
    assert await transport.append("s", b"entry", identity="1")
    await transport.close()


@pytest.mark.parametrize("credentials", [":not-the-word@", "somebody:not-the-word@", ""])
async def test_a_wrong_password_is_one_clear_error_at_once(
    redis_with: Callable[[str], RedisServer], credentials: str, caplog: pytest.LogCaptureFixture, no_task_left: None
) -> None:
    caplog.set_level(logging.DEBUG)
    server = redis_with(f"--requirepass {PASSWORD}")
    transport = transport_of(f"redis://{credentials}127.0.0.1:{server.port}/0")
    with pytest.raises(
        TransportRefusedError, match=r"redis://127\.0\.0\.1:\d+/0 refuses us: .*(password|required)"
    ) as e:
        await transport.start()
    assert "not-the-word" not in str(e.value) + caplog.text
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    await transport.close()


async def test_a_password_that_changes_later_is_logged_once_and_its_return_noticed(
    redis_with: Callable[[str], RedisServer], caplog: pytest.LogCaptureFixture, no_task_left: None
) -> None:
    caplog.set_level(logging.DEBUG)
    server = redis_with("")
    server.command("CONFIG", "SET", "requirepass", PASSWORD)
    transport, heard = transport_of(f"redis://:{PASSWORD}@127.0.0.1:{server.port}/0"), Heard()
    await transport.start()
    await transport.subscribe(heard, channels=["c"])
    server.kill()
    server.start()  # without a password: AUTH is refused until somebody sets it again
    await until(lambda: caplog.text.count("refuses us") == 3)
    with pytest.raises(TransportRefusedError, match="refuses us"):
        await transport.append("s", b"entry", identity="1")
    server.command("CONFIG", "SET", "requirepass", PASSWORD)
    await until(lambda: transport.reconnects == 3)
    assert await transport.append("s", b"entry", identity="1")
    assert caplog.text.count("refuses us") == 3, "once for each of the three connections"
    assert PASSWORD not in caplog.text
    await transport.close()


async def test_channels_one_has_no_right_to_are_refused_at_once(
    redis_with: Callable[[str], RedisServer], no_task_left: None
) -> None:
    server = redis_with("")
    server.command("ACL", "SETUSER", "me", "on", f">{PASSWORD}", "~*", "+@all", "resetchannels", "&mine")
    transport = transport_of(f"redis://me:{PASSWORD}@127.0.0.1:{server.port}/0")
    await transport.start()
    await transport.subscribe(Heard(), channels=["mine"])
    with pytest.raises(TransportRefusedError, match=r"refuses us: NOPERM .*channel"):
        await transport.subscribe(Heard(), channels=["theirs"])
    await transport.close()


@pytest.mark.parametrize("engine", ENGINES)
async def test_streams_and_channels_one_has_no_right_to_are_refused_by_name(
    redis_with: Callable[..., RedisServer], engine: str, no_task_left: None
) -> None:
    server = redis_with("", engine)
    rights = ["~mine", "~galileo/identity/*", "&mine", "+@all"]
    server.command("ACL", "SETUSER", "me", "on", f">{PASSWORD}", "resetchannels", *rights)
    transport = transport_of(f"redis://me:{PASSWORD}@127.0.0.1:{server.port}/0")
    await transport.start()
    assert await transport.append("mine", b"entry", identity="1", publish=[("mine", b"entry")])
    with pytest.raises(TransportRefusedError, match=r"no right to append to theirs: redis://.* refuses us: NOPERM"):
        await transport.append("theirs", b"entry", identity="2")
    with pytest.raises(TransportRefusedError, match=r"no right to append to mine: .*(channel)"):
        await transport.append("mine", b"entry", identity="3", publish=[("theirs", b"entry")])
    with pytest.raises(TransportRefusedError, match=r"refuses us: .*permissions"):
        await transport.read_group(["theirs"], group="g", consumer="c", count=1, wait_s=0.01)
    transport.publish("theirs", b"1")
    transport.publish("mine", b"1")
    await transport.flush()
    assert transport.refused == 1
    await transport.close()


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_master_without_enough_replicas_takes_nothing_now_and_what_is_repeated_later_is_taken(
    redis_with: Callable[..., RedisServer], engine: str, no_task_left: None
) -> None:
    server = redis_with("--min-replicas-to-write 1", engine)
    transport = transport_of(server.url)
    await transport.start()
    with pytest.raises(TransportUnavailableError, match="takes nothing now: NOREPLICAS"):
        await transport.append("s", b"entry", identity="1")
    server.command("CONFIG", "SET", "min-replicas-to-write", "0")
    assert await transport.append("s", b"entry", identity="1")
    await transport.close()


async def test_a_unix_socket_is_a_way_in(tmp_path: Path, redis_with: Callable[[str], RedisServer]) -> None:
    path = tmp_path / "s"
    redis_with(f"--unixsocket {path}")
    transport, heard = transport_of(f"unix://{path}"), Heard()
    await transport.start()
    await transport.subscribe(heard, channels=["c"])
    transport.publish("c", b"1")
    await heard.at_least(1)
    assert await transport.append("s", b"entry", identity="1")
    await transport.close()


async def test_nobody_at_the_address_is_said_with_the_address_and_what_to_set(
    unused_tcp_port: int, no_task_left: None
) -> None:
    address = parse_redis_url(f"redis://:{PASSWORD}@127.0.0.1:{unused_tcp_port}/0")
    transport = RedisTransport(address, rng=random.Random(1), start_timeout_s=0.3)
    with pytest.raises(TransportUnavailableError, match=r"no answer from redis://127.*galileo_redis_host") as e:
        await transport.start()
    assert PASSWORD not in str(e.value)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://localhost", RedisAddress()),
        ("redis://", RedisAddress()),
        ("redis://10.0.0.1:6380/2", RedisAddress(host="10.0.0.1", port=6380, database=2)),
        ("redis://:p%40ss%2F@h", RedisAddress(host="h", password="p@ss/")),
        ("redis://me:word@h", RedisAddress(host="h", username="me", password="word")),
        ("rediss://h", RedisAddress(host="h", tls=True)),
        ("redis://[::1]:7000", RedisAddress(host="::1", port=7000)),
        ("unix:///run/redis.sock", RedisAddress(path="/run/redis.sock")),
        ("unix://me:word@/run/redis.sock", RedisAddress(path="/run/redis.sock", username="me", password="word")),
    ],
)
def test_addresses(url: str, address: RedisAddress) -> None:
    assert parse_redis_url(url) == address


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("localhost:6379", "expected redis://"),
        ("http://h", "expected redis://"),
        ("redis://h:port", "port and database are numbers"),
        ("redis://h:70000", "port and database are numbers"),
        ("redis://h/events", "port and database are numbers"),
        ("redis://h/-1", "port and database are numbers"),
        ("redis://[::1", "port and database are numbers"),
        ("redis://h/0?ssl_cert_reqs=none", "nothing may follow the database"),
        ("unix://", "expected the path of a socket"),
        (f"redis://:{PASSWORD}@h/events", "port and database are numbers"),
        (f"redis://:{PASSWORD}/@h", "port and database are numbers"),
        (f"redi://me:{PASSWORD}@h", "expected redis://"),
        (f"redis://:{PASSWORD}#@h", "redis://"),
        (f"redis://:{PASSWORD}?@h", "redis://"),
    ],
)
def test_a_wrong_address_says_what_was_expected_and_no_password(url: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected) as e:
        parse_redis_url(url)
    assert PASSWORD not in str(e.value)
    assert e.value.__cause__ is None


def test_an_address_shows_itself_without_its_password() -> None:
    address = parse_redis_url(f"redis://me:{PASSWORD}@h:1/2")
    assert address.shown == "redis://h:1/2"
    assert PASSWORD not in repr(address)
