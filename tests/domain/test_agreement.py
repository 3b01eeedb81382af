"""A draft comes back from its rows as it was, and only what is complete is votable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements import Draft, Kind, Provision
from conference.domain.agreement import Gap, GapKind, StoredText, restore
from conference.domain.errors import Conflict, Invalid
from tests.agreements.strategies import drafts

if TYPE_CHECKING:
    import random


def rows_of(draft: Draft, stale: frozenset[tuple[str, str]] = frozenset()) -> list[StoredText]:
    rows = []
    for position, place in enumerate(draft.walk()):
        one = place.provision
        for language in sorted(one.languages) or [None]:
            texts = (None, None, None)
            if language:
                texts = (one.heading(language), one.body(language), (one.key, language) in stale)
            rows.append(StoredText(one.key, place.parent_key, one.kind, position, language, *texts))
    return rows


@given(drafts(languages=("es", "en")), st.randoms(use_true_random=False))
def test_a_draft_is_restored_from_its_rows_in_any_order(draft: Draft, shuffler: random.Random):
    rows = rows_of(draft)
    shuffler.shuffle(rows)
    restored = restore(titles=draft.titles, languages=draft.languages, texts=rows)
    assert restored.draft == draft
    assert restored.draft.content_hash == draft.content_hash


def test_a_provision_without_any_words_keeps_its_place():
    draft = Draft({}, (Provision("bare", Kind.TITLE, {}, {}),), ("es",))
    assert restore(titles={}, languages=("es",), texts=rows_of(draft)).draft == draft


BOTH = {"es": "Uno", "en": "One"}
SAMPLE = Draft(
    {"es": "", "en": ""},
    (
        Provision("complete", Kind.CLAUSE, {}, BOTH),
        Provision("spanish", Kind.CLAUSE, {}, {"es": "Uno"}),
        Provision("stale", Kind.CLAUSE, {}, BOTH),
        Provision("gathering", Kind.TITLE, BOTH, {}, (Provision("annexed", Kind.ANNEX, BOTH, BOTH),)),
        Provision("half-headed", Kind.ARTICLE, {"en": "Only"}, BOTH),
    ),
    ("es", "en"),
)
TABLED = restore(
    titles=SAMPLE.titles, languages=SAMPLE.languages, texts=rows_of(SAMPLE, frozenset({("stale", "es")}))
)


@pytest.mark.parametrize("key", ["complete", "annexed"])
def test_what_has_words_in_every_language_is_votable(key):
    assert TABLED.votable(key) == SAMPLE.find(key)
    assert TABLED.gaps(SAMPLE.find(key)) == ()


@pytest.mark.parametrize(
    ("key", "kind", "code", "data"),
    [
        ("nowhere", Invalid, "provision_unknown", {"key": "nowhere"}),
        ("gathering", Invalid, "provision_without_words", {"key": "gathering"}),
        ("spanish", Conflict, "translation_missing", {"language": "en"}),
        ("half-headed", Conflict, "translation_missing", {"language": "es"}),
        ("stale", Conflict, "translation_stale", {"language": "es"}),
    ],
)
def test_what_is_incomplete_is_not_votable_and_says_why(key, kind, code, data):
    with pytest.raises(kind) as raised:
        TABLED.votable(key)
    assert (type(raised.value), raised.value.code, raised.value.data) == (kind, code, data)


def test_a_gap_names_the_language_that_holds_a_provision_back():
    assert TABLED.gaps(SAMPLE.find("spanish")) == (Gap(GapKind.MISSING, "en"),)
    assert TABLED.gaps(SAMPLE.find("stale")) == (Gap(GapKind.STALE, "es"),)
