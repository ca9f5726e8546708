"""What sets a stateful set's pods apart from one another: ordinals, names, host names and volumes."""

from __future__ import annotations

import re

from galileo_emulation.controllers.controller_revisions import REVISION_LABEL
from galileo_emulation.controllers.pod_making import pod_of
from galileo_emulation.kubernetes.apiobjects import JsonObject
from galileo_emulation.kubernetes.kinds import STATEFUL_SETS

POD_NAME_LABEL = "statefulset.kubernetes.io/pod-name"
POD_INDEX_LABEL = "apps.kubernetes.io/pod-index"
_NAME = re.compile(r"(.*)-([0-9]+)")


def first_ordinal(stateful_set: JsonObject) -> int:
    """The ordinal of the first pod."""
    start: int = stateful_set["spec"].get("ordinals", {}).get("start", 0)
    return start


def ordinals(stateful_set: JsonObject) -> range:
    """The ordinals of the pods that there should be."""
    start = first_ordinal(stateful_set)
    return range(start, start + stateful_set["spec"].get("replicas", 1))


def ordinal_of(stateful_set: JsonObject, pod: JsonObject) -> int | None:
    """The ordinal in a pod's name; None when the name is not one of the set's."""
    match = _NAME.fullmatch(pod["metadata"]["name"])
    if match is None or match[1] != stateful_set["metadata"]["name"]:
        return None
    return int(match[2])


def numbered_pod(stateful_set: JsonObject, ordinal: int, *, template: JsonObject, revision: str) -> JsonObject:
    """The pod of an ordinal, made from a template; `revision` is the name of the template's revision."""
    name = f"{stateful_set['metadata']['name']}-{ordinal}"
    pod = pod_of(template, STATEFUL_SETS, stateful_set)
    metadata, spec = pod["metadata"], pod["spec"]
    del metadata["generateName"]
    metadata["name"] = name
    metadata.setdefault("labels", {}).update(identity_labels(name, ordinal))
    metadata["labels"][REVISION_LABEL] = revision
    spec["hostname"] = name
    if stateful_set["spec"].get("serviceName"):
        spec["subdomain"] = stateful_set["spec"]["serviceName"]
    claims = stateful_set["spec"].get("volumeClaimTemplates", ())
    if claims:
        own = {claim["metadata"]["name"] for claim in claims}
        kept = [volume for volume in spec.get("volumes", ()) if volume["name"] not in own]
        spec["volumes"] = [*kept, *(_volume(claim["metadata"]["name"], name) for claim in claims)]
    return pod


def identity_labels(name: str, ordinal: int) -> dict[str, str]:
    """The labels by which a single pod can be chosen."""
    return {POD_NAME_LABEL: name, POD_INDEX_LABEL: str(ordinal)}


def _volume(claim: str, pod: str) -> JsonObject:
    return {"name": claim, "persistentVolumeClaim": {"claimName": f"{claim}-{pod}"}}
