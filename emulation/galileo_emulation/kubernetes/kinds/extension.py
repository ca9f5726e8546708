"""How the API itself is extended: definitions of further kinds, and webhooks that are called."""

from ..custom.definition import carry_stored_versions, default_definition, mark_definition_deleted, set_up_definition
from ..custom.definition_table import DEFINITION_COLUMNS
from ..custom.definition_validation import (
    definition_causes,
    definition_change_causes,
    definition_status_causes,
    definition_warnings,
)
from ..kind import STATUS, Kind
from ..webhooks.configuration_rules import (
    CONFIGURATION_COLUMNS,
    configuration_causes,
    default_mutating,
    default_validating,
)

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
    deletion="object",
    set_up=set_up_definition,
    carry=carry_stored_versions,
    default=default_definition,
    validate=definition_causes,
    validate_change=definition_change_causes,
    validate_status=definition_status_causes,
    warn=definition_warnings,
    columns=DEFINITION_COLUMNS,
    mark_deleted=mark_definition_deleted,
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
    generation="content",
    default=default_mutating,
    validate=configuration_causes,
    columns=CONFIGURATION_COLUMNS,
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
    generation="content",
    default=default_validating,
    validate=configuration_causes,
    columns=CONFIGURATION_COLUMNS,
)

EXTENSION = (CUSTOM_RESOURCE_DEFINITIONS, MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS)
