"""Three Chilean laws, 34 versions: read as drafts, and written again to the letter.

`body_sha256` of the data is the hash of a file's text below its front matter, from the blank line before the
law's name to the last line break. A draft keeps no blank lines at the ends of a body; these laws always have
the same ones there, so that nothing is lost.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from agreements import Kind, parse_markdown, render_markdown
from agreements.history import require_line
from tests.agreements.chilean_laws import (
    LANGUAGE,
    Differences,
    differences,
    key_of,
    law_hash,
    law_of,
    read_law,
    read_versions,
    write_law,
)

if TYPE_CHECKING:
    from pathlib import Path

    from agreements import Draft

pytestmark = pytest.mark.real_data

SECURITIES, CONSUMERS, LEGAL_PERSONS = "BCN-29472", "BCN-61438", "BCN-1008668"
VERSIONS = {SECURITIES: 21, CONSUMERS: 9, LEGAL_PERSONS: 4}


@pytest.fixture(scope="module")
def folder(real_data: Path) -> Path:
    return real_data / "legal" / "chile-laws"


@pytest.fixture(scope="module")
def expected(folder: Path) -> dict[str, list[dict[str, Any]]]:
    laws = json.loads((folder / "expected.json").read_text("utf-8"))
    return {law: summary["list"] for law, summary in laws.items()}


@pytest.fixture(scope="module")
def versions(folder: Path) -> dict[str, list[Draft]]:
    return {law: read_versions(folder, law) for law in VERSIONS}


@pytest.mark.parametrize("law", VERSIONS)
def test_every_version_is_written_again_to_the_letter(
    law: str, folder: Path, versions: dict[str, list[Draft]], expected: dict[str, list[dict[str, Any]]]
) -> None:
    assert len(versions[law]) == VERSIONS[law]
    for draft, version in zip(versions[law], expected[law], strict=True):
        assert write_law(draft) == law_of(folder / version["file"])
        assert law_hash(draft) == version["body_sha256"]
        assert len(write_law(draft)) == version["chars"]


@pytest.mark.parametrize("law", VERSIONS)
def test_every_version_survives_markdown(law: str, versions: dict[str, list[Draft]]) -> None:
    for draft in versions[law]:
        again = parse_markdown(render_markdown(draft, LANGUAGE), LANGUAGE)
        assert again == draft
        assert again.content_hash == draft.content_hash
        assert write_law(again) == write_law(draft)


@pytest.mark.parametrize("law", VERSIONS)
def test_headings_and_differences_are_as_many_as_expected(
    law: str, versions: dict[str, list[Draft]], expected: dict[str, list[dict[str, Any]]]
) -> None:
    # Those who counted also count what stands before the law's name: a blank line, the same in all versions.
    assert [len(list(draft.walk())) + 1 for draft in versions[law]] == [
        version["headings"] for version in expected[law]
    ]
    found = [differences(before, after) for before, after in pairwise(versions[law])]
    assert found == [
        Differences(counts["added"], counts["removed"], counts["changed"], counts["unchanged"] - 1)
        for counts in (version["vs_previous"] for version in expected[law][1:])
    ]


@pytest.mark.parametrize("law", VERSIONS)
def test_the_versions_of_a_law_are_one_line(law: str, versions: dict[str, list[Draft]]) -> None:
    require_line(versions[law])
    assert versions[law][-1].parent == versions[law][-2].content_hash


def test_the_levels_of_the_headings_nest(versions: dict[str, list[Draft]]) -> None:
    first = versions[LEGAL_PERSONS][0]
    places = [(place.provision.key, place.parent_key, place.provision.kind) for place in first.walk()]
    title = "titulo-i-responsabilidad-penal-de-las-personas-juridicas"
    assert places[:7] == [
        ("preamble", None, Kind.PREAMBLE),
        ("articulo-primero", None, Kind.ARTICLE),
        ("articulo-1", None, Kind.ARTICLE),
        ("articulo-2", None, Kind.ARTICLE),
        (title, None, Kind.TITLE),
        ("1-de-la-atribucion-de-responsabilidad-penal-de-las-personas-juridicas", title, Kind.TITLE),
        ("articulo-3", title, Kind.ARTICLE),
    ]
    assert first.titles[LANGUAGE] == "Ley 20393"


def test_repeated_headings_are_numbered_and_letters_with_a_tilde_kept_apart(
    versions: dict[str, list[Draft]],
) -> None:
    last = versions[CONSUMERS][-1]
    places = {place.provision.key: place for place in last.walk()}
    twice = [places[key] for key in ("articulo-6", "articulo-6-2")]
    assert [place.provision.heading(LANGUAGE) for place in twice] == ["Artículo 6", "Artículo 6"]
    assert [place.depth for place in twice] == [1, 0]
    apart = [places[key].provision.heading(LANGUAGE) for key in ("articulo-54-n", "articulo-54-ny")]
    assert apart == ["Artículo 54 N", "Artículo 54 Ñ"]


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("Artículo 54 Ñ", "articulo-54-ny"),
        ("Párrafo 1º Normas generales", "parrafo-1-normas-generales"),
        ("TÍTULO IV DE LAS TRANSACCIONES", "titulo-iv-de-las-transacciones"),
        ("1.- De las penas", "1-de-las-penas"),
    ],
)
def test_the_words_of_a_heading_make_its_key(heading: str, key: str) -> None:
    assert key_of(heading) == key


def test_deeper_headings_and_those_that_come_back_up_are_read() -> None:
    sections = ["# Ley 1\n\nVistos", "## A", "### B", "uno", "#### C", "dos", "## D", "### A", "tres"]
    law = "\n" + "\n\n\n".join(sections) + "\n"
    draft = read_law(law)
    assert [(place.provision.key, place.parent_key) for place in draft.walk()] == [
        ("preamble", None),
        ("a", None),
        ("b", "a"),
        ("c", "b"),
        ("d", None),
        ("a-2", "d"),
    ]
    assert write_law(draft) == law
