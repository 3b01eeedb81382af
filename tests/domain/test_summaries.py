"""Lines as rapporteurs paste them become items; languages are matched by position."""

from __future__ import annotations

import pytest

from conference.domain.errors import Invalid
from conference.domain.summaries import LONGEST_ITEM, MOST_ITEMS, Section, items_of, rewritten


def items(text: str) -> tuple[str, ...]:
    return items_of(Section.OBSERVATION, text.splitlines())


def test_a_pasted_list_loses_its_bullets_and_empty_lines() -> None:
    pasted = " · Uno\n•\tDos  \n\n- Tres\n* Cuatro\n— Cinco\n–Seis\n·\n   \nSiete\n"
    assert items(pasted) == ("Uno", "Dos", "Tres", "Cuatro", "Cinco", "Seis", "Siete")


def test_nested_bullets_go_together() -> None:
    assert items("• - Acuerdo") == ("Acuerdo",)


@pytest.mark.parametrize("line", ["-5 grados en la sierra", "3 · 4 = 12", "Xa'a - lengua", "1. Primero"])
def test_what_is_no_bullet_stays(line: str) -> None:
    assert items(line) == (line,)


def test_letters_are_composed_and_blanks_single() -> None:
    assert items("Co\u0301mo  seguir\tjuntos") == ("Cómo seguir juntos",)


def test_invisible_characters_are_left_out_before_letters_are_composed() -> None:
    assert items("\ufeffto\u00addo \u202eclaro\u0000") == ("todo claro",)
    assert items("a\u200b\u0301") == ("á",)
    assert items("\u200b\n\u00ad") == ()


def test_as_many_items_as_allowed_and_not_one_more() -> None:
    lines = [f"Punto {number}" for number in range(MOST_ITEMS)]
    assert items_of(Section.MEASURE, [*lines, " ", "·"]) == tuple(lines)
    with pytest.raises(Invalid) as refused:
        items_of(Section.MEASURE, [*lines, "uno más"])
    assert refused.value.code == "summary_too_many"
    assert refused.value.data == {"section": Section.MEASURE, "count": MOST_ITEMS + 1, "limit": MOST_ITEMS}


def test_an_item_as_long_as_allowed_and_not_one_letter_more() -> None:
    longest = "ñ" * LONGEST_ITEM
    assert items(f"• {longest} ") == (longest,)
    with pytest.raises(Invalid) as refused:
        items(f"corto\n{longest}ñ")
    assert refused.value.code == "summary_item_too_long"
    assert refused.value.data == {"section": Section.OBSERVATION, "number": 2, "limit": LONGEST_ITEM}


def test_a_second_language_joins_the_first_by_position() -> None:
    assert rewritten([{"es": "uno"}, {"es": "dos"}], "en", ["one", "two"]) == [
        {"es": "uno", "en": "one"},
        {"es": "dos", "en": "two"},
    ]


def test_a_longer_language_adds_items_of_its_own() -> None:
    assert rewritten([{"es": "uno"}], "en", ["one", "two"]) == [{"es": "uno", "en": "one"}, {"en": "two"}]


def test_a_shorter_language_leaves_the_other_as_it_was() -> None:
    both = [{"es": "uno", "en": "one"}, {"es": "dos", "en": "two"}]
    assert rewritten(both, "en", ["ONE"]) == [{"es": "uno", "en": "ONE"}, {"es": "dos"}]
    assert both == [{"es": "uno", "en": "one"}, {"es": "dos", "en": "two"}]


def test_an_item_that_no_language_has_any_longer_is_gone() -> None:
    assert rewritten([{"es": "uno"}, {"es": "dos"}], "es", ["uno"]) == [{"es": "uno"}]
    assert rewritten([{"es": "uno"}], "es", []) == []
