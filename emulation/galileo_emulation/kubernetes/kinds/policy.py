"""What holds between workloads and nodes: leases, endpoints, disruption budgets, priorities, and who may do what."""

from ..checks import endpoints, policy, rbac
from ..columns import cluster as columns
from ..columns import tables
from ..defaults import cluster_defaults as defaults
from ..defaults import policy_defaults, priorities
from ..kind import STATUS, Kind

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
    validate=policy.lease_causes,
    columns=tables.LEASE_COLUMNS,
)

ENDPOINT_SLICES = Kind(
    group="discovery.k8s.io",
    version="v1",
    kind="EndpointSlice",
    plural="endpointslices",
    singular="endpointslice",
    namespaced=True,
    schema="V1EndpointSlice",
    generation="content and labels",
    bookmark={"addressType": "", "endpoints": None, "ports": None},
    default=policy_defaults.default_endpoint_slice,
    validate=endpoints.endpoint_slice_causes,
    validate_change=endpoints.endpoint_slice_change_causes,
    columns=columns.ENDPOINT_SLICE_COLUMNS,
)

DISRUPTION_BUDGETS = Kind(
    group="policy",
    version="v1",
    kind="PodDisruptionBudget",
    plural="poddisruptionbudgets",
    singular="poddisruptionbudget",
    namespaced=True,
    schema="V1PodDisruptionBudget",
    short_names=("pdb",),
    subresources=STATUS,
    generation="spec",
    bookmark={"spec": {}, "status": dict.fromkeys(policy_defaults.BUDGET_COUNTS, 0)},
    set_up=policy_defaults.set_up_budget,
    default=policy_defaults.default_budget,
    validate=policy.budget_causes,
    validate_status=policy.budget_status_causes,
    columns=columns.BUDGET_COLUMNS,
)

PRIORITY_CLASSES = Kind(
    group="scheduling.k8s.io",
    version="v1",
    kind="PriorityClass",
    plural="priorityclasses",
    singular="priorityclass",
    namespaced=False,
    schema="V1PriorityClass",
    short_names=("pc",),
    generation="spec",
    bookmark={"value": 0},
    set_up=priorities.refuse_second_default,
    carry=priorities.carry_priority_class,
    default=policy_defaults.default_priority_class,
    validate=policy.priority_class_causes,
    validate_change=policy.priority_class_change_causes,
    columns=columns.PRIORITY_CLASS_COLUMNS,
)

ROLES = Kind(
    group="rbac.authorization.k8s.io",
    version="v1",
    kind="Role",
    plural="roles",
    singular="role",
    namespaced=True,
    schema="V1Role",
    path_segment_name=True,
    bookmark={"rules": None},
    default=policy_defaults.default_role,
    validate=rbac.role_causes,
    columns=columns.CREATED_COLUMNS,
)

ROLE_BINDINGS = Kind(
    group="rbac.authorization.k8s.io",
    version="v1",
    kind="RoleBinding",
    plural="rolebindings",
    singular="rolebinding",
    namespaced=True,
    schema="V1RoleBinding",
    path_segment_name=True,
    bookmark={"roleRef": {"apiGroup": "", "kind": "", "name": ""}},
    default=policy_defaults.default_role_binding,
    validate=rbac.role_binding_causes,
    validate_change=rbac.binding_change_causes,
    columns=columns.ROLE_BINDING_COLUMNS,
)

CLUSTER_ROLES = Kind(
    group="rbac.authorization.k8s.io",
    version="v1",
    kind="ClusterRole",
    plural="clusterroles",
    singular="clusterrole",
    namespaced=False,
    schema="V1ClusterRole",
    path_segment_name=True,
    bookmark={"rules": None},
    default=policy_defaults.default_role,
    validate=rbac.cluster_role_causes,
    columns=columns.CREATED_COLUMNS,
)

CLUSTER_ROLE_BINDINGS = Kind(
    group="rbac.authorization.k8s.io",
    version="v1",
    kind="ClusterRoleBinding",
    plural="clusterrolebindings",
    singular="clusterrolebinding",
    namespaced=False,
    schema="V1ClusterRoleBinding",
    path_segment_name=True,
    bookmark={"roleRef": {"apiGroup": "", "kind": "", "name": ""}},
    default=policy_defaults.default_role_binding,
    validate=rbac.cluster_role_binding_causes,
    validate_change=rbac.binding_change_causes,
    columns=columns.ROLE_BINDING_COLUMNS,
)

POLICY = (
    LEASES,
    ENDPOINT_SLICES,
    DISRUPTION_BUDGETS,
    PRIORITY_CLASSES,
    ROLES,
    ROLE_BINDINGS,
    CLUSTER_ROLES,
    CLUSTER_ROLE_BINDINGS,
)
