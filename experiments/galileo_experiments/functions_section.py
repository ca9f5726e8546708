"""Reads `functions` of a scenario file and checks that their first replicas have room."""

from __future__ import annotations

import math

from galileo_experiments.located_yaml import Located
from galileo_experiments.scenario import Function, Zone
from galileo_experiments.section import Section, check_name, choice, mapping, whole

_KEYS = (
    "image",
    "cpu_ms",
    "cpu_variation",
    "memory",
    "memory_per_request",
    "start_s",
    "request_cpu",
    "request_memory",
    "latency_requirement_ms",
    "initial_replicas",
)


def read_functions(located: Located, zones: tuple[Zone, ...]) -> tuple[Function, ...]:
    """All functions, in the file's order. Names and images differ, also where `_` is written as `-`."""
    entries = mapping(located, what="functions")
    if not entries:
        raise located.place.error("expected at least one function, got none")
    functions = tuple(_function(name, value, zones) for name, value in entries.items())
    _expect_differ(functions, entries)
    _expect_room(functions, zones, located)
    return functions


def _function(name: str, located: Located, zones: tuple[Zone, ...]) -> Function:
    check_name(name, located.place, what="a function", underscores=True)
    section = Section(located, what="a function", known=_KEYS)
    defaults = Function(name=name, image="", cpu_ms=0)
    return Function(
        name=name,
        image=section.text("image", "an image such as edgerun/resnet:1.0"),
        cpu_ms=section.number("cpu_ms", "milliseconds of CPU per request on a reference core"),
        cpu_variation=section.number("cpu_variation", "standard deviation over mean such as 0.2", default=0.0),
        memory_bytes=_bytes(section, "memory", defaults.memory_bytes),
        memory_per_request_bytes=_bytes(section, "memory_per_request", 0),
        start_s=section.number("start_s", "seconds from image to first answer", default=defaults.start_s),
        request_cpu_millicores=1000.0
        * section.quantity("request_cpu", "CPU such as 250m", default=defaults.request_cpu_millicores / 1000.0),
        request_memory_bytes=_bytes(section, "request_memory", defaults.request_memory_bytes),
        latency_requirement_ms=section.number(
            "latency_requirement_ms", "milliseconds", default=defaults.latency_requirement_ms, positive=True
        ),
        initial_replicas=_initial_replicas(section, zones),
    )


def _bytes(section: Section, key: str, default: int) -> int:
    return math.ceil(section.quantity(key, "memory such as 256Mi", default=float(default), positive=False))


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
