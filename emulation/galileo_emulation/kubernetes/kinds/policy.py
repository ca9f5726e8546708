"""What holds between workloads and nodes: leases, endpoints, disruption budgets, priorities, and who may do what."""

from .. import defaults, tables, validation
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
    validate=validation.lease_causes,
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
)

ROLES = Kind(
    group="rbac.authorization.k8s.io",
    version="v1",
    kind="Role",
    plural="roles",
    singular="role",
    namespaced=True,
    schema="V1Role",
)

ROLE_BINDINGS = Kind(
    group="rbac.authorization.k8s.io",
    version="v1",
    kind="RoleBinding",
    plural="rolebindings",
    singular="rolebinding",
    namespaced=True,
    schema="V1RoleBinding",
)

CLUSTER_ROLES = Kind(
    group="rbac.authorization.k8s.io",
    version="v1",
    kind="ClusterRole",
    plural="clusterroles",
    singular="clusterrole",
    namespaced=False,
    schema="V1ClusterRole",
)

CLUSTER_ROLE_BINDINGS = Kind(
    group="rbac.authorization.k8s.io",
    version="v1",
    kind="ClusterRoleBinding",
    plural="clusterrolebindings",
    singular="clusterrolebinding",
    namespaced=False,
    schema="V1ClusterRoleBinding",
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
