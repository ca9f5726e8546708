"""kubectl works against the emulated server."""

import asyncio
import os
import shutil
import sys
from pathlib import Path

import orjson
import pytest
from galileo_emulation.kubernetes import ApiServer, LocalApi, Store, kubeconfig

KUBECTL = shutil.which("kubectl", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")

pytestmark = pytest.mark.skipif(KUBECTL is None, reason="no kubectl: install the extra dev")


@pytest.fixture
async def kube_environment(server: ApiServer, tmp_path: Path) -> dict[str, str]:
    path = tmp_path / "kubeconfig"
    path.write_text(kubeconfig(server.url))
    return {**os.environ, "KUBECONFIG": str(path), "HOME": str(tmp_path)}


async def kubectl(environment: dict[str, str], *arguments: str, stdin: str | None = None) -> str:
    assert KUBECTL is not None
    process = await asyncio.create_subprocess_exec(
        KUBECTL,
        *arguments,
        env=environment,
        stdin=asyncio.subprocess.PIPE if stdin is not None else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(stdin.encode() if stdin is not None else None)
    assert process.returncode == 0, err.decode()
    return out.decode()


def columns(table: str) -> list[list[str]]:
    return [line.split() for line in table.strip().splitlines()]


async def test_get_shows_nodes_and_pods_in_kubectls_columns(store: Store, kube_environment: dict[str, str]) -> None:
    ready = {"type": "Ready", "status": "True"}
    labels = {"kubernetes.io/role": "cloud"}
    await LocalApi(store).put_node({"metadata": {"name": "c-1", "labels": labels}, "status": {"conditions": [ready]}})
    manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web"},
        "spec": {"containers": [{"name": "main", "image": "registry.example/app:1"}]},
    }
    created = await kubectl(kube_environment, "create", "-f", "-", stdin=orjson.dumps(manifest).decode())
    assert created == "pod/web created\n"
    nodes = columns(await kubectl(kube_environment, "get", "no"))
    assert nodes[0] == ["NAME", "STATUS", "ROLES", "AGE", "VERSION"]
    assert nodes[1][:3] == ["c-1", "Ready", "cloud"]
    pods = columns(await kubectl(kube_environment, "get", "pods", "-A"))
    assert pods[0] == ["NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert pods[1][:5] == ["default", "web", "0/1", "Pending", "0"]


async def test_get_as_json_label_and_delete_change_what_is_stored(
    store: Store, server: ApiServer, kube_environment: dict[str, str]
) -> None:
    await kubectl(kube_environment, "run", "web", "--image=registry.example/app:1", "--restart=Never")
    await kubectl(kube_environment, "label", "pod", "web", "tier=front")
    pod = orjson.loads(await kubectl(kube_environment, "get", "pod", "web", "-o", "json"))
    assert pod["metadata"]["labels"] == {"run": "web", "tier": "front"}
    assert pod["kind"] == "Pod"
    await kubectl(kube_environment, "delete", "pod", "web")
    assert orjson.loads(await kubectl(kube_environment, "get", "pods", "-o", "json"))["items"] == []


async def test_apply_creates_then_changes_and_says_when_nothing_did(
    store: Store, kube_environment: dict[str, str]
) -> None:
    manifest = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "main", "image": "registry.example/app:1"}]},
            },
        },
    }

    async def apply() -> str:
        return await kubectl(kube_environment, "apply", "-f", "-", stdin=orjson.dumps(manifest).decode())

    assert await apply() == "deployment.apps/web created\n"
    assert await apply() == "deployment.apps/web unchanged\n"
    manifest["spec"]["replicas"] = 3  # type: ignore[index]
    assert await apply() == "deployment.apps/web configured\n"
    replicas = await kubectl(kube_environment, "get", "deploy", "web", "-o", "jsonpath={.spec.replicas}")
    assert replicas == "3"
