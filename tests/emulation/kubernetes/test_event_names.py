"""Events show in the order in which they were told, also within a second, for which their names have to be in order."""

import random

from galileo_emulation.kubernetes.kinds import EVENTS
from galileo_emulation.kubernetes.local import LocalApi
from galileo_emulation.kubernetes.storage.store import Store


async def test_events_of_an_object_are_listed_as_they_were_told() -> None:
    moments = iter([1_795_532_541.2, 1_795_532_541.2, 1_795_532_541.3, 1_795_532_542.0])
    now = next(moments)
    store = Store(now=lambda: now, rng=random.Random(1))
    api = LocalApi(store)
    pod = {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "web", "namespace": "default", "uid": "1"}}
    reasons = ["Pulling", "Pulled", "Created", "Started"]
    for reason in reasons:  # the first two at one moment
        await api.record_event(regarding=pod, reason=reason, message=reason, component="kubelet")
        now = next(moments, now)
    listed = store.objects(EVENTS, "default")
    assert [listed[name].body["reason"] for name in sorted(listed)] == reasons
