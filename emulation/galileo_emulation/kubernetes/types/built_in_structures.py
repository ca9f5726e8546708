"""The structures of the built-in kinds, put together from two tables: fields.json (which fields there are) and
merge_facts.json (which lists and structures are merged, and by what).
"""

from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from ..kind import Kind
from .fields import types_of_fields
from .structures import ABSENT, DEDUCED, FieldOf, ListOf, MapOf, Scalar, Struct, Structure, Value

_SCALARS = {name: Scalar(name) for name in ("str", "int", "float", "bool")}
_TEXT = _SCALARS["str"]
# Quantities may be numbers or texts.
_OF_SINGLE_VALUES = {"bytes": _TEXT, "datetime": _TEXT, "microtime": _TEXT, "quantity": Scalar()}
_KEY_DEFAULTS = {
    ("V1Container", "ports"): {"protocol": "TCP"},
    ("V1EphemeralContainer", "ports"): {"protocol": "TCP"},
    ("V1ServiceSpec", "ports"): {"protocol": "TCP"},
}
# Fields that the Go types of the API cannot leave out: their zero value is there, written or not, and so a value that
# follows it changes the field and does not add it. Every kind's metadata, spec and status belong to these.
_NEVER_LEFT_OUT: dict[str, tuple[str, ...]] = {
    "CoreV1Event": (
        "involvedObject",
        "source",
        "firstTimestamp",
        "lastTimestamp",
        "eventTime",
        "reportingComponent",
        "reportingInstance",
    ),
    "V1Container": ("resources",),
    "V1ControllerRevision": ("revision",),
    "V1CronJobSpec": ("schedule", "jobTemplate"),
    "V1CustomResourceDefinitionNames": ("plural", "kind"),
    "V1CustomResourceDefinitionSpec": ("group", "names", "scope", "versions"),
    "V1CustomResourceDefinitionStatus": ("conditions", "acceptedNames", "storedVersions"),
    "V1DaemonSetSpec": ("selector", "template", "updateStrategy"),
    "V1DaemonSetStatus": ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"),
    "V1DeploymentSpec": ("selector", "template", "strategy"),
    "V1EndpointSlice": ("addressType", "endpoints", "ports"),
    "V1HorizontalPodAutoscalerSpec": ("scaleTargetRef", "maxReplicas"),
    "V1HorizontalPodAutoscalerStatus": ("currentReplicas", "desiredReplicas"),
    "V1JobSpec": ("template",),
    "V1JobTemplateSpec": ("metadata", "spec"),
    "V1NodeDaemonEndpoints": ("kubeletEndpoint",),
    "V1NodeStatus": ("daemonEndpoints", "nodeInfo"),
    "V1DaemonEndpoint": ("Port",),
    "V1NodeSystemInfo": (
        "machineID",
        "systemUUID",
        "bootID",
        "kernelVersion",
        "osImage",
        "containerRuntimeVersion",
        "kubeletVersion",
        "kubeProxyVersion",
        "operatingSystem",
        "architecture",
    ),
    "V1PodCondition": ("lastProbeTime", "lastTransitionTime"),
    "V1PodDisruptionBudgetStatus": ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"),
    "V1PodSpec": ("containers",),
    "V1PodTemplateSpec": ("metadata", "spec"),
    "V1PriorityClass": ("value",),
    "V1ReplicaSetSpec": ("selector", "template"),
    "V1ReplicaSetStatus": ("replicas",),
    "V1Role": ("rules",),
    "V1RoleBinding": ("roleRef",),
    "V1ClusterRole": ("rules",),
    "V1ClusterRoleBinding": ("roleRef",),
    "V1ServiceStatus": ("loadBalancer",),
    "V1StatefulSetSpec": ("selector", "template", "updateStrategy", "serviceName"),
    "V1StatefulSetStatus": ("replicas",),
    "V2HorizontalPodAutoscalerSpec": ("scaleTargetRef", "maxReplicas"),
    "V2HorizontalPodAutoscalerStatus": ("currentMetrics", "desiredReplicas"),
}
_OF_EVERY_OBJECT = ("metadata", "spec", "status")
_ZERO: dict[str, Value] = {"str": "", "int": 0, "float": 0, "bool": False}

Facts = dict[str, dict[str, Any]]


def structure_of(kind: Kind) -> Struct:
    """The structure of a kind's objects: its own (custom kinds), or the built-in type's; deduced where neither is."""
    if kind.structure is not None:
        return kind.structure
    known = types_of_fields(kind.schema) is not None
    return _type(kind.schema) if known else object_structure(Struct(others=DEDUCED))


def object_structure(content: Struct) -> Struct:
    """An object with metadata around structures from elsewhere, such as a definition's schema."""
    text = Scalar("str")
    fields = {
        "apiVersion": FieldOf("f:apiVersion", text),
        "kind": FieldOf("f:kind", text),
        "metadata": FieldOf("f:metadata", _type("V1ObjectMeta"), {}),
    }
    return Struct({**content.fields, **fields}, content.others, content.whole)


@cache
def _facts() -> dict[str, Facts]:
    facts: dict[str, Facts] = orjson.loads(files(__package__).joinpath("merge_facts.json").read_bytes())
    return facts


_built: dict[str, Struct] = {}


def _type(name: str) -> Struct:
    """The structure of a type; types that contain themselves (a schema's properties) are why it is filled in later."""
    built = _built.get(name)
    if built is None:
        facts = _facts().get(name, {})
        built = _built[name] = Struct(whole="" in facts)
        types = types_of_fields(name) or {}
        is_object = "metadata" in types and "kind" in types
        for field_name, field_type in types.items():
            structure = _field(name, field_name, field_type, facts.get(field_name, {}))
            never_left_out = field_name in _NEVER_LEFT_OUT.get(name, ()) or (
                is_object and field_name in _OF_EVERY_OBJECT and isinstance(structure, Struct)
            )
            unwritten = _zero(structure, field_type) if never_left_out else ABSENT
            built.fields[field_name] = FieldOf(f"f:{field_name}", structure, unwritten)
    return built


def _zero(structure: Structure, field_type: str) -> Value:
    return {} if isinstance(structure, Struct) else _ZERO.get(field_type)


def _field(type_name: str, field_name: str, field_type: str, facts: dict[str, Any]) -> Structure:
    if field_type.startswith("list:"):
        return ListOf(
            _field(type_name, field_name, field_type[5:], {}),
            keys=tuple(facts.get("keys", ())),
            is_set=facts.get("set", False),
            key_defaults=_KEY_DEFAULTS.get((type_name, field_name), {}),
            patch_key=facts.get("patch_key"),
        )
    if field_type.startswith("map:"):
        return MapOf(_field(type_name, field_name, field_type[4:], {}), whole=facts.get("whole", False))
    if types_of_fields(field_type) is not None:
        built = _type(field_type)
        return Struct(built.fields, whole=True) if facts.get("whole") else built
    if field_type in _SCALARS:
        return _SCALARS[field_type]
    # "object" holds a number or a text (ports, percentages), or a document.
    return _OF_SINGLE_VALUES.get(field_type, DEDUCED)
