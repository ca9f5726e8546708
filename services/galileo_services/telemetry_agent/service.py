"""The shell: publishes what instruments read, obeys commands, says what the node is."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
from collections.abc import Coroutine, Sequence

from galileo_bus.service import Service, every
from galileo_bus.transport import Subscription, TransportUnavailableError
from galileo_schemas.frame import FrameError
from galileo_schemas.raw.node_info import (
    AGENT_FIELDS,
    NodeInfo,
    node_info_key,
    parse_command,
    telemetry_command_channel,
)
from galileo_schemas.raw.telemetry_sample import format_sample, sample_channel

from galileo_services.telemetry_agent.instrument_table import gpu_kinds, make_instruments, wireless_links
from galileo_services.telemetry_agent.instruments.gpu import find_gpus
from galileo_services.telemetry_agent.instruments.instrument import UnavailableError, UnreadableError
from galileo_services.telemetry_agent.instruments.wireless import WirelessLink
from galileo_services.telemetry_agent.node_facts import read_node_info
from galileo_services.telemetry_agent.sampler import Sampler, in_words
from galileo_services.telemetry_agent.sampling_loop import Sample, SamplingLoop
from galileo_services.telemetry_agent.settings import TelemetryAgentSettings


class TelemetryAgent(Service):
    """Says `telem/<node>/…` and `telemd.info:<node>`; obeys `telemcmd/<node>`."""

    name = "telemetry_agent"
    settings: TelemetryAgentSettings

    async def started(self) -> None:
        self.node = self.settings.node_name
        periods_s = self.settings.instruments()
        instruments = make_instruments(self.settings)
        self._sampler = Sampler(instruments, log=self.log)
        self._unpaused = asyncio.Event()
        self._unpaused.set()
        self._loops = [
            SamplingLoop(
                self._sampler,
                {name: period_s for name, period_s in periods_s.items() if instruments[name].blocks is in_thread},
                now=self.now,
                publish=self._publish,
                begun=self._tell_what_is_measured,
                may_run=self._unpaused,
                in_thread=in_thread,
            )
            for in_thread in (False, True)
        ]
        self._names = tuple(periods_s)
        self._told: list[str] | None = None
        self._gpus = gpu_kinds(self.settings)
        self._asked_for_info = asyncio.Event()
        self._complaint: str | None = None
        self.unknown_commands = 0
        self._commands: Subscription = await self.bus.transport.subscribe(
            self._command, channels=[telemetry_command_channel(self.node)]
        )

    async def joined(self) -> None:
        await self.write_info()

    def background(self) -> list[Coroutine[object, object, None]]:
        return [*(loop.run() for loop in self._loops), self._answer_requests()]

    async def stopping(self) -> None:
        await self._commands.close()
        try:
            await self.bus.transport.delete_hash_fields(node_info_key(self.node), AGENT_FIELDS)
        except TransportUnavailableError as error:
            self.log.warning("the info of node %s is left behind: %s", self.node, error)

    def figures(self) -> dict[str, float]:
        return {
            **{f"samples_{name}": float(self._sampler.samples[name]) for name in self._names},
            **{f"failures_{name}": float(self._sampler.failures[name]) for name in self._names},
            "instruments_left_out": float(len(self._sampler.left_out)),
            "readings_skipped": float(sum(loop.skipped for loop in self._loops)),
            "unknown_commands": float(self.unknown_commands),
            "paused": float(not self._unpaused.is_set()),
        }

    # ------------------------------------------------------------ what is measured

    def _publish(self, samples: Sequence[Sample]) -> None:
        node = self.node
        self.bus.transport.publish_all(
            [(sample_channel(node, topic), format_sample(ts, value)) for ts, topic, value in samples]
        )

    def _tell_what_is_measured(self) -> None:
        if not all(loop.has_begun for loop in self._loops):
            return
        used = [name for name in self._names if name not in self._sampler.left_out]
        if used == self._told:
            return
        self._told = used
        self.log.info("node %s: measures %s", self.node, ", ".join(used) or "nothing")
        if self._sampler.left_out:
            self.log.info("node %s: left out are %s", self.node, in_words(self._sampler.left_out))

    @every("repeat_interval")
    async def look_again(self) -> None:
        """Instruments that were left out may have something to measure now; info may have been lost with a server."""
        for loop in self._loops:
            await loop.look_again()
        await self.write_info()

    # ------------------------------------------------------------ commands

    def _command(self, _channel: str, payload: bytes) -> None:
        try:
            command = parse_command(payload)
        except FrameError as error:
            self.unknown_commands += 1
            self.log.warning("a command for node %s: %s", self.node, error)
            return
        if command == "info":
            self._asked_for_info.set()
        elif command == "pause":
            self._unpaused.clear()
        else:
            self._unpaused.set()

    async def _answer_requests(self) -> None:
        while True:
            await self._asked_for_info.wait()
            self._asked_for_info.clear()
            await self.write_info()

    async def write_info(self) -> None:
        """Writes what the node is; what the bus does not take now is written with the next repetition."""
        try:
            info = await asyncio.to_thread(self._node_info)
            await self.bus.transport.set_hash(node_info_key(self.node), info.fields())
        except (OSError, UnreadableError) as error:  # one of a transport that is away is an OSError, too
            self._complain(f"the info of node {self.node} is not written: {error}")
        else:
            self._complaint = None

    def _complain(self, text: str) -> None:
        if text != self._complaint:
            self.log.warning("%s", text)
        self._complaint = text

    def _node_info(self) -> NodeInfo:
        settings, links = self.settings, self._wireless_links()
        return read_node_info(
            proc=settings.proc_mount,
            sys=settings.sys_mount,
            hostname=socket.gethostname(),
            machine=os.uname().machine,
            disks=settings.disk_devices,
            devices=settings.net_devices,
            gpus=[f"{number}-{name}" for number, name in self._gpu_names().items()],
            wireless_mbit_s=lambda device: links[device].tx_mbit_s if device in links else None,
        )

    def _gpu_names(self) -> dict[str, str]:
        try:
            return find_gpus(self._gpus)[1]
        except (UnavailableError, UnreadableError, OSError):
            return {}  # instruments tell why; the rest of the info is as good without

    def _wireless_links(self) -> dict[str, WirelessLink]:
        wireless = wireless_links(self.settings)
        try:
            return wireless.links(0.0) if wireless.devices() else {}
        except (UnreadableError, OSError, subprocess.SubprocessError):
            return {}
