"""The reforms of three Chilean laws, each read as an amendment of the version before it."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise, permutations

import pytest

from agreements.amendments import InvalidAmendment
from agreements.collision import apply, collisions
from agreements.comparison import compare
from agreements.contact import Touch
from agreements.difference import difference
from agreements.division import divide, pieces
from agreements.rebase import Standing, rebase
from agreements.words import Mark
from tests.agreements.chilean_laws import LANGUAGE, law_hash, read_versions

pytestmark = pytest.mark.real_data

LAWS = {"BCN-29472": 21, "BCN-61438": 9, "BCN-1008668": 4}
REFORMS = [(law, number) for law, versions in LAWS.items() for number in range(1, versions)]


@pytest.fixture(scope="module")
def reforms(real_data):
    folder = real_data / "legal" / "chile-laws"
    return {
        (law, number): (before, after, difference(before, after, name="reform"))
        for law in LAWS
        for number, (before, after) in enumerate(pairwise(read_versions(folder, law)), start=1)
    }


def halves(before, reform):
    """The reform in two parts: cut in the middle, or behind, where a part would not stand by itself."""
    found = list(range(len(pieces(before, reform))))
    for cut in range(len(found) // 2, len(found)):
        try:
            return divide(before, reform, [found[:cut], found[cut:]])
        except InvalidAmendment:
            continue
    return None


def test_every_pair_of_versions_is_there(reforms):
    assert list(reforms) == REFORMS
    assert len(REFORMS) == 31


@pytest.mark.parametrize(("law", "number"), REFORMS)
def test_the_reform_makes_the_next_version_to_the_letter(law, number, reforms, real_data):
    before, after, reform = reforms[law, number]
    expected = json.loads((real_data / "legal" / "chile-laws" / "expected.json").read_text("utf-8"))
    adopted = apply(before, [reform])
    assert adopted.content_hash == after.content_hash
    assert law_hash(adopted) == expected[law]["list"][number]["body_sha256"]


@pytest.mark.parametrize("law", ["BCN-1008668", "BCN-61438"])
def test_any_version_can_be_made_of_any_other(law, real_data):
    versions = read_versions(real_data / "legal" / "chile-laws", law)
    for before, after in permutations(versions, 2):
        assert apply(before, [difference(before, after, name="reform")]).content_hash == after.content_hash


@pytest.mark.parametrize(("law", "number"), REFORMS)
def test_two_halves_of_a_reform_merge_without_collision(law, number, reforms):
    before, after, reform = reforms[law, number]
    parts = halves(before, reform)
    if parts is None:
        assert len(pieces(before, reform)) == 1
        return
    first, second = parts
    assert collisions(before, parts) == ()
    assert apply(before, [second, first]).content_hash == after.content_hash
    branch = apply(before, [first])
    (carried,) = rebase(before, [first], [second])
    assert carried.standing is Standing.REBASED
    assert apply(branch, [carried.amendment]).content_hash == after.content_hash


def test_a_half_and_the_whole_merge_into_the_whole_or_say_where_they_touch(reforms):
    """They overlap: a sentence that the whole writes anew and the half only in part is told, not mixed."""
    told = {}
    for (law, number), (before, after, reform) in reforms.items():
        first, _ = halves(before, reform) or (reform, None)
        if found := collisions(before, [first, reform]):
            told[law, number] = {contact.key for pair in found for contact in pair.contacts}
        else:
            assert apply(before, [first, reform]).content_hash == after.content_hash
    assert told == {("BCN-29472", 5): {"articulo-40"}, ("BCN-29472", 18): {"articulo-60"}}


def test_two_halves_that_overlap_merge_into_the_whole_or_say_where_they_touch(reforms):
    told = {}
    for (law, number), (before, after, reform) in reforms.items():
        found = list(range(len(pieces(before, reform))))
        third = len(found) // 3
        first = taken(before, reform, found, found[: 2 * third])
        second = taken(before, reform, found, found[third:])
        if first is None or second is None:
            continue
        second = replace(second, name="other")
        if clashes := collisions(before, [first, second]):
            told[law, number] = {contact.key for pair in clashes for contact in pair.contacts}
        else:
            assert apply(before, [first, second]).content_hash == after.content_hash
    assert told == {("BCN-29472", 18): {"articulo-59"}}


def taken(before, reform, found, chosen):
    """The reform with these pieces alone, if they stand by themselves."""
    rest = [number for number in found if number not in chosen]
    try:
        return divide(before, reform, [part for part in (chosen, rest) if part])[0] if chosen else None
    except InvalidAmendment:
        return None


def test_two_reforms_of_the_same_words_collide_and_say_which(reforms):
    """Each reform beside the one that followed it, both written against the text before either."""
    told = {}
    for law, number in REFORMS:
        if (law, number + 1) not in reforms:
            continue
        before, middle, reform = reforms[law, number]
        _, after, _ = reforms[law, number + 1]
        both = difference(before, after, name="two reforms")
        found = [contact for pair in collisions(before, [reform, both]) for contact in pair.contacts]
        touched = {contact.key for contact in found if contact.touch is Touch.WORDS}
        rewritten = [
            {one.key for one in compare(*pair).changes} for pair in ((before, middle), (middle, after))
        ]
        assert touched <= rewritten[0] & rewritten[1]
        told[law, number] = sorted(touched)
    assert {reform: articles for reform, articles in told.items() if articles} == REWRITTEN_TWICE


REWRITTEN_TWICE = {
    ("BCN-29472", 1): ["articulo-57"],
    ("BCN-29472", 8): ["articulo-132"],
    ("BCN-29472", 10): ["articulo-131", "articulo-172"],
    ("BCN-29472", 13): ["articulo-4-bis"],
    ("BCN-29472", 14): ["articulo-138", "articulo-223", "articulo-228", "articulo-230", "articulo-236"],
    ("BCN-29472", 16): ["articulo-10", "articulo-138"],
    ("BCN-61438", 1): ["articulo-14"],
    ("BCN-61438", 4): ["articulo-55"],
    ("BCN-61438", 7): ["articulo-17-k", "articulo-59"],
    ("BCN-1008668", 1): ["articulo-1", "articulo-15"],
}


@pytest.mark.parametrize(("law", "number"), REFORMS)
def test_the_marks_hold_both_versions(law, number, reforms):
    before, after, _ = reforms[law, number]
    for one in compare(before, after).changes:
        for draft, gone in ((before, Mark.INSERTED), (after, Mark.DELETED)):
            place = draft.place(one.key)
            body = one.words[LANGUAGE].body
            kept = "".join(span.text for span in body if span.mark is not gone)
            assert kept == (place.provision.body(LANGUAGE) if place else "")
