from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given

from agreements import (
    Item,
    LetteredList,
    Paragraph,
    blocks,
    count_items,
    nfc,
    normalise_body,
    normalise_heading,
)
from tests.agreements.strategies import bodies, texts
from tests.timing import within


@given(texts | bodies)
def test_nfc_is_what_unicode_says_it_is(text: str) -> None:
    assert nfc(text) == unicodedata.normalize("NFC", text)


def test_runs_of_marks_are_parted_so_that_sorting_them_ends() -> None:
    acute, below = "\u0301", "\u0331"
    assert nfc("a" + acute * 30) == "á" + acute * 29
    assert nfc("a" + acute * 31) == "á" + acute * 29 + "\u034f" + acute
    assert nfc("x" + acute * 61) == "x" + acute * 30 + "\u034f" + acute * 30 + "\u034f" + acute
    assert nfc("😀" * 40) == "😀" * 40
    many = "a" + (acute + below) * 40_000
    assert within(2, lambda: nfc(nfc(many)) == nfc(many))


def lettered(*items: str) -> LetteredList:
    return LetteredList(tuple(Item(letter, text) for letter, text in zip("abcdefghij", items, strict=False)))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", ()),
        ("uno\ndos\n\ntres", (Paragraph("uno\ndos"), Paragraph("tres"))),
        ("que:\n\na) uno\nb) dos", (Paragraph("que:"), lettered("uno", "dos"))),
        ("que:\na) uno\nb) dos\n\ny más", (Paragraph("que:"), lettered("uno", "dos"), Paragraph("y más"))),
        ("a) uno\n\nb) dos\n\n\nc) tres", (lettered("uno", "dos", "tres"),)),
        ("a) uno\n   sigue\nb) dos", (lettered("uno\n   sigue", "dos"),)),
        ("a) uno\na) dos\nñ) tres\nbis) no", (lettered("uno", "dos", "tres\nbis) no"),)),
        ("  a)\tuno", (lettered("uno"),)),
        ("a) uno\n\ny:\n\na) dos", (lettered("uno"), Paragraph("y:"), lettered("dos"))),
        ("b) dos", (Paragraph("b) dos"),)),
        ("a)", (Paragraph("a)"),)),
        ("a) uno\nA) dos", (lettered("uno\nA) dos"),)),
    ],
)
def test_a_body_is_paragraphs_and_lettered_lists(body: str, expected: tuple[object, ...]) -> None:
    assert blocks(body) == expected


def test_items_are_counted_in_all_lists_of_a_body() -> None:
    assert count_items("a) uno\nb) dos\n\ny:\n\na) tres\n\nfin") == 3
    assert count_items("nada") == 0


def test_letters_go_on_after_z() -> None:
    (block,) = blocks("\n".join(["a) uno"] * 28))
    assert isinstance(block, LetteredList)
    assert [item.letter for item in block.items][24:] == ["y", "z", "aa", "ab"]


@given(bodies | texts)
def test_normalising_twice_changes_nothing(text: str) -> None:
    for normalise in (normalise_body, normalise_heading):
        once = normalise(text)
        assert normalise(once) == once
        assert unicodedata.is_normalized("NFC", once)
        once.encode()
    assert "\n" not in normalise_heading(text)


@given(bodies | texts)
def test_no_word_of_a_body_is_lost_in_its_blocks(body: str) -> None:
    shown = [
        text
        for block in blocks(body)
        for text in ([block.text] if isinstance(block, Paragraph) else [item.text for item in block.items])
    ]
    assert sum(map(len, "".join(shown).split())) >= sum(
        map(len, normalise_body(body).split())
    ) - 3 * count_items(body)
