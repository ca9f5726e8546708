"""Whatever the world looks like: nothing is decided from nothing, and a function never loses its last replica."""

from galileo_context.testing import World, numbered_ids
from galileo_services.pressure_calculator.decide import DeciderState, decide
from galileo_services.pressure_calculator.parameters import Parameters
from galileo_services.pressure_calculator.scale_up import replicas
from hypothesis import given, settings
from hypothesis import strategies as st

EAGER = Parameters(scale_down_delay_s=0.0, min_age_s=0.0, max_replicas=4, min_threshold=0.2)
ZONES = ("za", "zb", "zc")

pods = st.lists(st.tuples(st.sampled_from(("f", "g")), st.sampled_from(ZONES), st.booleans()), max_size=8)
load = st.tuples(st.integers(0, 7), st.sampled_from((*ZONES, "nowhere")), st.floats(1, 500), st.floats(0, 2000))


def build(described: list[tuple[str, str, bool]]) -> World:
    world = World()
    for zone in ZONES:
        world.zone(zone, cpu="2")
    for number, (fn, zone, ready) in enumerate(described):
        world.pod(f"p{number}", fn, f"{zone}-1", ready=ready)
    return world


@settings(deadline=None)
@given(pods)
def test_no_decision_when_nothing_is_known_of_requests(described: list[tuple[str, str, bool]]) -> None:
    world = build(described)
    for pod in (*world.cluster.running("f"), *world.cluster.running("g")):
        world.use(pod, 0.0)
    outcome = decide(world.cluster, DeciderState(), EAGER, now=world.now, new_id=numbered_ids())
    assert outcome.decisions == []
    assert outcome.rows == []


@settings(max_examples=60, deadline=None)
@given(pods, st.lists(st.lists(load, max_size=6), min_size=1, max_size=8), st.booleans())
def test_replicas_stay_between_one_and_the_most_allowed(
    described: list[tuple[str, str, bool]], runs: list[list[tuple[int, str, float, float]]], obey: bool
) -> None:
    world = build(described)
    state, new_id = DeciderState(), numbered_ids()
    for rows in runs:
        world.now += 5
        asked = []
        for number, zone, rtt_ms, millicores in rows:
            pod = world.cluster.pod_named(f"p{number}")
            if pod is not None:
                asked.append(world.ask(pod.function or "", pod, f"worker-{zone}", count=5, rtt_ms=rtt_ms))
                world.use(pod, millicores)
        world.trace(*asked)
        decisions = decide(world.cluster, state, EAGER, now=world.now, new_id=new_id).decisions
        for fn in ("f", "g"):
            running = {(pod.namespace, pod.name) for pod in world.cluster.running(fn)}
            assert not running or running - state.open.deletions(fn)
            if any(not decision.delete for decision in decisions if decision.fn == fn):
                assert replicas(world.cluster, state.open, fn) <= EAGER.max_replicas
            zones = [decision.dest_zone for decision in decisions if decision.fn == fn]
            assert len(zones) == len(set(zones))
        if not obey:
            continue
        for decision in decisions:
            name = decision.pod_creation_request.pod_name
            known = world.cluster.pod_named(name)
            if not decision.delete:
                world.pod(name, decision.fn, f"{decision.dest_zone}-1")
            elif known is not None:
                world.gone(known)
