"""A person's own code as a function: real processes behind the emulated network."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import orjson
import psutil
import pytest
from galileo_backends.http import ConnectFailed, ConnectionLost, HttpClient
from galileo_emulation.kubernetes.node_access import LogRequest
from galileo_emulation.network.free_ports import has_many_loopback_addresses
from galileo_emulation.specification import FunctionSpec
from galileo_emulation.world import World

from tests.emulation.kubelets.cluster import SPEC, Cluster
from tests.emulation.kubelets.until import until

many = pytest.mark.skipif(not has_many_loopback_addresses(), reason="one loopback address on this system")

ASGI = """
import json, os, sys, time

async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    if scope["path"] == "/work":
        end = time.process_time() + 0.3
        while time.process_time() < end:
            pass
    if scope["path"] == "/die":
        os._exit(7)
    print("asked for", scope["path"])
    body = json.dumps({"pid": os.getpid(), "pod": os.environ["POD_NAME"], "client": scope["client"][0],
                       "more": os.environ.get("MORE")}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})
"""

PLAIN = """
import http.server, os

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"plain")

http.server.HTTPServer(("", int(os.environ["PORT"])), Handler).serve_forever()
"""


def function(folder: Path, code: str, *, name: str = "app.py", attribute: str = "") -> FunctionSpec:
    path = folder / name
    path.write_text(textwrap.dedent(code))
    return FunctionSpec(name="mine", image=f"local:{path}{attribute}")


async def start(cluster: Cluster, world: World, function: FunctionSpec, *, name: str = "p", **container: object) -> str:
    ports = [{"containerPort": world.function_port}]
    cluster.create_pod(name, image=function.image, container={"ports": ports, **container})
    await until(lambda: cluster.is_ready(name), timeout_s=20.0)
    ip: str = cluster.status(name)["podIP"]
    return ip


def log_request(pod: str) -> LogRequest:
    return LogRequest(namespace="default", pod=pod, container="main")


@many
async def test_an_asgi_application_answers_over_the_delayed_network_and_sees_who_asks(tmp_path: Path) -> None:
    cluster, mine = Cluster(now=time.time), function(tmp_path, ASGI)
    async with cluster.world(replace(SPEC, functions=(mine,))) as world:
        ip = await start(cluster, world, mine, env=[{"name": "MORE", "value": "yes"}])
        client = HttpClient(local_address=world.node_ip("n2"))
        await client.request("GET", ip, world.function_port, "/")
        began = time.perf_counter()
        response = await client.request("GET", ip, world.function_port, "/far")
        assert time.perf_counter() - began >= 0.030
        told = orjson.loads(response.body)
        assert (told["pod"], told["client"], told["more"]) == ("p", world.node_ip("n2"), "yes")
        await client.close()
        log = b"".join([piece async for piece in world.node_access.log(log_request("p"))])
        assert b"asked for /far\n" in log
        cluster.delete_pod("p")
        await until(lambda: cluster.pod("p") is None)
        assert not psutil.pid_exists(told["pid"])


async def test_its_cpu_time_and_memory_are_its_containers_use(tmp_path: Path) -> None:
    cluster, mine, client = Cluster(now=time.time), function(tmp_path, ASGI), HttpClient()
    async with cluster.world(replace(SPEC, functions=(mine,))) as world:
        ip = await start(cluster, world, mine)
        pid = orjson.loads((await client.request("GET", ip, world.function_port, "/")).body)["pid"]
        container_id = cluster.container("p")["containerID"].removeprefix("containerd://")

        def said(metric: str) -> list[float]:
            channel = f"telem/n1/{metric}/{container_id}"
            return [float(payload.split()[1]) for name, payload in cluster.published if name == channel]

        await until(lambda: bool(said("kubernetes_cgrp_memory")) and said("kubernetes_cgrp_memory")[-1] > 1e6)
        before = said("kubernetes_cgrp_cpu")[-1]
        await client.request("GET", ip, world.function_port, "/work")
        await until(lambda: said("kubernetes_cgrp_cpu")[-1] - before >= 0.29e9)
        await client.close()
        assert said("kubernetes_cgrp_cpu")[-1] - before < 1.0e9
        assert said("kubernetes_cgrp_memory")[-1] == pytest.approx(psutil.Process(pid).memory_info().rss, rel=0.3)
        await until(lambda: ("default", "p") in world.node_access.container_usage())
        usage = world.node_access.container_usage()["default", "p"]["main"]
        assert usage.memory_bytes > 1e6


@pytest.mark.parametrize(
    ("name", "code"),
    [("program.py", PLAIN), ("program.sh", f"#!{sys.executable}\n{PLAIN}")],
)
async def test_a_plain_program_that_listens_on_port_is_a_function_too(tmp_path: Path, name: str, code: str) -> None:
    cluster, mine, client = Cluster(now=time.time), function(tmp_path, code, name=name), HttpClient()
    (tmp_path / name).chmod(0o755)
    async with cluster.world(replace(SPEC, functions=(mine,))) as world:
        ips = [await start(cluster, world, mine, name=pod) for pod in ("a", "b")]  # both listen on all addresses
        for ip in ips:
            assert (await client.request("GET", ip, world.function_port, "/")).body == b"plain"
        await client.close()


async def test_a_process_that_ends_is_started_again_by_policy(tmp_path: Path) -> None:
    cluster, mine, client = Cluster(now=time.time), function(tmp_path, ASGI, attribute=":app"), HttpClient()
    async with cluster.world(replace(SPEC, functions=(mine,))) as world:
        ip = await start(cluster, world, mine)
        with pytest.raises(ConnectionLost):
            await client.request("POST", ip, world.function_port, "/die")
        await until(lambda: cluster.container("p")["restartCount"] == 1 and cluster.is_ready("p"), timeout_s=20.0)
        assert cluster.container("p")["lastState"]["terminated"]["exitCode"] == 7
        assert (await client.request("GET", ip, world.function_port, "/")).status == 200
        await world.kill_node("n1")
        with pytest.raises(ConnectFailed):
            await client.request("GET", ip, world.function_port, "/")
        await client.close()


async def test_code_that_fails_crashes_and_its_log_tells_why(tmp_path: Path) -> None:
    broken = function(tmp_path, "raise RuntimeError('no model')\napp = None\n")
    no_app = replace(function(tmp_path, "x = 1\n", name="b.py", attribute=":x"), name="other")
    gone = FunctionSpec(name="gone", image=f"local:{tmp_path}/gone.py")
    cluster = Cluster(now=time.time)
    async with cluster.world(replace(SPEC, functions=(broken, no_app, gone), backoff_scale=1.0)) as world:
        for name, image in (("p", broken.image), ("q", no_app.image), ("r", gone.image)):
            cluster.create_pod(name, image=image, ports=[{"containerPort": world.function_port}])
        await until(lambda: cluster.waiting_reason("p") == "CrashLoopBackOff", timeout_s=20.0)
        await until(lambda: cluster.waiting_reason("q") == "CrashLoopBackOff", timeout_s=20.0)
        await until(lambda: cluster.waiting_reason("r") == "CreateContainerError")
        logs = {
            name: b"".join([piece async for piece in world.node_access.log(log_request(name))]) for name in ("p", "q")
        }
        assert b"RuntimeError: no model" in logs["p"]
        assert b"x is no ASGI application" in logs["q"]
        message = cluster.container("r")["state"]["waiting"]["message"]
        assert message == f"{tmp_path}/gone.py: there is no such file"


async def test_a_process_above_its_memory_limit_is_killed(tmp_path: Path) -> None:
    hungry = "import time\nx = bytearray(200_000_000)\ntime.sleep(60)\n"
    cluster, mine = Cluster(now=time.time), function(tmp_path, hungry)
    async with cluster.world(replace(SPEC, functions=(mine,))) as world:
        container = {
            "ports": [{"containerPort": world.function_port}],
            "resources": {"limits": {"memory": "100Mi"}},
        }
        cluster.create_pod("p", image=mine.image, container=container, restartPolicy="Never")
        await until(lambda: cluster.status("p").get("phase") == "Failed", timeout_s=20.0)
        assert cluster.container("p")["state"]["terminated"]["reason"] == "OOMKilled"


async def test_a_file_that_no_function_names_is_not_run(tmp_path: Path) -> None:
    mine = function(tmp_path, ASGI)
    cluster = Cluster(now=time.time)
    async with cluster.world(SPEC):
        cluster.create_pod("p", image=mine.image)
        await until(lambda: cluster.waiting_reason("p") == "ErrImagePull")
        message = cluster.container("p")["state"]["waiting"]["message"]
        assert "a file is run only if a function of the scenario names it" in message


WORLD_WITH_A_LOCAL_FUNCTION = """
import asyncio, sys, time
sys.path.insert(0, {root!r})
from dataclasses import replace
from galileo_emulation.specification import FunctionSpec
from tests.emulation.kubelets.cluster import SPEC, Cluster
from tests.emulation.kubelets.until import until

async def main():
    cluster = Cluster(now=time.time)
    mine = FunctionSpec(name="mine", image={image!r})
    async with cluster.world(replace(SPEC, functions=(mine,))) as world:
        cluster.create_pod("p", image=mine.image, ports=[{{"containerPort": world.function_port}}])
        await until(lambda: cluster.is_ready("p"), timeout_s=20.0)
        print("ready", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
async def test_it_does_not_outlive_a_world_that_is_killed(tmp_path: Path) -> None:
    mine = function(tmp_path, ASGI)
    root = str(Path(__file__).parents[2])
    code = WORLD_WITH_A_LOCAL_FUNCTION.format(root=root, image=mine.image)
    world = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)  # noqa: ASYNC220
    try:
        assert world.stdout is not None
        line = await asyncio.to_thread(world.stdout.readline)
        assert line == b"ready\n"
        (child,) = psutil.Process(world.pid).children()
        os.kill(world.pid, signal.SIGKILL)
        await until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)
    finally:
        world.kill()
        world.communicate()
