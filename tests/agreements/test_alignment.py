from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreements import (
    Draft,
    InvalidText,
    Kind,
    Misalignment,
    MisalignmentCode,
    Provision,
    alignment,
    combine,
    parse_markdown,
    render_markdown,
)
from tests.agreements.strategies import drafts


def read(language: str, *headings: str) -> Draft:
    return parse_markdown("\n".join(["# A {#agreement}", *headings]), language)


def keys(draft: Draft) -> list[tuple[str, str | None]]:
    return [(place.provision.key, place.parent_key) for place in draft.walk()]


def test_languages_that_agree_become_one_draft() -> None:
    combined = combine(
        {
            "es": read("es", "## Fin {#a .title}", "### {#b .clause}", "Uno"),
            "en": read("en", "## Aim {#a .title}", "### {#b .clause}", "One"),
        }
    )
    assert combined.misalignments == ()
    assert combined.draft == Draft(
        {"es": "A", "en": "A"},
        (
            Provision(
                "a",
                Kind.TITLE,
                {"es": "Fin", "en": "Aim"},
                {"es": "", "en": ""},
                (Provision("b", Kind.CLAUSE, {"es": "", "en": ""}, {"es": "Uno", "en": "One"}),),
            ),
        ),
        ("es", "en"),
    )


@given(drafts(("es", "en", "mix")))
@settings(max_examples=40)
def test_an_agreement_written_to_files_is_read_back_whole(draft: Draft) -> None:
    documents = {
        language: parse_markdown(render_markdown(draft, language), language) for language in draft.languages
    }
    combined = combine(documents)
    assert combined.draft == draft
    assert combined.misalignments == alignment(draft)


def test_a_provision_in_one_language_is_kept_where_it_stood_and_reported() -> None:
    combined = combine(
        {
            "es": read("es", "## {#a .clause}", "Uno", "## {#b .clause}", "Dos", "## {#c .clause}", "Tres"),
            "en": read(
                "en",
                "## {#first .clause}",
                "Zero",
                "## {#a .clause}",
                "One",
                "## {#x .clause}",
                "### {#y .clause}",
                "## {#z .clause}",
                "## {#c .clause}",
                "Three",
            ),
        }
    )
    assert keys(combined.draft) == [
        ("first", None),
        ("a", None),
        ("x", None),
        ("y", "x"),
        ("z", None),
        ("b", None),
        ("c", None),
    ]
    assert combined.misalignments == (
        Misalignment(MisalignmentCode.MISSING, "first", "es"),
        Misalignment(MisalignmentCode.MISSING, "x", "es"),
        Misalignment(MisalignmentCode.MISSING, "y", "es"),
        Misalignment(MisalignmentCode.MISSING, "z", "es"),
        Misalignment(MisalignmentCode.MISSING, "b", "en"),
    )
    missing = {
        place.provision.key: combined.draft.missing_languages(place.provision)
        for place in combined.draft.walk()
    }
    assert missing == {
        "first": ("es",),
        "a": (),
        "x": ("es",),
        "y": ("es",),
        "z": ("es",),
        "b": ("en",),
        "c": (),
    }


def test_a_language_without_the_heading_or_the_body_is_incomplete() -> None:
    draft = Draft(
        {},
        (
            Provision("a", Kind.CLAUSE, {"es": "Fin", "en": ""}, {"es": "Uno", "en": "One"}),
            Provision("b", Kind.CLAUSE, {"es": "Fin", "en": "Aim"}, {"es": "", "en": "One"}),
            Provision("c", Kind.CLAUSE, {"es": "Fin", "en": ""}, {"es": "Uno", "en": ""}),
            Provision("d", Kind.CLAUSE, {"es": "", "en": ""}, {}),
        ),
        ("es", "en"),
    )
    assert alignment(draft) == (
        Misalignment(MisalignmentCode.INCOMPLETE, "a", "en", expected="heading"),
        Misalignment(MisalignmentCode.INCOMPLETE, "b", "es", expected="body"),
        Misalignment(MisalignmentCode.INCOMPLETE, "c", "en", expected="heading"),
        Misalignment(MisalignmentCode.INCOMPLETE, "c", "en", expected="body"),
    )
    assert [draft.missing_languages(provision) for provision in draft.provisions] == [
        ("en",),
        ("es",),
        ("en",),
        (),
    ]


