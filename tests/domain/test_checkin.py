"""The door that a volunteer finds first, and what it says of a text that is no ticket."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from conference.domain.checkin import ENTRANCE, ScanOutcome, Sitting, default_door, refusal
from conference.domain.tickets import TicketFault


def at(hour: int, minute: int = 0) -> datetime:
    return datetime.combine(date(2026, 7, 11), time(hour, minute))


MORNING = Sitting("manana", at(9), 60)
EVENING = Sitting("tarde", at(18), 60)


@pytest.mark.parametrize(
    ("hour", "minute", "door"),
    [
        (5, 59, "manana"),
        (6, 0, "manana"),
        (9, 30, "manana"),
        (12, 59, "manana"),
        (14, 0, "manana"),
        (15, 0, "tarde"),
        (18, 30, "tarde"),
        (22, 0, "tarde"),
        (23, 0, "manana"),
    ],
)
def test_the_sitting_that_is_near_is_the_first_choice_else_the_first_of_the_day(
    hour: int, minute: int, door: str
) -> None:
    assert default_door([MORNING, EVENING], moment=at(hour, minute)) == door


def test_a_day_without_sittings_has_its_entrance() -> None:
    assert default_door([], moment=at(9)) == ENTRANCE


def test_what_we_did_not_sign_is_unknown_and_what_we_signed_elsewhere_says_so() -> None:
    assert {fault: refusal(fault) for fault in TicketFault} == {
        TicketFault.WRONG_FORM: ScanOutcome.UNKNOWN,
        TicketFault.WRONG_SIGNATURE: ScanOutcome.UNKNOWN,
        TicketFault.OTHER_CONFERENCE: ScanOutcome.OTHER_CONFERENCE,
    }
