"""The Universal Declaration of Human Rights in English, Spanish, Zapotec and Mixtec as one draft (MIT)."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from agreements import (
    Combination,
    Draft,
    Kind,
    Misalignment,
    MisalignmentCode,
    Provision,
    combine,
    count_items,
    letters,
    numbers,
    parse_markdown,
    render_markdown,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.real_data

LANGUAGES = ("eng", "spa", "zam", "mxv")


class _Page(HTMLParser):
    """Header and articles: a heading, then paragraphs or list items."""

    def __init__(self) -> None:
        super().__init__()
        self.name = ""  # of the language, not a part of the declaration
        self.title = ""
        self.headings: list[str] = []
        self.blocks: list[list[str]] = []
        self.inside = ""
        self.items = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in {"header", "article"}:
            self.headings.append("")
            self.blocks.append([])
            self.items = 0
        elif tag == "li":
            self.items += 1
        elif tag == "p":
            self.blocks[-1].append(f"{letters(self.items)}) " if self.items else "")
        if tag in {"title", "h1", "h2", "p"}:
            self.inside = tag

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "title":
            self.name += data
        elif self.inside == "h1":
            self.title += data
        elif self.inside == "h2":
            self.headings[-1] += data
        elif self.inside == "p":
            self.blocks[-1][-1] += data


def read(html: str, language: str) -> Draft:
    page = _Page()
    page.feed(html)
    provisions = [
        Provision(
            f"article-{number}" if number else "preamble",
            Kind.ARTICLE if number else Kind.PREAMBLE,
            {language: heading},
            {language: "\n\n".join(blocks)},
        )
        for number, (heading, blocks) in enumerate(zip(page.headings, page.blocks, strict=True))
    ]
    return Draft({language: page.title}, tuple(provisions), (language,))


def name_of(html: str) -> str:
    page = _Page()
    page.feed(html)
    return page.name


def words_of(draft: Draft, language: str) -> str:
    provisions = [place.provision for place in draft.walk()]
    return "\n".join(
        [draft.titles[language], *(f"{p.heading(language)}\n{p.body(language)}" for p in provisions)]
    )


@pytest.fixture(scope="module")
def pages(real_data: Path) -> dict[str, str]:
    folder = real_data / "legal" / "udhr"
    return {language: (folder / f"{language}.html").read_text("utf-8") for language in LANGUAGES}


@pytest.fixture(scope="module")
def expected(real_data: Path) -> dict[str, Counter[str]]:
    written = json.loads((real_data / "legal" / "udhr" / "expected_characters.json").read_text("utf-8"))
    return {
        language: Counter({chr(int(name[2:6], 16)): times for name, times in characters.items()})
        for language, characters in written.items()
    }


@pytest.fixture(scope="module")
def combined(pages: dict[str, str]) -> Combination:
    return combine({language: read(html, language) for language, html in pages.items()})


def marked(text: str) -> Counter[str]:
    """How often each character that is not ASCII occurs."""
    return Counter(character for character in text if not character.isascii())


def test_thirty_articles_and_a_preamble_stand_side_by_side(combined: Combination) -> None:
    draft = combined.draft
    assert draft.languages == LANGUAGES
    assert numbers(draft) == {"preamble": "", **{f"article-{n}": str(n) for n in range(1, 31)}}
    assert all(provision.languages == set(LANGUAGES) for provision in draft.provisions)
    assert draft.find("article-25") is not None


def test_all_four_have_the_same_lettered_items(combined: Combination) -> None:
    items = {
        language: [count_items(provision.body(language)) for provision in combined.draft.provisions]
        for language in LANGUAGES
    }
    assert [sum(counts) for counts in items.values()] == [32, 32, 32, 32]
    assert all(counts == items["eng"] for counts in items.values())


def test_only_the_heading_of_the_mixtec_preamble_is_missing(combined: Combination) -> None:
    assert combined.misalignments == (
        Misalignment(MisalignmentCode.INCOMPLETE, "preamble", "mxv", expected="heading"),
    )


def test_every_character_that_is_expected_stands_in_the_draft(
    pages: dict[str, str], combined: Combination, expected: dict[str, Counter[str]]
) -> None:
    found = {language: marked(words_of(combined.draft, language)) for language in expected}
    # The page also names its language, "Zapotec, Miahuatlán", outside the declaration.
    assert found == {language: expected[language] - marked(name_of(pages[language])) for language in expected}
    assert found["zam"]["\u02bc"] == 20
    assert found["mxv"]["\u0331"] == 21


def test_every_character_survives_markdown(combined: Combination) -> None:
    written = {language: render_markdown(combined.draft, language) for language in LANGUAGES}
    for language, text in written.items():
        assert marked(text) == marked(words_of(combined.draft, language))
        assert unicodedata.is_normalized("NFC", text)
    again = combine({language: parse_markdown(text, language) for language, text in written.items()})
    assert again == combined
    assert again.draft.content_hash == combined.draft.content_hash


def test_however_letters_and_marks_are_encoded_the_hash_is_the_same(
    pages: dict[str, str], combined: Combination
) -> None:
    taken_apart = {
        language: read(unicodedata.normalize("NFD", html), language) for language, html in pages.items()
    }
    assert unicodedata.normalize("NFD", pages["mxv"]) != pages["mxv"]
    assert combine(taken_apart).draft.content_hash == combined.draft.content_hash


@pytest.mark.parametrize(
    ("language", "change"),
    [
        ("zam", lambda text: text.replace("\u02bc", "'", 1)),
        ("zam", lambda text: text.replace("\u02bc", "", 1)),
        ("mxv", lambda text: text.replace("\u0331", "", 1)),
        ("mxv", lambda text: text.replace("Ñ", "N", 1)),
        ("spa", lambda text: text.replace("í", "i", 1)),
        ("eng", lambda text: text.replace("\u2010", "-", 1)),
    ],
)
def test_a_single_mark_that_is_lost_changes_the_hash(
    language: str, change: Callable[[str], str], pages: dict[str, str]
) -> None:
    changed = change(pages[language])
    assert changed != pages[language]
    assert read(changed, language).content_hash != read(pages[language], language).content_hash
