"""How the API itself is extended: definitions of further kinds, and webhooks that are called."""

from ..kind import STATUS, Kind

CUSTOM_RESOURCE_DEFINITIONS = Kind(
    group="apiextensions.k8s.io",
    version="v1",
    kind="CustomResourceDefinition",
    plural="customresourcedefinitions",
    singular="customresourcedefinition",
    namespaced=False,
    schema="V1CustomResourceDefinition",
    short_names=("crd", "crds"),
    categories=("api-extensions",),
    subresources=STATUS,
    generation="spec",
)

MUTATING_WEBHOOKS = Kind(
    group="admissionregistration.k8s.io",
    version="v1",
    kind="MutatingWebhookConfiguration",
    plural="mutatingwebhookconfigurations",
    singular="mutatingwebhookconfiguration",
    namespaced=False,
    schema="V1MutatingWebhookConfiguration",
    categories=("api-extensions",),
    generation="spec",
)

VALIDATING_WEBHOOKS = Kind(
    group="admissionregistration.k8s.io",
    version="v1",
    kind="ValidatingWebhookConfiguration",
    plural="validatingwebhookconfigurations",
    singular="validatingwebhookconfiguration",
    namespaced=False,
    schema="V1ValidatingWebhookConfiguration",
    categories=("api-extensions",),
    generation="spec",
)

EXTENSION = (CUSTOM_RESOURCE_DEFINITIONS, MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS)
