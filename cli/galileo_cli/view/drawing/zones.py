"""Zones with their nodes: a cell a node where there is room, else a column a node in one line a zone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from galileo_experiments.counted import counted
from rich.text import Text

from galileo_cli.view.drawing.palette import ACCENT, BAD, DIM, GOOD, STRONG, WARN
from galileo_cli.view.drawing.strokes import level, placed
from galileo_cli.view.node_figures import NodeFigure, Replicas, ZoneFigure

_BUSY_PERCENT = 80.0
_GAP = 2


def draw_zones(zones: Sequence[ZoneFigure], width: int, height: int) -> list[Text]:
    """At most `height` lines."""
    if not zones:
        return placed([Text("no node is known yet", style=DIM)], width, height)
    detailed = _detailed(zones, width)
    lines = detailed if len(detailed) <= height else [_compact(zone, _name_width(zones), width) for zone in zones]
    return placed(lines, width, height, what="zones")


def rows_wanted(zones: Sequence[ZoneFigure], width: int) -> tuple[int, int]:
    """Lines that zones take at least, and at most."""
    return max(1, len(zones)), max(1, len(_detailed(zones, width)))


def _detailed(zones: Sequence[ZoneFigure], width: int) -> list[Text]:
    left_width = _name_width(zones) + _GAP + max((_replicas_width(zone) for zone in zones), default=0) + _GAP
    cell = max((len(node.name) for zone in zones for node in zone.nodes), default=0) + len("●  9p 100%") + _GAP
    a_row = max(1, (width - left_width + _GAP) // cell)
    lines = []
    for zone in zones:
        left = [Text.assemble((zone.name.ljust(_name_width(zones)), STRONG), "  ")]
        for number, replica in enumerate(zone.replicas):
            if number:
                left.append(Text(" " * (_name_width(zones) + _GAP)))
            left[-1].append_text(_replica(replica))
        cells = [_cell(node, cell) for node in zone.nodes]
        right = [Text.assemble(*cells[start : start + a_row]) for start in range(0, len(cells), a_row)]
        for a, b in zip_longest(left, right):
            line = a or Text()
            line.append(" " * max(0, left_width - line.cell_len))
            lines.append(line.append_text(b) if b else line)
    return lines


def _compact(zone: ZoneFigure, name_width: int, width: int) -> Text:
    line = Text.assemble((zone.name.ljust(name_width), STRONG), "  ")
    ready = sum(node.ready and not node.killed for node in zone.nodes)
    line.append(f"{ready}/{len(zone.nodes)} ready ", style=GOOD if ready == len(zone.nodes) else BAD)
    for node in zone.nodes:
        if _down(node):
            line.append("×", style=BAD)
        else:
            line.append(level(node.cpu_percent or 0.0, 100.0), style=_cpu_style(node))
    known = [node.cpu_percent for node in zone.nodes if node.cpu_percent is not None]
    line.append(f" {max(known):.0f}% at most" if known else "", style=DIM)
    line.append(f"  {counted(sum(node.pods for node in zone.nodes), 'pod')} ", style=DIM)
    for replica in zone.replicas:
        line.append(" ").append_text(_replica(replica))
    for node in zone.nodes:
        if _down(node):
            line.append(f"  {node.name} down", style=BAD)
    return line


def _cell(node: NodeFigure, width: int) -> Text:
    cell = Text()
    if _down(node):
        cell.append("× ", style=BAD).append(node.name, style=BAD).append(" killed" if node.killed else " not ready")
    else:
        cell.append("● ", style=GOOD).append(node.name)
        cell.append(f" {node.pods}p", style=ACCENT if node.pods else DIM)
        cpu = " –" if node.cpu_percent is None else f" {node.cpu_percent:.0f}%"
        cell.append(cpu, style=_cpu_style(node))
    cell.append(" " * max(1, width - cell.cell_len))
    return cell


def _replica(replica: Replicas) -> Text:
    text = Text(f"{replica.function} ").append(str(replica.running), style=STRONG)
    return text.append(f"+{replica.pending}", style=WARN) if replica.pending else text


def _replicas_width(zone: ZoneFigure) -> int:
    return max((_replica(replica).cell_len for replica in zone.replicas), default=0)


def _name_width(zones: Sequence[ZoneFigure]) -> int:
    return max((len(zone.name) for zone in zones), default=0)


def _down(node: NodeFigure) -> bool:
    return node.killed or not node.ready


def _cpu_style(node: NodeFigure) -> str:
    if node.cpu_percent is None:
        return DIM
    return WARN if node.cpu_percent >= _BUSY_PERCENT else DIM
