"""Whose turn it is in a pod, and what the pod has come to."""

import pytest
from galileo_emulation.kubelets.bound_pod import RestartPolicy
from galileo_emulation.kubelets.container_life import Step
from galileo_emulation.kubelets.pod_order import (
    ContainerState,
    Phase,
    init_turn,
    last_phase,
    phase,
    to_be_restarted,
)

WAITS = ContainerState(step=Step.WAITING)
RUNS = ContainerState(step=Step.RUNNING, started=True)
DONE = ContainerState(step=Step.ENDED, exit_code=0)
BROKEN = ContainerState(step=Step.ENDED, exit_code=1)
CRASHING = ContainerState(step=Step.CRASH_BACKOFF, exit_code=1)
SIDECAR = ContainerState(step=Step.RUNNING, started=True, sidecar=True)
SIDECAR_STARTS = ContainerState(step=Step.RUNNING, sidecar=True)


@pytest.mark.parametrize(
    ("policy", "exit_code", "init", "again"),
    [
        ("Always", 0, False, True),
        ("OnFailure", 0, False, False),
        ("OnFailure", 1, False, True),
        ("Never", 1, False, False),
        ("Always", 0, True, False),
        ("Always", 1, True, True),
        ("Never", 1, True, False),
    ],
)
def test_the_restart_policy_decides_whether_to_start_again(
    policy: RestartPolicy, exit_code: int, init: bool, again: bool
) -> None:
    assert to_be_restarted(policy, exit_code=exit_code, init=init) is again
    assert to_be_restarted(policy, exit_code=exit_code, init=True, sidecar=True)


@pytest.mark.parametrize(
    ("inits", "turn"),
    [
        ([], 0),
        ([WAITS, WAITS], 0),
        ([DONE, WAITS], 1),
        ([DONE, DONE], 2),
        ([BROKEN, WAITS], 0),
        ([SIDECAR_STARTS, WAITS], 0),
        ([SIDECAR, WAITS], 1),
    ],
)
def test_init_containers_take_turns_and_sidecars_only_have_to_start(inits: list[ContainerState], turn: int) -> None:
    assert init_turn(inits) == turn


@pytest.mark.parametrize(
    ("inits", "containers", "expected"),
    [
        ([], [WAITS, RUNS], "Pending"),
        ([], [RUNS, RUNS], "Running"),
        ([], [CRASHING], "Running"),
        ([], [DONE, RUNS], "Running"),
        ([], [DONE, DONE], "Succeeded"),
        ([], [DONE, BROKEN], "Failed"),
        ([RUNS], [WAITS], "Pending"),
        ([BROKEN], [WAITS], "Failed"),
        ([CRASHING], [WAITS], "Pending"),
        ([SIDECAR], [DONE], "Running"),
    ],
)
def test_the_phase_follows_from_the_containers(
    inits: list[ContainerState], containers: list[ContainerState], expected: Phase
) -> None:
    assert phase(inits, containers) == expected


def test_a_pod_that_was_stopped_succeeded_only_if_all_did() -> None:
    assert last_phase([DONE, DONE]) == "Succeeded"
    assert last_phase([DONE, WAITS]) == "Failed"
