"""Badges: names fit and are read, codes are decoded off the paper, and no page tells more than it should."""

from __future__ import annotations

import io
import json
import resource
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from conference.domain.errors import Invalid, Unavailable
from conference.domain.registration import Category, PhotoPreference, checked_badge_name
from conference.exports import typesetting
from conference.exports.badges import Paper, badges_data, badges_pdf
from conference.exports.typesetting import pictures
from tests.exports.badges import MADE_AT, WORDS, codes_on, make_badge, pages_of, squeezed, text_of
from tests.timing import within

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conference.exports.badges import Badge

INCH, MM = 72.0, 72 / 25.4
PAPERS = pytest.mark.parametrize("paper", list(Paper))
LONGEST_MUNICIPALITY = "Dolores Hidalgo Cuna de la Independencia Nacional, San Juan Mixtepec 08"
LETTERS = (
    "Ndúvi Ñuʼu",
    "ꞌÍin Ndiꞌi",
    "Xä́tu Yöꞌö A̱ṉ̃ā",
    "Bɨ́ɨ Kʉʉ",
    "Guie’ Xhuuba’",
    "Tsa̱wa̱ꞌ Nèʔé",
    "María de los Ángeles Güendolay",
)


def made(*badges: Badge, paper: Paper = Paper.LETTER) -> bytes:
    return badges_pdf(badges, words=WORDS, paper=paper, made_at=MADE_AT)


def drawn(*badges: Badge, paper: Paper = Paper.LETTER, ppi: float = 150) -> list[bytes]:
    return pictures("badges", badges_data(badges, words=WORDS, paper=paper), made_at=MADE_AT, ppi=ppi)


# -- what stands on a badge --------------------------------------------------------------------------


@PAPERS
@pytest.mark.parametrize("category", list(Category))
def test_a_badge_says_who_from_where_as_what_and_whether_photos_are_fine(
    paper: Paper, category: Category
) -> None:
    for preference in PhotoPreference:
        badge = make_badge(category=category, photo_preference=preference, spoken=("didxazá", "English"))
        text = text_of(made(badge, paper=paper))
        expected = (
            *("Lilia", "Club San Juan Muestra", "didxazá", "English", WORDS.conference),
            *(*WORDS.categories[category], *WORDS.photos[preference]),
        )
        assert [said for said in expected if squeezed(said) not in text] == []


def test_categories_and_preferences_differ_without_their_words_and_without_colour() -> None:
    def grey(**values: object) -> bytes:
        wordless = replace(
            WORDS,
            categories=dict.fromkeys(Category, ("x",)),
            photos=dict.fromkeys(PhotoPreference, ("x",)),
        )
        data = badges_data([make_badge(**values)], words=wordless, paper=Paper.LABEL_4X6)
        (png,) = pictures("badges", data, made_at=MADE_AT, ppi=72)
        # What is black on paper, and what is not.
        return Image.open(io.BytesIO(png)).convert("L").point(lambda grey: 255 * (grey > 127)).tobytes()

    by_category = {grey(category=category) for category in Category}
    by_preference = {grey(photo_preference=preference) for preference in PhotoPreference}
    assert (len(by_category), len(by_preference)) == (len(Category), len(PhotoPreference))


def test_what_people_wrote_is_text_and_no_markup() -> None:
    name, club = "#sys.inputs $x^2$ *b* _i_ @a <b>", '= Title #read("badges.typ") \\ // --- ~'
    text = text_of(made(make_badge(name=name, organization=club)))
    assert (squeezed(name) in text, squeezed(club) in text) == (True, True)


# -- long names and all letters ----------------------------------------------------------------------


@PAPERS
@pytest.mark.parametrize(
    "name",
    [
        "W" * 80,
        "Wolfeschlegelsteinhausenbergerdorff" * 2,
        LONGEST_MUNICIPALITY,
        "a " * 40,
        "Ṉ̃a" * 26,
        *LETTERS,
    ],
)
def test_the_longest_names_are_read_whole_and_stay_inside(paper: Paper, name: str) -> None:
    badge = make_badge(name=name, organization=f"Federación de {LONGEST_MUNICIPALITY} " * 2)
    text = text_of(made(badge, paper=paper))
    assert (squeezed(name) in text, squeezed(badge.organization) in text) == (True, True)
    if paper.value.startswith("label"):
        (png,) = drawn(badge, paper=paper, ppi=100)
        picture = Image.open(io.BytesIO(png)).convert("L")
        edge = round(2 / 25.4 * 100)
        inside = picture.crop((edge, edge, picture.width - edge, picture.height - edge))
        picture.paste(255, (edge, edge, edge + inside.width, edge + inside.height))
        # Two millimetres around every label are white.
        assert picture.getextrema() == (255, 255)


