"""What was typed is sealed, and only its own key opens it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conference.domain.kept_forms import KeptForm, as_text, from_text, kept_digest, seal, unseal

KEY, OTHER = bytes(range(32)), bytes(32)
# A browser sends any text; lone halves of surrogate pairs it cannot.
typed = st.text(st.characters(exclude_categories=["Cs"]))
forms = st.builds(KeptForm, page=typed, fields=st.lists(st.tuples(typed, typed)).map(tuple))


@given(forms)
def test_what_was_typed_comes_back_letter_by_letter_and_in_its_order(form: KeptForm) -> None:
    assert unseal(seal(form, key=KEY), key=KEY) == form


@given(forms)
def test_another_key_opens_nothing(form: KeptForm) -> None:
    assert unseal(seal(form, key=KEY), key=OTHER) is None


def test_what_was_changed_opens_no_more() -> None:
    sealed = bytearray(seal(KeptForm("/es/", (("badge_name", "Nombre Reservado"),)), key=KEY))
    assert b"Reservado" not in sealed
    sealed[0] ^= 1
    assert unseal(bytes(sealed), key=KEY) is None


def test_a_cookie_holds_a_key_as_text_and_nothing_else_passes_for_one() -> None:
    assert from_text(as_text(KEY)) == KEY
    assert [from_text(text) for text in (None, "", "short", 7, "ñ" * 44, as_text(KEY[:31]))] == [None] * 6


def test_what_is_stored_of_a_key_is_not_the_key() -> None:
    assert len(kept_digest(KEY)) == 64
    assert as_text(KEY) not in kept_digest(KEY)
    assert kept_digest(KEY) != kept_digest(OTHER)
