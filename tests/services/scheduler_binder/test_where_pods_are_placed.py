"""Which of the nodes that fit is taken, and how a refusal reads."""

from __future__ import annotations

from collections.abc import Callable

from galileo_context.latencies import Latencies
from galileo_schemas.events import NodeUpdate, PodContainer, PodState
from galileo_services.scheduler_binder.node_usage import NodeUsage
from galileo_services.scheduler_binder.placement import Placement, Refusal, place
from hypothesis import given, settings
from hypothesis import strategies as st

Nodes = Callable[..., NodeUpdate]
Pods = Callable[..., PodState]

CLOUD = {"kubernetes.io/role": "cloud"}
ZONE = "ether.edgerun.io/zone"
IN_ZONE_A = {ZONE: "zone-a"}
NO_LATENCIES = Latencies().between


def occupied(pod: Pods, **cpu_by_node: str) -> NodeUsage:
    usage = NodeUsage()
    for name, cpu in cpu_by_node.items():
        usage.note_pod(pod(f"on-{name}", cpu=cpu, node_name=name, status="Running"))
    return usage


def test_the_fullest_node_with_room_wins(pod: Pods, node: Nodes) -> None:
    usage = occupied(pod, x="1", y="3", z="3950m")
    nodes = [node(name, labels={ZONE: "zone-a"}) for name in ("x", "y", "z")]
    assert place(pod("a", node_selector=IN_ZONE_A), nodes, usage, NO_LATENCIES) == Placement("y")


def test_a_pod_without_wishes_goes_to_the_emptiest_node(pod: Pods, node: Nodes) -> None:
    usage = occupied(pod, x="1", y="3", z="3950m")
    assert place(pod("a"), [node("z"), node("y"), node("x")], usage, NO_LATENCIES) == Placement("x")


def test_pods_that_request_nothing_are_spread_by_their_number(pod: Pods, node: Nodes) -> None:
    usage, nodes = NodeUsage(), [node(name, labels=CLOUD) for name in ("x", "y", "z")]
    chosen = []
    for number in range(6):
        guest = pod(f"p{number}", cpu="0", memory="0")
        decision = place(guest, [*nodes, node("edge")], usage, NO_LATENCIES)
        assert isinstance(decision, Placement)
        usage.assume(guest, decision.node)
        chosen.append(decision.node)
    assert chosen == ["x", "y", "z", "x", "y", "z"]


def test_the_scarcer_resource_counts(pod: Pods, node: Nodes) -> None:
    nodes = [
        node("much-memory", cpu="2", memory="100Gi", labels={ZONE: "zone-a"}),
        node("little-memory", cpu="4", memory="1Gi", labels={ZONE: "zone-a"}),
    ]
    large, small = (pod("a", cpu="1", memory=memory, node_selector=IN_ZONE_A) for memory in ("900Mi", "90Mi"))
    assert place(large, nodes, NodeUsage(), NO_LATENCIES) == Placement("little-memory")
    assert place(small, nodes, NodeUsage(), NO_LATENCIES) == Placement("much-memory")
    # A pod that is free avoids the node where it would take most.
    assert place(pod("a", cpu="1", memory="900Mi"), nodes, NodeUsage(), NO_LATENCIES) == Placement("much-memory")


def test_equals_are_taken_by_name(pod: Pods, node: Nodes) -> None:
    assert place(pod("a"), [node("z"), node("b"), node("c")], NodeUsage(), NO_LATENCIES) == Placement("b")


def test_a_pod_without_wishes_goes_to_the_cloud(pod: Pods, node: Nodes) -> None:
    nodes = [node("edge"), node("cloud", cpu="64", memory="256Gi", labels=CLOUD)]
    assert place(pod("a"), nodes, occupied(pod, edge="3"), NO_LATENCIES) == Placement("cloud")


def test_with_a_full_cloud_it_goes_where_there_is_room(pod: Pods, node: Nodes) -> None:
    nodes = [node("edge"), node("cloud", labels=CLOUD)]
    assert place(pod("a"), nodes, occupied(pod, cloud="4"), NO_LATENCIES) == Placement("edge")


def test_a_pod_with_a_delay_bound_does_not_prefer_the_cloud(pod: Pods, node: Nodes) -> None:
    nodes = [node("edge-1"), node("cloud", cpu="64", memory="256Gi", labels=CLOUD)]
    near = Latencies({"edge-1": {"cloud": 10.0}}).between
    assert place(pod("a", labels={"delay_edge-1": "25"}), nodes, NodeUsage(), near) == Placement("edge-1")


