"""How lines are given to panels: everything fits, and what is needed most comes first."""

from __future__ import annotations

import pytest
from galileo_cli.view.panel_heights import FOOTER, HEADER, panel_heights, side_heights


@pytest.mark.parametrize("total", [18, 20, 24, 30, 40, 60, 200])
@pytest.mark.parametrize("zones", [(1, 1), (3, 7), (12, 40)])
@pytest.mark.parametrize("middle", [0, 3, 20])
def test_all_lines_are_given_and_no_panel_is_without(total: int, zones: tuple[int, int], middle: int) -> None:
    heights = panel_heights(total, zones=zones, middle=middle)
    given = (heights.zones, heights.middle, heights.lower, heights.log)
    assert sum(given) + HEADER + FOOTER == total
    assert all(lines >= 2 for lines in given)


def test_the_default_scenario_shows_its_nodes_in_thirty_lines_and_in_twenty_four() -> None:
    assert panel_heights(30, zones=(3, 6), middle=3).zones == 1 + 6
    assert panel_heights(24, zones=(3, 5), middle=3).zones == 1 + 5


def test_zones_stay_in_brief_when_their_details_do_not_fit() -> None:
    heights = panel_heights(24, zones=(3, 20), middle=3)
    assert heights.zones == 1 + 3
    assert heights.lower > 5


def test_more_room_goes_to_decisions_and_the_log() -> None:
    small, large = (panel_heights(total, zones=(3, 6), middle=3) for total in (30, 60))
    assert (large.zones, large.middle) == (small.zones, small.middle)
    assert large.lower - small.lower == 20
    assert large.log - small.log == 10


@pytest.mark.parametrize("total", [4, 5, 8, 9, 12, 30])
@pytest.mark.parametrize("faults", [0, 1, 9])
@pytest.mark.parametrize("resizes", [0, 1, 50])
def test_beside_the_decisions_all_lines_are_given_and_services_keep_what_they_need(
    total: int, faults: int, resizes: int
) -> None:
    side = side_heights(total, services=(2, 14), faults=faults, resizes=resizes)
    assert side.services + side.faults + side.resizes == total
    assert side.services >= 3
    assert 1 not in (side.faults, side.resizes), "a title alone tells nothing"


def test_faults_and_resizes_are_shown_when_there_are_any_and_when_there_is_room_to_say_that_there_are_none() -> None:
    assert side_heights(6, services=(1, 14), faults=0, resizes=0).faults == 0
    assert side_heights(6, services=(1, 14), faults=1, resizes=0).faults == 2
    assert side_heights(12, services=(1, 14), faults=0, resizes=0).faults == 2


def test_what_services_do_not_need_goes_to_resizes() -> None:
    side = side_heights(30, services=(1, 5), faults=0, resizes=50)
    assert (side.services, side.resizes) == (6, 22)
