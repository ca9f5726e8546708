"""What a row of answers to a probe means."""

from dataclasses import replace

import pytest
from galileo_emulation.kubelets.probes import (
    HttpGet,
    NotPerformed,
    Probe,
    ProbeKind,
    TcpSocket,
    counted,
    first_tally,
    read_probes,
)

PROBE = Probe(kind=ProbeKind.LIVENESS, action=TcpSocket(80), success_threshold=1, failure_threshold=3)


def verdicts(probe: Probe, answers: list[bool]) -> list[bool | None]:
    tally, said = first_tally(probe.kind), []
    for passed in answers:
        tally = counted(tally, probe, passed=passed)
        said.append(tally.passes)
    return said


def test_a_container_is_alive_until_as_many_probes_failed_in_a_row_as_the_threshold_says() -> None:
    assert verdicts(PROBE, [False, False, True, False, False, False]) == [True] * 5 + [False]


def test_a_container_is_not_ready_until_as_many_probes_passed_as_the_threshold_says() -> None:
    probe = replace(PROBE, kind=ProbeKind.READINESS, success_threshold=2, failure_threshold=1)
    assert verdicts(probe, [True, False, True, True, False]) == [False, False, False, True, False]


def test_a_startup_probe_has_no_verdict_until_it_passed_or_failed_for_good() -> None:
    probe = replace(PROBE, kind=ProbeKind.STARTUP)
    assert verdicts(probe, [False, False, True]) == [None, None, True]
    assert verdicts(probe, [False, False, False]) == [None, None, False]


@pytest.mark.parametrize(
    ("spec", "action"),
    [
        ({"httpGet": {"port": 8080, "path": "/ok"}}, HttpGet(port=8080, path="/ok")),
        ({"httpGet": {"port": "web", "httpHeaders": [{"name": "A", "value": "b"}]}}, None),
        ({"httpGet": {"port": 443, "scheme": "HTTPS"}}, NotPerformed("httpGet with HTTPS")),
        ({"tcpSocket": {"port": "8080"}}, TcpSocket(8080)),
        ({"exec": {"command": ["true"]}}, NotPerformed("exec")),
        ({"grpc": {"port": 1}}, NotPerformed("grpc")),
    ],
)
def test_probes_are_read_with_what_they_do(spec: dict[str, object], action: object) -> None:
    (probe,) = read_probes({"readinessProbe": spec})
    assert probe.action == (action or HttpGet(port="web", headers=(("A", "b"),)))


def test_periods_and_thresholds_are_read_with_kubernetes_defaults() -> None:
    container = {
        "livenessProbe": {"tcpSocket": {"port": 1}},
        "startupProbe": {
            "tcpSocket": {"port": 1},
            "initialDelaySeconds": 2,
            "periodSeconds": 3,
            "timeoutSeconds": 4,
            "failureThreshold": 30,
            "terminationGracePeriodSeconds": 6,
        },
    }
    startup, liveness = read_probes(container)
    assert (liveness.initial_delay_s, liveness.period_s, liveness.timeout_s) == (0, 10, 1)
    assert (liveness.success_threshold, liveness.failure_threshold, liveness.grace_s) == (1, 3, None)
    assert (startup.initial_delay_s, startup.period_s, startup.timeout_s, startup.failure_threshold) == (2, 3, 4, 30)
    assert startup.grace_s == 6
