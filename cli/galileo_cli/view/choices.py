"""What a person may choose from, and the ask that follows from a choice. Plain functions of what is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from galileo_context.nodes import Node
from galileo_experiments.counted import counted
from galileo_schemas.event import Event
from galileo_schemas.events import ClientPause, ClientResume, Fault, FaultEnd, SettingChange

from galileo_cli.view.live_state import LiveState
from galileo_cli.view.node_figures import is_worker, node_order
from galileo_cli.view.pressure_figures import MAX_THRESHOLD, MIN_THRESHOLD, SERVICE


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a list, and what it stands for."""

    label: str
    value: str


def pause_or_resume(state: LiveState) -> Event:
    """Pauses all clients; when any are paused, resumes all."""
    return ClientResume() if state.load.paused else ClientPause()


def functions_to_move(state: LiveState) -> list[Choice]:
    """All of them together first; the value is the function's name, empty for all."""
    return [Choice("all functions", ""), *(Choice(fn, fn) for fn in sorted(state.cluster.functions))]


def zones_to_leave(state: LiveState) -> list[Choice]:
    """Zones from which people call first, with their requests a second."""
    loads = state.load.zones()
    rates = {name: (load.seen if load.asked is None else load.asked) for name, load in loads.items()}
    names = sorted({*state.cluster.zones(), *rates}, key=lambda name: (-rates.get(name, 0.0), name))
    return [Choice(f"{name}  {rates.get(name, 0.0):.0f} requests/s", name) for name in names]


def zones_to_go_to(state: LiveState, origin: str) -> list[Choice]:
    """All zones but the one that is left."""
    return [Choice(name, name) for name in state.cluster.zones() if name != origin]


def nodes_to_break(state: LiveState, now: float) -> list[Choice]:
    """Nodes that were killed, to be restored, then all others, workers first; the value is the node's name."""
    killed = state.faults.killed_nodes()
    restore = [Choice(f"restore {node}  (down for {now - since:.0f} s)", node) for node, since in killed.items()]
    zones = state.cluster.zones()
    living = [(zone, node) for zone in zones for node in state.cluster.nodes_in(zone) if node.name not in killed]
    in_order = sorted(living, key=lambda row: (not is_worker(row[1]), row[0], node_order(row[1])))
    return restore + [_to_kill(state, zone, node) for zone, node in in_order]


def _to_kill(state: LiveState, zone: str, node: Node) -> Choice:
    pods = sum(not pod.ended for pod in state.cluster.pods_on(node.name))
    return Choice(f"kill {node.name}  in {zone}, {counted(pods, 'pod')}", node.name)


def kill_or_restore(state: LiveState, node: str) -> Event:
    """What choosing a node asks for."""
    if node in state.faults.killed_nodes():
        return FaultEnd(kind="kill_node", node=node)
    return Fault(kind="kill_node", node=node)


def thresholds(state: LiveState) -> list[Choice]:
    """The value is the setting's environment variable."""
    figures = state.pressure
    return [
        Choice(f"max: above it a pod is added  (now {_shown(figures.max_threshold)})", MAX_THRESHOLD),
        Choice(f"min: below it a pod is removed  (now {_shown(figures.min_threshold)})", MIN_THRESHOLD),
    ]


def threshold_now(state: LiveState, variable: str) -> float | None:
    """The value in force, None while nobody has said it."""
    return state.pressure.max_threshold if variable == MAX_THRESHOLD else state.pressure.min_threshold


def refuse_threshold(state: LiveState, variable: str, text: str) -> str | None:
    """Why a number that was typed cannot be this threshold; None when it can."""
    try:
        value = float(text)
    except ValueError:
        return "expected a number, such as 0.2"
    if not math.isfinite(value):
        return "expected a finite number"
    if variable == MAX_THRESHOLD and state.pressure.min_threshold is not None and value < state.pressure.min_threshold:
        return f"expected at least the min threshold, {state.pressure.min_threshold:g}"
    if variable == MIN_THRESHOLD and state.pressure.max_threshold is not None and value > state.pressure.max_threshold:
        return f"expected at most the max threshold, {state.pressure.max_threshold:g}"
    return None


def threshold_change(variable: str, text: str) -> Event:
    """The ask for a threshold that was not refused."""
    return SettingChange(service=SERVICE, variable=variable, value=f"{float(text):g}")


def values(choices: Sequence[Choice]) -> list[str]:
    """What the lines stand for."""
    return [choice.value for choice in choices]


def _shown(value: float | None) -> str:
    return "not known" if value is None else f"{value:g}"
