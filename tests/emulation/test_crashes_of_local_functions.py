"""A person's own code that crashes: who is told, how often, and where its output is."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from galileo_backends.http import ConnectionLost, HttpClient
from galileo_emulation.kubelets.function_crashes import FunctionCrash
from galileo_emulation.specification import FunctionSpec

from tests.emulation.kubelets.cluster import SPEC, Cluster
from tests.emulation.kubelets.until import until

SERVES_UNTIL_ASKED = """
import os, sys

async def app(scope, receive, send):
    if scope["type"] == "http":
        print("asked to end")
        os._exit(3)
"""


def function(folder: Path, code: str) -> FunctionSpec:
    path = folder / "app.py"
    path.write_text(code)
    return FunctionSpec(name="mine", image=f"local:{path}")


async def test_a_crash_at_start_is_told_with_its_last_words_and_the_file_that_has_all_of_them(tmp_path: Path) -> None:
    broken = function(tmp_path, "import sys\nprint('loading')\nraise RuntimeError('no model')\napp = None\n")
    crashes: list[FunctionCrash] = []
    cluster, logs = Cluster(now=time.time), tmp_path / "pods"
    spec = replace(SPEC, functions=(broken,))
    async with cluster.world(spec, crashed=crashes.append, output_folder=logs) as world:
        cluster.create_pod("p", image=broken.image, ports=[{"containerPort": world.function_port}])
        file = logs / "p_default_main.log"
        await until(lambda: file.exists() and file.read_text().count("--- started") >= 3, timeout_s=20.0)
        await until(lambda: len(crashes) > 1)
    first = FunctionCrash(
        function="mine", pod="p", why="RuntimeError: no model", log_file=file, again=False, worked=False
    )
    assert crashes == [first, replace(first, again=True)]
    output = file.read_text()
    assert output.count("--- started") >= 3
    assert "loading\nTraceback (most recent call last):\n" in output


async def test_a_file_that_cannot_be_run_is_told_like_a_crash(tmp_path: Path) -> None:
    gone, crashes = FunctionSpec(name="gone", image=f"local:{tmp_path}/gone.py"), list[FunctionCrash]()
    cluster = Cluster(now=time.time)
    async with cluster.world(replace(SPEC, functions=(gone,)), crashed=crashes.append) as world:
        cluster.create_pod("p", image=gone.image, ports=[{"containerPort": world.function_port}])
        await until(lambda: bool(crashes))
    assert (crashes[0].why, crashes[0].log_file) == (f"{tmp_path}/gone.py: there is no such file", None)


async def test_a_function_that_was_ready_has_worked_and_a_deleted_pod_is_no_crash(tmp_path: Path) -> None:
    mine, crashes, client = function(tmp_path, SERVES_UNTIL_ASKED), list[FunctionCrash](), HttpClient()
    cluster = Cluster(now=time.time)
    async with cluster.world(replace(SPEC, functions=(mine,)), crashed=crashes.append) as world:
        for name in ("p", "q"):
            cluster.create_pod(name, image=mine.image, ports=[{"containerPort": world.function_port}])
        await until(lambda: cluster.is_ready("p") and cluster.is_ready("q"), timeout_s=20.0)
        cluster.delete_pod("q")
        await until(lambda: cluster.pod("q") is None)
        assert crashes == []
        with pytest.raises(ConnectionLost):
            await client.request("GET", cluster.status("p")["podIP"], world.function_port, "/")
        await until(lambda: bool(crashes))
        await client.close()
    assert (crashes[0].pod, crashes[0].why, crashes[0].worked) == ("p", "asked to end", True)
