"""What may be chosen when registering: codes and digits, and nothing else."""

from __future__ import annotations

import pytest

from conference.domain.answers import (
    MOST_CHILDREN,
    checked_choices,
    checked_needs,
    checked_phone,
    checked_service_places,
)
from conference.domain.errors import Invalid
from conference.domain.registration import AccessNeed, ServiceKind


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+52 951 123 4567", "+529511234567"),
        (" +1 (503) 555-0100 ", "+15035550100"),
        ("0052 951 123.4567", "+529511234567"),
        ("+1\u2011503\u2011555\u20110100", "+15035550100"),
    ],
)
def test_a_phone_is_kept_as_plus_and_digits_however_it_was_grouped(typed: str, kept: str) -> None:
    assert checked_phone(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "951 123 4567",
        "+52",
        "+",
        "",
        "+0951123456",
        "+1234567890123456",
        "+52 951 abc 4567",
        "call me",
        "+٥٢٩٥١١٢٣٤٥٦",
    ],
)
def test_a_phone_without_country_or_with_other_signs_is_not_guessed(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked_phone(typed)
    assert refusal.value.code == "phone_wrong"


def test_needs_are_codes_each_once_in_the_order_of_the_form() -> None:
    chosen = (AccessNeed.CAPTIONS, AccessNeed.STEP_FREE, AccessNeed.CAPTIONS)
    assert checked_needs(chosen) == (AccessNeed.STEP_FREE, AccessNeed.CAPTIONS)
    with pytest.raises(Invalid) as refusal:
        checked_needs(("diagnosis",))  # type: ignore[arg-type]
    assert refusal.value.code == "need_unknown"


def test_answers_are_choices_that_were_offered() -> None:
    offered = ("yes", "no", "later")
    assert checked_choices(("no",), offered=offered, several=False) == ["no"]
    assert checked_choices((), offered=offered, several=False) == []
    assert checked_choices(("later", "yes", "yes"), offered=offered, several=True) == ["yes", "later"]
    for chosen, several in ((("maybe",), True), (("yes", "no"), False)):
        with pytest.raises(Invalid) as refusal:
            checked_choices(chosen, offered=offered, several=several)
        assert refusal.value.code == "answer_unknown"


def test_of_childcare_a_place_a_child_is_booked_and_one_of_the_rest() -> None:
    assert checked_service_places(ServiceKind.CHILDCARE, MOST_CHILDREN) == MOST_CHILDREN
    assert checked_service_places(ServiceKind.TRANSPORT, 1) == 1
    wrong = (
        (ServiceKind.CHILDCARE, MOST_CHILDREN + 1),
        (ServiceKind.TRANSPORT, 2),
        (ServiceKind.CHILDCARE, 0),
    )
    for kind, places in wrong:
        with pytest.raises(Invalid) as refusal:
            checked_service_places(kind, places)
        assert refusal.value.code == "service_places_wrong"