def test_a_pod_with_a_zone_does_not_prefer_the_cloud(pod: Pods, node: Nodes) -> None:
    nodes = [
        node("small", zone="zone-c", labels={ZONE: "zone-c"}),
        node("cloud", cpu="64", memory="256Gi", zone="zone-c", labels={ZONE: "zone-c", **CLOUD}),
    ]
    ours = pod("a", labels={"app.kubernetes.io/managed-by": "galileo", ZONE: "zone-c"})
    assert place(ours, nodes, NodeUsage(), NO_LATENCIES) == Placement("small")
    assert place(pod("a", node_selector={ZONE: "zone-c"}), nodes, NodeUsage(), NO_LATENCIES) == Placement("small")


def test_a_refusal_counts_the_reasons_most_frequent_first(pod: Pods, node: Nodes) -> None:
    near = [node(f"near-{i}", cpu="50m") for i in range(3)]
    far = [node(f"far-{i}") for i in range(4)]
    cordoned = [node(f"cordoned-{i}", unschedulable=True) for i in range(2)]
    graph = {"edge-1": {**{n.name: 5.0 for n in near}, **{n.name: 26.0 for n in far}}}
    wish = pod("a", labels={"delay_edge-1": "25"})
    assert place(wish, [*near, *far, *cordoned], NodeUsage(), Latencies(graph).between) == Refusal(
        "0/9 nodes are available: 4 too far from edge-1 (> 25 ms), 3 Insufficient cpu, 2 node(s) were unschedulable."
    )


def test_a_cluster_without_nodes_refuses(pod: Pods, node: Nodes) -> None:
    refusal = Refusal("0/0 nodes are available: no node is known.")
    assert place(pod("a"), [], NodeUsage(), NO_LATENCIES) == refusal
    assert place(pod("a"), [node("gone", present=False)], NodeUsage(), NO_LATENCIES) == refusal


def test_a_request_that_cannot_be_read_is_quoted(pod: Pods, node: Nodes) -> None:
    decision = place(pod("a", cpu="lots"), [node("n")], NodeUsage(), NO_LATENCIES)
    assert isinstance(decision, Refusal)
    assert decision.message.startswith("0/1 nodes are available: pod default/a, container main: a quantity is")
    assert "'lots'" in decision.message


def test_a_device_that_is_not_counted_is_refused(pod: Pods, node: Nodes) -> None:
    wants_gpu = PodContainer(name="main", resource_limits={"nvidia.com/gpu": "1"})
    decision = place(pod("a", containers={"main": wants_gpu}), [node("n")], NodeUsage(), NO_LATENCIES)
    assert isinstance(decision, Refusal)
    assert "container main requests nvidia.com/gpu, but only cpu, memory and the number of pods" in decision.message


requests = st.tuples(st.integers(0, 3000), st.integers(0, 4 * 2**30))


@settings(max_examples=60, deadline=None)
@given(batch=st.lists(requests, max_size=25), sizes=st.lists(requests, min_size=1, max_size=6))
def test_no_batch_of_pods_ever_overbooks_a_node(
    pod: Pods, node: Nodes, batch: list[tuple[int, int]], sizes: list[tuple[int, int]]
) -> None:
    nodes = {f"n{i}": node(f"n{i}", cpu=f"{cpu}m", memory=str(memory)) for i, (cpu, memory) in enumerate(sizes)}
    usage, given_away = NodeUsage(), {name: [0, 0] for name in nodes}
    for i, (cpu, memory) in enumerate(batch):
        candidate = pod(f"p{i}", cpu=f"{cpu}m", memory=str(memory))
        decision = place(candidate, nodes.values(), usage, NO_LATENCIES)
        fits = [
            name
            for name, (had_cpu, had_memory) in zip(nodes, sizes, strict=True)
            if (cpu == 0 or given_away[name][0] + cpu <= had_cpu)
            and (memory == 0 or given_away[name][1] + memory <= had_memory)
        ]
        if isinstance(decision, Refusal):
            assert not fits
            continue
        assert decision.node in fits
        usage.assume(candidate, decision.node)
        given_away[decision.node][0] += cpu
        given_away[decision.node][1] += memory
