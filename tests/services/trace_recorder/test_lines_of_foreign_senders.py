"""Which published lines are a foreign sender's, and which ones came by the record stream as well."""

from __future__ import annotations

from galileo_services.trace_recorder.foreign_lines import ForeignLines


def test_a_published_line_waits_for_its_twin_and_is_foreign_when_none_comes() -> None:
    lines = ForeignLines(patience_s=2.0)
    lines.published(b"r1,a", 0.0)
    assert lines.foreign(1.9) == []
    assert lines.foreign(2.0) == [b"r1,a"]
    assert lines.foreign(9.0) == []


def test_the_twin_may_come_before_or_after() -> None:
    lines = ForeignLines(patience_s=2.0)
    lines.came_by_stream(b"r1,a", 0.0)
    lines.published(b"r1,a", 0.1)
    lines.published(b"r2,a", 0.1)
    lines.came_by_stream(b"r2,a", 1.5)
    assert lines.foreign(5.0) == []


def test_a_request_is_news_once_whichever_way_it_comes() -> None:
    lines = ForeignLines(patience_s=2.0)
    assert lines.came_by_stream(b"r1,a", 0.0)
    assert not lines.came_by_stream(b"r1,a", 0.0)
    lines.published(b"r2,a", 0.0)
    lines.published(b"r2,a", 0.0)
    assert lines.foreign(2.0) == [b"r2,a"]
    assert not lines.came_by_stream(b"r2,a", 3.0)


def test_at_the_end_nothing_waits_any_longer() -> None:
    lines = ForeignLines(patience_s=2.0)
    lines.came_by_stream(b"r1,a", 0.0)
    lines.published(b"r1,a", 0.0)
    lines.published(b"r2,a", 0.0)
    assert lines.rest(0.0) == [b"r2,a"]


def test_what_came_long_ago_is_forgotten() -> None:
    lines = ForeignLines(patience_s=2.0)
    lines.came_by_stream(b"r1,a", 0.0)
    assert lines.foreign(10.0) == []
    assert not lines.came_by_stream(b"r1,a", 10.0)
    lines.foreign(20.1)
    assert lines.came_by_stream(b"r1,a", 20.1)
