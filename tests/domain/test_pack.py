"""A conference pack is read as a whole, and everything that is wrong with it is said at once."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreements import Chamber, Rule, render_markdown
from agreements.frozen import FrozenMapping
from conference.domain.directory import OrganizationKind, OrganizationStatus
from conference.domain.pack import (
    PackConference,
    PackErrors,
    PackLabel,
    PackOrganization,
    PackProblem,
    PackQuestion,
    PackRegistration,
    PackService,
    PackSession,
    read_pack,
)
from conference.domain.pack_agreement import read_agreement
from conference.domain.pack_people import read_sample
from conference.domain.pack_reading import Report
from conference.domain.places import Setting
from conference.domain.program import SessionKind
from conference.domain.registration import Category, ServiceKind
from conference.domain.toml_lines import toml_lines
from conference.exports.pack import write_pack
from tests.domain.pack_strategies import agreements_apart, packs
from tests.domain.small_pack import small_files

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "oaxaca-northwest"


def example_files() -> dict[str, bytes]:
    files = ("conference.toml", "organizations.csv", "program.toml", "registration.toml")
    files += ("agreement/es.md", "agreement/en.md")
    return {name: (EXAMPLE / name).read_bytes() for name in files}


def problems_of(files: dict[str, bytes], **options: int) -> list[tuple[str, int, str]]:
    with pytest.raises(PackErrors) as caught:
        read_pack(files, **options)
    return [(problem.file, problem.line, problem.code) for problem in caught.value.problems]


def test_everything_that_a_pack_says_is_read() -> None:
    pack = read_pack(small_files())

    assert pack.conference == PackConference(
        slug="encuentro",
        languages=("es", "en"),
        time_zone="America/Los_Angeles",
        other_time_zone="America/Mexico_City",
        first_day=date(2026, 7, 11),
        days=2,
        authenticity="es",
        default_rule=Rule.TWO_THIRDS,
        name=FrozenMapping({"es": "Encuentro", "en": "Meeting"}),
        venue_name="Salón Ñuu",
        venue_address="Calle 1",
    )
    assert pack.rooms == (PackLabel("sala", FrozenMapping({"es": "Sala", "en": "Hall"})),)
    assert pack.tracks == (PackLabel("acuerdo", FrozenMapping({"es": "Acuerdo"})),)
    assert pack.organizations[0] == PackOrganization(
        key="club",
        name="Club San Juan",
        kind=OrganizationKind.HTA,
        side=Chamber.US,
        status=OrganizationStatus.ACTIVE,
        municipality="20208",
        place="Salem, Oregon",
        parents=("federacion",),
        votes=1,
        languages=("spa", "mix"),
        description=FrozenMapping({"es": "Un club, de dos líneas", "en": "A club"}),
        website="https://example.org/club",
    )
    assert [(one.key, one.votes, one.line) for one in pack.organizations] == [
        ("club", 1, 2),
        ("comite", 2, 4),
        ("federacion", None, 5),
        ("oficina", None, 6),
    ]
    assert pack.sessions[0] == PackSession(
        key="mesa",
        kind=SessionKind.ROUNDTABLE,
        day=1,
        start=time(9),
        minutes=60,
        room="sala",
        title=FrozenMapping({"es": "Mesa", "en": "Table"}),
        co_chairs=("club", "comite"),
        guiding_questions=(
            FrozenMapping({"es": "¿Qué?", "en": "What?"}),
            FrozenMapping({"es": "¿Cómo?"}),
        ),
    )
    assert pack.sessions[1].abstract == {"es": "Uno.\n\nDos."}
    assert [place.provision.key for place in pack.agreement.walk()] == [
        "preamble",
        "purpose",
        "purpose-first",
    ]
    assert pack.registration == PackRegistration(
        capacity=250,
        offer_hours=24,
        places=FrozenMapping({Category.PRESS: Setting(approval=True, capacity=5)}),
        questions=(
            PackQuestion(
                "comida",
                FrozenMapping({"es": "¿Qué come?"}),
                (
                    PackLabel("todo", FrozenMapping({"es": "De todo"})),
                    PackLabel("sin-carne", FrozenMapping({"es": "Sin carne", "en": "No meat"})),
                ),
                several=True,
            ),
        ),
        services=(
            PackService(
                "mixteco", ServiceKind.INTERPRETATION, FrozenMapping({"es": "Al mixteco"}), "mix", 30
            ),
        ),
    )
    assert pack.warnings == ()


def test_a_pack_without_a_word_about_registering_lets_everybody_come() -> None:
    files = {name: content for name, content in small_files().items() if name != "registration.toml"}

    assert read_pack(files).registration == PackRegistration()


def test_the_sample_pack_lacks_one_translation_on_purpose_and_nothing_else() -> None:
    pack = read_pack(example_files())

    line = (EXAMPLE / "agreement/es.md").read_text().splitlines()[pack.warnings[0].line - 1]
    assert [(warning.file, warning.code) for warning in pack.warnings] == [
        ("agreement/es.md", "text_lacks_language")
    ]
    assert line == "#### {#pending-translation-indigenous-languages .clause}"
    sides = [one.side for one in pack.organizations if one.votes]
    assert (sides.count(Chamber.US), sides.count(Chamber.MX)) == (14, 14)


def test_the_text_of_the_sample_names_no_day_since_its_first_day_moves() -> None:
    texts = " ".join(content.decode() for name, content in example_files().items() if name.endswith(".md"))

    assert [word for word in ("2026", "julio", "July") if word in texts] == []


# -- what is wrong, and where ------------------------------------------------------------------------

CSV, TOML, PROGRAM = "organizations.csv", "conference.toml", "program.toml"
REGISTRATION = "registration.toml"

SPOILED: list[tuple[str, tuple[str, str], list[tuple[str, int, str]]]] = [
    ("conference", ('slug = "encuentro"', 'slug = "Encuentro 2"'), [(TOML, 2, "bad_slug")]),
    ("conference", ('slug = "encuentro"', 'slug = "tickets"'), [(TOML, 2, "reserved_slug")]),
    ("conference", ('slug = "encuentro"\n', ""), [(TOML, 1, "missing_key")]),
    ("conference", ("format = 1", "format = 2"), [(TOML, 1, "other_format")]),
    ("conference", ("days = 2", 'days = "2"'), [(TOML, 7, "wrong_type")]),
    ("conference", ("days = 2", "days = true"), [(TOML, 7, "wrong_type")]),
    ("conference", ("days = 2", "days = 400"), [(TOML, 7, "out_of_range")]),
    ("conference", ("2026-07-11", "2026-07-11T09:00:00"), [(TOML, 6, "wrong_type")]),
    ("conference", ("2026-07-11", '"2026-07-11"'), [(TOML, 6, "wrong_type")]),
    ("conference", ("America/Los_Angeles", "America/Woodburn"), [(TOML, 4, "unknown_zone")]),
    ("conference", ("America/Mexico_City", "../../etc/passwd"), [(TOML, 5, "unknown_zone")]),
    ("conference", ('"two_thirds"', '"two-thirds"'), [(TOML, 9, "unknown_rule")]),
    ("conference", ('authenticity = "es"', 'authenticity = "fr"'), [(TOML, 8, "unknown_authenticity")]),
    ("conference", ("[name]", "[nombre]"), [(TOML, 1, "missing_key"), (TOML, 11, "unknown_key")]),
    ("conference", ('en = "Meeting"', 'fr = "Réunion"'), [(TOML, 13, "other_language")]),
    ("conference", ('address = "Calle 1"', 'adress = "Calle 1"'), [(TOML, 17, "unknown_key")]),
    ("conference", ('name = { es = "Sala", en = "Hall" }', 'name = "Sala"'), [(TOML, 21, "wrong_type")]),
    ("conference", ('{ es = "Acuerdo" }', '{ es = "" }'), [(TOML, 25, "empty_text")]),
    ("conference", ("[venue]", "[venue"), [(TOML, 15, "bad_toml")]),
    ("conference", ('["es", "en"]', '["es", "español"]'), [
        (TOML, 3, "bad_language_code"),
        (TOML, 13, "other_language"),
        (TOML, 21, "other_language"),
    ]),
    ("organizations", ("status,", "estatus,"), [(CSV, 1, "unknown_column"), (CSV, 1, "missing_column")]),
    ("organizations", ("comite,", "club,"), [(CSV, 4, "duplicate_organization")]),
    ("organizations", (",hta,mx", ",club,mx"), [(CSV, 4, "unknown_kind")]),
    ("organizations", ("comite,Comité San Juan,hta", "club,Comité San Juan,club"), [
        (CSV, 4, "unknown_kind"),
        (CSV, 4, "duplicate_organization"),
    ]),
    ("organizations", (",hta,mx", ",hta,oaxaca"), [(CSV, 4, "unknown_side")]),
    ("organizations", ("mx,active", "mx,vivo"), [(CSV, 4, "unknown_status")]),
    ("organizations", ("mx,active", "mx,"), [(CSV, 4, "empty_cell")]),
    ("organizations", ("San Juan,federacion,2", "San Juan,nadie,2"), [(CSV, 4, "unknown_parent")]),
    ("organizations", ("Salem,,,,,,", "Salem,club,,,,,"), [(CSV, 2, "federation_cycle")]),
    ("organizations", ("Salem,,,,,,", "Salem,federacion,,,,,"), [(CSV, 5, "federation_cycle")]),
    ("organizations", (",2,mix", ",0,mix"), [(CSV, 4, "bad_votes")]),
    ("organizations", (",2,mix", ",1.5,mix"), [(CSV, 4, "bad_votes")]),
    ("organizations", (",2,mix", ",²,mix"), [(CSV, 4, "bad_votes")]),
    ("organizations", (",20208,San Juan,,,", ",20208,San Juan,,1,"), [(CSV, 6, "votes_without_seat")]),
    ("organizations", (",2,mix", ",2,mixteco"), [(CSV, 4, "bad_language_code")]),
    ("organizations", ("active,20208,San", "active,2028,San"), [(CSV, 4, "bad_municipality")]),
    ("organizations", ("https://example", "javascript:alert"), [(CSV, 2, "bad_website")]),
    ("organizations", ("Salem,,,,,,", "Salem,,,"), [(CSV, 5, "wrong_cell_count")]),
    ("organizations", ('"Salem, Oregon"', '"Salem, Oregon'), [
        (CSV, 2, "bad_csv"),
    ]),
    ("program", ('room = "sala"', 'room = "cocina"'), [(PROGRAM, 8, "unknown_room")]),
    ("program", ('track = "acuerdo"', 'track = "otro"'), [(PROGRAM, 24, "unknown_track")]),
    ("program", ("day = 2", "day = 3"), [(PROGRAM, 20, "outside_days")]),
    ("program", ("day = 2", "day = 0"), [(PROGRAM, 20, "out_of_range")]),
    ("program", ('"10:00"', '"24:00"'), [(PROGRAM, 21, "bad_clock")]),
    ("program", ('"10:00"', "10:00:00"), [(PROGRAM, 21, "wrong_type")]),
    ("program", ('"plenary"', '"panel"'), [(PROGRAM, 19, "sitting_not_plenary")]),
    ("program", ('"plenary"', '"plenaria"'), [(PROGRAM, 18, "unknown_kind")]),
    ("program", ('key = "votacion"', 'key = "mesa"'), [(PROGRAM, 17, "repeated_key")]),
    ("program", ('"club", "comite"', '"club", "nadie"'), [(PROGRAM, 10, "unknown_co_chair")]),
    ("program", ('"club", "comite"', '"club", "federacion"'), [(PROGRAM, 10, "co_chairs_one_a_side")]),
    ("program", ('"club", "comite"', '"club"'), [(PROGRAM, 10, "co_chairs_one_a_side")]),
    ("program", ('co_chairs = ["club", "comite"]\n', ""), [(PROGRAM, 2, "co_chairs_one_a_side")]),
    ("program", ('"roundtable"', '"workshop"'), [(PROGRAM, 10, "co_chairs_elsewhere")]),
    ("program", ("minutes = 60", "minuts = 60"), [(PROGRAM, 2, "missing_key"), (PROGRAM, 7, "unknown_key")]),
    ("program", ('{ es = "¿Cómo?" }', '{ es = "¿Cómo?", fr = "?" }'), [(PROGRAM, 13, "other_language")]),
    ("program", ('"spa", "mix"', '"es"'), [(PROGRAM, 25, "bad_language_code")]),
    ("registration", ("capacity = 250", "capacity = -1"), [(REGISTRATION, 1, "out_of_range")]),
    ("registration", ("offer_hours = 24", "offer_hours = 0"), [(REGISTRATION, 2, "out_of_range")]),
    ("registration", ("offer_hours = 24", "proxy_cap = 10"), [(REGISTRATION, 2, "out_of_range")]),
    ("registration", ("offer_hours = 24", "hours = 24"), [(REGISTRATION, 2, "unknown_key")]),
    ("registration", ('"press"', '"prensa"'), [(REGISTRATION, 5, "unknown_category")]),
    ("registration", ("approval = true", "approval = 1"), [(REGISTRATION, 6, "wrong_type")]),
    ("registration", ("capacity = 5\n", '[[places]]\ncategory = "press"\n'), [
        (REGISTRATION, 8, "repeated_value"),
    ]),
    ("registration", ('  { key = "todo", label = { es = "De todo" } },\n', ""), [
        (REGISTRATION, 13, "too_few_choices"),
    ]),
    ("registration", ('key = "sin-carne"', 'key = "todo"'), [(REGISTRATION, 15, "repeated_key")]),
    ("registration", ('{ es = "¿Qué come?" }', '{ es = "" }'), [(REGISTRATION, 11, "empty_text")]),
    ("registration", ('language = "mix"\n', ""), [(REGISTRATION, 18, "language_of_interpretation")]),
    ("registration", ('"interpretation"', '"childcare"'), [(REGISTRATION, 21, "language_of_interpretation")]),
    ("registration", ('language = "mix"', 'language = "mx"'), [(REGISTRATION, 21, "bad_language_code")]),
    ("es", ("### {#purpose-first .clause}", "### Sin"), [("agreement/es.md", 9, "text_malformed_heading")]),
    ("es", (".clause", ".clausula"), [("agreement/es.md", 9, "text_unknown_kind")]),
    ("en", ("{#purpose-first", "{#purpose"), [("agreement/en.md", 9, "text_duplicate_key")]),
    ("en", ("{#purpose-first", "{#" + "k" * 121), [("agreement/en.md", 9, "too_long")]),
]  # fmt: skip


@pytest.mark.parametrize(("file", "change", "expected"), SPOILED)
def test_what_is_wrong_is_named_with_its_file_and_line(
    file: str, change: tuple[str, str], expected: list[tuple[str, int, str]]
) -> None:
    assert problems_of(small_files(**{file: change})) == sorted(expected, key=lambda one: one[:2])


def test_all_problems_of_all_files_are_said_at_once() -> None:
    files = small_files(
        conference=("America/Los_Angeles", "Noroeste"),
        organizations=(",2,mix", ",dos,mix"),
        program=('"sala"', '"cocina"'),
        en=(".clause", ".x"),
    )

    assert problems_of(files) == [
        ("agreement/en.md", 9, "text_unknown_kind"),
        ("conference.toml", 4, "unknown_zone"),
        ("organizations.csv", 4, "bad_votes"),
        ("program.toml", 8, "unknown_room"),
    ]


@pytest.mark.parametrize("missing", [name for name in small_files() if name != REGISTRATION])
def test_a_missing_file_is_named(missing: str) -> None:
    files = {name: content for name, content in small_files().items() if name != missing}

    assert (missing, 0, "missing_file") in problems_of(files)


def test_an_empty_folder_lacks_the_three_files_that_every_pack_has() -> None:
    assert problems_of({}) == [
        ("conference.toml", 0, "missing_file"),
        ("organizations.csv", 0, "missing_file"),
        ("program.toml", 0, "missing_file"),
    ]


def test_an_agreement_in_a_language_that_the_conference_has_not_is_not_passed_over() -> None:
    assert problems_of(small_files() | {"agreement/fr.md": b"# Accord {#agreement}\n"}) == [
        ("agreement/fr.md", 0, "unexpected_file")
    ]


@pytest.mark.parametrize(
    ("file", "line"),
    [("conference.toml", 16), ("organizations.csv", 3), ("program.toml", 12), ("agreement/es.md", 11)],
)
def test_latin_1_is_refused_with_the_line_of_its_first_byte(file: str, line: int) -> None:
    files = small_files()
    files[file] = files[file].decode().encode("latin-1", "replace")

    found = [problem for problem in problems_of(files) if problem[2] == "not_utf8"]

    assert found == [(file, line, "not_utf8")]


def test_semicolons_of_a_spreadsheet_are_recognised() -> None:
    files = small_files()
    files["organizations.csv"] = files["organizations.csv"].replace(b",", b";")

    assert ("organizations.csv", 1, "semicolons") in problems_of(files)


def test_a_file_over_the_limit_is_refused_and_said_to_be_too_large_not_missing() -> None:
    files = small_files()
    limit = max(map(len, files.values()))
    files["program.toml"] += b"\n" * limit

    assert problems_of(files, maximum=limit) == [("program.toml", 0, "too_large")]


@pytest.mark.parametrize("hostile", ["x = " + "[" * 100_000, "x = " + "9" * 10_000, "x = " + "{a=" * 50_000])
def test_hostile_toml_is_a_problem_and_not_a_crash(hostile: str) -> None:
    files = small_files() | {"conference.toml": hostile.encode()}

    assert [code for _, _, code in problems_of(files)] == ["bad_toml"]


def test_byte_order_marks_and_the_line_ends_of_windows_are_tolerated() -> None:
    files = {
        name: b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n") for name, content in small_files().items()
    }

    assert read_pack(files) == read_pack(small_files())


def test_many_circles_are_found_and_a_graph_of_several_parents_is_none() -> None:
    several = small_files(organizations=("San Juan,federacion,2", "San Juan,federacion club,2"))
    circles = small_files(organizations=("Salem,,,,,,", "Salem,club comite,,,,,"))

    assert read_pack(several).organizations[1].parents == ("club", "federacion")
    assert [code for _, _, code in problems_of(circles)] == ["federation_cycle", "federation_cycle"]


# -- what is worth knowing -----------------------------------------------------------------------------


def warnings_of(files: dict[str, bytes]) -> list[tuple[str, int, str]]:
    return [(warning.file, warning.line, warning.code) for warning in read_pack(files).warnings]


def test_a_provision_in_one_language_is_kept_and_said_where_it_stands() -> None:
    files = small_files(en=("### {#purpose-first .clause}\n", "### {#only-english .clause}\n"))

    assert warnings_of(files) == [
        ("agreement/en.md", 9, "text_lacks_language"),
        ("agreement/es.md", 9, "text_lacks_language"),
    ]


def test_lettered_items_that_do_not_match_are_a_warning() -> None:
    warning = read_pack(small_files(en=("b) two\n", ""))).warnings

    assert warning == (
        PackProblem(
            "agreement/en.md",
            9,
            "text_other_items",
            {"key": "purpose-first", "language": "en", "expected": 2, "found": 1},
        ),
    )


def test_two_sessions_in_one_room_are_a_warning_unless_one_is_cancelled() -> None:
    same_day = small_files(program=("day = 2", "day = 1"))
    overlapping = dict(same_day)
    overlapping["program.toml"] = same_day["program.toml"].replace(b'"10:00"', b'"09:59"')
    cancelled = overlapping["program.toml"].replace(b"sitting = true", b"cancelled = true")

    assert warnings_of(same_day) == []
    assert warnings_of(overlapping) == [("program.toml", 16, "room_overlap")]
    assert warnings_of(overlapping | {"program.toml": cancelled}) == []


# -- writing -------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(packs())
def test_a_pack_that_is_written_and_read_is_the_same_pack(pack: Any) -> None:
    files = write_pack(pack)
    again = read_pack(files)

    assert again == pack
    assert write_pack(again) == files


@settings(max_examples=100, deadline=None)
@given(agreements_apart())
def test_languages_written_apart_settle_at_the_first_reading(files: dict[str, bytes]) -> None:
    draft = read_agreement(files, Report())
    assert draft is not None
    rendered = {language: render_markdown(draft, language).encode() for language in draft.languages}

    assert read_agreement(rendered, Report()) == draft


@pytest.mark.parametrize("files", [small_files(), example_files()], ids=["small", "example"])
def test_what_is_written_no_longer_changes(files: dict[str, bytes]) -> None:
    pack = read_pack(files)
    written = write_pack(pack)

    assert read_pack(written) == pack
    assert write_pack(read_pack(written)) == written
    assert sorted(written) == sorted(files)


def test_a_pack_with_other_words_is_another_pack() -> None:
    pack = read_pack(small_files())
    other = replace(pack, conference=replace(pack.conference, name=FrozenMapping({"es": "Otro"})))

    assert write_pack(other) != write_pack(pack)


# -- lines of TOML -------------------------------------------------------------------------------------


DOCUMENT = """\
top = "x # [y]" # [z]
"quoted key".inner = 1
text = \"\"\"
key = 1
[[sessions]]
\\\"\"\" still inside\"\"\"\"
literal = '''
x = 1'''
list = [ # ]
  "]",
  { a = 1, b = { c = [1,
    2] } },
]
[one.two]
a = 2026-07-11 07:00:00 # a moment
[[many]]
k = 1
[[many]]
k = 2
[many.below]
z = true
[[many.deep]]
q = ""
[[many.deep]]
q = 'a\\'
"""


def test_every_value_of_toml_is_found_in_its_line() -> None:
    tomllib.loads(DOCUMENT)

    assert toml_lines(DOCUMENT) == {
        (): 1,
        ("top",): 1,
        ("quoted key",): 2,
        ("quoted key", "inner"): 2,
        ("text",): 3,
        ("literal",): 7,
        ("list",): 9,
        ("list", 0): 10,
        ("list", 1): 11,
        ("list", 1, "a"): 11,
        ("list", 1, "b"): 11,
        ("list", 1, "b", "c"): 11,
        ("list", 1, "b", "c", 0): 11,
        ("list", 1, "b", "c", 1): 12,
        ("one",): 14,
        ("one", "two"): 14,
        ("one", "two", "a"): 15,
        ("many",): 16,
        ("many", 0): 16,
        ("many", 0, "k"): 17,
        ("many", 1): 18,
        ("many", 1, "k"): 19,
        ("many", 1, "below"): 20,
        ("many", 1, "below", "z"): 21,
        ("many", 1, "deep"): 22,
        ("many", 1, "deep", 0): 22,
        ("many", 1, "deep", 0, "q"): 23,
        ("many", 1, "deep", 1): 24,
        ("many", 1, "deep", 1, "q"): 25,
    }


def paths(value: Any, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path}.union(*(paths(below, (*path, key)) for key, below in inner))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["conference.toml", "program.toml", "registration.toml"]), packs())
def test_the_line_finder_knows_exactly_the_values_that_the_parser_knows(file: str, pack: Any) -> None:
    text = write_pack(pack)[file].decode()

    assert set(toml_lines(text)) == paths(tomllib.loads(text))


# -- the people of the demonstration -------------------------------------------------------------------


def test_the_sample_people_can_be_read_and_none_has_an_address_of_a_real_domain() -> None:
    sample = read_sample((EXAMPLE / "people.toml").read_bytes(), languages=("es", "en"))

    assert len(sample.cast) == 12
    assert {person.email.rpartition("@")[2] for person in sample.cast if person.email} == {"example.org"}
    assert (sample.sitting, sample.adopted, sample.open_question) == (
        "votacion-dia-uno",
        ("purpose-coalition",),
        "languages-use",
    )
