"""Of a pod that crashes again and again, the first two crashes are told."""

from galileo_emulation.kubelets.function_crashes import FunctionCrash, FunctionCrashes


def test_each_pods_first_two_crashes_are_told_and_whether_its_function_has_ever_worked() -> None:
    told: list[FunctionCrash] = []
    crashes = FunctionCrashes(told.append)
    for pod in ("a", "a", "a", "b"):
        crashes.note_crash("f", pod=pod, pod_uid=pod, why="no", log_file=None)
    assert [(crash.pod, crash.again, crash.worked) for crash in told] == [
        ("a", False, False),
        ("a", True, False),
        ("b", False, False),
    ]
    crashes.note_ready("f")
    crashes.note_crash("f", pod="c", pod_uid="c", why="no", log_file=None)
    crashes.note_crash("g", pod="d", pod_uid="d", why="no", log_file=None)
    assert [crash.worked for crash in told[-2:]] == [True, False]
