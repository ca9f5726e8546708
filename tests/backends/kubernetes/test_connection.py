"""Where the API server is found, and what is said where it is not."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from galileo_backends.kubernetes import NODES, HttpKubernetes, connect
from galileo_backends.kubernetes.connection import ConfigurationError
from galileo_emulation.kubernetes.http.kubeconfig import kubeconfig

from .scripted import ScriptedServer, listed


async def test_kubeconfig_leads_to_the_server_with_its_token(tmp_path: Path) -> None:
    async with ScriptedServer(listed(1)).running() as server:
        path = tmp_path / "kubeconfig"
        path.write_text(kubeconfig(server.url))
        connection = await connect({"KUBECONFIG": str(path)})
        async with HttpKubernetes(connection, rng=random.Random(1)) as client:
            await client.list_all(NODES)
        assert server.requests[0]["authorization"] == "Bearer galileo"


async def test_without_kubeconfig_the_one_in_the_home_is_read(tmp_path: Path) -> None:
    folder = tmp_path / ".kube"
    folder.mkdir()
    (folder / "config").write_text(kubeconfig("http://127.0.0.1:8001"))
    assert (await connect({"HOME": str(tmp_path)})).base_url == "http://127.0.0.1:8001"


async def test_a_token_that_changed_in_the_file_is_seen_after_a_reload(tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(kubeconfig("http://127.0.0.1:8001"))
    connection = await connect({"KUBECONFIG": str(path)})
    path.write_text(kubeconfig("http://127.0.0.1:8001").replace("token: galileo", "token: changed"))
    await connection.reload()
    assert await connection.headers() == {"Authorization": "Bearer changed"}


async def test_no_configuration_anywhere_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="set KUBECONFIG to a kubeconfig file"):
        await connect({"HOME": str(tmp_path)})


async def test_a_pod_without_a_service_account_says_so() -> None:
    with pytest.raises(ConfigurationError, match="service account"):
        await connect({"KUBERNETES_SERVICE_HOST": "10.0.0.1"})


@pytest.mark.parametrize("text", ["", "a: [", "apiVersion: v1\nkind: Config\n", "just words"])
async def test_a_broken_kubeconfig_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=str(path)):
        await connect({"KUBECONFIG": str(path)})


async def test_a_kubeconfig_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nothing-here"):
        await connect({"KUBECONFIG": str(tmp_path / "nothing-here")})


def test_importing_the_backend_does_not_import_the_big_client() -> None:
    code = "import sys, galileo_backends.kubernetes; sys.exit('kubernetes_asyncio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
