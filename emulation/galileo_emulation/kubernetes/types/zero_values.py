"""Which fields the API leaves out when they hold nothing: false, 0 or an empty text.

Clients send such values to clear a field, or because their template has it; the API keeps them only where nothing and
absent differ. So `clusterIP: ""` asks for an address, and applying `paused: false` changes nothing. Source: the types
of Kubernetes 1.36, where a field that is told apart from absent is a pointer.
"""

from collections.abc import Mapping

# Numbers and switches that are left out when 0 or false. Texts are left out when empty, but for those below.
_NUMBERS: Mapping[str, tuple[str, ...]] = {
    "CoreV1Event": ("count",),
    "CoreV1EventSeries": ("count",),
    "EventsV1Event": ("deprecatedCount",),
    "V1AWSElasticBlockStoreVolumeSource": ("partition",),
    "V1Container": ("stdin", "stdinOnce", "tty"),
    "V1ContainerImage": ("sizeBytes",),
    "V1ContainerPort": ("hostPort",),
    "V1ContainerStateTerminated": ("signal",),
    "V1DaemonSetSpec": ("minReadySeconds",),
    "V1DaemonSetStatus": ("updatedNumberScheduled", "numberAvailable", "numberUnavailable"),
    "V1DeploymentSpec": ("minReadySeconds", "paused"),
    "V1DeploymentStatus": (
        "replicas",
        "updatedReplicas",
        "readyReplicas",
        "availableReplicas",
        "unavailableReplicas",
    ),
    "V1EphemeralContainer": ("stdin", "stdinOnce", "tty"),
    "V1GCEPersistentDiskVolumeSource": ("partition",),
    "V1ISCSIVolumeSource": ("chapAuthDiscovery", "chapAuthSession"),
    "V1JobStatus": ("active", "succeeded", "failed"),
    "V1NodeSpec": ("unschedulable",),
    "V1ObjectMeta": ("generation",),
    "V1PodSpec": ("hostNetwork", "hostPID", "hostIPC"),
    "V1PriorityClass": ("globalDefault",),
    "V1Probe": (
        "initialDelaySeconds",
        "timeoutSeconds",
        "periodSeconds",
        "successThreshold",
        "failureThreshold",
    ),
    "V1ReplicaSetSpec": ("minReadySeconds",),
    "V1ReplicaSetStatus": ("fullyLabeledReplicas", "readyReplicas", "availableReplicas"),
    "V1ScaleIOVolumeSource": ("sslEnabled",),
    "V1ScaleSpec": ("replicas",),
    "V1ServicePort": ("nodePort",),
    "V1ServiceSpec": ("healthCheckNodePort", "publishNotReadyAddresses"),
    "V1StatefulSetSpec": ("minReadySeconds",),
    "V1StatefulSetStatus": ("readyReplicas", "currentReplicas", "updatedReplicas"),
    "V2HorizontalPodAutoscalerStatus": ("currentReplicas",),
}
# In whichever type they stand.
_NUMBERS_ANYWHERE = ("readOnly", "observedGeneration")
# Except here, where it is told apart from absent.
_TOLD_APART = {
    ("V1HorizontalPodAutoscalerStatus", "observedGeneration"),
    ("V2HorizontalPodAutoscalerStatus", "observedGeneration"),
}
# Texts whose emptiness means something, in whichever type they stand.
_TEXTS_KEPT = frozenset(
    {
        "appProtocol",
        "completionMode",
        "fsGroupChangePolicy",
        "holderIdentity",
        "hostnameOverride",
        "internalTrafficPolicy",
        "ipFamilyPolicy",
        "loadBalancerClass",
        "localhostProfile",
        "managedBy",
        "podReplacementPolicy",
        "preemptionPolicy",
        "preferredHolder",
        "procMount",
        "runtimeClassName",
        "selectPolicy",
        "service",
        "serviceName",
        "storageClassName",
        "strategy",
        "timeZone",
        "trafficDistribution",
        "unhealthyPodEvictionPolicy",
        "volumeAttributesClassName",
        "zone",
    }
)
# Types whose texts are all told, empty or not.
_TYPES_KEPT = frozenset(
    {
        "DiscoveryV1EndpointPort",
        "RbacV1Subject",
        "V1Condition",
        "V1ContainerStatus",
        "V1Endpoint",
        "V1EndpointAddress",
        "V1HTTPHeader",
        "V1HostPathVolumeSource",
        "V1NodeAddress",
        "V1NodeSystemInfo",
        "V1OwnerReference",
        "V1RoleRef",
        "V2MetricStatus",
    }
)
# How the API is extended has types of its own, which keep what they are given.
_EXTENSIONS = ("Admissionregistration", "Apiextensions", "V1Custom", "V1JSONSchema", "V1Mutating", "V1Validat")


def omitted_when_zero(schema: str, fields: Mapping[str, str]) -> frozenset[str]:
    """The fields of a type that are left out when they hold nothing; `fields` maps each to its own type."""
    if schema.startswith(_EXTENSIONS):
        return frozenset()
    names = set(_NUMBERS.get(schema, ()))
    names |= {name for name in _NUMBERS_ANYWHERE if name in fields and (schema, name) not in _TOLD_APART}
    if schema not in _TYPES_KEPT:
        names |= {name for name, kind in fields.items() if kind == "str" and name not in _TEXTS_KEPT}
    return frozenset(names)
