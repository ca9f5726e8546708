"""Node info: the hash `telemd.info:<node>`, all values text; and the commands on `telemcmd/<node>`.

The telemetry agent writes most fields, the cluster observer `labels` and `allocatable` (JSON). Who listens on
`telemcmd/<node>` (the channel itself, not a pattern) is what telemc lists as a node. A command is one word: `pause` and
`unpause` the telemetry, or `info`: write the hash anew.

A hash may be half there: an agent that stops removes its fields, and the observer may have come before the agent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, get_args

from galileo_schemas.frame import FrameError, excerpt

NODE_INFO_PREFIX = "telemd.info:"
TELEMETRY_COMMAND_PREFIX = "telemcmd/"

TelemetryCommand = Literal["pause", "unpause", "info"]
COMMANDS: tuple[TelemetryCommand, ...] = get_args(TelemetryCommand)

# What Go calls the processors that Python names as the kernel does; telemd writes Go's names.
_GO_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "i386": "386", "i686": "386", "loongarch64": "loong64"}


_DIGITS = 18  # more than any number of seconds, kilobytes or processors has, and still 64 bits
_BEFORE_A_GPU = re.compile(r" (?=[0-9]{1,2}-)")  # models have longer numbers: GTX 1080-Ti
_NOTHING: Mapping[str, str] = MappingProxyType({})


class NodeInfo(NamedTuple):
    """What a node says of itself, and what Kubernetes says of it.

    `arch` as Go names it; `boot` unix seconds; `ram` in kB; `netspeed` Mbit/s as text, empty where it is not known;
    `gpu` each as `<id>-<name>`; `labels` and `allocatable` (quantities) as in Kubernetes. Numbers are 0 and texts empty
    where the hash says nothing.
    """

    arch: str = ""
    boot: int = 0
    hostname: str = ""
    ram: int = 0
    cpus: int = 0
    disk: tuple[str, ...] = ()
    net: tuple[str, ...] = ()
    netspeed: str = ""
    gpu: tuple[str, ...] = ()
    labels: Mapping[str, str] = _NOTHING
    allocatable: Mapping[str, str] = _NOTHING

    def fields(self) -> dict[str, str]:
        """The hash: lists joined by spaces; `gpu`, `labels` and `allocatable` only where there are any.

        Raises `FrameError` for what the format cannot carry: white space in the name of a device, GPUs without a
        number, and negative numbers.
        """
        self._check()
        fields = {
            "arch": self.arch,
            "boot": str(self.boot),
            "hostname": self.hostname,
            "ram": str(self.ram),
            "cpus": str(self.cpus),
            "disk": " ".join(self.disk),
            "net": " ".join(self.net),
            "netspeed": self.netspeed,
        }
        if self.gpu:
            fields["gpu"] = " ".join(self.gpu)
        for name, told in (("labels", self.labels), ("allocatable", self.allocatable)):
            if told:
                fields[name] = json.dumps(dict(told))
        return fields

    def _check(self) -> None:
        for name in ("boot", "ram", "cpus"):
            if getattr(self, name) < 0:
                raise FrameError(f"node info {name}: expected a number of 0 or more, got {getattr(self, name)}")
        for name in ("disk", "net"):
            names: tuple[str, ...] = getattr(self, name)
            if any(item.split() != [item] for item in names):
                raise FrameError(f"node info {name}: expected names without white space, got {names!r:.80}")
        if _gpus(" ".join(self.gpu)) != self.gpu:
            raise FrameError(f"node info gpu: expected <number>-<name> each, got {self.gpu!r:.80}")


AGENT_FIELDS = ("arch", "boot", "hostname", "ram", "cpus", "disk", "net", "netspeed", "gpu")
"""The fields that are the agent's, to be removed when it stops."""


def parse_node_info(fields: Mapping[bytes, bytes]) -> NodeInfo:
    """What a hash says. Fields that are absent or empty are not known, those that nobody knows are ignored.

    telemd writes a `netspeed` of −1 where it found none, and telemd's Kubernetes adapter may quote quantities twice.
    Raises `FrameError` that names the field and what was expected.
    """
    text = {name: _text(name, fields[name.encode()]) for name in NodeInfo._fields if name.encode() in fields}
    netspeed = text.get("netspeed", "").strip()
    return NodeInfo(
        arch=text.get("arch", "").strip(),
        boot=_whole("boot", text),
        hostname=text.get("hostname", "").strip(),
        ram=_whole("ram", text),
        cpus=_whole("cpus", text),
        disk=tuple(text.get("disk", "").split()),
        net=tuple(text.get("net", "").split()),
        netspeed="" if netspeed == "-1" else netspeed,
        gpu=_gpus(text.get("gpu", "")),
        labels=_object("labels", text),
        allocatable={name: amount.strip('"') for name, amount in _object("allocatable", text).items()},
    )


def _text(name: str, value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise FrameError(f"node info {name}: expected UTF-8 text, got {excerpt(value)}") from None


def _gpus(text: str) -> tuple[str, ...]:
    """GPUs joined by spaces, whose names hold spaces, too: each begins with a number and a dash."""
    return tuple(_BEFORE_A_GPU.split(" ".join(text.split()))) if text.strip() else ()


def _whole(name: str, fields: Mapping[str, str]) -> int:
    text = fields.get(name, "").strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise FrameError(f"node info {name}: expected a whole number, got {text!r:.80}")
    return int(text)


def _object(name: str, fields: Mapping[str, str]) -> dict[str, str]:
    text = fields.get(name, "").strip()
    if not text:
        return {}
    try:
        found: Any = json.loads(text)
        if isinstance(found, dict) and all(isinstance(value, str) for value in found.values()):
            json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair could not be said again
            return found
    except (ValueError, RecursionError):
        pass  # told below, as is any other JSON
    raise FrameError(f"node info {name}: expected a JSON object of texts, got {text!r:.80}")


def node_info_key(node: str) -> str:
    """The key of a node's hash."""
    return NODE_INFO_PREFIX + node


def telemetry_command_channel(node: str) -> str:
    """The channel on which a node's agent takes commands."""
    return TELEMETRY_COMMAND_PREFIX + node


def parse_command(payload: bytes) -> TelemetryCommand:
    """What a command asks for. Raises `FrameError` that quotes it."""
    word = payload.decode("utf-8", "replace").strip()
    for command in COMMANDS:
        if word == command:
            return command
    raise FrameError(f"expected {', '.join(COMMANDS[:-1])} or {COMMANDS[-1]}, got {excerpt(payload)}")


def go_architecture(machine: str) -> str:
    """A processor by Go's name (amd64, arm64, arm …), from what the kernel calls it (x86_64, aarch64, armv7l …)."""
    if machine.startswith("armv"):
        return "arm"
    return _GO_ARCHITECTURES.get(machine, machine)
