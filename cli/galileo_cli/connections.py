"""How a process reaches the world outside: the settings, and who opens what. The only place that knows both sides."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from galileo_bus.service import Service, SettingError, Settings, setting
from galileo_bus.service.runtime import Runtime
from galileo_bus.transport.redis_address import (
    RedisAddress,
    Sentinels,
    TlsFiles,
    parse_redis_url,
    parse_sentinels,
)
from galileo_bus.transport.redis_transport import START_TIMEOUT_S, RedisTransport
from galileo_bus.transport.retention import DAY_S, BusRetention, Retention
from galileo_schemas.event import KINDS_BY_NAME, Delivery
from galileo_services.telemetry_agent.settings import TelemetryAgentSettings

_WHERE = ("url", "host", "port")
"""The settings of the bus that say where it is, and not who we are there."""


@dataclass(frozen=True)
class BusSettings(Settings):
    url: str | None = setting(
        None,
        "galileo_redis_url",
        doc="redis://[user:password@]host[:port][/db], rediss://… or unix:///path; `<service>_redis_url` goes before "
        "it for one service",
    )
    host: str = setting("localhost", "galileo_redis_host", "galileo_context_redis_host", doc="host of the bus")
    port: int = setting(6379, "galileo_redis_port", "galileo_context_redis_port", doc="port of the bus", above=0)
    username: str | None = setting(None, "galileo_redis_username", doc="ACL user")
    password: str | None = setting(
        None, "galileo_redis_password", "galileo_context_redis_password", doc="password", secret=True
    )
    tls: bool = setting(False, "galileo_redis_tls", doc="TLS to host and port; a URL says it itself (rediss://)")
    ca_file: str | None = setting(None, "galileo_redis_ca_file", doc="PEM file of the servers' authority, for TLS")
    cert_file: str | None = setting(None, "galileo_redis_cert_file", doc="PEM file of our certificate")
    key_file: str | None = setting(None, "galileo_redis_key_file", doc="PEM file of its key")
    sentinels: str = setting(
        "", "galileo_redis_sentinels", doc="Sentinels, host:port,…; they say host and port in place of the settings"
    )
    sentinel_master: str = setting("mymaster", "galileo_redis_sentinel_master", doc="the master's name there")
    sentinel_username: str | None = setting(None, "galileo_redis_sentinel_username", doc="ACL user at the Sentinels")
    sentinel_password: str | None = setting(
        None, "galileo_redis_sentinel_password", doc="password at the Sentinels", secret=True
    )
    adopt: str = setting(
        "all", "bus_adopt", doc="hand-published decisions that are journaled: all, none or event names"
    )
    journal_max_length: int = setting(
        100_000, "bus_journal_max_length", doc="about so many decisions a journal keeps, acted on or not", above=0
    )
    journal_max_age: float = setting(
        7 * DAY_S, "bus_journal_max_age", doc="s that it keeps them, about; see docs/delivery.md", above=0
    )
    records_max_length: int = setting(
        100_000, "bus_records_max_length", doc="about so many batches a record stream keeps", above=0
    )
    records_max_age: float = setting(DAY_S, "bus_records_max_age", doc="s that it keeps them, about", above=0)

    @property
    def address(self) -> RedisAddress:
        """Where the bus is. Raises `SettingError`."""
        if self.url is None:
            address = RedisAddress(
                host=self.host, port=self.port, username=self.username, password=self.password, tls=self.tls
            )
        else:
            try:
                address = parse_redis_url(self.url)
            except ValueError as error:
                raise SettingError(f"galileo_redis_url: {error}") from None
        return replace(address, tls_files=self._tls_files(address), sentinels=self._sentinels())

    def _tls_files(self, address: RedisAddress) -> TlsFiles:
        files = TlsFiles(self.ca_file, self.cert_file, self.key_file)
        given = {"ca_file": files.ca, "cert_file": files.cert, "key_file": files.key}
        for name, path in given.items():
            if path is not None and not address.tls:
                raise SettingError(f"galileo_redis_{name}={path}: needs TLS, by rediss:// or galileo_redis_tls=true")
            if path is not None and not Path(path).is_file():
                raise SettingError(f"galileo_redis_{name}={path}: there is no such file")
        try:
            files.context()
        except OSError as error:
            shown = ", ".join(f"galileo_redis_{name}={path}" for name, path in given.items() if path is not None)
            raise SettingError(f"{shown}: no PEM files that fit each other: {error}") from None
        return files

    def _sentinels(self) -> Sentinels | None:
        try:
            addresses = parse_sentinels(self.sentinels)
        except ValueError as error:
            raise SettingError(f"galileo_redis_sentinels: {error}") from None
        if not addresses:
            return None
        return Sentinels(addresses, self.sentinel_master, self.sentinel_username, self.sentinel_password)

    @property
    def retention(self) -> BusRetention:
        """How much the streams keep."""
        return BusRetention(
            journals=Retention(self.journal_max_length, self.journal_max_age),
            records=Retention(self.records_max_length, self.records_max_age),
        )

    @property
    def adopted(self) -> str | frozenset[str]:
        """`all`, `none`, or the names. Raises `SettingError`."""
        if self.adopt in ("all", "none"):
            return self.adopt
        names = frozenset(self.adopt.replace(",", " ").split())
        decisions = {name for name, kind in KINDS_BY_NAME.items() if kind.delivery is Delivery.DECISION}
        if not names or names - decisions:
            listed = ", ".join(sorted(decisions))
            raise SettingError(f"bus_adopt={self.adopt}: expected all, none, or names of decisions: {listed}")
        return names


@dataclass(frozen=True)
class EtcdConnectionSettings(Settings):
    endpoints: tuple[str, ...] = setting(
        (), "galileo_etcd_endpoints", doc="URLs of etcd members; goes before host and port"
    )
    host: str = setting("localhost", "osmotic_lb_opt_etcd_host", "etcd_host", doc="host of etcd")
    port: int = setting(2379, "osmotic_lb_opt_etcd_port", "etcd_port", doc="port of etcd", above=0)
    username: str | None = setting(None, "galileo_etcd_username", doc="etcd user")
    password: str | None = setting(None, "galileo_etcd_password", doc="its password", secret=True)
    ca_file: str | None = setting(None, "galileo_etcd_ca_file", doc="PEM file of the servers' authority")
    cert_file: str | None = setting(None, "galileo_etcd_cert_file", doc="PEM file of our certificate")
    key_file: str | None = setting(None, "galileo_etcd_key_file", doc="PEM file of its key")


@dataclass(frozen=True)
class DatabaseSettings(Settings):
    driver: str = setting("sqlite", "galileo_expdb_driver", doc="experiment database", choices=("sqlite",))
    sqlite_path: str = setting("./galileodb.sqlite", "galileo_expdb_sqlite_path", doc="file of the database")


def with_bus_of_telemd(classes: Iterable[type[Service]], environ: Mapping[str, str]) -> Mapping[str, str]:
    """A node that was set up for telemd says by telemd's variables where the bus is; ours go before them.

    Raises `SettingError`.
    """
    ours = {name for row in BusSettings.effective(environ) for name in row.variable.names if row.field in _WHERE}
    if ours & environ.keys():
        return environ
    for found in classes:
        if issubclass(settings_type := found.settings_type(), TelemetryAgentSettings):
            return {**environ, **settings_type.load(environ).bus_variables()}
    return environ


def redis_transport(environ: Mapping[str, str], *, start_timeout_s: float = START_TIMEOUT_S) -> RedisTransport:
    """A transport to the bus that the environment names. Raises `SettingError`."""
    address = BusSettings.load(environ).address
    return RedisTransport(address, rng=random.Random(), start_timeout_s=start_timeout_s)


def own_transport(environ: Mapping[str, str], service: str) -> RedisTransport | None:
    """The service's own way to the bus, where `<service>_redis_url` names one. Raises `SettingError`."""
    variable = f"{service.replace('-', '_')}_redis_url"
    url = environ.get(variable)
    if not url:
        return None
    try:
        parse_redis_url(url)
    except ValueError as error:
        raise SettingError(f"{variable}: {error}") from None
    return redis_transport({**environ, "galileo_redis_url": url})


