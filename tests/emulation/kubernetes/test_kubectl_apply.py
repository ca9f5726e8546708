"""kubectl applies on the server, shows differences and managers, and takes over what it applied on its own side."""

import shutil

import orjson
import pytest
import yaml

from tests.emulation.kubernetes.applications import Json, deployment, managers, pod
from tests.emulation.kubernetes.kubectl import Kubectl

SERVER_SIDE = ("apply", "--server-side", "-f", "-")
WEB = "deployment.apps/web"


def text(manifest: Json) -> str:
    return orjson.dumps(manifest).decode()


async def shown(kubectl: Kubectl, what: str = WEB) -> Json:
    return orjson.loads(await kubectl("get", what, "-o", "json", "--show-managed-fields"))


async def test_server_side_apply_creates_leaves_alone_and_changes(kubectl: Kubectl) -> None:
    assert await kubectl(*SERVER_SIDE, stdin=text(deployment(replicas=1))) == f"{WEB} serverside-applied\n"
    made = await shown(kubectl)
    assert managers(made) == [("kubectl", "Apply", "")]
    await kubectl(*SERVER_SIDE, stdin=text(deployment(replicas=1)))
    assert await shown(kubectl) == made
    await kubectl(*SERVER_SIDE, stdin=text(deployment(replicas=3)))
    assert (await shown(kubectl))["spec"]["replicas"] == 3


async def test_a_pod_is_applied_on_the_server(kubectl: Kubectl) -> None:
    assert await kubectl(*SERVER_SIDE, stdin=text(pod())) == "pod/web serverside-applied\n"
    labelled = {**pod(), "metadata": {"name": "web", "labels": {"tier": "front"}}}
    await kubectl(*SERVER_SIDE, stdin=text(labelled))
    assert (await shown(kubectl, "pod/web"))["metadata"]["labels"] == {"tier": "front"}
    await kubectl(*SERVER_SIDE, stdin=text(pod()))
    assert "labels" not in (await shown(kubectl, "pod/web"))["metadata"]


async def test_a_conflict_names_the_manager_and_force_takes_over(kubectl: Kubectl) -> None:
    await kubectl(*SERVER_SIDE, "--field-manager=other", stdin=text(deployment(replicas=1)))
    refused = await kubectl.refused(*SERVER_SIDE, stdin=text(deployment(replicas=2)))
    assert 'Apply failed with 1 conflict: conflict with "other": .spec.replicas' in refused
    await kubectl(*SERVER_SIDE, "--force-conflicts", stdin=text(deployment(replicas=2)))
    assert (await shown(kubectl))["spec"]["replicas"] == 2


@pytest.mark.skipif(shutil.which("diff") is None, reason="kubectl needs diff")
@pytest.mark.parametrize("how", [(), ("--server-side",)])
async def test_diff_shows_what_an_apply_would_change_and_changes_nothing(
    kubectl: Kubectl, how: tuple[str, ...]
) -> None:
    await kubectl("apply", "-f", "-", *how, stdin=text(deployment(replicas=1)))
    before = await shown(kubectl)
    assert await kubectl("diff", "-f", "-", *how, stdin=text(deployment(replicas=1))) == ""
    code, differences, complaints = await kubectl.run("diff", "-f", "-", *how, stdin=text(deployment(replicas=4)))
    assert code == 1, complaints
    assert "-  replicas: 1\n+  replicas: 4\n" in differences
    code, differences, complaints = await kubectl.run("diff", "-f", "-", *how, stdin=text(pod()))
    assert code == 1, complaints
    assert "+kind: Pod\n" in differences
    assert await shown(kubectl) == before
    assert "NotFound" in await kubectl.refused("get", "pod", "web")


async def test_what_was_applied_on_the_clients_side_is_taken_over(kubectl: Kubectl) -> None:
    await kubectl("apply", "-f", "-", stdin=text(deployment(replicas=1)))
    assert managers(await shown(kubectl)) == [("kubectl-client-side-apply", "Update", "")]
    await kubectl(*SERVER_SIDE, stdin=text(deployment(replicas=2)))
    after = await shown(kubectl)
    assert sorted(managers(after)) == [("kubectl", "Apply", ""), ("kubectl-last-applied", "Apply", "")]
    assert after["spec"]["replicas"] == 2
    last_applied = yaml.safe_load(await kubectl("apply", "view-last-applied", WEB))
    assert last_applied["spec"]["replicas"] == 2
    # What it no longer applies goes, as it would on the client's side.
    await kubectl(*SERVER_SIDE, stdin=text(deployment()))
    assert (await shown(kubectl))["spec"]["replicas"] == 1
    assert await kubectl("apply", "-f", "-", stdin=text(deployment(replicas=5))) == f"{WEB} configured\n"
    assert (await shown(kubectl))["spec"]["replicas"] == 5


async def test_another_manager_does_not_take_over_what_kubectl_applied_on_its_side(kubectl: Kubectl) -> None:
    await kubectl("apply", "-f", "-", stdin=text(deployment(replicas=1)))
    refused = await kubectl.refused(*SERVER_SIDE, "--field-manager=other", stdin=text(deployment(replicas=2)))
    assert 'conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas' in refused


async def test_what_changed_since_the_last_apply_is_not_taken_over(kubectl: Kubectl) -> None:
    await kubectl("apply", "-f", "-", stdin=text(deployment(replicas=1)))
    await kubectl("patch", WEB, "--field-manager=scaler", "-p", '{"spec":{"replicas":7}}')
    refused = await kubectl.refused(*SERVER_SIDE, stdin=text(deployment(replicas=2)))
    assert 'conflict with "scaler" using apps/v1: .spec.replicas' in refused


async def test_managed_fields_are_shown_when_asked_for(kubectl: Kubectl) -> None:
    await kubectl("create", "-f", "-", stdin=text(pod()))
    plain = yaml.safe_load(await kubectl("get", "pod", "web", "-o", "yaml"))
    assert "managedFields" not in plain["metadata"]
    whole = yaml.safe_load(await kubectl("get", "pod", "web", "-o", "yaml", "--show-managed-fields"))
    assert managers(whole) == [("kubectl-create", "Update", "")]


async def test_scaling_by_hand_conflicts_with_an_applied_number(kubectl: Kubectl) -> None:
    await kubectl(*SERVER_SIDE, stdin=text(deployment(replicas=1)))
    await kubectl("scale", WEB, "--replicas=4")
    refused = await kubectl.refused(*SERVER_SIDE, stdin=text(deployment(replicas=1)))
    assert 'conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas' in refused
    await kubectl(*SERVER_SIDE, stdin=text(deployment()))
    assert (await shown(kubectl))["spec"]["replicas"] == 4
