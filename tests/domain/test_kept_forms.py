"""What was typed comes back as it was, and its key is no other's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conference.domain.kept_forms import KeptForm, as_text, from_text, kept_digest, packed, unpacked

KEY, OTHER = bytes(range(32)), bytes(32)
# A browser sends any text; lone halves of surrogate pairs it cannot.
typed = st.text(st.characters(exclude_categories=["Cs"]))
forms = st.builds(KeptForm, page=typed, fields=st.lists(st.tuples(typed, typed)).map(tuple))


@given(forms)
def test_what_was_typed_comes_back_letter_by_letter_and_in_its_order(form: KeptForm) -> None:
    assert unpacked(packed(form)) == form


def test_a_cookie_holds_a_key_as_text_and_nothing_else_passes_for_one() -> None:
    assert from_text(as_text(KEY)) == KEY
    assert [from_text(text) for text in (None, "", "short", 7, "ñ" * 44, as_text(KEY[:31]))] == [None] * 6


def test_what_is_stored_of_a_key_is_not_the_key() -> None:
    assert len(kept_digest(KEY)) == 64
    assert as_text(KEY) not in kept_digest(KEY)
    assert kept_digest(KEY) != kept_digest(OTHER)
