"""What a run makes of a local function that crashes."""

from dataclasses import replace
from pathlib import Path

import msgspec
from galileo_cli.emulate.function_crash_lines import TOLD_AS, CrashFacts, crash_facts, crash_line, why_hopeless
from galileo_emulation.kubelets.function_crashes import FunctionCrash

CRASH = FunctionCrash(
    function="f", pod="f-1", why="RuntimeError: no", log_file=Path("logs/pods/f-1.log"), again=False, worked=False
)


def told(crash: FunctionCrash) -> CrashFacts:
    """As it comes from the world's process."""
    return msgspec.convert(msgspec.json.decode(msgspec.json.encode(crash_facts(crash)[TOLD_AS])), CrashFacts)


def test_the_first_crash_of_a_pod_is_one_line() -> None:
    assert crash_line(told(CRASH)) == "function f's pod f-1 crashes: RuntimeError: no (log: logs/pods/f-1.log)"
    assert crash_line(told(replace(CRASH, again=True))) is None


def test_a_run_is_hopeless_when_what_clients_wait_for_crashes_again_and_never_worked() -> None:
    again = replace(CRASH, again=True)
    reason = why_hopeless(told(again), awaited={"f"})
    assert reason is not None
    assert "function f crashes whenever it is started" in reason
    assert why_hopeless(told(CRASH), awaited={"f"}) is None
    assert why_hopeless(told(again), awaited={"g"}) is None
    assert why_hopeless(told(replace(again, worked=True)), awaited={"f"}) is None
