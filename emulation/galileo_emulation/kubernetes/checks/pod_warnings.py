"""What is accepted of a pod or a template, but probably not meant: told in Warning headers."""

from collections.abc import Callable, Iterator

from ..apiobjects import JsonObject
from ..types.quantities import value

_BYTES = ("memory", "ephemeral-storage")
_RENAMED_LABELS = {
    "beta.kubernetes.io/arch": ("v1.14", "kubernetes.io/arch"),
    "beta.kubernetes.io/instance-type": ("v1.17", "node.kubernetes.io/instance-type"),
    "beta.kubernetes.io/os": ("v1.14", "kubernetes.io/os"),
    "failure-domain.beta.kubernetes.io/region": ("v1.17", "topology.kubernetes.io/region"),
    "failure-domain.beta.kubernetes.io/zone": ("v1.17", "topology.kubernetes.io/zone"),
}


def pod_warnings(body: JsonObject) -> list[str]:
    """What to tell about a pod."""
    return list(_spec_warnings("spec", body["spec"]))


def template_warnings(body: JsonObject) -> list[str]:
    """What to tell about the template of a workload."""
    return list(_spec_warnings("spec.template.spec", body["spec"].get("template", {}).get("spec", {})))


def job_template_warnings(body: JsonObject) -> list[str]:
    """What to tell about the template within the template of a cron job."""
    spec = body["spec"].get("jobTemplate", {}).get("spec", {}).get("template", {}).get("spec", {})
    return list(_spec_warnings("spec.jobTemplate.spec.template.spec", spec))


def _spec_warnings(field: str, spec: JsonObject) -> Iterator[str]:
    for key in spec.get("nodeSelector", ()):
        if key in _RENAMED_LABELS:
            since, name = _RENAMED_LABELS[key]
            yield f'{field}.nodeSelector[{key}]: deprecated since {since}; use "{name}" instead'
    if spec.get("terminationGracePeriodSeconds", 0) < 0:
        rule = "must be >= 0; negative values are invalid and will be treated as 1"
        yield f"{field}.terminationGracePeriodSeconds: {rule}"
    for index, constraint in enumerate(spec.get("topologySpreadConstraints", ())):
        if "labelSelector" not in constraint:
            here = f"{field}.topologySpreadConstraints[{index}].labelSelector"
            yield f"{here}: a null labelSelector results in matching no pod"
    for containers in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(containers, ())):
            yield from _container_warnings(f"{field}.{containers}[{index}]", container)


def _container_warnings(field: str, container: JsonObject) -> Iterator[str]:
    for part, amounts in container.get("resources", {}).items():
        if part in ("limits", "requests"):
            yield from _fraction_warnings(f"{field}.resources.{part}", amounts)
    yield from _repeated(
        container.get("env", ()),
        lambda variable: variable.get("name"),
        lambda index, _, name: (
            f'{field}.env[{index}]: hides previous definition of "{name}", which may be dropped when using apply'
        ),
    )
    yield from _repeated(
        container.get("ports", ()),
        lambda port: (port.get("containerPort"), port.get("protocol")),
        lambda index, first, _: f"{field}.ports[{index}]: duplicate port definition with {field}.ports[{first}]",
    )


def _fraction_warnings(field: str, amounts: JsonObject) -> Iterator[str]:
    for name in _BYTES:
        # Only a suffix below 1 can make a fraction of a byte.
        if name in amounts and amounts[name][-1:] in ("m", "u", "n") and value(amounts[name]) % 1:
            yield f'{field}[{name}]: fractional byte value "{amounts[name]}" is invalid, must be an integer'


def _repeated(
    entries: "list[JsonObject] | tuple[()]",
    key_of: Callable[[JsonObject], object],
    say: Callable[[int, int, object], str],
) -> Iterator[str]:
    """Say of each entry whose key an earlier one has: (index, index of the first, key)."""
    first: dict[object, int] = {}
    for index, entry in enumerate(entries):
        key = key_of(entry)
        if key in first:
            yield say(index, first[key], key)
        else:
            first[key] = index
