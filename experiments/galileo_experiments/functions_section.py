"""Reads `functions` of a scenario file and checks that their first replicas have room."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from galileo_schemas.local_image import is_local, parse_local_image

from galileo_experiments.located_yaml import Located
from galileo_experiments.scenario import Function, Zone
from galileo_experiments.section import Section, check_name, choice, mapping, shown, whole

_KEYS = (
    "image",
    "cpu_ms",
    "cpu_variation",
    "memory",
    "memory_per_request",
    "start_s",
    "request_cpu",
    "request_memory",
    "limit_cpu",
    "limit_memory",
    "latency_requirement_ms",
    "initial_replicas",
)
_OF_EMULATED_ONLY = ("cpu_ms", "cpu_variation", "memory", "memory_per_request", "start_s")


def read_functions(located: Located, zones: tuple[Zone, ...], *, folder: Path) -> tuple[Function, ...]:
    """All functions, in the file's order. Names and images differ, also where `_` is written as `-`.

    `folder` is where the files of local functions are looked for.
    """
    entries = mapping(located, what="functions")
    if not entries:
        raise located.place.error("expected at least one function, got none")
    functions = tuple(_function(name, value, zones, folder) for name, value in entries.items())
    _expect_differ(functions, entries)
    _expect_room(functions, zones, located)
    return functions


def _function(name: str, located: Located, zones: tuple[Zone, ...], folder: Path) -> Function:
    check_name(name, located.place, what="a function", underscores=True)
    section = Section(located, what="a function", known=_KEYS)
    defaults = Function(name=name, image="")
    image = _image(section, folder)
    local = is_local(image)
    cpu = section.quantity("request_cpu", "CPU such as 250m", default=defaults.request_cpu_millicores / 1000.0)
    memory_bytes = _bytes(section, "request_memory", defaults.request_memory_bytes)
    limit_cpu = _limit(section, "limit_cpu", "CPU such as 500m", at_least=cpu)
    limit_memory = _limit(section, "limit_memory", "memory such as 256Mi", at_least=memory_bytes)
    function = Function(
        name=name,
        image=image,
        request_cpu_millicores=1000.0 * cpu,
        request_memory_bytes=memory_bytes,
        limit_cpu_millicores=None if limit_cpu is None else 1000.0 * limit_cpu,
        limit_memory_bytes=None if limit_memory is None else math.ceil(limit_memory),
        latency_requirement_ms=section.number(
            "latency_requirement_ms", "milliseconds", default=defaults.latency_requirement_ms, positive=True
        ),
        initial_replicas=_initial_replicas(section, zones),
        unused=tuple(
            f"functions.{name}.{key} is not used: a local function's process costs and occupies what it does"
            for key in _OF_EMULATED_ONLY
            if local and section.get(key) is not None
        ),
    )
    return function if local else _with_costs(function, section)


def _with_costs(function: Function, section: Section) -> Function:
    """What an emulated function costs and occupies."""
    return replace(
        function,
        cpu_ms=section.number("cpu_ms", "milliseconds of CPU per request on a reference core"),
        cpu_variation=section.number("cpu_variation", "standard deviation over mean such as 0.2", default=0.0),
        memory_bytes=_bytes(section, "memory", function.memory_bytes),
        memory_per_request_bytes=_bytes(section, "memory_per_request", 0),
        start_s=section.number("start_s", "seconds from start to first answer", default=function.start_s),
    )


def _image(section: Section, folder: Path) -> str:
    """The image; the path of a local function's file is made absolute, so that it can be found from anywhere."""
    expected = "an image such as edgerun/resnet:1.0, or local:./app.py"
    text = section.text("image", expected)
    if not is_local(text):
        return text
    place = section.need("image", expected).place
    try:
        image = parse_local_image(text)
    except ValueError as error:
        raise place.error(str(error)) from None
    path = (folder / image.path).resolve()
    if not path.is_file():
        raise place.error(f"there is no file {path}; the path is relative to the scenario's folder")
    return replace(image, path=path).text


def _bytes(section: Section, key: str, default: int) -> int:
    return math.ceil(section.quantity(key, "memory such as 256Mi", default=float(default), positive=False))


def _limit(section: Section, key: str, expected: str, *, at_least: float) -> float | None:
    """A limit in its base unit; None where there is none. It is not below what is requested."""
    located = section.get(key)
    if located is None:
        return None
    limit = section.quantity(key, expected)
    if limit < at_least:
        raise located.place.error(f"expected at least what a replica requests, got {shown(located)}")
    return limit


def _initial_replicas(section: Section, zones: tuple[Zone, ...]) -> dict[str, int]:
    example = f"replicas per zone such as {{{zones[0].name}: 1}}"
    located = section.need("initial_replicas", example)
    replicas: dict[str, int] = {}
    for zone, count in mapping(located, what=example).items():
        choice(Located(count.place, zone), [known.name for known in zones], what="zone")
        replicas[zone] = whole(count, "a number of replicas")
    if not sum(replicas.values()):
        raise located.place.error(f"nobody would answer: expected at least one of the {example}")
    return replicas


def _expect_differ(functions: tuple[Function, ...], entries: dict[str, Located]) -> None:
    names: dict[str, str] = {}
    images: dict[str, str] = {}
    for function in functions:
        place, spelled = entries[function.name].place, function.name.replace("_", "-")
        if spelled in names:
            raise place.error(f"in pod names this is the same as {names[spelled]!r}; give it another name")
        if function.image in images:
            raise place.below("image", place.line).error(f"{images[function.image]!r} has this image; they must differ")
        names[spelled] = images[function.image] = function.name


def _expect_room(functions: tuple[Function, ...], zones: tuple[Zone, ...], located: Located) -> None:
    for zone in zones:
        cpu = sum(f.request_cpu_millicores * f.initial_replicas.get(zone.name, 0) for f in functions) / 1000.0
        memory = sum(f.request_memory_bytes * f.initial_replicas.get(zone.name, 0) for f in functions)
        cores = sum(node.cores for node in zone.workers)
        room = sum(node.memory_bytes for node in zone.workers)
        if cpu > cores:
            raise located.place.error(f"initial replicas in {zone.name} request {cpu:g} cores, it has {cores:g}")
        if memory > room:
            mib = 1024 * 1024
            raise located.place.error(
                f"initial replicas in {zone.name} request {memory / mib:.0f}Mi of memory, it has {room / mib:.0f}Mi"
            )
