"""A table of organizations: each fault with its line, quirks of spreadsheets, and what would come of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements import Chamber
from conference.domain.directory import LegalForm, OrganizationKind, OrganizationSource, OrganizationStatus
from conference.domain.organization_columns import column_named, headings_in
from conference.domain.organization_file import (
    MAXIMUM_BYTES,
    MOST_ROWS,
    Known,
    file_columns,
    plan,
    read_organization_file,
    with_all_problems,
)
from tests.timing import within

LANGUAGES = ("es", "en")
HEAD = "key,name,kind,side,status"
CLUB = "club-uno,Club Uno,hta,us,active"
ALL = ",".join(file_columns(LANGUAGES))


def read(text, encoding="utf-8"):
    content = text if isinstance(text, bytes) else text.encode(encoding)
    return read_organization_file(content, LANGUAGES, name="tabla.csv")


def faults(text):
    return [(problem.line, problem.code) for problem in read(text)[1]]


def rows(text):
    found, problems = read(text)
    assert problems == ()
    return found


def test_the_columns_are_those_of_a_pack_and_six_more():
    assert ALL == (
        "key,name,kind,side,status,municipality,place,parents,votes,languages,description_es,description_en,website,"
        "us_state,us_city,legal_form,source,funders,affiliations"
    )


def test_a_full_row_is_read():
    cells = (
        "fed,Federación «Ñuu»,federation,us,active,20067,,otra mas,,spa mix,Descripción,Description,"
        "https://example.org,or,Salem,us_nonprofit,invited,Fundación,Red"
    )
    (row,) = rows(f"{ALL}\n{cells}\n")
    assert (row.entry.key, row.entry.parents, row.entry.line) == ("fed", ("mas", "otra"), 2)
    assert row.values == {
        "kind": OrganizationKind.FEDERATION,
        "status": OrganizationStatus.PROPOSED,
        "source": OrganizationSource.INVITED,
        "municipality": "20067",
        "place": "",
        "languages": ["spa", "mix"],
        "description": {"es": "Descripción", "en": "Description"},
        "website": "https://example.org",
        "us_state": "OR",
        "us_city": "Salem",
        "legal_form": LegalForm.US_NONPROFIT,
        "funders": "Fundación",
        "affiliations": "Red",
    }


def test_who_is_not_said_to_be_invited_was_found_and_keeps_its_status():
    (row,) = rows(f"{HEAD}\nclub,Club,hta,mx,dormant\n")
    assert (row.source, row.values["status"]) == (OrganizationSource.FOUND, OrganizationStatus.DORMANT)


# -- in Spanish --------------------------------------------------------------------------------------

EN_ESPANOL = ",".join(headings_in("es", file_columns(LANGUAGES)))
FULL = (
    "fed,Federación,federation,us,active,20067,San Juan,mas,,spa mix,Hola,Hello,https://example.org,"
    "OR,Salem,other,invited,F,R"
)


def test_no_two_columns_are_called_alike_in_either_language():
    known = file_columns(LANGUAGES)
    for language in LANGUAGES:
        assert [column_named(text, known) for text in headings_in(language, known)] == list(known)
    assert len(set(headings_in("es", known)) | set(known)) == 2 * len(known)


@pytest.mark.parametrize(
    "header",
    [
        EN_ESPANOL,
        EN_ESPANOL.upper(),
        EN_ESPANOL.replace("ó", "o").replace("é", "e").replace(" ", "_"),
        ALL.upper().replace("_", " "),
        ALL.replace("name", " Nombre ").replace("status", "SITUACION"),
    ],
)
def test_columns_are_called_by_code_or_in_spanish_however_they_are_spelled(header):
    assert rows(f"{header}\n{FULL}\n") == rows(f"{ALL}\n{FULL}\n")


def test_a_column_that_is_there_in_both_languages_is_there_twice():
    _found, problems = read(f"{HEAD},NOMBRE\n{CLUB},Club Dos\n")
    assert [(one.line, one.code, one.data["column"]) for one in problems] == [
        (1, "repeated_column", "name / NOMBRE")
    ]


def test_what_is_wrong_names_columns_as_the_table_does():
    _found, problems = read("Clave,NOMBRE,tipo,parte,fuente,patrón\nclub,,hta,us,found,x\n")
    assert [(one.code, one.data["column"]) for one in problems] == [
        ("unknown_column", "patrón"),
        ("missing_column", "situación"),
    ]
    assert problems[0].data["known"][:3] == ("clave", "nombre", "tipo")
    _found, problems = read(
        "Clave,NOMBRE,tipo,parte,situacion,Ciudad en Estados Unidos\nc,C,hta,us,active,Salem"
    )
    assert [dict(one.data) for one in problems] == [
        {"state": "estado en Estados Unidos", "city": "Ciudad en Estados Unidos"}
    ]
    _found, problems = read(
        "Clave,NOMBRE,tipo,parte,situacion,la financian\nclub,,hta,us,active," + "x" * 501
    )
    assert [(one.line, one.code, one.data.get("column") or one.data["key"]) for one in problems] == [
        (2, "empty_cell", "NOMBRE"),
        (2, "too_long", "la financian"),
    ]


def test_words_stand_in_place_of_codes():
    words = {"kind": {"federacion": "federation"}, "side": {"parte de mexico": "mx"}}
    text = "clave,nombre,tipo,parte,situación\nf,F,FEDERACIÓN,Parte de México,active\ng,G,gremio,mx,active\n"
    found, problems = read_organization_file(text.encode(), LANGUAGES, name="t", words=words)
    assert (found[0].entry.kind, found[0].entry.side) == (OrganizationKind.FEDERATION, Chamber.MX)
    assert [(one.line, one.code) for one in problems] == [(3, "unknown_kind")]


# -- quirks of spreadsheets --------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_spreadsheets_write_is_read(start, separator, end):
    text = start + end.join([HEAD, 'club,"Club, S; A",hta,us,active', ""]).replace(",", separator)
    (row,) = rows(text)
    assert row.entry.name == ("Club, S; A" if separator == "," else "Club; S; A")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (f"{HEAD}\nclub,Club Yalálag,hta,us,active".encode("cp1252"), (2, "is_windows_1252")),
        (f"{HEAD}\nclub".encode("utf-16"), (1, "is_utf16")),
        (b"PK\x03\x04\x14\x00\xff", (1, "is_workbook")),
        (b"\xd0\xcf\x11\xe0\xa1", (1, "is_workbook")),
    ],
)
def test_what_is_saved_otherwise_is_named(content, code):
    assert faults(content) == [code]


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_a_formula_is_text_and_comes_back_as_it_was_exported(start):
    name = f"{start}SUM(A1)"
    (row,) = rows(f"{HEAD}\nclub,{name},hta,us,active\n")
    (again,) = rows(f"{HEAD}\nclub,'{name},hta,us,active\n")
    assert (row.entry.name, again.entry.name) == (name, name)


def test_a_saltillo_at_the_beginning_of_a_name_is_kept():
    (row,) = rows(f"{HEAD}\nclub,'Ya nuu,hta,us,active\n")
    assert row.entry.name == "'Ya nuu"


# -- faults ------------------------------------------------------------------------------------------


def with_cells(**cells):
    row = {"key": "club", "name": "Club", "kind": "hta", "side": "us", "status": "active"} | cells
    return f"{','.join(row)}\n{','.join(row.values())}\n"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"kind": "gremio"}, "unknown_kind"),
        ({"side": "ca"}, "unknown_side"),
        ({"status": "alive"}, "unknown_status"),
        ({"key": "Club Uno"}, "bad_slug"),
        ({"name": ""}, "empty_cell"),
        ({"municipality": "2055"}, "bad_municipality"),
        ({"municipality": "20999"}, "unknown_municipality"),
        ({"languages": "spanish"}, "bad_language_code"),
        ({"languages": "xxq"}, "unknown_language"),
        ({"website": "javascript:alert(1)"}, "bad_website"),
        ({"us_state": "OX", "us_city": "Salem"}, "unknown_us_state"),
        ({"us_state": "OR"}, "state_without_city"),
        ({"us_city": "Salem"}, "state_without_city"),
        ({"legal_form": "gmbh"}, "unknown_legal_form"),
        ({"source": "rumour"}, "unknown_source"),
        ({"source": "entered"}, "unknown_source"),
        ({"votes": "2"}, "votes_before_answer"),
        ({"funders": "x" * 501}, "too_long"),
        ({"affiliations": "x" * 501}, "too_long"),
        ({"us_state": "OR", "us_city": "x" * 81}, "too_long"),
        ({"description_es": "x" * 1001}, "too_long"),
        ({"employer": "x"}, "unknown_column"),
    ],
)
def test_each_fault_has_a_code_and_nothing_else_is_wrong(cells, code):
    found = set(faults(with_cells(**cells)))
    assert found == {(1 if code == "unknown_column" else 2, code)}


def test_every_fault_of_every_row_is_named_in_the_order_of_the_lines():
    text = f"{HEAD}\nA,Uno,hta,us,active\nb,Dos,x,us,active\nc,Tres\nb,Cuatro,hta,us,active\n"
    assert faults(text) == [
        (2, "bad_slug"),
        (3, "unknown_kind"),
        (4, "wrong_cell_count"),
        (5, "organization_repeated"),
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", (1, "missing_column")),
        (HEAD, (0, "no_rows")),
        (f'{HEAD}\n"club', (2, "bad_csv")),
        ("x" * (MAXIMUM_BYTES + 1), (0, "table_too_large")),
        (HEAD + "".join(f"\nc{n},C,hta,us,active" for n in range(MOST_ROWS + 1)), (0, "too_many_rows")),
    ],
    ids=["empty", "only columns", "open quotation", "large", "long"],
)
def test_a_table_without_rows_or_with_too_many_is_refused(text, fault):
    assert fault in faults(text)


@given(st.binary(max_size=200))
def test_no_bytes_end_in_an_exception(content):
    read(content)


@given(st.text(max_size=60))
def test_whatever_a_row_says_is_read_or_named(text):
    found, problems = read(f"{HEAD}\n{text}\n")
    assert bool(found) or bool(problems)


# -- what would come of it ---------------------------------------------------------------------------


def known(**values):
    (row,) = rows(f"{HEAD}\n{CLUB}\n")
    defaults = {
        "name": "Club Uno",
        "side": Chamber.US,
        "kind": OrganizationKind.HTA,
        "own_word": False,
        "values": row.values,
    }
    return Known(**defaults | values)


def planned(text, standing):
    return plan(rows(text), standing, name="tabla.csv")


def test_rows_are_new_changed_kept_or_the_same():
    others = ("club-dos,Club Dos,hta,us,dormant", "club-tres,Club Tres,hta,us,active", "c,C,hta,us,active")
    text = "\n".join([HEAD, CLUB, *others])
    standing = {
        "club-uno": known(),
        "club-dos": known(name="Club Dos"),
        "club-tres": known(name="Club Tres", own_word=True, values={}),
    }
    found = planned(text, standing)
    assert found.counts == {"added": 1, "changed": 1, "kept": 1, "same": 1, "problems": 0}
    assert [row.entry.key for row in (*found.added, *found.kept, *found.same)] == [
        "c",
        "club-tres",
        "club-uno",
    ]
    (change,) = found.changed
    assert (change.row.entry.key, change.columns) == ("club-dos", ("status",))


@pytest.mark.parametrize("other", [{"name": "Club Otro"}, {"side": Chamber.MX}])
def test_a_key_is_one_organizations(other):
    found = planned(f"{HEAD}\n{CLUB}\n", {"club-uno": known(**other)})
    assert [(one.line, one.code) for one in found.problems] == [(2, "organization_taken")]
    assert (found.added, found.changed) == ((), ())


def test_parents_are_federations_of_the_table_or_of_the_directory_and_never_a_circle():
    text = (
        f"{HEAD},parents\n"
        "club,Club,hta,us,active,aqui alla\n"
        "aqui,Aquí,federation,us,active,\n"
        "otro,Otro,hta,us,active,club\n"
        "mas,Más,hta,us,active,nadie\n"
        "uno,Uno,federation,us,active,dos\n"
        "dos,Dos,federation,us,active,uno\n"
    )
    found = planned(text, {"alla": known(kind=OrganizationKind.CONFEDERATION)})
    assert [(one.line, one.code) for one in found.problems] == [
        (4, "parent_no_federation"),
        (5, "unknown_parent"),
        (6, "federation_cycle"),
    ]


@pytest.mark.parametrize(
    ("second", "codes"),
    [
        ("b,B,gremio,us,active,", [(2, "unknown_parent"), (3, "unknown_kind")]),
        # Perhaps that is the row that could not be read.
        ("b,B", [(3, "wrong_cell_count")]),
    ],
)
def test_what_cannot_be_is_named_together_with_what_could_not_be_read(second, codes):
    found, problems = read(f"{HEAD},parents\na,A,hta,us,active,nadie\n{second}\n")
    told = with_all_problems(problems, plan(found, {}, name="tabla.csv"))
    assert [(one.line, one.code) for one in told.problems] == codes
    assert told.counts == {"added": 0, "changed": 0, "kept": 0, "same": 0, "problems": len(codes)}


def test_a_column_is_there_once():
    assert faults(f"{HEAD},place,place\nclub,Club,hta,us,active,a,b\n") == [(1, "repeated_column")]


def test_of_many_circles_the_first_twenty_are_named():
    pairs = ((f"a{n}", f"b{n}") for n in range(25))
    lines = [
        f"{one},N,federation,us,active,{other}\n{other},N,federation,us,active,{one}" for one, other in pairs
    ]
    found = planned("\n".join([f"{HEAD},parents", *lines]), {})
    assert [one.code for one in found.problems] == ["federation_cycle"] * 20


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_first_row_of_two_million_commas_is_one_problem(separator):
    # Compared name by name with one another it would take hours.
    found, problems = within(20, lambda: read(separator * (MAXIMUM_BYTES - 1)))
    assert (found, [(one.line, one.code) for one in problems]) == ((), [(1, "too_many_columns")])


def test_twice_as_many_columns_as_are_known_are_still_read_and_one_more_is_not():
    most = 2 * len(file_columns(("es", "en")))
    wide = [f"c{number}" for number in range(most)]
    assert {code for _line, code in faults(",".join(wide))} == {"unknown_column", "missing_column"}
    assert faults(",".join([*wide, "c"])) == [(1, "too_many_columns")]


def test_after_two_hundred_problems_the_last_says_that_there_are_more():
    good = ["a,A,hta,us,active,"]
    many_in_a_row = [f"b{number},B,hta,us,active,{'?? ' * 900}" for number in range(9)]
    for wrong in (["b,B"] * 5000, ["b,B,gremio,us,active,", *["x"] * 5000], many_in_a_row):
        _found, problems = read("\n".join([f"{HEAD},languages", *good, *wrong]))
        assert (len(problems), problems[-1].code) == (201, "more_problems")
        assert "more_problems" not in {one.code for one in problems[:-1]}
    assert len(faults("\n".join([HEAD, *["b"] * 200]))) == 200


def test_who_is_named_in_a_table_that_was_not_read_to_its_end_is_not_at_fault():
    lines = [f"{HEAD},parents", "a,A,hta,us,active,z", *["a,A,gremio,us,active,"] * 201]
    found, problems = read("\n".join([*lines, "z,Z,federation,us,active,"]))
    assert "wrong_cell_count" not in {one.code for one in problems}
    told = with_all_problems(problems, plan(found, {}, name="tabla.csv"))
    assert "unknown_parent" not in {one.code for one in told.problems}
