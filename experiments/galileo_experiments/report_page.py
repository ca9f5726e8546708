"""report.html: the numbers and plots of a run in one file that needs no network and prints on paper.

The plots lie on one axis of time, one below the other, so that one can read down the page: what people waited for,
who served them, how many replicas there were, what pressed, how requests were shared out, what containers used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from galileo_experiments.container_usage import usage_points
from galileo_experiments.happened import all_stories
from galileo_experiments.marks import marks
from galileo_experiments.page_happened import happened_table
from galileo_experiments.page_head import accounting, key_figures, moves_table, stretches_table, what_ran
from galileo_experiments.page_hints import hints, hints_list
from galileo_experiments.page_parts import left_out, section
from galileo_experiments.page_style import STYLE
from galileo_experiments.plots.backdrop import Backdrop, backdrop_of
from galileo_experiments.plots.latency_plot import function_latency_figure, latency_figure
from galileo_experiments.plots.load_plots import replicas_figure, served_figure
from galileo_experiments.plots.pressure_plot import pressure_figure
from galileo_experiments.plots.resource_plot import resource_figure
from galileo_experiments.plots.weight_plot import weight_figure
from galileo_experiments.plots.zone_styles import ZoneStyles
from galileo_experiments.recorded_run import RecordedRun
from galileo_experiments.report import Report
from galileo_experiments.stories import Story

_SECTIONS = (
    ("numbers", "numbers"),
    ("latency", "response times"),
    ("served", "served where"),
    ("replicas", "replicas"),
    ("pressure", "pressure"),
    ("weights", "weights"),
    ("resources", "resources"),
    ("happened", "what happened"),
)


def report_page(run: RecordedRun, report: Report) -> str:
    """The whole page as HTML."""
    stories = all_stories(run, report)
    body = [
        f"<h1>{escape(report.scenario)}</h1>",
        f'<p class="lead">{escape(what_ran(run.scenario, report))}</p>',
        f'<p class="quiet">The scenario: {escape(run.scenario.description)}</p>' if run.scenario.description else "",
        key_figures(report),
        *(f'<p class="note">{escape(note)}</p>' for note in report.notes),
        *(f'<p class="quiet">{escape(remark)}</p>' for remark in report.remarks),
        accounting(report),
        hints_list(hints(run, report)),
        "<nav>" + "".join(f'<a href="#{anchor}">{title}</a>' for anchor, title in _SECTIONS) + "</nav>",
        '<h2 id="numbers">Response times in numbers</h2>',
        stretches_table(report),
        moves_table(report),
        *_plots(run, report, stories),
        happened_table(stories),
        f'<p class="small">{escape(_origin(report))}</p>',
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(report.scenario)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head>\n<body>\n" + "\n".join(filter(None, body)) + "\n</body></html>\n"
    )


def _origin(report: Report) -> str:
    return (
        f"Scenario {report.scenario}, seed {report.seed}, {report.measured_s:.0f} of {report.duration_s:.0f} s. "
        "The same numbers, and more, are in report.json; `galileo report FOLDER` makes this page again."
    )


def _plots(run: RecordedRun, report: Report, stories: Sequence[Story]) -> Iterator[str]:
    styles = ZoneStyles([zone.name for zone in run.scenario.zones])
    backdrop = backdrop_of(report)
    yield from _latency(run, report, stories, backdrop, styles)
    if not run.requests:
        return
    yield section(
        "served",
        "Where requests were served",
        "By when they were sent, and by the zone whose pods answered.",
        [("requests a second by serving zone", served_figure(report, run.requests, backdrop, styles))],
    )
    yield section(
        "replicas", "Replicas by function and zone", "", [("replicas", replicas_figure(report, backdrop, styles))]
    )
    yield _pressure(report, backdrop, styles)
    yield _weights(report, backdrop, styles)
    yield _resources(run, report, backdrop, styles)


def _latency(
    run: RecordedRun, report: Report, stories: Sequence[Story], backdrop: Backdrop, styles: ZoneStyles
) -> Iterator[str]:
    title = "Response times by client zone, and what happened"
    if not run.requests:
        yield left_out("latency", title, "No request is recorded, so that there is nothing to draw.")
        return
    figures = [(title, latency_figure(report, run.requests, marks(run, report, stories), backdrop, styles))]
    if len({request.function for request in run.requests}) > 1:
        by_function = function_latency_figure(report, run.requests, backdrop, styles)
        figures.append(("response times by function", by_function))
    yield section(
        "latency",
        title,
        "Each request is a point. Marks above have the colour of the zone where it happened; people who move and other "
        "changes of the load are dotted lines, faults grey spans, pauses hatched ones, in all plots.",
        figures,
    )


def _pressure(report: Report, backdrop: Backdrop, styles: ZoneStyles) -> str:
    title = "Pressure on the gateways, against the thresholds"
    if not report.pressure:
        off = "pressure_calculator" not in report.services
        why = "pressure_calculator did not run." if off else "No round of pressures per function is recorded."
        return left_out("pressure", title, why)
    text = "The highest over client zones, at each evaluation; above the upper line a replica is asked for."
    return section("pressure", title, text, [("pressure", pressure_figure(report, backdrop, styles))])


def _weights(report: Report, backdrop: Backdrop, styles: ZoneStyles) -> str:
    title = "Weights: how gateways share out requests"
    functions = sorted({row.fn for row in report.weights})
    if not functions:
        off = "weight_optimizer" not in report.services
        return left_out(
            "weights", title, "weight_optimizer did not run." if off else "No change of weights is recorded."
        )
    text = (
        "In the colour of the zone to which requests go: the zone's own replicas first, a white line between two, then "
        "the gateways of other zones."
    )
    figures = [(f"weights of {fn}", weight_figure(fn, report, backdrop, styles)) for fn in functions]
    return section("weights", title, text, figures)


def _resources(run: RecordedRun, report: Report, backdrop: Backdrop, styles: ZoneStyles) -> str:
    title = "What containers used, requested and were recommended"
    pairs = sorted({(row.fn, row.container) for row in report.usage})
    if not pairs:
        off = "telemetry_ingester" not in report.services
        why = "telemetry_ingester did not run." if off else "No telemetry of functions' containers is recorded."
        return left_out("resources", title, why)
    text = "Dots are containers in windows of telemetry, coloured by zone, lines their means. "
    if not report.recommendations:
        off = "vpa_recommender" not in report.services
        text += "vpa_recommender did not run." if off else "No recommendation is recorded."
    else:
        text += "Where the upper bound leaves the plot, history is still too short to narrow it."
    points = usage_points(run)
    figures = [
        (f"resources of {fn}", resource_figure(fn, container, report, points, backdrop, styles))
        for fn, container in pairs
    ]
    return section("resources", title, text, figures)
