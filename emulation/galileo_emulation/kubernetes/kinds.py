"""The table of kinds that the server offers. A new kind is a new row."""

from . import defaults, tables, validation
from .kind import Kind
from .pod_defaults import admit_pod, default_pod, set_up_pod
from .pod_validation import pod_change_causes, pod_creation_causes, pod_warnings

_STATUS = {"status": ("get", "patch", "update")}

PODS = Kind(
    group="",
    version="v1",
    kind="Pod",
    plural="pods",
    singular="pod",
    namespaced=True,
    schema="V1Pod",
    short_names=("po",),
    categories=("all",),
    subresources={"binding": ("create",), **_STATUS},
    selectable={
        "spec.nodeName": "",
        "spec.restartPolicy": "",
        "spec.schedulerName": "",
        "spec.serviceAccountName": "",
        "spec.hostNetwork": "false",
        "status.phase": "",
        "status.podIP": "",
        "status.nominatedNodeName": "",
    },
    generation="spec",
    deletion="graceful",
    bookmark={"spec": {"containers": None}, "status": {}},
    set_up=set_up_pod,
    default=default_pod,
    admit=admit_pod,
    validate=pod_creation_causes,
    validate_change=pod_change_causes,
    warn=pod_warnings,
    columns=tables.POD_COLUMNS,
)

NODES = Kind(
    group="",
    version="v1",
    kind="Node",
    plural="nodes",
    singular="node",
    namespaced=False,
    schema="V1Node",
    short_names=("no",),
    subresources=_STATUS,
    selectable={"spec.unschedulable": "false"},
    bookmark={"spec": {}, "status": {}},
    set_up=defaults.set_up_node,
    default=defaults.default_node,
    validate=validation.node_causes,
    validate_change=validation.node_change_causes,
    columns=tables.NODE_COLUMNS,
)

NAMESPACES = Kind(
    group="",
    version="v1",
    kind="Namespace",
    plural="namespaces",
    singular="namespace",
    namespaced=False,
    schema="V1Namespace",
    short_names=("ns",),
    subresources=_STATUS,
    selectable={"status.phase": ""},
    deletion="object",
    deletes_collections=False,
    dns_label_name=True,
    bookmark={"spec": {}, "status": {}},
    set_up=defaults.set_up_namespace,
    columns=tables.NAMESPACE_COLUMNS,
)

SERVICES = Kind(
    group="",
    version="v1",
    kind="Service",
    plural="services",
    singular="service",
    namespaced=True,
    schema="V1Service",
    short_names=("svc",),
    categories=("all",),
    subresources=_STATUS,
    selectable={"spec.clusterIP": "", "spec.type": ""},
    deletion="object",
    dns_label_name=True,
    bookmark={"spec": {}, "status": {"loadBalancer": {}}},
    set_up=defaults.set_up_service,
    default=defaults.default_service,
    columns=tables.SERVICE_COLUMNS,
)

CONFIG_MAPS = Kind(
    group="",
    version="v1",
    kind="ConfigMap",
    plural="configmaps",
    singular="configmap",
    namespaced=True,
    schema="V1ConfigMap",
    short_names=("cm",),
    columns=tables.CONFIG_MAP_COLUMNS,
)

EVENTS = Kind(
    group="",
    version="v1",
    kind="Event",
    plural="events",
    singular="event",
    namespaced=True,
    schema="CoreV1Event",
    short_names=("ev",),
    selectable={
        "involvedObject.kind": "",
        "involvedObject.namespace": "",
        "involvedObject.name": "",
        "involvedObject.uid": "",
        "involvedObject.apiVersion": "",
        "involvedObject.resourceVersion": "",
        "involvedObject.fieldPath": "",
        "reason": "",
        "reportingComponent": "",
        "type": "",
    },
    default=defaults.default_event,
    validate=validation.event_causes,
    columns=tables.EVENT_COLUMNS,
)

DEPLOYMENTS = Kind(
    group="apps",
    version="v1",
    kind="Deployment",
    plural="deployments",
    singular="deployment",
    namespaced=True,
    schema="V1Deployment",
    short_names=("deploy",),
    categories=("all",),
    subresources=_STATUS,
    generation="spec and annotations",
    bookmark={"spec": {"selector": None, "template": {}, "strategy": {}}, "status": {}},
    set_up=defaults.set_up_deployment,
    default=defaults.default_deployment,
    validate=validation.deployment_causes,
    validate_change=validation.deployment_change_causes,
    columns=tables.DEPLOYMENT_COLUMNS,
)

LEASES = Kind(
    group="coordination.k8s.io",
    version="v1",
    kind="Lease",
    plural="leases",
    singular="lease",
    namespaced=True,
    schema="V1Lease",
    creates_on_put=True,
    unconditional_put=False,
    bookmark={"spec": {}},
    default=defaults.default_lease,
    validate=validation.lease_causes,
    columns=tables.LEASE_COLUMNS,
)

KINDS = (CONFIG_MAPS, EVENTS, NAMESPACES, NODES, PODS, SERVICES, DEPLOYMENTS, LEASES)


class Catalog:
    """The kinds on offer, found by group, version and plural."""

    def __init__(self, kinds: tuple[Kind, ...] = KINDS) -> None:
        self.kinds = kinds
        self._by_path = {(kind.group, kind.version, kind.plural): kind for kind in kinds}

    def find(self, group: str, version: str, plural: str) -> Kind | None:
        """The kind that a path names, or None."""
        return self._by_path.get((group, version, plural))

    def group_versions(self) -> dict[str, list[str]]:
        """Group to its versions, the core group ("") included."""
        versions: dict[str, list[str]] = {}
        for kind in self.kinds:
            known = versions.setdefault(kind.group, [])
            if kind.version not in known:
                known.append(kind.version)
        return versions
