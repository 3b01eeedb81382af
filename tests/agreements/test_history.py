from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements import Draft, Kind, Misalignment, MisalignmentCode, Provision, alignment
from agreements.history import (
    Confirmation,
    HistoryProblem,
    InvalidHistory,
    StaleLanguage,
    require_line,
    stale_languages,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LANGUAGES = ("es", "en", "mix")
WORDS = {"es": "uno", "en": "one", "mix": "ɨn"}


def provision(key: str, words: Mapping[str, str], *children: Provision, heading: str = "") -> Provision:
    return Provision(key, Kind.CLAUSE, dict.fromkeys(words, heading), words, children)


def line(*drafts: Sequence[Provision], languages: Sequence[str] = LANGUAGES) -> list[Draft]:
    """Drafts, each made from the one before."""
    made: list[Draft] = []
    for provisions in drafts:
        parent = made[-1].content_hash if made else None
        made.append(Draft({}, tuple(provisions), tuple(languages), parent))
    return made


def rewritten(*texts: Mapping[str, str]) -> list[Draft]:
    """Drafts of one provision, `k`, whose words change."""
    return line(*([provision("k", words)] for words in texts))


def stale(drafts: Sequence[Draft], *confirmations: Confirmation) -> list[tuple[str, str]]:
    """Who is behind whom in the provision `k`."""
    found = stale_languages(drafts, confirmations)
    assert {one.key for one in found} <= {"k"}
    return [(one.language, one.changed) for one in found]


def test_nothing_is_stale_in_a_first_draft() -> None:
    assert stale(rewritten(WORDS)) == []


def test_a_language_that_changes_leaves_the_others_behind() -> None:
    assert stale(rewritten(WORDS, WORDS | {"en": "two"})) == [("es", "en"), ("mix", "en")]


def test_what_is_not_changed_again_stays_stale() -> None:
    changed = WORDS | {"en": "two"}
    assert stale(rewritten(WORDS, changed, changed, changed)) == [("es", "en"), ("mix", "en")]


def test_languages_that_change_together_leave_only_the_third_behind() -> None:
    assert stale(rewritten(WORDS, WORDS | {"en": "two", "es": "dos"})) == [("mix", "es"), ("mix", "en")]


def test_a_stale_language_that_changes_has_followed_and_makes_no_other_stale() -> None:
    first, second = WORDS | {"en": "two"}, WORDS | {"en": "two", "es": "dos"}
    assert stale(rewritten(WORDS, first, second)) == [("mix", "en")]
    assert stale(rewritten(WORDS, first, second, second | {"mix": "uvi"})) == []


def test_a_language_that_has_followed_may_lead_the_next_time() -> None:
    first, second = WORDS | {"en": "two"}, WORDS | {"en": "two", "es": "dos", "mix": "uvi"}
    assert stale(rewritten(WORDS, first, second, second | {"es": "tres"})) == [("en", "es"), ("mix", "es")]


def test_a_language_may_be_behind_two_others() -> None:
    first, second = WORDS | {"en": "two", "es": "dos"}, WORDS | {"en": "three", "es": "dos"}
    assert stale(rewritten(WORDS, first, second)) == [("es", "en"), ("mix", "es"), ("mix", "en")]


def test_going_back_to_the_old_words_is_a_change_as_well() -> None:
    assert stale(rewritten(WORDS, WORDS | {"en": "two"}, WORDS)) == [("es", "en"), ("mix", "en")]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # Spaces inside a line count, since they are part of the hash; what normalisation removes does not.
        ("one two", "one  two", [("es", "en")]),
        ("one two", "one\ntwo", [("es", "en")]),
        ("one two", "one two  \r\n", []),
        ("cafe\u0301", "café", []),
    ],
)
def test_words_have_changed_exactly_if_their_hash_has(
    before: str, after: str, expected: list[tuple[str, str]]
) -> None:
    pair = ({"es": "uno", "en": before}, {"es": "uno", "en": after})
    drafts = line(*([provision("k", words)] for words in pair), languages=("es", "en"))
    assert stale(drafts) == expected


def test_a_heading_counts_as_the_body_does() -> None:
    before = Provision("k", Kind.CLAUSE, {"es": "Fin", "en": "Aim"}, {})
    after = Provision("k", Kind.CLAUSE, {"es": "Fin", "en": "Aims"}, {})
    assert stale(line([before], [after], languages=("es", "en"))) == [("es", "en")]


