"""Node info: the hash `telemd.info:<node>`, all values text; and the commands on `telemcmd/<node>`.

The telemetry agent writes most fields, the cluster observer `labels` and `allocatable` (JSON). Who listens on
`telemcmd/<node>` (the channel itself, not a pattern) is what telemc lists as a node. A command is one word: `pause` and
`unpause` the telemetry, or `info`: write the hash anew.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from galileo_schemas.frame import FrameError, excerpt

NODE_INFO_PREFIX = "telemd.info:"
TELEMETRY_COMMAND_PREFIX = "telemcmd/"

TelemetryCommand = Literal["pause", "unpause", "info"]
COMMANDS: tuple[TelemetryCommand, ...] = get_args(TelemetryCommand)

# What Go calls the processors that Python names as the kernel does; telemd writes Go's names.
_GO_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "i386": "386", "i686": "386", "loongarch64": "loong64"}


class NodeInfo(NamedTuple):
    """What a node says of itself.

    `arch` as Go names it; `boot` unix seconds; `ram` in kB; `netspeed` Mbit/s as text, empty where it is not known;
    `gpu` each as `<id>-<name>`.
    """

    arch: str
    boot: int
    hostname: str
    ram: int
    cpus: int
    disk: tuple[str, ...] = ()
    net: tuple[str, ...] = ()
    netspeed: str = ""
    gpu: tuple[str, ...] = ()

    def fields(self) -> dict[str, str]:
        """The hash: lists joined by spaces; `gpu` only where there is one, as telemd has it."""
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
        return {**fields, "gpu": " ".join(self.gpu)} if self.gpu else fields


AGENT_FIELDS = ("arch", "boot", "hostname", "ram", "cpus", "disk", "net", "netspeed", "gpu")
"""The fields that are the agent's, to be removed when it stops."""


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
