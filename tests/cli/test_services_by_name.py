"""Which services there are, ours and installed ones."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest
from galileo_bus.service import Service
from galileo_cli import service_table
from galileo_cli.service_table import SERVICES, UnknownServiceError, service_class


class Installed(Service):
    """A plug-in."""

    name = "installed"


@pytest.mark.parametrize("name", SERVICES)
def test_each_name_of_ours_is_a_service_that_says_the_same_of_itself(name: str) -> None:
    found = service_class(name)
    assert issubclass(found, Service)
    assert found.name == name
    assert found.__doc__


def installed(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    entry = EntryPoint(name="installed", value=value, group="galileo.services")

    def entry_points(*, group: str, name: str = "") -> list[EntryPoint]:
        return [entry] if group == "galileo.services" and name in ("", "installed") else []

    monkeypatch.setattr(service_table, "entry_points", entry_points)


def test_an_installed_plug_in_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, f"{__name__}:Installed")
    assert service_class("installed").__name__ == "Installed"


def test_an_entry_point_that_is_no_service_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "json:dumps")
    with pytest.raises(UnknownServiceError, match="'installed' is no service: expected a subclass of"):
        service_class("installed")


def test_an_unknown_name_is_answered_with_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "json:dumps")
    with pytest.raises(UnknownServiceError) as raised:
        service_class("presure_calculator")
    assert str(raised.value).startswith("there is no service 'presure_calculator'; expected one of: cluster_observer, ")
    assert "installed" in str(raised.value)
