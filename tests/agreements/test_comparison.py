import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements import Draft, Kind, Provision
from agreements.comparison import Change, compare, moved
from agreements.redline import plain
from tests.agreements.editing import rewritten, written_drafts
from tests.timing import within


def provision(key, words="", *children, kind=Kind.ARTICLE):
    return Provision(key, kind, {"es": ""}, {"es": words}, children)


def draft(*provisions, title="Acuerdo"):
    return Draft({"es": title}, provisions, ("es",))


BEFORE = draft(
    provision("a", "Las partes crean un fondo."),
    provision("b", "Se reúne cada año.", provision("b1", "En julio."), provision("b2", "En Oaxaca.")),
    provision("c", "El comité tiene cinco personas."),
)


def changes(after):
    return {one.key: one.change for one in compare(BEFORE, after).changes}


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (BEFORE.provisions, {}),
        (BEFORE.provisions[:2], {"c": Change.DELETED}),
        ((*BEFORE.provisions, provision("d")), {"d": Change.ADDED}),
        ((*BEFORE.provisions[:2], provision("c", "El comité tiene seis personas.")), {"c": Change.CHANGED}),
        ((BEFORE.provisions[2], *BEFORE.provisions[:2]), {"c": Change.MOVED}),
        (
            (provision("c", "El comité sobra."), *BEFORE.provisions[:2]),
            {"c": Change.MOVED_AND_CHANGED},
        ),
        (
            (
                BEFORE.provisions[0],
                provision("b", "Se reúne cada año.", provision("b2", "En Oaxaca.")),
                provision("b1", "En julio."),
                BEFORE.provisions[2],
            ),
            {"b1": Change.MOVED},
        ),
        # what is deleted takes along what is in it
        (
            (BEFORE.provisions[0], BEFORE.provisions[2]),
            {"b": Change.DELETED, "b1": Change.DELETED, "b2": Change.DELETED},
        ),
        (
            (*BEFORE.provisions[:2], provision("c", "El comité tiene cinco personas.", kind=Kind.ANNEX)),
            {"c": Change.CHANGED},
        ),
    ],
)
def test_each_provision_has_its_fate(after, expected):
    assert changes(draft(*after)) == expected


def test_the_words_are_marked():
    after = draft(*BEFORE.provisions[:2], provision("c", "El comité tiene 1,500 personas."), title="Convenio")
    comparison = compare(BEFORE, after)
    assert plain(comparison.find("c").words["es"].body) == "El comité tiene [-cinco-]{+1,500+} personas."
    assert plain(comparison.titles["es"]) == "[-Acuerdo-]{+Convenio+}"
    assert [one.words["es"].changed for one in comparison.provisions] == [False, False, False, False, True]
    assert comparison.find("z") is None


def test_before_and_after_say_where_it_stands():
    found = compare(BEFORE, draft(BEFORE.provisions[2], *BEFORE.provisions[:2])).find("c")
    assert (found.before.number, found.after.number) == ("5", "1")
    found = compare(BEFORE, draft()).find("c")
    assert (found.before.number, found.after) == ("5", None)


def test_what_was_deleted_stands_where_it_stood():
    after = draft(
        provision("n1"),
        provision("b", "", provision("n2"), provision("b2")),
        provision("a1", "de otro lugar"),
    )
    before = draft(
        provision("x", "", provision("x1")),
        provision("b", "", provision("b1"), provision("b2"), provision("b3")),
        provision("y"),
        provision("z", "", provision("a1")),
    )
    keys = [one.key for one in compare(before, after).provisions]
    assert keys == ["x", "x1", "n1", "b", "b1", "n2", "b2", "b3", "y", "z", "a1"]


def test_what_was_deleted_stands_behind_the_last_before_it_that_is_still_there():
    before = draft(*(provision(key) for key in ("one", "two", "gone", "also-gone", "three")))
    after = draft(*(provision(key) for key in ("one", "two", "three")))
    assert [one.key for one in compare(before, after).provisions] == [
        "one",
        "two",
        "gone",
        "also-gone",
        "three",
    ]


def test_a_language_that_begins_or_ends_is_a_change():
    both = Draft({}, (Provision("a", Kind.CLAUSE, {}, {"es": "uno", "en": "one"}),), ("es", "en"))
    one = Draft({}, (Provision("a", Kind.CLAUSE, {}, {"es": "uno"}),), ("es", "en"))
    found = compare(one, both).find("a")
    assert found.change is Change.CHANGED
    assert {language: plain(words.body) for language, words in found.words.items()} == {
        "es": "uno",
        "en": "{+one+}",
    }
    assert compare(both, one).find("a").change is Change.CHANGED


def test_a_language_of_one_draft_only_is_compared_too():
    spanish = Draft({"es": "Acuerdo"}, (), ("es",))
    english = Draft({"en": "Agreement"}, (), ("en",))
    titles = compare(spanish, english).titles
    assert {language: plain(title) for language, title in titles.items()} == {
        "es": "[-Acuerdo-]",
        "en": "{+Agreement+}",
    }


@given(st.data())
def test_the_marks_of_all_provisions_hold_both_drafts(data):
    before = data.draw(written_drafts())
    after = data.draw(rewritten(before))
    comparison = compare(before, after)
    for draft_, gone in ((before, "{+"), (after, "[-")):
        for place in draft_.walk():
            found = comparison.find(place.provision.key)
            for language in place.provision.languages:
                kept = [
                    span.text for span in found.words[language].body if not plain([span]).startswith(gone)
                ]
                assert "".join(kept) == place.provision.body(language)
    kept = {
        one.key for one in comparison.provisions if one.change in (Change.MOVED, Change.MOVED_AND_CHANGED)
    }
    assert kept == moved(before, after)


def test_five_hundred_provisions_with_fifty_changes_take_less_than_300_ms():
    words = "Las organizaciones de las dos partes se reúnen {} veces, deciden en asamblea y publican. " * 4

    def unread(attempt):
        numbered = [
            words.format(*range(number, number + 4)) for number in range(1000 * attempt, 1000 * attempt + 500)
        ]
        again = [
            text.replace("deciden", "acuerdan", 1) if number % 10 == 0 else text
            for number, text in enumerate(numbered)
        ]
        return tuple(
            draft(*(provision(f"p{number}", text) for number, text in enumerate(texts)))
            for texts in (numbered, again)
        )

    assert len(within(0.3, compare, unread).changes) == 50
