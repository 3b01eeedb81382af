"""A card's code has one spelling; a card opens one phone, once, until it expires."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.domain.cards import (
    CODE_ALPHABET,
    CODE_LENGTH,
    CardState,
    canonical_card_code,
    card_code_digest,
    card_state,
    shown_card_code,
    why_not_at_the_desk,
)

NOW = datetime(2026, 7, 11, 17, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=21)

codes = st.text(CODE_ALPHABET, min_size=CODE_LENGTH, max_size=CODE_LENGTH)


@given(codes)
def test_a_code_is_read_as_it_was_printed(code: str) -> None:
    assert canonical_card_code(shown_card_code(code)) == code


@given(codes, st.sampled_from(["", " ", "-", " – "]))
def test_case_hyphens_and_blanks_do_not_matter(code: str, between: str) -> None:
    assert canonical_card_code(between.join(code.lower())) == code


def test_a_code_is_shown_in_two_groups_of_five() -> None:
    assert shown_card_code("7KQ2MXWD94") == "7KQ2M-XWD94"


@pytest.mark.parametrize(("typed", "meant"), [("SBU2MXWD94", "58V2MXWD94"), ("sbu2m-xwd94", "58V2MXWD94")])
def test_what_is_mistaken_for_a_letter_of_the_code_is_read_as_it(typed: str, meant: str) -> None:
    assert canonical_card_code(typed) == meant


@pytest.mark.parametrize("typed", ["", "7KQ2M", "7KQ2M-XWD944", "OIL0M-XWD94", "A1:CARD:XX", "ñandúñandú"])
def test_nothing_else_is_a_code(typed: str) -> None:
    assert canonical_card_code(typed) is None


@given(codes)
def test_nobody_without_the_key_can_try_codes(code: str) -> None:
    assert card_code_digest(code, key=b"a" * 32) != card_code_digest(code, key=b"b" * 32)


@pytest.mark.parametrize(
    ("used_at", "revoked_at", "expires_at", "state"),
    [
        (None, None, LATER, CardState.WAITING),
        (None, None, NOW + timedelta(microseconds=1), CardState.WAITING),
        (None, None, NOW, CardState.EXPIRED),
        (NOW, None, LATER, CardState.USED),
        (NOW, None, NOW, CardState.USED),
        (None, NOW, LATER, CardState.REVOKED),
        (NOW, NOW, NOW, CardState.REVOKED),
    ],
)
def test_a_card_is_good_once_and_for_a_time(
    used_at: datetime | None, revoked_at: datetime | None, expires_at: datetime, state: CardState
) -> None:
    assert card_state(used_at=used_at, revoked_at=revoked_at, expires_at=expires_at, now=NOW) is state


@pytest.mark.parametrize(
    ("has_address", "has_role", "refusal"),
    [
        (False, False, None),
        (True, False, "card_for_address"),
        (False, True, "card_for_role"),
        (True, True, "card_for_address"),
    ],
)
def test_the_desk_prints_cards_for_those_who_have_no_other_way(
    has_address: bool, has_role: bool, refusal: str | None
) -> None:
    assert why_not_at_the_desk(has_address=has_address, has_role=has_role) == refusal