def provide_backends(runtime: Runtime, environ: Mapping[str, str]) -> None:
    """Says how each backend is opened; nothing is imported or connected before a service asks for it."""
    from galileo_backends.database.guarded import GuardedDatabase
    from galileo_backends.database.interface import ExperimentDatabase
    from galileo_backends.etcd.guarded import GuardedEtcd
    from galileo_backends.etcd.interface import Etcd
    from galileo_backends.kubernetes.guarded import GuardedKubernetes
    from galileo_backends.kubernetes.interface import Kubernetes

    async def open_etcd(stack: AsyncExitStack) -> Etcd:
        from galileo_backends.etcd.gateway import GatewayEtcd
        from galileo_backends.etcd.settings import EtcdSettings

        wanted = EtcdConnectionSettings.load(environ)
        try:
            settings = EtcdSettings(
                endpoints=wanted.endpoints or (f"http://{wanted.host}:{wanted.port}",),
                username=wanted.username,
                password=wanted.password,
                ca_file=wanted.ca_file,
                cert_file=wanted.cert_file,
                key_file=wanted.key_file,
            )
        except ValueError as error:
            raise SettingError(str(error)) from None
        return await stack.enter_async_context(GatewayEtcd(settings, rng=random.Random()))

    async def open_kubernetes(stack: AsyncExitStack) -> Kubernetes:
        from galileo_backends.kubernetes.client import HttpKubernetes
        from galileo_backends.kubernetes.connection import ConfigurationError, connect

        try:
            connection = await connect(environ)
        except ConfigurationError as error:
            raise SettingError(f"KUBECONFIG={environ.get('KUBECONFIG', '')}: {error}") from None
        return await stack.enter_async_context(HttpKubernetes(connection, rng=random.Random()))

    async def open_database(stack: AsyncExitStack) -> ExperimentDatabase:
        if runtime.is_dry:
            from galileo_backends.database.memory import MemoryDatabase

            return MemoryDatabase()  # a file would be made by opening it
        from galileo_backends.database.errors import DatabaseError
        from galileo_backends.database.sqlite import SqliteDatabase

        path = DatabaseSettings.load(environ).sqlite_path
        database = SqliteDatabase(path)
        try:
            await database.open()
        except DatabaseError as error:
            raise SettingError(f"galileo_expdb_sqlite_path={path}: {error}") from None
        stack.push_async_callback(database.close)
        return database

    runtime.provide(Etcd, open_etcd, guarded=GuardedEtcd)
    runtime.provide(Kubernetes, open_kubernetes, guarded=GuardedKubernetes)
    runtime.provide(ExperimentDatabase, open_database, guarded=GuardedDatabase)
