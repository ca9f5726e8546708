"""kubectl applies on the server, shows differences and managers, and takes over what it applied on its own side."""

import shutil
from pathlib import Path

import orjson
import pytest
import yaml
from galileo_emulation.kubernetes import ApiServer

from tests.emulation.kubernetes.applications import Json, deployment, managers, pod
from tests.emulation.kubernetes.kubectl_runs import KUBECTL, Kubectl

pytestmark = pytest.mark.skipif(KUBECTL is None, reason="no kubectl: install the extra dev")

SERVER_SIDE = ("apply", "--server-side", "-f", "-")
WEB = "deployment.apps/web"


@pytest.fixture
def kubectl(server: ApiServer, tmp_path: Path) -> Kubectl:
    return Kubectl(server.url, tmp_path)


async def shown(kubectl: Kubectl, what: str = WEB) -> Json:
    return orjson.loads(await kubectl.says("get", what, "-o", "json", "--show-managed-fields"))


async def test_server_side_apply_creates_leaves_alone_and_changes(kubectl: Kubectl) -> None:
    assert await kubectl.says(*SERVER_SIDE, manifest=deployment(replicas=1)) == f"{WEB} serverside-applied\n"
    made = await shown(kubectl)
    assert managers(made) == [("kubectl", "Apply", "")]
    await kubectl.says(*SERVER_SIDE, manifest=deployment(replicas=1))
    assert await shown(kubectl) == made
    await kubectl.says(*SERVER_SIDE, manifest=deployment(replicas=3))
    assert (await shown(kubectl))["spec"]["replicas"] == 3


async def test_a_pod_is_applied_on_the_server(kubectl: Kubectl) -> None:
    assert await kubectl.says(*SERVER_SIDE, manifest=pod()) == "pod/web serverside-applied\n"
    labelled = {**pod(), "metadata": {"name": "web", "labels": {"tier": "front"}}}
    await kubectl.says(*SERVER_SIDE, manifest=labelled)
    assert (await shown(kubectl, "pod/web"))["metadata"]["labels"] == {"tier": "front"}
    await kubectl.says(*SERVER_SIDE, manifest=pod())
    assert "labels" not in (await shown(kubectl, "pod/web"))["metadata"]


async def test_a_conflict_names_the_manager_and_force_takes_over(kubectl: Kubectl) -> None:
    await kubectl.says(*SERVER_SIDE, "--field-manager=other", manifest=deployment(replicas=1))
    refused = await kubectl.run(*SERVER_SIDE, manifest=deployment(replicas=2))
    assert refused.code == 1
    assert 'Apply failed with 1 conflict: conflict with "other": .spec.replicas' in refused.err
    await kubectl.says(*SERVER_SIDE, "--force-conflicts", manifest=deployment(replicas=2))
    assert (await shown(kubectl))["spec"]["replicas"] == 2


@pytest.mark.skipif(shutil.which("diff") is None, reason="kubectl needs diff")
@pytest.mark.parametrize("how", [(), ("--server-side",)])
async def test_diff_shows_what_an_apply_would_change_and_changes_nothing(
    kubectl: Kubectl, how: tuple[str, ...]
) -> None:
    await kubectl.says("apply", "-f", "-", *how, manifest=deployment(replicas=1))
    before = await shown(kubectl)
    same = await kubectl.run("diff", "-f", "-", *how, manifest=deployment(replicas=1))
    assert same.code == 0, same
    differs = await kubectl.run("diff", "-f", "-", *how, manifest=deployment(replicas=4))
    assert differs.code == 1, differs.err
    assert "-  replicas: 1\n+  replicas: 4\n" in differs.out
    created = await kubectl.run("diff", "-f", "-", *how, manifest=pod())
    assert "+kind: Pod\n" in created.out
    assert await shown(kubectl) == before
    assert "NotFound" in (await kubectl.run("get", "pod", "web")).err


async def test_what_was_applied_on_the_clients_side_is_taken_over(kubectl: Kubectl) -> None:
    await kubectl.says("apply", "-f", "-", manifest=deployment(replicas=1))
    assert managers(await shown(kubectl)) == [("kubectl-client-side-apply", "Update", "")]
    await kubectl.says(*SERVER_SIDE, manifest=deployment(replicas=2))
    after = await shown(kubectl)
    assert sorted(managers(after)) == [("kubectl", "Apply", ""), ("kubectl-last-applied", "Apply", "")]
    assert after["spec"]["replicas"] == 2
    last_applied = yaml.safe_load(await kubectl.says("apply", "view-last-applied", WEB))
    assert last_applied["spec"]["replicas"] == 2
    # What it no longer applies goes, as it would on the client's side.
    await kubectl.says(*SERVER_SIDE, manifest=deployment())
    assert (await shown(kubectl))["spec"]["replicas"] == 1
    assert await kubectl.says("apply", "-f", "-", manifest=deployment(replicas=5)) == f"{WEB} configured\n"
    assert (await shown(kubectl))["spec"]["replicas"] == 5


async def test_another_manager_does_not_take_over_what_kubectl_applied_on_its_side(kubectl: Kubectl) -> None:
    await kubectl.says("apply", "-f", "-", manifest=deployment(replicas=1))
    refused = await kubectl.run(*SERVER_SIDE, "--field-manager=other", manifest=deployment(replicas=2))
    assert refused.code == 1
    assert 'conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas' in refused.err


async def test_what_changed_since_the_last_apply_is_not_taken_over(kubectl: Kubectl) -> None:
    await kubectl.says("apply", "-f", "-", manifest=deployment(replicas=1))
    await kubectl.says("patch", WEB, "--field-manager=scaler", "-p", '{"spec":{"replicas":7}}')
    refused = await kubectl.run(*SERVER_SIDE, manifest=deployment(replicas=2))
    assert refused.code == 1
    assert 'conflict with "scaler" using apps/v1: .spec.replicas' in refused.err


async def test_managed_fields_are_shown_when_asked_for(kubectl: Kubectl) -> None:
    await kubectl.says("create", "-f", "-", manifest=pod())
    plain = yaml.safe_load(await kubectl.says("get", "pod", "web", "-o", "yaml"))
    assert "managedFields" not in plain["metadata"]
    whole = yaml.safe_load(await kubectl.says("get", "pod", "web", "-o", "yaml", "--show-managed-fields"))
    assert managers(whole) == [("kubectl-create", "Update", "")]


async def test_scaling_by_hand_conflicts_with_an_applied_number(kubectl: Kubectl) -> None:
    await kubectl.says(*SERVER_SIDE, manifest=deployment(replicas=1))
    await kubectl.says("scale", WEB, "--replicas=4")
    refused = await kubectl.run(*SERVER_SIDE, manifest=deployment(replicas=1))
    assert 'conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas' in refused.err
    await kubectl.says(*SERVER_SIDE, manifest=deployment())
    assert (await shown(kubectl))["spec"]["replicas"] == 4