@PAPERS
@pytest.mark.parametrize("name", ["W" * 80, LONGEST_MUNICIPALITY, "Lilia"])
def test_no_line_of_a_name_runs_into_what_stands_below_it(paper: Paper, name: str) -> None:
    lines = {"name": set(), "below": set()}

    def note(text: str, current: list[float], *_rest: object) -> None:
        said = squeezed(text)
        if said and said in squeezed(name):
            lines["name"].add(current[5])
        elif said == "Vecinos":
            lines["below"].add(current[5])

    badge = make_badge(name=name, organization="Vecinos")
    pages_of(made(badge, paper=paper)).pages[0].extract_text(visitor_text=note)
    assert min(lines["name"]) > max(lines["below"])


@PAPERS
def test_letters_of_oaxaca_are_drawn_with_the_programs_own_fonts(paper: Paper) -> None:
    pdf = made(*(make_badge(number, name=name) for number, name in enumerate(LETTERS)), paper=paper)
    fonts = {
        font["/BaseFont"].split("+")[1]
        for page in pages_of(pdf).pages
        for font in (each.get_object() for each in page["/Resources"]["/Font"].values())
    }
    assert fonts == {"NotoSans-Regular", "NotoSans-Bold"}


@pytest.mark.real_data
def test_real_names_municipalities_and_naughty_strings_come_out_as_they_went_in(real_data: Path) -> None:
    faker = json.loads((real_data / "names" / "faker-es-mx.json").read_text())
    places = json.loads((real_data / "places" / "inegi" / "municipios_completo.json").read_text())
    people = sorted(texts_in(faker))[:120]
    towns = sorted(texts_in(places), key=len)[-60:]
    names = list(checked([*people, *towns]))
    assert max(map(len, names)) >= 71
    assert unread(names) == []
    naughty = list(checked(json.loads((real_data / "names" / "blns.json").read_text())))
    assert unread([name for name in naughty if name.isascii()]) == []
    badges = [make_badge(number, name=name) for number, name in enumerate(naughty)]
    assert sorted(codes_on(drawn(*badges, ppi=110))) == sorted(badge.ticket for badge in badges)


def unread(names: list[str]) -> list[str]:
    """Return the names that do not stand on their badges; the codes are small, as pypdf reads each stroke."""
    text = text_of(made(*(make_badge(number, name=name, ticket="A") for number, name in enumerate(names))))
    return [name for name in names if squeezed(name) not in text]


def texts_in(value: object) -> set[str]:
    """Return every text of a file, however it is nested."""
    if isinstance(value, str):
        return {value}
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*map(texts_in, parts))


def checked(names: list[str]) -> Iterator[str]:
    """Yield the names that registering accepts, as it keeps them."""
    for name in names:
        try:
            yield checked_badge_name(name)
        except Invalid:
            continue


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=80))
def test_any_name_that_registering_accepts_makes_a_badge(name: str) -> None:
    for accepted in checked([name]):
        badge = make_badge(name=accepted)
        assert len(pages_of(made(badge)).pages) == 1


# -- the codes ---------------------------------------------------------------------------------------


@PAPERS
def test_every_code_of_a_sheet_is_read_off_the_paper(paper: Paper) -> None:
    badges = [make_badge(number, name=f"Persona {number}") for number in range(14)]
    assert sorted(codes_on(drawn(*badges, paper=paper))) == sorted(badge.ticket for badge in badges)


@PAPERS
def test_a_code_is_25_millimetres_wide_at_least_however_long_the_conferences_name(paper: Paper) -> None:
    ppi = 254
    long_slug = make_badge(ticket=make_badge().ticket.replace("OAXACA-NORTHWEST", "A" * 80))
    for badge in (make_badge(), long_slug):
        (png,) = drawn(badge, paper=paper, ppi=ppi)
        (found,) = read_codes(png)
        corners = (found.position.top_left.x, found.position.top_right.x)
        assert (corners[1] - corners[0]) / ppi * 25.4 >= 24.9
        assert found.text == badge.ticket


def read_codes(png: bytes) -> list[object]:
    """Return the codes with where they stand."""
    import zxingcpp  # noqa: PLC0415

    return zxingcpp.read_barcodes(Image.open(io.BytesIO(png)).convert("L"))


