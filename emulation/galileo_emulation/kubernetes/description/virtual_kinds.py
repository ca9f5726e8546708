"""Kinds that can be asked for but of which no objects are stored: reviews, measured use, and what is not emulated.

They are rows like the others, so that discovery and the description of the API show them.
"""

from ..kind import Kind


def _review(group: str, kind: str, *, namespaced: bool = False) -> Kind:
    return Kind(
        group=group,
        version="v1",
        kind=kind,
        plural=f"{kind.lower()}s",
        singular=kind.lower(),
        namespaced=namespaced,
        schema=f"V1{kind}",
        verbs=("create",),
    )


_AUTHENTICATION = "authentication.k8s.io"
_AUTHORIZATION = "authorization.k8s.io"

SELF_SUBJECT_REVIEW = _review(_AUTHENTICATION, "SelfSubjectReview")
TOKEN_REVIEW = _review(_AUTHENTICATION, "TokenReview")
SUBJECT_ACCESS_REVIEW = _review(_AUTHORIZATION, "SubjectAccessReview")
LOCAL_SUBJECT_ACCESS_REVIEW = _review(_AUTHORIZATION, "LocalSubjectAccessReview", namespaced=True)
SELF_SUBJECT_ACCESS_REVIEW = _review(_AUTHORIZATION, "SelfSubjectAccessReview")
SELF_SUBJECT_RULES_REVIEW = _review(_AUTHORIZATION, "SelfSubjectRulesReview")
REVIEWS = (
    SELF_SUBJECT_REVIEW,
    TOKEN_REVIEW,
    LOCAL_SUBJECT_ACCESS_REVIEW,
    SELF_SUBJECT_ACCESS_REVIEW,
    SELF_SUBJECT_RULES_REVIEW,
    SUBJECT_ACCESS_REVIEW,
)

BINDINGS = Kind(
    group="",
    version="v1",
    kind="Binding",
    plural="bindings",
    singular="binding",
    namespaced=True,
    schema="V1Binding",
    verbs=("create",),
)

REPLICATION_CONTROLLERS = Kind(
    group="",
    version="v1",
    kind="ReplicationController",
    plural="replicationcontrollers",
    singular="replicationcontroller",
    namespaced=True,
    schema="",
    short_names=("rc",),
    verbs=("create", "get", "list", "patch"),
)
"""Replica sets have replaced them. Clients that list them are told that there is none, and those that want to make one
that they are not emulated. kubectl asks only where patches are taken."""

METRICS_GROUP, METRICS_VERSION = "metrics.k8s.io", "v1beta1"
NODE_METRICS = Kind(
    group=METRICS_GROUP,
    version=METRICS_VERSION,
    kind="NodeMetrics",
    plural="nodes",
    singular="",
    namespaced=False,
    schema="",
    verbs=("get", "list"),
)
POD_METRICS = Kind(
    group=METRICS_GROUP,
    version=METRICS_VERSION,
    kind="PodMetrics",
    plural="pods",
    singular="",
    namespaced=True,
    schema="",
    verbs=("get", "list"),
)
MEASURED = (NODE_METRICS, POD_METRICS)
