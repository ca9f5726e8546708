"""The table "What happened": what was done, why and by whom, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from galileo_experiments.page_parts import Column, table_of_html
from galileo_experiments.stories import Story

MOST_ROWS = 200


def happened_table(stories: Sequence[Story]) -> str:
    """Stories by time, the first ones of a run that has too many."""
    rows = [_row(story) for story in stories[:MOST_ROWS]]
    more = len(stories) - len(rows)
    caption = "Seconds after the start of the load; ← tells why" + (
        f"; {more} more are in the event log" if more else ""
    )
    columns = (
        Column("s"),
        Column("", is_word=True),
        Column("what, why and by whom, and what came of it", is_word=True),
    )
    return f'<h2 id="happened">What happened, in order</h2>{table_of_html(caption, columns, rows, css="happened")}'


def _row(story: Story) -> tuple[str, str, str]:
    why = f" <span>← {escape(story.why)}</span>" if story.why else ""
    by = f' <span class="small">({escape(story.by)})</span>' if story.by else ""
    steps = " · ".join(f"{step.t_s:.1f} {escape(step.text)}" for step in story.steps)
    below = f'<br><span class="steps">{steps}</span>' if steps else ""
    return f"{story.t_s:.1f}", f'<span class="tag">{escape(story.kind)}</span>', f"{escape(story.what)}{why}{by}{below}"
