"""From a scenario file to a `Scenario`: the only way in from outside, and where every mistake is named.

`load_scenario` takes a path, or the name of a scenario that comes with the package. A mistake raises `ScenarioError`
with one line: file, line, path, what was found, what is possible.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

from galileo_experiments.clients_section import read_clients
from galileo_experiments.faults_section import Places, read_faults
from galileo_experiments.functions_section import read_functions
from galileo_experiments.located_yaml import Located, parse_located
from galileo_experiments.moment import RunLength
from galileo_experiments.network_section import read_network
from galileo_experiments.scenario import ON_DEMAND, SERVICES, Scenario, ScenarioError, bus_participants
from galileo_experiments.section import Section, choice, mapping, shown
from galileo_experiments.zones_section import read_zones

DEFAULT_SCENARIO = "default"
_SHIPPED = Path(__file__).parent / "scenarios"
_KEYS = (
    "name",
    "description",
    "duration_s",
    "seed",
    "zones",
    "network",
    "functions",
    "clients",
    "settings",
    "services",
    "without",
    "image_pull_s",
    "faults",
    "backoff_scale",
    "lease_duration_s",
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def load_scenario(
    source: str | Path = DEFAULT_SCENARIO, *, duration_s: float | None = None, seed: int | None = None
) -> Scenario:
    """Reads a scenario by path or by a shipped name; `duration_s` and `seed` replace the file's.

    A new duration moves only the phases given in percent. Raises `ScenarioError`.
    """
    path = find_scenario(source)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ScenarioError(f"{path}: cannot read the scenario: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ScenarioError(f"{path}: expected a text file in UTF-8, got other bytes") from None
    return parse_scenario(text, file=str(source), folder=path.parent, duration_s=duration_s, seed=seed)


def shipped_scenarios() -> list[str]:
    """Names of the scenarios that come with the package."""
    return sorted(path.stem for path in _SHIPPED.glob("*.yaml"))


def find_scenario(source: str | Path) -> Path:
    """The file of a shipped name or a path. Raises `ScenarioError` when there is none."""
    if str(source) in shipped_scenarios():
        return _SHIPPED / f"{source}.yaml"
    path = Path(source)
    if not path.is_file():
        names = ", ".join(shipped_scenarios())
        raise ScenarioError(
            f"{source}: there is no such scenario; expected the path of a YAML file, or one of: {names}"
        )
    return path


def parse_scenario(
    text: str,
    *,
    file: str = "scenario",
    folder: Path = Path(),
    duration_s: float | None = None,
    seed: int | None = None,
) -> Scenario:
    """The same from a text; `file` is named in errors, `folder` is where the files that it names are looked for."""
    _expect_overrides(duration_s, seed)
    section = Section(parse_located(text, file=file), what="a scenario", known=_KEYS)
    written_s = section.number("duration_s", "the duration in seconds", positive=True)
    length = RunLength(written_s if duration_s is None else float(duration_s), duration_s is not None)
    zones = read_zones(section.need("zones", "the zones and their nodes"))
    functions = read_functions(section.need("functions", "the functions that run there"), zones, folder=folder)
    clients = read_clients(
        section.need("clients", "who calls the functions"),
        functions=[function.name for function in functions],
        zones=[zone.name for zone in zones],
        length=length,
    )
    services = _services(section)
    places = Places(
        nodes=[node.name for zone in zones for node in zone.nodes],
        zones=[zone.name for zone in zones],
        services=bus_participants(services, [zone.name for zone in zones]),
    )
    written_seed = section.whole("seed", "the seed of all randomness", default=1)
    return Scenario(
        name=section.text("name", "the scenario's name"),
        description=" ".join(section.text("description", "a description", default="").split()),
        duration_s=length.duration_s,
        seed=written_seed if seed is None else seed,
        zones=zones,
        network=read_network(section.get("network"), zones, folder=folder, whole_file=section.place),
        functions=functions,
        clients=clients,
        settings=_settings(section.get("settings")),
        setting_places=_setting_places(section.get("settings")),
        services=services,
        faults=read_faults(section.get("faults"), places, length),
        image_pull_s=section.number("image_pull_s", "seconds to pull an image", default=2.0),
        backoff_scale=section.number("backoff_scale", "a factor such as 0.1", default=1.0, positive=True),
        lease_duration_s=section.whole("lease_duration_s", "seconds", default=4, at_least=1),
    )


def _expect_overrides(duration_s: float | None, seed: int | None) -> None:
    if duration_s is not None and not (math.isfinite(duration_s) and duration_s > 0):
        raise ScenarioError(f"duration: expected seconds, more than 0, got {duration_s:g}")
    if seed is not None and seed < 0:
        raise ScenarioError(f"seed: expected a whole number from 0, got {seed}")


def _settings(located: Located | None) -> dict[str, str]:
    if located is None:
        return {}
    settings: dict[str, str] = {}
    for name, value in mapping(located, what="settings").items():
        if not _VARIABLE.fullmatch(name):
            raise value.place.error("expected the name of an environment variable (letters, digits, _)")
        if value.value is None or isinstance(value.value, dict | list):
            raise value.place.error(f"expected a text, a number, true or false, got {shown(value)}")
        settings[name] = str(value.value).lower() if isinstance(value.value, bool) else str(value.value)
    return settings


def _setting_places(located: Located | None) -> dict[str, str]:
    """Of settings that were read before."""
    values = {} if located is None else mapping(located, what="settings")
    return {name: f"{value.place.file}:{value.place.line}" for name, value in values.items()}


def _services(section: Section) -> tuple[str, ...]:
    running = _names(section.get("services")) if section.get("services") is not None else list(SERVICES)
    without = _names(section.get("without"))
    return tuple(name for name in running if name not in without)


def _names(located: Located | None) -> list[str]:
    if located is None:
        return []
    if not isinstance(located.value, list):
        raise located.place.error(f"expected a list of services such as [pod_creator], got {shown(located)}")
    return list(dict.fromkeys(choice(entry, (*SERVICES, *ON_DEMAND), what="service") for entry in located.value))
