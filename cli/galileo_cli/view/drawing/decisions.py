"""The last decisions, newest first, each with why it was made and what came of it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from galileo_cli.view.decision_chains import Chain, DecisionChains, Step
from galileo_cli.view.drawing.palette import ACCENT, BAD, DIM, GOOD, PLAIN, STRONG, WARN
from galileo_cli.view.drawing.strokes import placed
from galileo_cli.view.shown_run import ShownRun

_PASSED_ON = ("created", "bound")
"""Steps that need not be told when there is little room: those after them say that they were taken."""


def draw_decisions(chains: DecisionChains, run: ShownRun, width: int, height: int) -> list[Text]:
    """Two lines a decision, or one where they fit into one."""
    lines: list[Text] = []
    for chain in chains.newest():
        if len(lines) >= height:
            break
        lines += _lines(chain, run, width)
    if not lines:
        lines = [Text("nothing was decided yet", style=DIM)]
    return placed(lines, width, height)


def _lines(chain: Chain, run: ShownRun, width: int) -> list[Text]:
    moment = f"{run.moment(chain.at)} "
    margin = len(moment)
    for verb, why in (("scale ", chain.why), ("", chain.why), ("", chain.why_in_brief)):
        head = Text.assemble((moment, DIM), _decision(chain, verb, why))
        if head.cell_len <= width:
            break
    steps = _steps(chain, chain.steps)
    if head.cell_len + 2 + steps.cell_len <= width:
        return [head.append("  ").append_text(steps)]
    for skipped in ((), _PASSED_ON[:1], _PASSED_ON):
        steps = _steps(chain, [step for step in chain.steps if step.name not in skipped] or chain.steps[-1:])
        if margin + steps.cell_len <= width:
            break
    return [head, Text(" " * margin).append_text(steps)]


def _decision(chain: Chain, verb: str, why: str) -> Text:
    what = (f"{verb}down ", ACCENT) if chain.delete else (f"{verb}up ", WARN)
    line = Text.assemble(what, (chain.fn, STRONG), f" in {chain.dest_zone} ← ")
    if chain.by_hand:
        return line.append("by hand")
    return line.append(why or "no reason given")


def _steps(chain: Chain, steps: Sequence[Step]) -> Text:
    """With the seconds after the decision."""
    if not steps:
        return Text("nothing has come of it yet", style=DIM)
    text = Text(", ").join(_step(step, chain) for step in steps)
    return text.append(" s", style=DIM)


def _step(step: Step, chain: Chain) -> Text:
    words = f"{step.name} {step.detail}".strip()
    text = Text.assemble((words, BAD if step.failed else PLAIN))
    done = step.name in ("running", "gone")
    return text.append(f" +{max(0.0, step.at - chain.at):.1f}", style=GOOD if done else DIM)
