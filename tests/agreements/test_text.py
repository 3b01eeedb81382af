from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given

from agreements import (
    Draft,
    InvalidText,
    Kind,
    Problem,
    ProblemCode,
    Provision,
    letters,
    numbers,
    roman,
    valid_key,
)
from agreements.frozen import FrozenMapping
from tests.agreements.strategies import drafts


def node(key: str, kind: Kind, *children: Provision, words: str = "") -> Provision:
    return Provision(key, kind, {"es": ""}, {"es": words}, children)


def draft(*provisions: Provision) -> Draft:
    return Draft({"es": "Acuerdo"}, provisions, ("es",))


AGREEMENT = draft(
    node("preamble", Kind.PREAMBLE, node("considering", Kind.PREAMBLE), node("agreeing", Kind.CLAUSE)),
    node(
        "principles",
        Kind.TITLE,
        node("purpose", Kind.ARTICLE, node("coalition", Kind.CLAUSE), node("autonomy", Kind.CLAUSE)),
        node("languages", Kind.ARTICLE, node("both", Kind.CLAUSE, node("detail", Kind.CLAUSE))),
    ),
    node("organs", Kind.TITLE, node("assembly", Kind.ARTICLE), node("loose", Kind.CLAUSE)),
    node("last", Kind.ARTICLE),
    node("glossary", Kind.ANNEX, node("term", Kind.CLAUSE), node("use", Kind.ARTICLE)),
    node("map", Kind.ANNEX),
)


def test_numbers_are_computed_from_the_place() -> None:
    assert numbers(AGREEMENT) == {
        "preamble": "",
        "considering": "",
        "agreeing": "",
        "principles": "I",
        "purpose": "1",
        "coalition": "1.1",
        "autonomy": "1.2",
        "languages": "2",
        "both": "2.1",
        "detail": "2.1.1",
        "organs": "II",
        "assembly": "3",
        "loose": "4",
        "last": "5",
        "glossary": "A",
        "term": "A.1",
        "use": "6",
        "map": "B",
    }


def test_a_clause_at_the_top_counts_as_an_article() -> None:
    short = draft(node("one", Kind.CLAUSE, node("detail", Kind.CLAUSE)), node("two", Kind.CLAUSE))
    assert numbers(short) == {"one": "1", "detail": "1.1", "two": "2"}


@pytest.mark.parametrize(
    ("number", "numeral"),
    [(1, "I"), (4, "IV"), (9, "IX"), (14, "XIV"), (40, "XL"), (90, "XC"), (400, "CD"), (1994, "MCMXCIV")],
)
def test_titles_count_in_roman_numerals(number: int, numeral: str) -> None:
    assert roman(number) == numeral


@pytest.mark.parametrize(
    ("number", "letter"), [(1, "a"), (14, "n"), (15, "o"), (26, "z"), (27, "aa"), (52, "az"), (703, "aaa")]
)
def test_items_are_lettered_alike_in_all_languages(number: int, letter: str) -> None:
    assert letters(number) == letter


def test_walking_tells_parent_depth_and_position_in_document_order() -> None:
    walked = [
        (place.provision.key, place.parent_key, place.depth, place.position) for place in AGREEMENT.walk()
    ]
    assert walked[:7] == [
        ("preamble", None, 0, 0),
        ("considering", "preamble", 1, 0),
        ("agreeing", "preamble", 1, 1),
        ("principles", None, 0, 1),
        ("purpose", "principles", 1, 0),
        ("coalition", "purpose", 2, 0),
        ("autonomy", "purpose", 2, 1),
    ]
    assert len(walked) == 18


def test_a_provision_is_found_by_its_key() -> None:
    found = AGREEMENT.find("both")
    assert found == node("both", Kind.CLAUSE, node("detail", Kind.CLAUSE))
    place = AGREEMENT.place("both")
    assert place is not None
    assert (place.provision, place.number) == (found, "2.1")
    assert AGREEMENT.find("nowhere") is None
    assert AGREEMENT.place("nowhere") is None


def test_words_are_normalised_whatever_way_they_come_in() -> None:
    provision = Provision(
        "k",
        Kind.CLAUSE,
        {"es": "  Introduccio\u0301n\r\n general "},
        {"en": "\r\n One\x00  \r\n\r\n\r\ntwo\t\n\n"},
    )
    assert provision == Provision(
        "k", Kind.CLAUSE, {"en": "", "es": "Introducci\u00f3n general"}, {"es": "", "en": " One\n\n\ntwo"}
    )
    assert provision.languages == {"es", "en"}


@pytest.mark.parametrize(
    "words", ["Ñuu Savi", "ku\u0331chi", "da\u02bcbi", "حق العودة", "Guelatao\u00a0de Juárez"]
)
def test_marks_saltillos_and_right_to_left_letters_survive(words: str) -> None:
    provision = Provision("k", Kind.CLAUSE, {"mix": words}, {"mix": words})
    assert (provision.heading("mix"), provision.body("mix")) == (words, words)


def test_a_text_hash_tells_the_words_of_the_languages_asked_for() -> None:
    provision = Provision("k", Kind.CLAUSE, {"es": "Fin", "en": "Aim"}, {"es": "Uno", "en": "One"})
    elsewhere = Provision(
        "z", Kind.ANNEX, {"es": "Fin", "en": "Aim"}, {"es": "Uno", "en": "Won"}, (provision,)
    )
    assert provision.text_hash("es") == elsewhere.text_hash("es")
    assert provision.text_hash("es", "en") == provision.text_hash("en", "es") == provision.text_hash()
    assert provision.text_hash("en") != elsewhere.text_hash("en")
    assert provision.text_hash() != elsewhere.text_hash()
    assert provision.text_hash("mix") != provision.text_hash("zap")


