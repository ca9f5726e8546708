"""What is understood of a container's command."""

import math

import pytest
from galileo_emulation.kubelets.container_command import Script, understood


@pytest.mark.parametrize(
    ("command", "script"),
    [
        (["sleep", "5"], Script((5.0,), 0)),
        (["/bin/sleep", "2m"], Script((120.0,), 0)),
        (["false"], Script((), 1)),
        (["sh", "-c", "exit 3"], Script((), 3)),
        (["/bin/sh", "-c", "echo 'hello world'; sleep 1\nexit 1"], Script(("hello world", 1.0), 1)),
        (["sh", "-c", "true && sleep 1 || exit 2"], Script((1.0,), 0)),
        (["sh", "-c", "false && sleep 1 || exit 2"], Script((), 2)),
        (["sh", "-c", "false; sleep 1"], Script((1.0,), 0)),
        (["sh", "-ec", "false; sleep 1"], Script((), 1)),
        (["sh", "-c", "set -e; echo a; false; echo b"], Script(("a",), 1)),
        (["sh", "-c", ""], Script()),
    ],
)
def test_the_shell_of_examples_is_understood(command: list[str], script: Script) -> None:
    assert understood(command) == script


def test_sleeping_for_ever_never_ends() -> None:
    script = understood(["sleep", "infinity"])
    assert script is not None
    assert math.isinf(script.duration_s)


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["/sbin/init"],
        ["nginx", "-g", "daemon off;"],
        ["sh"],
        ["sh", "-c", "while true; do sleep 1; done"],
        ["sh", "-c", "sleep $TIME"],
        ["sh", "-c", "sleep 5 &"],
        ["sh", "-c", "echo a > /tmp/a"],
        ["sh", "-c", "echo 'open"],
        ["sh", "-c", "exit x"],
        ["sleep", "soon"],
        ["sleep", "-1"],
        ["exit", "1"],
    ],
)
def test_anything_else_is_not_understood_at_all(command: list[str]) -> None:
    assert understood(command) is None