def test_a_new_place_kind_or_child_is_no_change_of_words() -> None:
    moved = Provision("k", Kind.ANNEX, {}, WORDS, (provision("child", WORDS),))
    drafts = line([provision("k", WORDS), provision("z", WORDS)], [provision("z", WORDS), moved])
    assert stale_languages(drafts) == ()


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        # A translation arrives: the others are not behind it.
        ([{"es": "uno"}, {"es": "uno", "en": "one"}], []),
        ([{"es": "uno", "en": ""}, {"es": "uno", "en": "one"}], []),
        # It arrives while another changes: it is made from the new words.
        ([{"es": "uno"}, {"es": "dos", "en": "two"}], []),
        # The original changes while there is no translation: missing, not stale.
        ([{"es": "uno"}, {"es": "dos"}], []),
        ([{"es": "uno", "en": ""}, {"es": "dos", "en": ""}], []),
        ([{"es": "uno"}, {"es": "dos"}, {"es": "dos", "en": "two"}], []),
        # After it has arrived it falls behind like any other.
        ([{"es": "uno"}, {"es": "uno", "en": "one"}, {"es": "dos", "en": "one"}], [("en", "es")]),
        # A language is taken out, or emptied: what is left is not behind.
        ([WORDS, {"es": "uno", "mix": "ɨn"}], []),
        ([WORDS, WORDS | {"en": ""}], []),
        # What was taken out and is put back is as new as the draft that does it.
        ([WORDS, WORDS | {"es": "dos", "en": ""}, WORDS | {"es": "dos"}], [("mix", "es")]),
        # Both are emptied one after the other: they have no words left that could differ.
        ([{"es": "uno", "en": "one"}, {"es": "", "en": "one"}, {"es": "", "en": ""}], []),
        # The first words of a provision that had none: the other language lacks them, then has them.
        ([{"es": "", "en": ""}, {"es": "uno", "en": ""}], []),
        ([{"es": "", "en": ""}, {"es": "uno", "en": ""}, {"es": "uno", "en": "one"}], []),
    ],
)
def test_missing_words_are_missing_and_not_stale(
    texts: list[dict[str, str]], expected: list[tuple[str, str]]
) -> None:
    assert stale(rewritten(*texts)) == expected


def test_a_language_that_is_complete_in_words_of_its_heading_leads_although_the_others_lack_a_body() -> None:
    before = Provision("k", Kind.CLAUSE, {"es": "Fin", "en": "Aim", "mix": "x"}, {"es": "uno", "en": "one"})
    after = Provision("k", Kind.CLAUSE, {"es": "Fin", "en": "Aim", "mix": "x"}, {"es": "dos", "en": "one"})
    assert stale(line([before], [after])) == [("en", "es")]


def test_an_incomplete_language_that_changes_does_not_lead() -> None:
    before = Provision("k", Kind.CLAUSE, {"es": "Fin", "en": "Aim", "mix": "x"}, {"es": "uno", "en": "one"})
    after = Provision("k", Kind.CLAUSE, {"es": "Fin", "en": "Aim", "mix": "y"}, {"es": "uno", "en": "one"})
    assert stale(line([before], [after])) == []


def test_a_stale_language_stays_stale_while_others_come_and_go_that_it_lacks() -> None:
    def words(heading: str, spanish: str, english: str = "one", title: str = "") -> Provision:
        return Provision("k", Kind.CLAUSE, {"es": heading, "en": title}, {"es": spanish, "en": english})

    steps = [words("", "uno"), words("", "dos"), words("Fin", "dos"), words("", "dos")]
    drafts = line(*([step] for step in steps), languages=("es", "en"))
    assert [stale(drafts[:length]) for length in (2, 3, 4)] == [[("en", "es")], [], [("en", "es")]]
    followed = line(
        [steps[0]], [steps[1]], [steps[2]], [words("Fin", "dos", "two", "Aim")], languages=("es", "en")
    )
    assert stale(followed) == []


def test_a_language_that_the_draft_takes_in_later_arrives() -> None:
    one = Draft({}, (provision("k", {"es": "uno"}),), ("es",))
    both = Draft({}, (provision("k", {"es": "uno", "en": "one"}),), ("es", "en"), one.content_hash)
    changed = Draft({}, (provision("k", {"es": "dos", "en": "one"}),), ("es", "en"), both.content_hash)
    assert stale([one, both]) == []
    assert stale([one, both, changed]) == [("en", "es")]


def test_a_language_that_the_draft_gives_up_keeps_nobody_behind() -> None:
    changed = rewritten(WORDS, WORDS | {"en": "two"})
    kept = {"es": "uno", "mix": "ɨn"}
    without = Draft({}, (provision("k", kept),), ("es", "mix"), changed[-1].content_hash)
    assert stale([*changed, without]) == []


