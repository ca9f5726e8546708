"""What the agent publishes of a made-up host, when, and what it does when it is told to."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

import pytest
from galileo_schemas.raw.node_info import node_info_key
from galileo_schemas.raw.telemetry_sample import TelemetrySample, parse_sample
from galileo_services.telemetry_agent.service import TelemetryAgent

from tests.services.harness import House, unix_now, until
from tests.services.telemetry_agent.made_up_host import CONTAINER_A, POD, MadeUpHost, net_dev

pytestmark = pytest.mark.looptime

KEY = node_info_key("pi-1")


class Ear:
    """All telemetry, with the moments at which it was heard."""

    def __init__(self) -> None:
        self.samples: list[tuple[float, TelemetrySample]] = []

    def __call__(self, channel: str, payload: bytes) -> None:
        self.samples.append((unix_now(), parse_sample(channel, payload)))

    def of(self, metric: str) -> list[TelemetrySample]:
        return [sample for _, sample in self.samples if sample.metric == metric]


async def listen(house: House) -> Ear:
    ear = Ear()
    await house.transport.subscribe(ear, patterns=["telem/*"])
    return ear


async def test_each_instrument_is_read_at_its_period(house: House, pi: MadeUpHost) -> None:
    ear = await listen(house)
    async with house.living(TelemetryAgent, **pi.settings()) as agent:
        await asyncio.sleep(10.1)
        figures = agent.figures()
    counts = Counter(sample.metric for _, sample in ear.samples)
    assert {name: counts[name] for name in ("freq", "procs", "ram", "load1", "load5", "psi_io")} == {
        "freq": 20,
        "procs": 20,
        "ram": 10,
        "load1": 2,
        "load5": 2,
        "psi_io": 20,
    }
    assert counts["rx"] == counts["tx"] == counts["rd"] == counts["wr"] == 20
    assert figures["samples_net"] == 40.0
    assert figures["failures_net"] == figures["readings_skipped"] == 0.0


async def test_a_sample_is_dated_when_it_was_read_with_nine_digits(house: House, pi: MadeUpHost) -> None:
    ear = await listen(house)
    payloads: list[bytes] = []
    await house.transport.subscribe(lambda _channel, payload: payloads.append(payload), patterns=["telem/*"])
    async with house.living(TelemetryAgent, **pi.settings()):
        await asyncio.sleep(3.0)
    assert ear.samples
    assert all(heard == pytest.approx(sample.ts, abs=1e-3) for heard, sample in ear.samples)
    assert all(len(payload.split(b" ")[0].partition(b".")[2]) == 9 for payload in payloads)
    assert all(len(payload.split(b" ")[1].partition(b".")[2]) == 6 for payload in payloads)


async def test_periods_and_instruments_are_as_the_settings_say(house: House, pi: MadeUpHost) -> None:
    ear = await listen(house)
    chosen = pi.settings(telemd_instruments_enable="ram load", telemd_period_ram="250ms", telemd_period_load="1s")
    async with house.living(TelemetryAgent, **chosen):
        await asyncio.sleep(2.1)
    assert Counter(sample.metric for _, sample in ear.samples) == {"ram": 8, "load1": 2, "load5": 2}


async def test_values_follow_the_host(house: House, pi: MadeUpHost) -> None:
    ear = await listen(house)
    async with house.living(TelemetryAgent, **pi.settings(telemd_period_net="1s")):
        await asyncio.sleep(0.9)
        pi.write("proc/net/dev", net_dev(lo=(5, 5), eth0=(51_000, 2000)))
        pi.group(f"kubepods/burstable/pod{POD}/{CONTAINER_A}", cpu__stat="usage_usec 7\n", memory__current=8)
        await asyncio.sleep(1.0)
    assert [round(sample.value) for sample in ear.of("rx")] == [50]
    assert ear.of("kubernetes_cgrp_cpu")[-1][:3] == ("pi-1", "kubernetes_cgrp_cpu", CONTAINER_A)
    assert ear.of("kubernetes_cgrp_cpu")[-1].value == 7000.0


async def test_a_paused_agent_is_silent_and_then_does_not_tell_of_the_pause(house: House, pi: MadeUpHost) -> None:
    ear = await listen(house)
    async with house.living(TelemetryAgent, **pi.settings()) as agent:
        await asyncio.sleep(1.1)
        house.publish("telemcmd/pi-1", b"pause")
        before = len(ear.samples)
        await asyncio.sleep(5.0)
        assert len(ear.samples) == before
        assert agent.figures()["paused"] == 1.0
        pi.write("proc/net/dev", net_dev(lo=(5, 5), eth0=(10_000_000, 2000)))  # what went on meanwhile
        house.publish("telemcmd/pi-1", b"unpause")
        await asyncio.sleep(1.1)
    assert [sample.value for sample in ear.of("rx")] == [0.0] * 4
    assert len(ear.samples) > before


async def test_commands_for_other_nodes_are_not_obeyed(house: House, pi: MadeUpHost) -> None:
    async with house.living(TelemetryAgent, **pi.settings()) as agent:
        house.publish("telemcmd/pi-2", b"pause")
        await asyncio.sleep(0.1)
        assert agent.figures()["paused"] == 0.0


async def test_an_unknown_command_is_one_line_and_counted(
    house: House, pi: MadeUpHost, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.living(TelemetryAgent, **pi.settings()) as agent:
        house.publish("telemcmd/pi-1", b"reboot")
        await asyncio.sleep(0.1)
        assert agent.figures()["unknown_commands"] == 1.0
    assert "a command for node pi-1: expected pause, unpause or info, got 'reboot'" in caplog.text


async def test_info_is_written_at_the_start_on_demand_and_again_and_again(house: House, pi: MadeUpHost) -> None:
    async with house.living(TelemetryAgent, **pi.settings(galileo_repeat_interval="30")):
        assert house.server.hashes[KEY]["arch"]
        assert (house.server.hashes[KEY]["cpus"], house.server.hashes[KEY]["net"]) == ("4", "eth0")
        pi.write("sys/class/net/usb0/mtu", 1500)
        house.publish("telemcmd/pi-1", b"info")
        await until(lambda: house.server.hashes[KEY]["net"] == "eth0 usb0")
        house.server.hashes.clear()  # a server that came back without its data
        await asyncio.sleep(31.0)
        assert house.server.hashes[KEY]["net"] == "eth0 usb0"


async def test_at_the_end_the_agents_fields_are_removed_and_those_of_others_stay(house: House, pi: MadeUpHost) -> None:
    house.server.hashes[KEY] = {"labels": "{}"}
    async with house.living(TelemetryAgent, **pi.settings()):
        assert len(house.server.hashes[KEY]) > 5
    assert house.server.hashes[KEY] == {"labels": "{}"}
    del house.server.hashes[KEY]
    async with house.living(TelemetryAgent, **pi.settings()):
        pass
    assert KEY not in house.server.hashes


async def test_while_the_bus_is_away_the_agent_goes_on(
    house: House, pi: MadeUpHost, caplog: pytest.LogCaptureFixture
) -> None:
    ear = await listen(house)
    async with house.living(TelemetryAgent, **pi.settings(galileo_repeat_interval="1")) as agent:
        house.server.available = False
        await asyncio.sleep(5.0)
        house.server.available = True
        heard = len(ear.samples)
        await asyncio.sleep(1.1)
        assert len(ear.samples) > heard
        assert agent.ready() is None
    told = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert told == ["the info of node pi-1 is not written: the in-memory server is switched off"]


async def test_a_host_with_nothing_to_measure_has_a_ready_agent_that_says_so(
    house: House, host: MadeUpHost, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with house.living(TelemetryAgent, **host.settings()) as agent:
        await asyncio.sleep(1.0)
        assert agent.ready() is None
        assert agent.figures()["instruments_left_out"] == len(agent.settings.instruments())
    assert "node pi-1: measures nothing" in caplog.text
    assert sum("left out are" in record.getMessage() for record in caplog.records) == 1


async def test_what_appears_later_is_measured_from_then_on(
    house: House, pi: MadeUpHost, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    ear = await listen(house)
    chosen = pi.settings(telemd_instruments_enable="power ram", galileo_repeat_interval="10")
    async with house.living(TelemetryAgent, **chosen):
        await asyncio.sleep(5.0)
        assert ear.of("power") == []
        pi.write("sys/class/hwmon/hwmon0/name", "ina219\n")
        pi.write("sys/class/hwmon/hwmon0/power1_input", 3_000_000)
        await until(lambda: len(ear.of("power")) >= 2, within_s=20.0)
    assert {(sample.subsystem, sample.value) for sample in ear.of("power")} == {("ina219", 3000.0)}
    assert "node pi-1: measures ram, power" in caplog.text


async def test_a_file_that_goes_away_and_comes_back_stops_nothing(house: House, pi: MadeUpHost) -> None:
    ear = await listen(house)
    async with house.living(TelemetryAgent, **pi.settings()) as agent:
        await asyncio.sleep(1.1)
        text = (pi.root / "proc/loadavg").read_text()
        (pi.root / "proc/loadavg").unlink()
        await asyncio.sleep(2.0)
        assert agent.figures()["failures_procs"] == 4.0
        assert agent.figures()["samples_ram"] == 3.0
        pi.write("proc/loadavg", text)
        await asyncio.sleep(1.0)
    assert len(ear.of("procs")) == 4
