"""Codes of eight digits: however they are drawn, shown and typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.domain.accounts import SIGN_IN_CODES, canonical_code, code_digest, shown_code, sign_in_code

KEY = b"a key for tests"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0000 0000"),
        (7, "0000 0007"),
        (48210937, "4821 0937"),
        (937, "0000 0937"),
        (99999999, "9999 9999"),
    ],
)
def test_a_code_is_shown_in_two_groups_and_keeps_its_zeros(number: int, shown: str) -> None:
    assert shown_code(sign_in_code(number)) == shown


@given(st.integers(0, SIGN_IN_CODES - 1), st.sampled_from(["", " ", "-", "  ", " - ", "\u00a0"]))
def test_a_code_is_the_same_however_it_is_typed(number: int, between: str) -> None:
    code = sign_in_code(number)
    typed = f" {code[:4]}{between}{code[4:]} "
    assert (len(code), canonical_code(typed)) == (8, code)
    assert code_digest(typed, email="Ana@Example.org ", key=KEY) == code_digest(
        code, email="ana@example.org", key=KEY
    )


def test_the_same_code_of_another_address_or_key_is_another() -> None:
    digests = {
        code_digest("48210937", email=email, key=key)
        for email in ("ana@example.org", "beto@example.org")
        for key in (KEY, b"another key")
    }
    assert len(digests) == 4
