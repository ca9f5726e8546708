"""How a change of a deployment's size is shared among replica sets, and how far a rolling update goes at a time."""

import pytest
from galileo_emulation.controllers.deployment.replica_sets import ReplicaSets
from galileo_emulation.controllers.deployment.rolling_update import new_size, shrunk_old
from galileo_emulation.controllers.deployment.rollout_limits import rollout_limits
from galileo_emulation.controllers.deployment.scaling import Sizes, rescaled
from galileo_emulation.kubernetes.apiobjects import JsonObject


def deployment(replicas: int, surge: int | str = 0, unavailable: int | str = 0) -> JsonObject:
    rolling = {"maxSurge": surge, "maxUnavailable": unavailable}
    strategy = {"type": "RollingUpdate", "rollingUpdate": rolling}
    return {"metadata": {"name": "web"}, "spec": {"replicas": replicas, "strategy": strategy}, "status": {}}


def replica_set(name: str, size: int, *, available: int | None = None, before: int = 0) -> JsonObject:
    """A set of `size`, made at the time of its name; the deployment's largest size was `before`."""
    annotations = {"deployment.kubernetes.io/max-replicas": str(before)}
    metadata = {"name": name, "creationTimestamp": name, "annotations": annotations}
    return {
        "metadata": metadata,
        "spec": {"replicas": size},
        "status": {"availableReplicas": size if available is None else available},
    }


def named(sizes: Sizes) -> dict[str, int]:
    return {body["metadata"]["name"]: size for body, size in sizes}


@pytest.mark.parametrize(
    ("replicas", "sizes", "before", "wanted"),
    [
        (20, (10, 10), 20, {"1": 10, "2": 10}),
        (10, (10, 10), 20, {"1": 5, "2": 5}),
        (6, (5, 5, 5), 15, {"1": 2, "2": 2, "3": 2}),
        (11, (5, 5), 10, {"1": 5, "2": 6}),
        (9, (6, 4), 10, {"1": 5, "2": 4}),
        (0, (3, 2), 5, {"1": 0, "2": 0}),
    ],
)
def test_sets_keep_their_shares(replicas: int, sizes: tuple[int, ...], before: int, wanted: dict[str, int]) -> None:
    *old, new = (replica_set(str(index + 1), size, before=before) for index, size in enumerate(sizes))
    assert named(rescaled(deployment(replicas), ReplicaSets(new, old))) == wanted


def test_what_rounding_leaves_goes_to_the_biggest() -> None:
    big, *small = (replica_set(str(index + 1), size, before=10) for index, size in enumerate((4, 3, 3)))
    assert named(rescaled(deployment(11), ReplicaSets(small[1], [big, small[0]]))) == {"1": 5, "2": 3, "3": 3}


def test_a_new_set_that_has_everything_takes_the_pods_of_the_old_ones() -> None:
    new = replica_set("2", 3)
    new["metadata"]["annotations"]["deployment.kubernetes.io/desired-replicas"] = "3"
    assert named(rescaled(deployment(3), ReplicaSets(new, [replica_set("1", 2)]))) == {"1": 0}


@pytest.mark.parametrize(
    ("surge", "unavailable", "wanted"),
    [("25%", "25%", (3, 2)), ("0%", "0%", (0, 1)), (4, "100%", (4, 10)), (0, 99, (0, 10))],
)
def test_surge_is_rounded_up_and_unavailability_down_and_one_of_them_is_not_zero(
    surge: int | str, unavailable: int | str, wanted: tuple[int, int]
) -> None:
    limits = rollout_limits(deployment(10, surge, unavailable))
    assert (limits.surge, limits.unavailable) == wanted


def test_the_new_set_grows_into_the_room_that_there_is() -> None:
    old = replica_set("1", 10)
    assert new_size(deployment(10, surge=3), ReplicaSets(None, [old])) == 3
    assert new_size(deployment(10, surge=3), ReplicaSets(replica_set("2", 3), [replica_set("1", 6)])) == 7


def test_old_sets_give_what_is_not_available_first_and_then_what_can_be_spared() -> None:
    old = [replica_set("1", 4, available=1), replica_set("2", 4)]
    sets = ReplicaSets(replica_set("3", 2), old)
    assert named(shrunk_old(deployment(8, surge=2, unavailable=2), sets)) == {"1": 0}
    waiting = ReplicaSets(replica_set("3", 2, available=0), [replica_set("1", 8)])
    assert named(shrunk_old(deployment(8, surge=2, unavailable=0), waiting)) == {}
