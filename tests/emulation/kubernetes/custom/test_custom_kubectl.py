"""kubectl with custom kinds: a vertical pod autoscaler as users install it, and the peering that kopf operators use."""

from pathlib import Path

import orjson
import pytest
from galileo_emulation.kubernetes import ApiServer, kubeconfig

from tests.emulation.kubernetes.custom.definitions import Json
from tests.emulation.kubernetes.test_kubectl import KUBECTL, columns, kubectl

pytestmark = pytest.mark.skipif(KUBECTL is None, reason="no kubectl: install the extra dev")

AUTOSCALERS = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: verticalpodautoscalers.autoscaling.k8s.io
  annotations:
    api-approved.kubernetes.io: https://github.com/kubernetes/kubernetes/pull/63797
spec:
  group: autoscaling.k8s.io
  scope: Namespaced
  names: {kind: VerticalPodAutoscaler, plural: verticalpodautoscalers, shortNames: [vpa]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    additionalPrinterColumns:
    - {name: Mode, type: string, jsonPath: .spec.updatePolicy.updateMode}
    - {name: CPU, type: string, jsonPath: ".status.recommendation.containerRecommendations[0].target.cpu"}
    - {name: Mem, type: string, jsonPath: ".status.recommendation.containerRecommendations[0].target.memory"}
    - name: Provided
      type: string
      jsonPath: .status.conditions[?(@.type=='RecommendationProvided')].status
    - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
    schema:
      openAPIV3Schema:
        type: object
        required: [spec]
        properties:
          spec:
            type: object
            required: [targetRef]
            properties:
              targetRef:
                type: object
                required: [kind, name]
                properties:
                  apiVersion: {type: string}
                  kind: {type: string}
                  name: {type: string}
              updatePolicy:
                type: object
                properties:
                  updateMode:
                    type: string
                    enum: ["Off", Initial, Recreate, InPlaceOrRecreate, Auto]
                    default: Recreate
                  minReplicas: {type: integer, format: int32, minimum: 1}
              resourcePolicy:
                type: object
                properties:
                  containerPolicies:
                    type: array
                    items:
                      type: object
                      properties:
                        containerName: {type: string}
                        minAllowed: &quantities
                          type: object
                          additionalProperties:
                            x-kubernetes-int-or-string: true
                            anyOf: [{type: integer}, {type: string}]
                            pattern: "^[0-9]+([.][0-9]+)?([KMGTPE]i|[numkMGTPE])?$"
          status:
            type: object
            properties:
              conditions:
                type: array
                items:
                  type: object
                  required: [type, status]
                  properties:
                    type: {type: string}
                    status: {type: string}
                    lastTransitionTime: {type: string, format: date-time}
                x-kubernetes-list-type: map
                x-kubernetes-list-map-keys: [type]
              recommendation:
                type: object
                properties:
                  containerRecommendations:
                    type: array
                    items:
                      type: object
                      required: [target]
                      properties:
                        containerName: {type: string}
                        target: *quantities
"""

AUTOSCALER = """
apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {name: web}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  updatePolicy: {}
  resourcePolicy:
    containerPolicies: [{containerName: "*", minAllowed: {cpu: 25m, memory: 250Mi}}]
"""

PEERINGS = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: kopfpeerings.kopf.dev}
spec:
  scope: Namespaced
  group: kopf.dev
  names: {kind: KopfPeering, plural: kopfpeerings, singular: kopfpeering}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
"""


@pytest.fixture
async def environment(server: ApiServer, tmp_path: Path) -> dict[str, str]:
    path = tmp_path / "kubeconfig"
    path.write_text(kubeconfig(server.url))
    return {"KUBECONFIG": str(path), "HOME": str(tmp_path)}


async def apply(environment: dict[str, str], manifest: str) -> str:
    return await kubectl(environment, "apply", "-f", "-", stdin=manifest)


async def get(environment: dict[str, str], *arguments: str) -> Json:
    return orjson.loads(await kubectl(environment, "get", *arguments, "-o", "json"))


async def test_a_vertical_pod_autoscaler_from_its_definition_to_a_recommendation(environment: dict[str, str]) -> None:
    name = "verticalpodautoscaler.autoscaling.k8s.io/web"
    await apply(environment, AUTOSCALERS)
    await kubectl(environment, "wait", "--for=condition=Established", "crd/verticalpodautoscalers.autoscaling.k8s.io")
    assert await apply(environment, AUTOSCALER) == f"{name} created\n"
    assert await apply(environment, AUTOSCALER) == f"{name} unchanged\n"
    changed = AUTOSCALER.replace("updatePolicy: {}", 'updatePolicy: {updateMode: "Off"}')
    assert await apply(environment, changed) == f"{name} configured\n"
    table = columns(await kubectl(environment, "get", "vpa"))
    assert (table[0], table[1][:2]) == (["NAME", "MODE", "CPU", "MEM", "PROVIDED", "AGE"], ["web", "Off"])
    recommendation = {
        "containerRecommendations": [{"containerName": "main", "target": {"cpu": "25m", "memory": 262144000}}]
    }
    provided = {"type": "RecommendationProvided", "status": "True", "lastTransitionTime": "2024-05-05T00:00:00Z"}
    patch = orjson.dumps({"status": {"recommendation": recommendation, "conditions": [provided]}}).decode()
    await kubectl(environment, "patch", "vpa", "web", "--subresource=status", "--type=merge", "-p", patch)
    table = columns(await kubectl(environment, "get", "vpa", "web"))
    assert table[1][:5] == ["web", "Off", "25m", "262144000", "True"]
    found = await get(environment, "vpa", "web")
    assert (found["metadata"]["generation"], found["spec"]["updatePolicy"]) == (2, {"updateMode": "Off"})


async def test_kubectl_says_what_is_wrong_with_an_object(environment: dict[str, str]) -> None:
    await apply(environment, AUTOSCALERS)
    for wrong, said in (
        (AUTOSCALER.replace("updatePolicy: {}", "updatePolicy: {updateMode: Sometimes}"), "Unsupported value"),
        (AUTOSCALER.replace("25m", "lots"), "should match"),
        (AUTOSCALER.replace("updatePolicy", "updatePolice"), 'unknown field "spec.updatePolice"'),
    ):
        with pytest.raises(AssertionError, match=said):
            await apply(environment, wrong)


async def test_kinds_are_listed_and_go_with_their_definition(environment: dict[str, str]) -> None:
    await apply(environment, AUTOSCALERS)
    await apply(environment, AUTOSCALER)
    listed = await kubectl(environment, "api-resources", "--api-group=autoscaling.k8s.io")
    assert columns(listed)[1] == [
        "verticalpodautoscalers",
        "vpa",
        "autoscaling.k8s.io/v1",
        "true",
        "VerticalPodAutoscaler",
    ]
    await kubectl(environment, "delete", "crd", "verticalpodautoscalers.autoscaling.k8s.io")
    with pytest.raises(AssertionError, match="could not find the requested resource"):
        await kubectl(environment, "get", "vpa")


async def test_a_kopf_operator_keeps_its_peering_in_the_status(environment: dict[str, str]) -> None:
    await apply(environment, PEERINGS)
    await apply(environment, "apiVersion: kopf.dev/v1\nkind: KopfPeering\nmetadata: {name: default}\n")
    peer = {"priority": 0, "lifetime": 60, "lastseen": "2024-05-05T00:00:00+00:00"}
    patch = orjson.dumps({"status": {"operator-1": peer}}).decode()
    await kubectl(environment, "patch", "kopfpeering", "default", "--type=merge", "-p", patch)
    assert (await get(environment, "kopfpeering", "default"))["status"] == {"operator-1": peer}
    gone = orjson.dumps({"status": {"operator-1": None}}).decode()
    await kubectl(environment, "patch", "kopfpeering", "default", "--type=merge", "-p", gone)
    assert (await get(environment, "kopfpeering", "default"))["status"] == {}
