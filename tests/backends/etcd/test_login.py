"""Users and TLS, against a real etcd that asks for them."""

import asyncio
import json
import random
import shutil
import subprocess
import urllib.request
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest
from galileo_backends.etcd import Change, EtcdRefused, EtcdSettings, EtcdUnavailable, GatewayEtcd, Put

from .conftest import EtcdServer


def admin(server: EtcdServer, path: str, **body: str) -> None:
    with urllib.request.urlopen(f"{server.url}/v3/auth/{path}", json.dumps(body).encode(), timeout=5) as answer:
        answer.read()


def forget_tokens(server: EtcdServer) -> None:
    """Has etcd forget the tokens that it gave to root: a new password does that, be it the old one."""
    body = json.dumps({"name": "root", "password": "secret"}).encode()
    with urllib.request.urlopen(f"{server.url}/v3/auth/authenticate", body, timeout=5) as answer:
        token = json.load(answer)["token"]
    request = urllib.request.Request(f"{server.url}/v3/auth/user/changepw", body, {"Authorization": token})
    with urllib.request.urlopen(request, timeout=5) as answer:
        answer.read()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdServer]:
    """An etcd with authentication on: root may do everything, nobody nothing."""
    server = EtcdServer(tmp_path_factory.mktemp("guarded"))
    server.start()
    admin(server, "role/add", name="root")
    for name in ("root", "nobody"):
        admin(server, "user/add", name=name, password="secret")
    admin(server, "user/grant", user="root", role="root")
    admin(server, "enable")
    yield server
    server.kill()


async def following(changes: AsyncGenerator[Change, None]) -> Change:
    async with asyncio.timeout(10):
        return await anext(changes)


def client_of(server: EtcdServer, username: str | None = None, password: str | None = None) -> GatewayEtcd:
    settings = EtcdSettings(endpoints=[server.url], username=username, password=password, watch_idle_s=0.3)
    return GatewayEtcd(settings, rng=random.Random(1))


async def test_a_user_reads_writes_and_watches(guarded: EtcdServer) -> None:
    async with client_of(guarded, "root", "secret") as etcd, aclosing(etcd.watch_prefix("w/")) as changes:
        snapshot = await following(changes)
        await etcd.put("w/a", b"1")
        assert await following(changes) == Put("w/a", b"1", snapshot.revision + 1)


async def test_a_token_that_etcd_forgot_is_asked_for_anew(guarded: EtcdServer) -> None:
    async with client_of(guarded, "root", "secret") as etcd, aclosing(etcd.watch_prefix("w/")) as changes:
        snapshot = await following(changes)
        await asyncio.to_thread(forget_tokens, guarded)
        await etcd.put("w/a", b"1")
        assert await following(changes) == Put("w/a", b"1", snapshot.revision + 1)


async def test_a_watch_whose_token_was_forgotten_logs_in_again_by_itself(guarded: EtcdServer) -> None:
    async with (
        client_of(guarded, "root", "secret") as watcher,
        client_of(guarded, "root", "secret") as writer,
        aclosing(watcher.watch_prefix("w/")) as changes,
    ):
        snapshot = await following(changes)
        await asyncio.to_thread(forget_tokens, guarded)
        await asyncio.sleep(0.7)  # longer than watch_idle_s: the watch comes again, with the old token
        await writer.put("w/a", b"1")
        assert await following(changes) == Put("w/a", b"1", snapshot.revision + 1)


async def test_a_wrong_password_is_refused_in_one_line(guarded: EtcdServer) -> None:
    async with client_of(guarded, "root", "wrong") as etcd:
        with pytest.raises(EtcdRefused, match="invalid user ID or password"):
            await etcd.get("a")


async def test_a_user_without_permission_is_refused(guarded: EtcdServer) -> None:
    async with client_of(guarded, "nobody", "secret") as etcd:
        with pytest.raises(EtcdRefused, match="permission denied"):
            await etcd.put("a", b"1")
        with pytest.raises(EtcdRefused, match="permission denied"):
            await anext(etcd.watch_prefix("a"))


async def test_no_user_where_one_is_needed_is_refused(guarded: EtcdServer) -> None:
    async with client_of(guarded) as etcd:
        with pytest.raises(EtcdRefused, match="user name is empty"):
            await etcd.get("a")


async def test_a_user_that_etcd_does_not_ask_for_is_told_and_works(
    server: EtcdServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with client_of(server, "root", "secret") as etcd:
        await etcd.put("a", b"1")
    assert "authentication off" in caplog.text


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A self-signed certificate for 127.0.0.1 that serves as server, client and authority."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl command, which makes the certificate, is not installed")
    folder = tmp_path_factory.mktemp("certificates")
    cert, key = str(folder / "cert.pem"), str(folder / "key.pem")
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=galileo-test"]
    extensions = ["subjectAltName=IP:127.0.0.1", "extendedKeyUsage=serverAuth,clientAuth"]
    for extension in extensions:
        command += ["-addext", extension]
    subprocess.run([*command, "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


@pytest.fixture
def tls_server(tmp_path: Path, certificate: tuple[str, str]) -> Iterator[EtcdServer]:
    cert, key = certificate
    server = EtcdServer(
        tmp_path / "etcd",
        f"--cert-file={cert}",
        f"--key-file={key}",
        f"--trusted-ca-file={cert}",
        "--client-cert-auth",
        scheme="https",
    )
    server.start()
    yield server
    server.kill()


async def test_tls_with_a_client_certificate(tls_server: EtcdServer, certificate: tuple[str, str]) -> None:
    cert, key = certificate
    settings = EtcdSettings(endpoints=[tls_server.url], ca_file=cert, cert_file=cert, key_file=key)
    async with GatewayEtcd(settings, rng=random.Random(1)) as etcd, aclosing(etcd.watch_prefix("w/")) as changes:
        snapshot = await following(changes)
        await etcd.put("w/a", b"1")
        assert await following(changes) == Put("w/a", b"1", snapshot.revision + 1)


async def test_a_server_whose_authority_is_unknown_is_not_spoken_to(tls_server: EtcdServer) -> None:
    async with GatewayEtcd(EtcdSettings(endpoints=[tls_server.url]), rng=random.Random(1)) as etcd:
        with pytest.raises(EtcdUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
            await etcd.get("a")