def test_a_provision_that_is_put_back_begins_anew() -> None:
    drafts = line(
        [provision("k", WORDS)],
        [provision("k", WORDS | {"en": "two"})],
        [],
        [provision("k", WORDS | {"en": "three"})],
    )
    assert stale(drafts[:2]) == [("es", "en"), ("mix", "en")]
    assert stale(drafts[:3]) == []
    assert stale(drafts) == []


def test_each_provision_is_told_in_document_order() -> None:
    other = {"es": "fin", "en": "end", "mix": "nu"}
    drafts = line(
        [provision("z", WORDS, provision("a", other)), provision("k", WORDS)],
        [provision("z", WORDS | {"es": "dos"}, provision("a", other | {"mix": "x"})), provision("k", WORDS)],
    )
    assert stale_languages(drafts) == (
        StaleLanguage("z", "en", "es"),
        StaleLanguage("z", "mix", "es"),
        StaleLanguage("a", "es", "mix"),
        StaleLanguage("a", "en", "mix"),
    )


# -- confirmations ---------------------------------------------------------------------------------


CHANGED = WORDS | {"en": "two"}


def confirmation(words: Mapping[str, str], language: str, key: str = "k") -> Confirmation:
    return Confirmation(key, language, provision(key, words).text_hash())


def test_a_person_may_confirm_a_language_as_it_stands() -> None:
    drafts = rewritten(WORDS, CHANGED)
    assert stale(drafts, confirmation(CHANGED, "es")) == [("mix", "en")]
    assert stale(drafts, confirmation(CHANGED, "es"), confirmation(CHANGED, "mix")) == []


def test_a_confirmation_lasts_until_another_language_leads_again() -> None:
    followed = CHANGED | {"mix": "uvi"}
    drafts = rewritten(WORDS, CHANGED, CHANGED, followed, followed | {"en": "three"})
    confirmed = confirmation(CHANGED, "es")
    assert stale(drafts[:3], confirmed) == [("mix", "en")]
    assert stale(drafts[:4], confirmed) == []
    assert stale(drafts, confirmed) == [("es", "en"), ("mix", "en")]


@pytest.mark.parametrize(
    "other",
    [
        confirmation(CHANGED, "en"),  # not the language that is behind
        confirmation(CHANGED, "es", key="z"),
        confirmation(WORDS, "es"),  # the words before the change
        confirmation(CHANGED | {"mix": "uvi"}, "es"),  # words that never were
        Confirmation("k", "es", provision("k", CHANGED).text_hash("es")),  # one language alone says nothing
    ],
)
def test_a_confirmation_holds_for_its_words_alone(other: Confirmation) -> None:
    drafts = rewritten(WORDS, CHANGED)
    assert stale(drafts, other) == [("es", "en"), ("mix", "en")]


def test_words_that_come_back_are_confirmed_as_they_were() -> None:
    drafts = rewritten(WORDS, CHANGED, WORDS | {"en": "three"}, CHANGED)
    assert stale(drafts, confirmation(CHANGED, "es")) == [("mix", "en")]


# -- a line of drafts ------------------------------------------------------------------------------


def test_a_history_is_one_line_from_the_first_draft() -> None:
    require_line(rewritten(WORDS, CHANGED, WORDS))


def refusal(*drafts: Draft) -> InvalidHistory:
    with pytest.raises(InvalidHistory) as refused:
        stale_languages(drafts)
    return refused.value


def test_no_draft_is_no_history() -> None:
    refused = refusal()
    assert (refused.code, refused.position) == (HistoryProblem.NO_DRAFT, 0)
    assert refused.args == (HistoryProblem.NO_DRAFT, 0, None, None)


def test_a_history_without_its_beginning_is_refused() -> None:
    first, second, _ = rewritten(WORDS, CHANGED, WORDS)
    refused = refusal(second)
    assert refused.args == (HistoryProblem.FIRST_IS_MISSING, 0, first.content_hash, None)
    assert (refused.parent, refused.expected) == (first.content_hash, None)


def test_a_draft_made_from_another_than_the_one_before_is_refused() -> None:
    first, second, third = rewritten(WORDS, CHANGED, WORDS | {"es": "dos"})
    refused = refusal(first, third, second)
    assert refused.args == (HistoryProblem.NOT_A_LINE, 1, second.content_hash, first.content_hash)
    assert (refused.parent, refused.expected) == (second.content_hash, first.content_hash)
    orphan = Draft({}, third.provisions, LANGUAGES)
    assert refusal(first, second, orphan).args == (HistoryProblem.NOT_A_LINE, 2, None, second.content_hash)


