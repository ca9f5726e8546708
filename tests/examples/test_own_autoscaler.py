"""The example of an autoscaler takes the place of Galileo's own decider in the emulated edge cloud."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from galileo_bus.testing import running, virtual_time
from galileo_cli.plugins.service_file import load_file, services_in
from galileo_schemas.events import PodRunning, ScaleSchedule
from galileo_schemas.frame import RawFrame
from galileo_schemas.labels import TYPE_FUNCTION, type_of, zone_of
from galileo_schemas.registry import decode_frame

from tests.end_to_end.harness import GALILEO, emulated_run, plain_environment
from tests.end_to_end.measurements import value_of
from tests.examples.conftest import EXAMPLES

FILE = EXAMPLES / "own_autoscaler.py"


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found by /proc")
@pytest.mark.timeout(240)
def test_people_get_a_pod_where_they_are(tmp_path: Path) -> None:
    scenario = str(EXAMPLES / "own_autoscaler.yaml")
    with emulated_run(tmp_path / "run", scenario, "--duration", "16") as run:
        run.until_load()
        with (tmp_path / "said").open("wb") as output:
            own = subprocess.Popen(
                [str(GALILEO), "run", str(FILE), "--env-file", "out/env"],
                cwd=run.folder,
                env=plain_environment(),
                stdout=output,
                stderr=output,
            )
        try:
            run.until_event(_serves_in_the_field, what="pod that runs in the field", within_s=60.0)
        finally:
            own.send_signal(signal.SIGTERM)
            assert own.wait(10) == 0, (tmp_path / "said").read_text()
        decisions = [value_of(frame.value) for frame in run.frames_named("scale_schedule")]
        run.signal(signal.SIGINT)
        assert run.wait(within_s=60.0) == 0, run.told
    assert [decision["dest_zone"] for decision in decisions] == ["field"]
    (decision,) = decisions
    assert decision["meta"]["source"].startswith("own_autoscaler/")
    assert decision["meta"]["key"] == f"default/{decision['pod_creation_request']['pod_name']}"
    assert decision["meta"]["expires"] > 0


def _serves_in_the_field(frame: RawFrame) -> bool:
    pod = decode_frame(frame)
    if not isinstance(pod, PodRunning) or not pod.ready:
        return False
    return zone_of(pod.labels) == "field" and type_of(pod.labels) == TYPE_FUNCTION


@virtual_time
async def test_it_asks_for_nothing_where_nothing_is_known() -> None:
    (service,) = services_in(load_file(FILE), where=str(FILE))
    async with running(service) as bench:
        await bench.pass_time(30)
        assert bench.said(ScaleSchedule) == []
