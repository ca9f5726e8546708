"""How a process reaches the bus and the backends: by which variables, and what is said of wrong ones."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from galileo_backends.database.interface import ExperimentDatabase
from galileo_backends.etcd.interface import Etcd
from galileo_backends.kubernetes.interface import Kubernetes
from galileo_bus.service import Service, SettingError, Settings
from galileo_bus.service.runtime import Runtime
from galileo_bus.transport.memory import MemoryServer, MemoryTransport
from galileo_cli.connections import (
    BusSettings,
    EtcdConnectionSettings,
    provide_backends,
    redis_transport,
    with_bus_of_telemd,
)
from galileo_services.telemetry_agent.service import TelemetryAgent
from galileo_services.telemetry_ingester.service import TelemetryIngester


def address(**environ: str) -> tuple[str, int, str | None, str | None]:
    found = BusSettings.load(environ).address
    return found.host, found.port, found.username, found.password


def test_the_bus_is_on_this_machine_when_nobody_says_otherwise() -> None:
    assert address() == ("localhost", 6379, None, None)


def test_the_older_variables_name_the_bus_too_and_the_newer_go_first() -> None:
    older = {
        "galileo_context_redis_host": "old",
        "galileo_context_redis_port": "1",
        "galileo_context_redis_password": "p",
    }
    assert address(**older) == ("old", 1, None, "p")
    assert address(**older, galileo_redis_host="new") == ("new", 1, None, "p")


def test_a_url_goes_before_host_and_port() -> None:
    found = address(galileo_redis_url="redis://me:secret@bus:6390", galileo_redis_host="other")
    assert found == ("bus", 6390, "me", "secret")


def test_a_wrong_url_is_one_line_without_its_password() -> None:
    with pytest.raises(SettingError) as raised:
        redis_transport({"galileo_redis_url": "http://me:secret@bus"})
    assert str(raised.value).startswith("galileo_redis_url: ")
    assert "secret" not in str(raised.value)


FOR_TELEMD = {"telemd_redis_host": "pi-0", "telemd_redis_port": "7000"}


def bus_of_agent(*classes: type[Service], **environ: str) -> str:
    found = with_bus_of_telemd(classes or (TelemetryAgent,), environ)
    return BusSettings.load(found).address.shown


def test_an_agent_is_where_the_variables_of_telemd_say(tmp_path: Path) -> None:
    assert bus_of_agent(**FOR_TELEMD) == "redis://pi-0:7000/0"
    assert bus_of_agent(**FOR_TELEMD, telemd_redis_url="redis://bus:1/2") == "redis://bus:1/2"
    assert bus_of_agent(**FOR_TELEMD, galileo_redis_password="secret") == "redis://pi-0:7000/0"
    (tmp_path / "config.ini").write_text("telemd_redis_host=192.168.0.10\n")
    assert bus_of_agent(telemetry_agent_config=str(tmp_path / "config.ini")) == "redis://192.168.0.10:6379/0"


@pytest.mark.parametrize("name", ["galileo_redis_host", "galileo_context_redis_host"])
def test_our_own_variables_go_before_those_of_telemd(name: str) -> None:
    assert bus_of_agent(**FOR_TELEMD, **{name: "ours"}) == "redis://ours:6379/0"
    assert bus_of_agent(**FOR_TELEMD, galileo_redis_url="redis://ours:5") == "redis://ours:5/0"


def test_processes_without_an_agent_do_not_read_the_variables_of_telemd() -> None:
    assert bus_of_agent(TelemetryIngester, **FOR_TELEMD) == "redis://localhost:6379/0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("all", "all"), ("none", "none"), ("scale_schedule", frozenset({"scale_schedule"}))],
)
def test_what_is_adopted(text: str, expected: object) -> None:
    assert BusSettings.load({"bus_adopt": text}).adopted == expected


@pytest.mark.parametrize("text", ["scale_schedul", "scale_schedule, api_pressure", ""])
def test_adopting_what_is_no_decision_is_refused(text: str) -> None:
    with pytest.raises(
        SettingError, match=r"bus_adopt=.*: expected all, none, or names of decisions: .*scale_schedule"
    ):
        _ = BusSettings.load({"bus_adopt": text}).adopted


def test_etcd_goes_by_the_optimisers_variables() -> None:
    found = EtcdConnectionSettings.load(
        {"osmotic_lb_opt_etcd_host": "etcd-1", "etcd_host": "other", "etcd_port": "2380"}
    )
    assert (found.host, found.port) == ("etcd-1", 2380)


class OfAll(Service):
    """Asks for whatever the test names."""

    name = "of_all"
    settings: Settings
    wanted: tuple[type[object], ...] = ()

    def requires(self) -> tuple[type[object], ...]:
        return self.wanted


async def opened(environ: Mapping[str, str], *interfaces: type[object]) -> Runtime:
    """Opens backends as a start does; they are closed again."""
    runtime = Runtime(MemoryTransport(MemoryServer(lambda: 0.0)), environ=environ, now=lambda: 0.0, seed=1)
    provide_backends(runtime, environ)
    service = runtime.add(OfAll)
    assert isinstance(service, OfAll)
    service.wanted = interfaces
    async with AsyncExitStack() as stack:
        runtime._stack = stack
        await runtime._open_backends()
    return runtime


async def test_the_database_is_a_file_where_the_setting_says(tmp_path: Path) -> None:
    path = tmp_path / "here.sqlite"
    await opened({"galileo_expdb_sqlite_path": str(path)}, ExperimentDatabase)
    assert path.is_file()


async def test_nothing_is_opened_that_no_service_asks_for(tmp_path: Path) -> None:
    path = tmp_path / "here.sqlite"
    await opened({"galileo_expdb_sqlite_path": str(path), "KUBECONFIG": "/nowhere"})
    assert not path.exists()


@pytest.mark.parametrize(
    ("environ", "interface", "complaint"),
    [
        ({"galileo_expdb_driver": "oracle"}, ExperimentDatabase, "galileo_expdb_driver=oracle: expected sqlite"),
        (
            {"galileo_expdb_sqlite_path": "/nowhere/x.sqlite"},
            ExperimentDatabase,
            "galileo_expdb_sqlite_path=/nowhere/x.sqlite: ",
        ),
        ({"KUBECONFIG": "/nowhere/config"}, Kubernetes, "KUBECONFIG=/nowhere/config: "),
        ({"osmotic_lb_opt_etcd_port": "0"}, Etcd, "osmotic_lb_opt_etcd_port=0: expected a number above 0"),
        ({"galileo_etcd_endpoints": "etcd:2379"}, Etcd, "etcd:2379"),
    ],
)
async def test_what_cannot_be_opened_is_one_line_that_names_the_variable(
    environ: dict[str, str], interface: type[object], complaint: str
) -> None:
    with pytest.raises(SettingError) as raised:
        await opened(environ, interface)
    assert complaint in str(raised.value)
    assert "\n" not in str(raised.value)