def test_codes_are_published_values() -> None:
    assert [code.value for code in HistoryProblem] == ["no_draft", "first_is_missing", "not_a_line"]
    assert MisalignmentCode.STALE.value == "stale"


def test_what_is_stale_is_told_in_values() -> None:
    drafts = rewritten(WORDS, CHANGED)
    assert len({*stale_languages(drafts), *stale_languages(drafts)}) == 2
    for value in (confirmation(CHANGED, "es"), StaleLanguage("k", "es", "en")):
        with pytest.raises((AttributeError, TypeError)):
            value.key = "z"  # type: ignore[misc]


# -- the report ------------------------------------------------------------------------------------


def test_the_alignment_report_tells_stale_languages_beside_the_rest() -> None:
    drafts = line(
        [provision("a", WORDS), provision("k", WORDS)],
        [provision("a", {"es": "a) dos", "en": "one"}), provision("k", WORDS | {"mix": "x"})],
    )
    last = drafts[-1]
    assert alignment(last, stale_languages(drafts)) == (
        Misalignment(MisalignmentCode.ITEMS, "a", "en", expected=1, found=0),
        Misalignment(MisalignmentCode.STALE, "a", "en", expected="es"),
        Misalignment(MisalignmentCode.MISSING, "a", "mix"),
        Misalignment(MisalignmentCode.STALE, "k", "es", expected="mix"),
        Misalignment(MisalignmentCode.STALE, "k", "en", expected="mix"),
    )
    assert alignment(last, ()) == alignment(last)


def test_a_language_behind_two_others_is_reported_for_each() -> None:
    drafts = rewritten(WORDS, WORDS | {"es": "dos", "en": "two"})
    assert alignment(drafts[-1], stale_languages(drafts)) == (
        Misalignment(MisalignmentCode.STALE, "k", "mix", expected="es"),
        Misalignment(MisalignmentCode.STALE, "k", "mix", expected="en"),
    )


# -- laws ------------------------------------------------------------------------------------------


histories = st.lists(
    st.fixed_dictionaries({language: st.sampled_from(["", "a", "b"]) for language in LANGUAGES}),
    min_size=1,
    max_size=6,
).map(lambda texts: rewritten(*texts))


@given(histories)
def test_no_language_is_both_missing_and_stale(drafts: list[Draft]) -> None:
    last = drafts[-1]
    missing = {
        (place.provision.key, one) for place in last.walk() for one in last.missing_languages(place.provision)
    }
    assert missing.isdisjoint((one.key, one.language) for one in stale_languages(drafts))


@given(histories)
def test_what_has_just_changed_is_not_stale_and_leads_or_follows(drafts: list[Draft]) -> None:
    found = stale_languages(drafts)
    assert all(one.language != one.changed for one in found)
    if len(drafts) > 1:
        before, after = (draft.provisions[0] for draft in drafts[-2:])
        changed = {one for one in LANGUAGES if before.text_hash(one) != after.text_hash(one)}
        assert changed.isdisjoint(one.language for one in found)


@given(histories)
def test_saying_the_same_again_changes_nothing(drafts: list[Draft]) -> None:
    last = drafts[-1]
    again = Draft(last.titles, last.provisions, last.languages, last.content_hash)
    assert stale_languages([*drafts, again]) == stale_languages(drafts)


@given(histories)
def test_confirming_all_that_is_stale_leaves_nothing_stale(drafts: list[Draft]) -> None:
    text_hash = drafts[-1].provisions[0].text_hash()
    confirmations = [Confirmation("k", language, text_hash) for language in LANGUAGES]
    assert stale_languages(drafts, confirmations) == ()


@given(st.lists(st.tuples(st.sampled_from(["", "Fin"]), st.sampled_from("ab")), min_size=1, max_size=6))
def test_who_never_changes_is_stale_or_missing_exactly_if_another_changed(
    spanish: list[tuple[str, str]],
) -> None:
    drafts = line(
        *(
            [Provision("k", Kind.CLAUSE, {"es": heading, "en": ""}, {"es": body, "en": "one"})]
            for heading, body in [("", "a"), *spanish]
        ),
        languages=("es", "en"),
    )
    missing = drafts[-1].missing_languages(drafts[-1].provisions[0])
    changed = {("", "a"), *spanish} != {("", "a")}
    assert missing == (("en",) if spanish[-1][0] else ())
    assert stale(drafts) == ([("en", "es")] if changed and not missing else [])