# -- sheets and labels -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paper", "size", "pages"),
    [
        (Paper.LETTER, (8.5 * INCH, 11 * INCH), 3),
        (Paper.A4, (210 * MM, 297 * MM), 3),
        (Paper.LABEL_62X100, (100 * MM, 62 * MM), 13),
        (Paper.LABEL_4X6, (4 * INCH, 6 * INCH), 13),
    ],
)
def test_a_sheet_holds_six_badges_and_a_label_one(
    paper: Paper, size: tuple[float, float], pages: int
) -> None:
    found = pages_of(made(*map(make_badge, range(13)), paper=paper)).pages
    assert len(found) == pages
    assert {(round(page.mediabox.width, 1), round(page.mediabox.height, 1)) for page in found} == {
        (round(size[0], 1), round(size[1], 1))
    }


def test_nothing_is_printed_where_the_knife_goes() -> None:
    ppi = 100
    (png,) = drawn(*(make_badge(number, name="W" * 80) for number in range(6)), ppi=ppi)
    picture = Image.open(io.BytesIO(png)).convert("L")
    # Between two cutting marks: the column between the badges, two millimetres wide.
    cut = picture.crop((round(4.25 * ppi) - 4, round(1.2 * ppi), round(4.25 * ppi) + 4, round(3.8 * ppi)))
    assert cut.getextrema() == (255, 255)


# -- the document ------------------------------------------------------------------------------------


@PAPERS
def test_the_document_can_be_read_aloud_and_describes_nobody(paper: Paper) -> None:
    document = pages_of(made(make_badge(name="Nombre Reservado"), paper=paper))
    root = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a boolean of the document's own kind
    assert root["/Lang"] == "es"
    assert document.xmp_metadata is not None
    assert b"pdfuaid:part" in document.xmp_metadata.stream.get_data()
    assert set(document.metadata or {}) <= {"/Title", "/Creator", "/CreationDate", "/ModDate"}
    assert document.metadata is not None
    assert document.metadata.title == "Gafetes · Badges"
    assert b"Reservado" not in document.xmp_metadata.stream.get_data()
    assert figures(root["/StructTreeRoot"]) == [WORDS.qr_label]


def figures(node: object) -> list[str]:
    """Return what pictures of the document are called, in the order of its tags."""
    found = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(found, list):
        return [name for each in found for name in figures(each)]
    if not isinstance(found, dict):
        return []
    own = [str(found["/Alt"])] if found.get("/S") == "/Figure" else []
    return own + (figures(found["/K"]) if "/K" in found else [])


def test_the_same_badges_are_the_same_bytes() -> None:
    badges = [make_badge(number) for number in range(3)]
    assert made(*badges) == made(*badges)
    assert made(*badges) != made(*badges[:2])


def test_a_name_in_letters_of_another_continent_spoils_nobody_elses_badge() -> None:
    pdf = made(make_badge(1, name="王小明"), make_badge(2, name="Lilia 😀"))
    assert "Lilia" in text_of(pdf)
    assert pages_of(pdf).trailer["/Root"]["/MarkInfo"]["/Marked"] == True  # noqa: E712


def test_where_typst_is_missing_it_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "find_spec", lambda _name: None)
    with pytest.raises(Unavailable, match="typst_missing"):
        made(make_badge())


def test_the_digest_of_a_badge_changes_with_everything_that_stands_on_it() -> None:
    badge = make_badge()
    others = [
        replace(badge, name="Otra"),
        replace(badge, organization="Otro"),
        replace(badge, category=Category.PRESS),
        replace(badge, photo_preference=PhotoPreference.NO),
        replace(badge, spoken=("English",)),
        replace(badge, ticket=make_badge(2).ticket),
    ]
    assert len({each.digest for each in (badge, make_badge(), *others)}) == 7


# -- how long it takes -------------------------------------------------------------------------------


def test_five_hundred_badges_take_less_than_five_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    badges = [make_badge(number, name=f"María Guadalupe Hernández {number}") for number in range(500)]
    # Of work, not by the clock: what runs beside it does not count. A slower machine is given its time.
    pdf = within(5, lambda: made(*badges))
    unit = 1024 if sys.platform != "darwin" else 1024 * 1024
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit
    with capsys.disabled():
        print(f"\n500 badges: {len(pdf) >> 10} KB; peak {memory} MB")
    assert len(pages_of(pdf).pages) == 84
