"""The core group: what every cluster has. A new kind is a new row."""

from ..checks import content, endpoints, events, policy, services, validation
from ..checks.pod_validation import new_pod_causes, pod_causes, pod_change_causes
from ..checks.pod_warnings import pod_warnings
from ..columns import cluster as columns
from ..columns import tables
from ..columns.pods import POD_COLUMNS
from ..defaults import cluster_defaults as defaults
from ..defaults import policy_defaults, priorities, service_defaults
from ..defaults.event_view import newer_event, stored_event
from ..defaults.pod_defaults import admit_pod, default_pod, set_up_pod
from ..kind import ALL_VERBS, READ_AND_CHANGE, STATUS, Kind, Subresource, View

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
    subresources={
        "binding": Subresource(("create",), "Binding"),
        "ephemeralcontainers": Subresource(READ_AND_CHANGE),
        "eviction": Subresource(("create",), "Eviction", "policy", "v1"),
        "log": Subresource(("get",)),
        "resize": Subresource(READ_AND_CHANGE),
        **STATUS,
    },
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
    validate=pod_causes,
    validate_new=new_pod_causes,
    validate_change=pod_change_causes,
    warn=pod_warnings,
    columns=POD_COLUMNS,
    carry=priorities.keep_priority,
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
    validate_status=validation.node_status_causes,
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
    subresources={"finalize": Subresource(("update",)), **STATUS},
    selectable={"status.phase": ""},
    deletion="object",
    verbs=tuple(verb for verb in ALL_VERBS if verb != "deletecollection"),
    dns_label_name=True,
    bookmark={"spec": {}, "status": {}},
    set_up=defaults.set_up_namespace,
    default=defaults.default_namespace,
    columns=tables.NAMESPACE_COLUMNS,
    carry=defaults.carry_namespace,
    validate=policy.namespace_causes,
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
    set_up=service_defaults.set_up_service,
    default=service_defaults.default_service,
    columns=columns.SERVICE_COLUMNS,
    carry=service_defaults.carry_service,
    validate=services.service_causes,
    validate_change=services.service_change_causes,
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
    validate=content.config_map_causes,
    validate_change=content.config_map_change_causes,
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
        "source": "",
        "type": "",
    },
    selectable_at={"source": ("source", "component")},
    default=defaults.default_event,
    validate=events.event_causes,
    columns=tables.EVENT_COLUMNS,
)

_REGARDING = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")

NEWER_EVENTS = Kind(
    group="events.k8s.io",
    version="v1",
    kind="Event",
    plural="events",
    singular="event",
    namespaced=True,
    schema="EventsV1Event",
    short_names=("ev",),
    view=View(EVENTS.key, newer_event, stored_event),
    selectable={
        **{f"regarding.{field}": "" for field in _REGARDING},
        "reason": "",
        "reportingController": "",
        "type": "",
    },
    selectable_at={
        **{f"regarding.{field}": ("involvedObject", field) for field in _REGARDING},
        "reportingController": ("reportingComponent",),
    },
    default=defaults.default_event,
    validate=events.newer_event_causes,
    validate_new=events.new_newer_event_causes,
    validate_change=events.newer_event_change_causes,
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
    deprecation="v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    default=policy_defaults.default_endpoints,
    validate=endpoints.endpoints_causes,
    columns=columns.ENDPOINTS_COLUMNS,
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
    default=policy_defaults.default_secret,
    validate=content.secret_causes,
    validate_change=content.secret_change_causes,
    columns=columns.SECRET_COLUMNS,
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
    columns=columns.SERVICE_ACCOUNT_COLUMNS,
)

CORE = (CONFIG_MAPS, ENDPOINTS, EVENTS, NAMESPACES, NODES, PODS, SECRETS, SERVICE_ACCOUNTS, SERVICES, NEWER_EVENTS)
