"""Whose use goes where, what kills are taken for, and what is forgotten."""

from __future__ import annotations

from galileo_context.pod import Pod
from galileo_context.testing import World
from galileo_schemas.events import ContainerUsage, PodContainer, Termination
from galileo_services.vpa_recommender.aggregate_state import AggregateState, AggregationParameters
from galileo_services.vpa_recommender.history import FunctionKey, History

MIB = 1024 * 1024
PARAMETERS = AggregationParameters(memory_interval_s=100.0, memory_interval_count=3)


class Usage:
    """A history and the world it is told of."""

    def __init__(self) -> None:
        self.world = World(now=1_700_000_000.0)
        self.world.zone("zone-a")
        self.history = History(PARAMETERS, sample_interval_s=1.0)

    def tell(self, pod: Pod, name: str = "fn", *, millicores: float = 100.0, mib: float = 50.0) -> None:
        """A window of the second that ends now, and the next second begins."""
        usage = ContainerUsage(cpu_millicores=millicores, memory_bytes=mib * MIB)
        self.history.note_usage(pod, name, usage, start_s=self.world.now - 1.0, end_s=self.world.now)
        self.world.now += 1.0

    def functions(self) -> dict[FunctionKey, dict[str, AggregateState]]:
        return {key: dict(containers) for key, containers in self.history.functions()}

    def aggregate(self, fn: str = "resnet", name: str = "fn", namespace: str = "default") -> AggregateState:
        return self.functions()[FunctionKey(namespace, fn)][name]

    def killed(self, pod: Pod, *, ago_s: float, memory: str = "200Mi") -> Pod:
        """The pod, with a container that was killed so long ago."""
        end = Termination(reason="OOMKilled", finished_at=self.world.now - ago_s)
        spec = PodContainer(name="fn", resource_requests={"memory": memory}, restart_count=1, last_termination=end)
        return self.world.pod(pod.name, pod.function or "", pod.node, containers={"fn": spec})


def test_all_pods_of_a_function_fill_one_aggregate() -> None:
    usage = Usage()
    for name in ("resnet-1", "resnet-2"):
        usage.tell(usage.world.pod(name, "resnet", "zone-a-1"))
    assert usage.aggregate().samples == 2
    assert usage.history.containers == 2


def test_functions_namespaces_and_containers_are_told_apart() -> None:
    usage = Usage()
    usage.tell(usage.world.pod("resnet-1", "resnet", "zone-a-1"))
    usage.tell(usage.world.pod("mobilenet-1", "mobilenet", "zone-a-1"))
    usage.tell(usage.world.pod("resnet-2", "resnet", "zone-a-1", namespace="other"))
    sidecar = usage.world.pod("resnet-3", "resnet", "zone-a-1")
    usage.tell(sidecar, "sidecar")
    assert set(usage.functions()) == {("default", "resnet"), ("default", "mobilenet"), ("other", "resnet")}
    assert set(usage.functions()[FunctionKey("default", "resnet")]) == {"fn", "sidecar"}


def test_pods_of_no_function_are_not_followed() -> None:
    usage = Usage()
    gateway = usage.world.gateway("gateway-2", "zone-a-1")
    usage.tell(gateway)
    usage.history.note_pod(gateway, usage.world.now)
    assert usage.functions() == {}


def test_a_kill_for_want_of_memory_counts_once_however_often_it_is_told() -> None:
    usage = Usage()
    pod = usage.world.pod("resnet-1", "resnet", "zone-a-1")
    usage.tell(pod, mib=150)
    killed = usage.killed(pod, ago_s=0.5)
    for _ in range(3):
        usage.history.note_pod(killed, usage.world.now)
    assert usage.history.oom_kills == 1
    assert usage.aggregate().memory_bytes.percentile(1.0) > 300 * MIB


def test_a_second_kill_counts_again() -> None:
    usage = Usage()
    pod = usage.world.pod("resnet-1", "resnet", "zone-a-1")
    for _ in range(2):
        usage.tell(pod)
        usage.history.note_pod(usage.killed(pod, ago_s=0.5), usage.world.now)
    assert usage.history.oom_kills == 2


def test_a_kill_is_known_of_a_container_that_no_window_told_of_yet() -> None:
    usage = Usage()
    pod = usage.world.pod("resnet-1", "resnet", "zone-a-1")
    usage.history.note_pod(usage.killed(pod, ago_s=1.0), usage.world.now)
    assert usage.history.oom_kills == 1
    assert usage.aggregate().samples == 0


def test_another_end_than_want_of_memory_is_no_kill() -> None:
    usage = Usage()
    pod = usage.world.pod("resnet-1", "resnet", "zone-a-1")
    failed = Termination(reason="Error", exit_code=1, finished_at=usage.world.now)
    spec = PodContainer(name="fn", restart_count=1, last_termination=failed)
    usage.history.note_pod(usage.world.pod(pod.name, "resnet", pod.node, containers={"fn": spec}), usage.world.now)
    assert usage.history.oom_kills == 0


def test_a_memory_interval_goes_on_over_a_restart() -> None:
    """The container has another id after it; its pod and its name stay."""
    usage = Usage()
    pod = usage.world.pod("resnet-1", "resnet", "zone-a-1")
    usage.tell(pod, mib=300)
    usage.tell(usage.world.pod("resnet-1", "resnet", "zone-a-1"), mib=100)
    usage.tell(usage.world.pod("resnet-2", "resnet", "zone-a-1"), mib=100)
    peaks = [weight for weight in usage.aggregate().memory_bytes.histogram.weights if weight]
    assert len(peaks) == 2


def test_a_functions_history_outlives_its_pods_for_a_while() -> None:
    usage = Usage()
    pod = usage.world.pod("resnet-1", "resnet", "zone-a-1")
    usage.tell(pod)
    usage.world.gone(pod)
    usage.history.forget(usage.world.now, usage.world.cluster.is_present)
    assert usage.history.containers == 0
    assert usage.aggregate().samples == 1
    usage.history.forget(usage.world.now + 300.0, usage.world.cluster.is_present)
    assert usage.functions() == {}


def test_a_container_that_is_heard_again_after_its_history_expired_begins_anew() -> None:
    usage = Usage()
    pod = usage.world.pod("resnet-1", "resnet", "zone-a-1")
    usage.tell(pod, millicores=4000)
    usage.history.forget(usage.world.now + 300.0, usage.world.cluster.is_present)
    usage.world.now += 300.0
    usage.tell(pod, millicores=10)
    assert usage.aggregate().samples == 1
    assert usage.aggregate().cpu_cores.percentile(1.0) < 0.1
