"""The core group: what every cluster has. A new kind is a new row."""

from .. import defaults, tables, validation
from ..kind import STATUS, Kind, Subresource
from ..pod_defaults import admit_pod, default_pod, set_up_pod
from ..pod_validation import pod_change_causes, pod_creation_causes, pod_warnings

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
    subresources={"binding": Subresource(("create",), "Binding"), **STATUS},
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
    subresources=STATUS,
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
    subresources=STATUS,
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
    subresources=STATUS,
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

ENDPOINTS = Kind(
    group="",
    version="v1",
    kind="Endpoints",
    plural="endpoints",
    singular="endpoints",
    namespaced=True,
    schema="V1Endpoints",
    short_names=("ep",),
)

SECRETS = Kind(
    group="",
    version="v1",
    kind="Secret",
    plural="secrets",
    singular="secret",
    namespaced=True,
    schema="V1Secret",
    selectable={"type": ""},
)

SERVICE_ACCOUNTS = Kind(
    group="",
    version="v1",
    kind="ServiceAccount",
    plural="serviceaccounts",
    singular="serviceaccount",
    namespaced=True,
    schema="V1ServiceAccount",
    short_names=("sa",),
    deletion="object",
)

CORE = (CONFIG_MAPS, ENDPOINTS, EVENTS, NAMESPACES, NODES, PODS, SECRETS, SERVICE_ACCOUNTS, SERVICES)
