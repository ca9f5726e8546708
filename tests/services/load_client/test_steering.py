"""Where clients call from and who pauses, by what was asked."""

from __future__ import annotations

import pytest
from galileo_services.load_client.steering import Steering, SteeringError

FUNCTIONS = ("resnet", "mobilenet")
ZONES = ("zone-a", "zone-b", "zone-c")
IN_A = (("resnet", "zone-a"), ("mobilenet", "zone-a"))


@pytest.fixture
def steering() -> Steering:
    return Steering(FUNCTIONS, ZONES)


def paused(steering: Steering) -> set[tuple[str, str]]:
    return {(fn, zone) for fn in FUNCTIONS for zone in ZONES if steering.pauses(fn, zone)}


def test_without_asks_people_call_from_where_their_schedule_says(steering: Steering) -> None:
    assert steering.zone_of("resnet", "zone-b") == "zone-b"
    assert paused(steering) == set()


def test_a_pause_without_names_is_everybodys(steering: Steering) -> None:
    steering.pause("", "")
    assert paused(steering) == {(fn, zone) for fn in FUNCTIONS for zone in ZONES}


def test_a_pause_is_of_a_function_of_a_zone_or_of_both(steering: Steering) -> None:
    steering.pause("resnet", "zone-a")
    assert paused(steering) == {("resnet", "zone-a")}
    steering.pause("", "zone-b")
    assert paused(steering) == {("resnet", "zone-a"), ("resnet", "zone-b"), ("mobilenet", "zone-b")}


def test_some_of_those_who_pause_may_go_on_alone(steering: Steering) -> None:
    steering.pause("", "")
    steering.resume("resnet", "")
    assert paused(steering) == {("mobilenet", zone) for zone in ZONES}


def test_a_pause_that_changes_nothing_is_refused(steering: Steering) -> None:
    steering.pause("resnet", "")
    with pytest.raises(SteeringError, match="clients of resnet in zone-a pause already"):
        steering.pause("resnet", "zone-a")
    steering.pause("", "")
    with pytest.raises(SteeringError, match="clients pause already"):
        steering.pause("", "")


def test_nobody_goes_on_who_does_not_pause(steering: Steering) -> None:
    steering.pause("resnet", "zone-a")
    with pytest.raises(SteeringError, match="clients of mobilenet do not pause"):
        steering.resume("mobilenet", "")


def test_who_moves_calls_from_elsewhere_until_moved_again(steering: Steering) -> None:
    assert steering.move("resnet", "zone-a", "zone-b", present=IN_A) == ["resnet"]
    assert steering.zone_of("resnet", "zone-a") == "zone-b"
    assert steering.zone_of("mobilenet", "zone-a") == "zone-a"
    steering.move("resnet", "zone-b", "zone-c", present=[("resnet", "zone-b")])
    assert steering.zone_of("resnet", "zone-a") == "zone-c"


def test_a_move_takes_along_those_whose_schedule_brought_them_there(steering: Steering) -> None:
    steering.move("resnet", "zone-a", "zone-b", present=IN_A)
    steering.move("resnet", "zone-b", "zone-a", present=[("resnet", "zone-b")])
    assert steering.zone_of("resnet", "zone-a") == "zone-a"
    assert steering.zone_of("resnet", "zone-b") == "zone-a"


def test_a_move_without_a_function_moves_all_who_are_there(steering: Steering) -> None:
    assert steering.move("", "zone-a", "zone-b", present=[*IN_A, ("resnet", "zone-c")]) == ["mobilenet", "resnet"]
    assert steering.zone_of("resnet", "zone-c") == "zone-c"


def test_a_move_from_where_nobody_is_is_refused(steering: Steering) -> None:
    with pytest.raises(SteeringError, match="no clients of resnet call from zone-b now"):
        steering.move("resnet", "zone-b", "zone-c", present=IN_A)
    with pytest.raises(SteeringError, match="no clients call from zone-b now"):
        steering.move("", "zone-b", "zone-c", present=IN_A)
    assert steering.zone_of("resnet", "zone-b") == "zone-b"


@pytest.mark.parametrize(
    ("fn", "origin", "destination", "reason"),
    [
        ("blur", "zone-a", "zone-b", "nobody calls a function 'blur'; there are mobilenet, resnet"),
        ("", "zone-x", "zone-b", "there is no zone 'zone-x'; there are zone-a, zone-b, zone-c"),
        ("", "zone-a", "zone-x", "there is no zone 'zone-x'"),
        ("", "zone-a", "zone-a", "a move is from one zone to another"),
        ("", "", "zone-b", "a move is from one zone to another"),
        ("", "zone-a", "", "a move is from one zone to another"),
    ],
)
def test_a_move_that_cannot_be_says_why(
    steering: Steering, fn: str, origin: str, destination: str, reason: str
) -> None:
    with pytest.raises(SteeringError, match=reason):
        steering.move(fn, origin, destination, present=IN_A)


def test_a_pause_of_a_function_holds_wherever_its_clients_move(steering: Steering) -> None:
    steering.pause("resnet", "")
    steering.move("resnet", "zone-a", "zone-b", present=IN_A)
    assert steering.pauses("resnet", steering.zone_of("resnet", "zone-a"))


def test_a_pause_of_a_zone_holds_for_whoever_is_there(steering: Steering) -> None:
    steering.pause("", "zone-b")
    steering.move("resnet", "zone-a", "zone-b", present=IN_A)
    assert steering.pauses("resnet", steering.zone_of("resnet", "zone-a"))