def test_a_text_hash_is_a_published_value() -> None:
    provision = Provision("k", Kind.CLAUSE, {"es": "Año"}, {"es": '"Uno"\ndos'})
    # printf '[["es","Año","\\"Uno\\"\\ndos"]]' | sha256sum
    assert provision.text_hash() == "42679a2fa250a8d798076be779e44aa0297ad0f1ae75bfcfdf8b7d00dab8db49"


def test_words_that_move_between_heading_and_body_change_the_hash() -> None:
    heading = Provision("k", Kind.CLAUSE, {"es": "Fin"}, {"es": ""})
    body = Provision("k", Kind.CLAUSE, {"es": ""}, {"es": "Fin"})
    assert heading.text_hash() != body.text_hash()


def test_a_content_hash_is_a_published_value() -> None:
    one = draft(node("k", Kind.CLAUSE, words="Ñ"))
    # printf '{"format":"agreement-1","languages":["es"],"provisions":[{"bodies":{"es":"Ñ"},"children":[],
    # "headings":{"es":""},"key":"k","kind":"clause"}],"titles":{"es":"Acuerdo"}}' | sha256sum
    assert one.content_hash == "88c75d2433a65557fb3545a256825f2f82df9b05907b2c2de938e030be48610b"


@pytest.mark.parametrize(
    "other",
    [
        Draft({"es": "Otro"}, (node("k", Kind.CLAUSE, words="Uno"),), ("es",)),
        Draft({"es": "Acuerdo"}, (node("l", Kind.CLAUSE, words="Uno"),), ("es",)),
        Draft({"es": "Acuerdo"}, (node("k", Kind.ANNEX, words="Uno"),), ("es",)),
        Draft({"es": "Acuerdo"}, (node("k", Kind.CLAUSE, words="Dos"),), ("es",)),
        Draft({"es": "Acuerdo"}, (node("k", Kind.CLAUSE, node("l", Kind.CLAUSE), words="Uno"),), ("es",)),
        Draft({"es": "Acuerdo"}, (node("k", Kind.CLAUSE, words="Uno"),), ("es", "en")),
    ],
)
def test_a_content_hash_tells_everything(other: Draft) -> None:
    assert draft(node("k", Kind.CLAUSE, words="Uno")).content_hash != other.content_hash


@given(drafts(), drafts())
def test_drafts_are_equal_exactly_if_their_hashes_are(one: Draft, other: Draft) -> None:
    assert (one == other) == (one.content_hash == other.content_hash)


@given(drafts(("es", "en")))
def test_a_draft_is_a_value_that_can_be_hashed_copied_and_stored(one: Draft) -> None:
    for twin in (copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert twin == one
        assert hash(twin) == hash(one)
        assert twin.content_hash == one.content_hash


def test_a_draft_without_a_title_in_a_language_has_an_empty_one() -> None:
    assert Draft({}, (), ("es", "en")) == Draft({"es": "", "en": " "}, (), ("es", "en"))


@pytest.mark.parametrize("key", ["a", "7", "clause-1", "annex-2-b"])
def test_keys_are_slugs(key: str) -> None:
    assert valid_key(key)


@pytest.mark.parametrize("key", ["", "A", "á", "a_b", "-a", "a-", "a--b", "a b", "a\n", "agreement"])
def test_other_keys_are_refused(key: str) -> None:
    assert not valid_key(key)
    with pytest.raises(InvalidText) as refusal:
        draft(node(key, Kind.CLAUSE))
    assert refusal.value.problems == (Problem(ProblemCode.BAD_KEY, data={"key": key}),)


def test_a_draft_says_everything_that_is_wrong_with_it() -> None:
    deep = node("k6", Kind.CLAUSE, words="deep")
    for level in (5, 4, 3, 2, 1):
        deep = node(f"k{level}", Kind.CLAUSE, deep)
    with pytest.raises(InvalidText) as refusal:
        Draft({"fr": "Accord"}, (deep, node("k1", Kind.CLAUSE)), ("en", "en"))
    assert refusal.value.problems == (
        Problem(ProblemCode.REPEATED_LANGUAGE, data={"language": "en"}),
        Problem(ProblemCode.UNKNOWN_LANGUAGE, data={"key": "agreement", "language": "fr"}),
        *(
            Problem(ProblemCode.UNKNOWN_LANGUAGE, data={"key": f"k{level}", "language": "es"})
            for level in (1, 2, 3, 4, 5)
        ),
        Problem(ProblemCode.TOO_DEEP, data={"key": "k6", "depth": 6, "maximum": 5}),
        Problem(ProblemCode.UNKNOWN_LANGUAGE, data={"key": "k6", "language": "es"}),
        Problem(ProblemCode.DUPLICATE_KEY, data={"key": "k1", "first_line": 0}),
        Problem(ProblemCode.UNKNOWN_LANGUAGE, data={"key": "k1", "language": "es"}),
    )


def test_a_draft_needs_a_language() -> None:
    with pytest.raises(InvalidText) as refusal:
        Draft({}, (), ())
    assert refusal.value.problems == (Problem(ProblemCode.NO_LANGUAGE),)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="chapter"):
        Provision("k", "chapter", {}, {})  # type: ignore[arg-type]


def test_a_frozen_mapping_is_a_copy_that_equals_any_mapping_of_the_same_items() -> None:
    source = {"es": "uno", "en": "one"}
    frozen = FrozenMapping(source)
    source["es"] = "dos"
    assert frozen == {"en": "one", "es": "uno"}
    assert hash(frozen) == hash(FrozenMapping({"en": "one", "es": "uno"}))
    assert (len(frozen), list(frozen), repr(frozen)) == (2, ["es", "en"], "{'es': 'uno', 'en': 'one'}")
    assert "__setitem__" not in dir(frozen)
