"""Settings: from variables, specific before general, typed, and a wrong one is one line for the person who set it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from galileo_bus.service import SettingError, Settings, setting


@dataclass(frozen=True)
class Example(Settings):
    interval: float = setting(10.0, "svc_interval", "galileo_interval", doc="in s", above=0)
    replicas: int = setting(1, "svc_replicas", doc="how many", at_least=1)
    dry_run: bool = setting(False, "svc_dry_run", doc="only say what would be done")
    strategy: str = setting("best-fit", "svc_strategy", doc="how to place", choices=("best-fit", "spread"))
    zones: tuple[str, ...] = setting((), "svc_zones", doc="zone names")
    limit: float | None = setting(None, "svc_limit", doc="none when empty", above=0)
    password: str = setting("", "svc_password", "galileo_password", doc="of the database", secret=True)
    pin: int = setting(0, "svc_pin", doc="of the safe", secret=True, at_least=0)
    thresholds: dict[str, float] = setting(
        {"all": 0.5}, "svc_threshold_<fn>", "galileo_threshold_<fn>", doc="", above=0
    )


def test_without_variables_every_setting_has_its_default() -> None:
    settings = Example.load({})
    assert settings == Example()
    assert (settings.interval, settings.replicas, settings.dry_run, settings.strategy) == (10.0, 1, False, "best-fit")
    assert (settings.zones, settings.limit, settings.thresholds) == ((), None, {"all": 0.5})


def test_defaults_are_not_shared_between_instances() -> None:
    Example.load({}).thresholds["x"] = 1.0
    assert Example.load({}).thresholds == {"all": 0.5}
    assert Example().thresholds == {"all": 0.5}


def test_the_specific_variable_wins_over_the_general_one() -> None:
    assert Example.load({"galileo_interval": "7"}).interval == 7.0
    assert Example.load({"galileo_interval": "7", "svc_interval": "3"}).interval == 3.0


def test_effective_names_the_variable_that_gave_a_value() -> None:
    rows = {row.field: row for row in Example.effective({"galileo_interval": "7", "galileo_threshold_f": "2"})}
    assert (rows["interval"].value, rows["interval"].given_by) == (7.0, "galileo_interval")
    assert (rows["replicas"].value, rows["replicas"].given_by) == (1, None)
    assert rows["thresholds"].given_by == "galileo_threshold_<fn>"
    assert rows["password"].variable.secret


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("svc_interval", " 2.5 ", "interval", 2.5),
        ("svc_replicas", "3", "replicas", 3),
        ("svc_dry_run", "TRUE", "dry_run", True),
        ("svc_dry_run", "1", "dry_run", True),
        ("svc_dry_run", "off", "dry_run", False),
        ("svc_dry_run", "", "dry_run", False),
        ("svc_strategy", "spread", "strategy", "spread"),
        ("svc_zones", "zone-a,zone-b  zone-c,", "zones", ("zone-a", "zone-b", "zone-c")),
        ("svc_limit", "3", "limit", 3.0),
        ("svc_limit", "", "limit", None),
    ],
)
def test_values_are_read_by_their_type(name: str, text: str, field: str, value: object) -> None:
    assert getattr(Example.load({name: text}), field) == value


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("svc_interval", "soon", "svc_interval=soon: expected a number"),
        ("svc_interval", "", "svc_interval=: expected a number"),
        ("svc_interval", "0", "svc_interval=0: expected a number above 0 (in s)"),
        ("svc_interval", "nan", "svc_interval=nan: expected a finite number"),
        ("svc_interval", "-inf", "svc_interval=-inf: expected a finite number"),
        ("galileo_interval", "-1", "galileo_interval=-1: expected a number above 0 (in s)"),
        ("svc_replicas", "2.5", "svc_replicas=2.5: expected a whole number"),
        ("svc_replicas", "0", "svc_replicas=0: expected a number of at least 1 (how many)"),
        ("svc_dry_run", "maybe", "svc_dry_run=maybe: expected true or false"),
        ("svc_strategy", "worst-fit", "svc_strategy=worst-fit: expected best-fit | spread (how to place)"),
        ("svc_limit", "-2", "svc_limit=-2: expected a number above 0 (none when empty)"),
        ("svc_threshold_f", "x", "svc_threshold_f=x: expected a number"),
        ("svc_pin", "-1234", "svc_pin=…: expected a number of at least 0 (of the safe)"),
        ("svc_pin", "12x34", "svc_pin=…: expected a whole number"),
    ],
)
def test_a_wrong_value_names_the_variable_the_value_and_what_was_expected(name: str, text: str, expected: str) -> None:
    with pytest.raises(SettingError, match=f"^{re.escape(expected)}$"):
        Example.load({name: text})


def test_a_family_gathers_every_variable_with_its_prefix() -> None:
    settings = Example.load({"svc_threshold_resnet": "0.9", "svc_threshold_my_function": "0.2", "svc_threshold_": "9"})
    assert settings.thresholds == {"all": 0.5, "resnet": 0.9, "my_function": 0.2}


def test_a_familys_specific_members_win_over_its_general_ones() -> None:
    environ = {"svc_threshold_f": "1", "galileo_threshold_f": "2", "galileo_threshold_g": "3"}
    assert Example.load(environ).thresholds == {"all": 0.5, "f": 1.0, "g": 3.0}


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(AttributeError):
        Example.load({}).interval = 3.0  # type: ignore[misc]


def test_a_class_that_is_no_dataclass_is_told_of_instead_of_being_ignored() -> None:
    class Undecorated(Settings):
        limit: float = setting(0.5, "svc_limit", doc="how much")

    with pytest.raises(SettingError, match=r"Undecorated.limit is not read: expected @dataclass\(frozen=True\)"):
        Undecorated.load({"svc_limit": "0.7"})


def test_a_field_that_is_no_setting_is_told_of() -> None:
    @dataclass(frozen=True)
    class Plain(Settings):
        limit: float = 0.5

    with pytest.raises(SettingError, match=r'Plain.limit: expected setting\(default, "the_variable", doc="…"\)'):
        Plain.load({})
