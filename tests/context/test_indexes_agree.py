"""Whatever happens in whatever order, the indexed queries answer as a scan over the newest state of each pod would."""

from dataclasses import dataclass, field

from galileo_context.cluster import Cluster
from galileo_schemas.events import NodeUpdate, PodDelete, PodRunning
from hypothesis import given, settings
from hypothesis import strategies as st

FUNCTIONS, NODES, ZONES = ("f", "g"), ("n1", "n2", "n3"), ("za", "zb")

pod_steps = st.tuples(
    st.just("pod"),
    st.integers(0, 4),
    st.sampled_from(FUNCTIONS),
    st.sampled_from(NODES),
    st.booleans(),
    st.integers(1, 9),
)
node_steps = st.tuples(st.just("node"), st.sampled_from(NODES), st.sampled_from(ZONES))
delete_steps = st.tuples(st.just("delete"), st.integers(0, 4), st.integers(1, 9))


@dataclass
class Model:
    """What a reader without indexes would remember."""

    zones: dict[str, str] = field(default_factory=dict)
    pods: dict[int, tuple[int, str, str, bool, bool]] = field(default_factory=dict)

    def pod(self, number: int, fn: str, node: str, ready: bool, version: int) -> None:
        known = self.pods.get(number)
        if known is None or version > known[0] or (version == known[0] and known[4]):
            self.pods[number] = (version, fn, node, ready, True)

    def delete(self, number: int, version: int) -> None:
        known = self.pods.get(number)
        if known is None or (known[4] and version >= known[0]):
            self.pods[number] = (version, *(known[1:4] if known else ("f", "n1", False)), False)

    def running(self, fn: str, zone: str | None) -> set[str]:
        return {
            f"p{number}"
            for number, (_version, of, node, ready, present) in self.pods.items()
            if present and ready and of == fn and zone in (None, self.zones.get(node))
        }


@settings(deadline=None)
@given(st.lists(st.one_of(pod_steps, node_steps, delete_steps), max_size=40))
def test_queries_by_function_and_zone_answer_as_a_scan_would(steps: list[tuple]) -> None:  # type: ignore[type-arg]
    cluster, model = Cluster(), Model()
    for ts, (kind, *step) in enumerate(steps):
        if kind == "node":
            cluster.note(NodeUpdate(name=step[0], zone=step[1]), ts)
            model.zones[step[0]] = step[1]
        elif kind == "pod":
            number, fn, node, ready, version = step
            model.pod(number, fn, node, ready, version)
            labels = {"ether.edgerun.io/function": fn}
            cluster.note(
                PodRunning(
                    pod_uid=f"u{number}",
                    name=f"p{number}",
                    node_name=node,
                    labels=labels,
                    status="Running",
                    ready=ready,
                    resource_version=str(version),
                ),
                ts,
            )
        else:
            model.delete(step[0], step[1])
            event = PodDelete(pod_uid=f"u{step[0]}", name=f"p{step[0]}", resource_version=str(step[1]))
            cluster.note(event, ts)
    for fn in FUNCTIONS:
        for zone in (None, *ZONES):
            assert {pod.name for pod in cluster.running(fn, zone)} == model.running(fn, zone)
    for number, (_version, _fn, node, _ready, present) in model.pods.items():
        assert (f"p{number}" in {pod.name for pod in cluster.pods_on(node)}) == present
