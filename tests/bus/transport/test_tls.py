"""TLS: to a server whose authority we know, with our own certificate where it asks for one; refused in one clear error.

Debian's Redis speaks TLS; the Valkey inside the wheel is built without.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from galileo_bus.service import SettingError
from galileo_bus.transport import TransportRefusedError, TransportUnavailableError
from galileo_bus.transport.redis_transport import RedisTransport
from galileo_cli.connections import BusSettings

from tests.bus.hearing import Heard
from tests.servers import RedisServer, free_port


@dataclass(frozen=True)
class Secured:
    """A server that takes TLS at `port`, and the PEM files of its authority and of a client."""

    port: int
    ca: str
    cert: str
    key: str

    def environ(self, *files: str, **more: str) -> dict[str, str]:
        """Settings of the bus at this server, with some of the files."""
        given = {f"galileo_redis_{name}_file": str(getattr(self, name)) for name in files}
        return {"galileo_redis_url": f"rediss://127.0.0.1:{self.port}/0", **given, **more}


@pytest.fixture
def secured(tmp_path: Path) -> Secured:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    for name, certificate in {
        "server": authority.issue_cert("127.0.0.1"),
        "client": authority.issue_cert("galileo@edge"),
    }.items():
        certificate.private_key_pem.write_to_path(str(tmp_path / f"{name}.key"))
        for pem in certificate.cert_chain_pems:
            pem.write_to_path(str(tmp_path / f"{name}.pem"), append=True)
    return Secured(free_port(), *(str(tmp_path / name) for name in ("ca.pem", "client.pem", "client.key")))


@pytest.fixture
def server(secured: Secured, redis_with: Callable[..., RedisServer]) -> Callable[[bool], RedisServer]:
    """Starts the server; with True it wants to see a certificate of ours."""

    def start(mutual: bool) -> RedisServer:
        folder = Path(secured.ca).parent
        options = f"--tls-port {secured.port} --tls-ca-cert-file {secured.ca} --tls-cert-file {folder}/server.pem"
        asked = "yes" if mutual else "no"
        return redis_with(f"{options} --tls-key-file {folder}/server.key --tls-auth-clients {asked}", engine="redis")

    return start


def transport_of(environ: dict[str, str]) -> RedisTransport:
    address = BusSettings.load(environ).address
    return RedisTransport(address, rng=random.Random(1), heartbeat_s=0.2, start_timeout_s=3.0)


@pytest.mark.parametrize("mutual", [False, True])
async def test_everything_works_over_tls(
    secured: Secured, server: Callable[[bool], RedisServer], mutual: bool, no_task_left: None
) -> None:
    server(mutual)
    transport, heard = transport_of(secured.environ("ca", *(("cert", "key") if mutual else ()))), Heard()
    await transport.start()
    await transport.subscribe(heard, channels=["c"])
    transport.publish("c", b"1")
    await heard.at_least(1)
    assert await transport.append("s", b"entry", identity="1")
    (entry,) = await transport.read_group(["s"], group="g", consumer="c", count=1, wait_s=1.0)
    assert entry.payload == b"entry"
    await transport.close()


async def test_a_server_of_an_unknown_authority_is_refused_at_once_with_the_reason(
    secured: Secured, server: Callable[[bool], RedisServer], no_task_left: None
) -> None:
    server(False)
    transport = transport_of(secured.environ())
    with pytest.raises(
        TransportRefusedError, match=r"rediss://.*no TLS \(its certificate: .*certificate in certificate chain"
    ):
        await transport.start()


async def test_a_server_that_speaks_no_tls_gives_no_answer_and_that_is_what_is_asked(
    redis_with: Callable[..., RedisServer], no_task_left: None
) -> None:
    plain = redis_with("")
    transport = transport_of({"galileo_redis_url": f"rediss://127.0.0.1:{plain.port}/0"})
    with pytest.raises(TransportUnavailableError, match=r"no answer from rediss://.*does it speak TLS"):
        await transport.start()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"galileo_redis_ca_file": "/nowhere.pem"}, r"galileo_redis_ca_file=/nowhere.pem: there is no such file"),
        (
            {"galileo_redis_url": "redis://h", "galileo_redis_ca_file": __file__},
            r"galileo_redis_ca_file=.*: needs TLS, by rediss:// or galileo_redis_tls=true",
        ),
        ({"galileo_redis_ca_file": __file__}, r"galileo_redis_ca_file=.*no PEM files"),
    ],
)
def test_files_that_cannot_be_used_are_one_clear_error(given: dict[str, str], expected: str) -> None:
    with pytest.raises(SettingError, match=expected):
        _ = BusSettings.load({"galileo_redis_url": "rediss://h", **given}).address