def test_another_number_of_lettered_items_is_reported_against_the_first_language_that_has_words() -> None:
    draft = Draft(
        {},
        (
            Provision("a", Kind.CLAUSE, {}, {"es": "a) uno\nb) dos", "en": "a) one", "mix": "a) ɨn\nb) uvi"}),
            Provision("b", Kind.CLAUSE, {}, {"en": "a) one", "mix": "ɨn"}),
            Provision("c", Kind.CLAUSE, {}, {"es": "", "en": "a) one", "mix": "ɨn"}),
        ),
        ("es", "en", "mix"),
    )
    assert alignment(draft) == (
        Misalignment(MisalignmentCode.ITEMS, "a", "en", expected=2, found=1),
        Misalignment(MisalignmentCode.MISSING, "b", "es"),
        Misalignment(MisalignmentCode.ITEMS, "b", "mix", expected=1, found=0),
        Misalignment(MisalignmentCode.INCOMPLETE, "c", "es", expected="body"),
        Misalignment(MisalignmentCode.ITEMS, "c", "mix", expected=1, found=0),
    )


def test_another_kind_or_parent_is_reported_and_the_first_language_decides() -> None:
    combined = combine(
        {
            "es": read("es", "## {#a .title}", "### {#b .article}", "## {#c .title}"),
            "en": read("en", "## {#a .title}", "## {#c .annex}", "### {#b .article}", "### {#d .clause}"),
        }
    )
    assert keys(combined.draft) == [("a", None), ("b", "a"), ("c", None), ("d", "c")]
    assert combined.misalignments == (
        Misalignment(MisalignmentCode.KIND, "c", "en", expected="title", found="annex"),
        Misalignment(MisalignmentCode.NESTING, "b", "en", expected="a", found="c"),
        Misalignment(MisalignmentCode.MISSING, "d", "es"),
    )
    place = combined.draft.place("c")
    assert place is not None
    assert place.provision.kind is Kind.TITLE


def test_the_fewest_provisions_that_would_have_to_move_are_out_of_order() -> None:
    spanish = [f"## {{#{key} .clause}}" for key in "abcdef"]
    english = [f"## {{#{key} .clause}}" for key in "fbacde"]
    combined = combine({"es": read("es", *spanish), "en": read("en", *english)})
    assert [key for key, _ in keys(combined.draft)] == list("abcdef")
    assert combined.misalignments == (
        Misalignment(MisalignmentCode.ORDER, "f", "en", expected="e", found=None),
        Misalignment(MisalignmentCode.ORDER, "b", "en", expected="a", found="f"),
    )


@given(st.permutations("abcdefg"))
def test_what_is_not_reported_stands_in_order(order: list[str]) -> None:
    combined = combine(
        {
            "es": read("es", *(f"## {{#{key} .clause}}" for key in "abcdefg")),
            "en": read("en", *(f"## {{#{key} .clause}}" for key in order)),
        }
    )
    moved = {misalignment.key for misalignment in combined.misalignments}
    kept = [key for key in order if key not in moved]
    assert kept == sorted(kept)
    assert len(moved) == len(order) - longest_ordered_part(order)


def longest_ordered_part(order: list[str]) -> int:
    lengths: list[int] = []
    for index, key in enumerate(order):
        before = (lengths[earlier] for earlier in range(index) if order[earlier] < key)
        lengths.append(1 + max(before, default=0))
    return max(lengths)


def test_languages_that_nest_differently_never_go_too_deep() -> None:
    levels = ["##", "###", "####", "#####", "######"]
    deep = [f"{level} {{#{key} .clause}}" for level, key in zip(levels, "abcde", strict=True)]
    combined = combine(
        {"es": read("es", *deep), "en": read("en", "## {#e .clause}", "### {#f .clause}", "Six")}
    )
    assert keys(combined.draft)[-2:] == [("e", "d"), ("f", "d")]
    found = combined.draft.find("f")
    assert found is not None
    assert found.body("en") == "Six"


@given(drafts(), drafts())
@settings(max_examples=40)
def test_no_words_are_lost_whatever_the_structures(spanish: Draft, other: Draft) -> None:
    english = parse_markdown(render_markdown(other, "es"), "en")
    combined = combine({"es": spanish, "en": english})
    for language, document in (("es", spanish), ("en", english)):
        for place in document.walk():
            kept = combined.draft.find(place.provision.key)
            assert kept is not None
            assert kept.text_hash(language) == place.provision.text_hash(language)
    assert combine({"es": spanish, "en": english}) == combined


def test_combining_nothing_is_refused() -> None:
    with pytest.raises(InvalidText):
        combine({})


def test_a_document_is_in_the_language_it_is_given_for() -> None:
    with pytest.raises(InvalidText):
        combine({"en": read("es", "## {#a .clause}")})
