from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conference.domain.slugs import RESERVED, slug_of, unique_slugs, valid_conference_slug, valid_slug


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Salón Ñuu Savi", "salon-nuu-savi"),
        (" H.1301 (Cornil) ", "h-1301-cornil"),
        ("36c3-opening_ceremony", "36c3-opening-ceremony"),
        ("日本", ""),
        ("", ""),
        ("agua " * 50, "agua-" * 15 + "agua"),
    ],
)
def test_a_text_becomes_an_address(text: str, slug: str):
    assert slug_of(text) == slug


def test_texts_that_would_share_a_slug_are_told_apart_by_their_position():
    assert list(unique_slugs(["Agua", "agua!", "", "agua-2", "agua-40", "Agua", "agua-6"])) == [
        "agua",
        "agua-2",
        "3",
        "agua-2-4",
        "agua-40",
        "agua-6",
        "agua-6-7",
    ]


def test_a_slug_that_another_text_has_by_itself_is_not_given_twice():
    assert list(unique_slugs(["agua-3", "agua", "agua"])) == ["agua-3", "agua", "agua-30"]


@settings(deadline=None)
@given(st.lists(st.text(alphabet="aB1- ñ日", max_size=12), max_size=30))
def test_every_text_gets_a_valid_slug_of_its_own(texts: list[str]):
    slugs = list(unique_slugs(texts, maximum=10))
    assert len(set(slugs)) == len(texts)
    assert all(valid_slug(slug, maximum=10) for slug in slugs)


def test_a_conference_is_called_by_a_slug_that_is_no_page_of_ours():
    named = ["oaxaca-2026", "nowhere", *sorted(RESERVED), "", "Oaxaca", "a/b", "a" * 80, "a" * 81]
    assert [name for name in named if valid_conference_slug(name)] == ["oaxaca-2026", "nowhere", "a" * 80]
