from __future__ import annotations

import gzip
import json
import os
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agreements import (
    Draft,
    InvalidText,
    Kind,
    Problem,
    ProblemCode,
    Provision,
    parse_markdown,
    render_markdown,
)
from tests.agreements.strategies import AWKWARD, drafts
from tests.timing import measured, within

CANONICAL = """\
# Acuerdo de Oaxaca {#agreement}

## {#preamble .preamble}

Reunidas las organizaciones,
de las dos partes,

## Identidad y principios {#principles .title}

### Objeto {#purpose .article}

#### {#purpose-coalition .clause}

Se crea la coalición, que:

a) respeta a cada organización
b) no habla por ella

#### {#purpose-nothing .clause}

## Glosario {#annex-glossary .annex}

\\# no es un título
"""


def clause(key: str, body: str = "", heading: str = "", *children: Provision) -> Provision:
    return Provision(key, Kind.CLAUSE, {"es": heading}, {"es": body}, children)


def problems(text: str) -> list[tuple[int, ProblemCode, dict[str, str | int]]]:
    with pytest.raises(InvalidText) as refusal:
        parse_markdown(text, "es")
    return [(problem.line, problem.code, dict(problem.data)) for problem in refusal.value.problems]


def test_a_file_is_read_as_a_tree() -> None:
    assert parse_markdown(CANONICAL, "es") == Draft(
        {"es": "Acuerdo de Oaxaca"},
        (
            Provision(
                "preamble",
                Kind.PREAMBLE,
                {"es": ""},
                {"es": "Reunidas las organizaciones,\nde las dos partes,"},
            ),
            Provision(
                "principles",
                Kind.TITLE,
                {"es": "Identidad y principios"},
                {"es": ""},
                (
                    Provision(
                        "purpose",
                        Kind.ARTICLE,
                        {"es": "Objeto"},
                        {"es": ""},
                        (
                            clause(
                                "purpose-coalition",
                                "Se crea la coalición, que:\n\n"
                                "a) respeta a cada organización\nb) no habla por ella",
                            ),
                            clause("purpose-nothing"),
                        ),
                    ),
                ),
            ),
            Provision("annex-glossary", Kind.ANNEX, {"es": "Glosario"}, {"es": "# no es un título"}),
        ),
        ("es",),
    )


def test_a_canonical_file_is_written_as_it_was_read() -> None:
    assert render_markdown(parse_markdown(CANONICAL, "es"), "es") == CANONICAL


@pytest.mark.parametrize(
    "sloppy",
    [
        "\ufeff" + CANONICAL,
        CANONICAL.replace("\n", "\r\n"),
        CANONICAL.replace("\n", "\r"),
        CANONICAL.replace("\n", "  \t\n"),
        "\n\n" + CANONICAL.replace("\n\n#", "\n\n\n\n#").replace("}\n\n", "}\n\n\n") + "\n\n",
        CANONICAL.replace("\n\n#", "\n#"),
        CANONICAL.replace("## ", "##\t   ")
        .replace(" .clause}", "   .clause }")
        .replace("{#purpose ", "{ #purpose "),
        CANONICAL.replace("### Objeto", "   ### Objeto"),
        unicodedata.normalize("NFD", CANONICAL),
    ],
    ids=["BOM", "CRLF", "CR", "trailing", "blank lines", "no blank lines", "spaces", "indented", "NFD"],
)
def test_another_layout_of_the_same_text_is_read_alike(sloppy: str) -> None:
    assert render_markdown(parse_markdown(sloppy, "es"), "es") == CANONICAL


def test_an_empty_agreement_is_one_heading() -> None:
    assert render_markdown(Draft({}, (), ("es",)), "es") == "# {#agreement}\n"
    assert parse_markdown("# {#agreement}", "es") == Draft({}, (), ("es",))


@given(drafts())
@example(
    Draft(
        {"es": "{#agreement}"},
        (clause("a", "# x\n\\# y\n   \\\\## z\n    # four\n#", "# {#b .clause}"),),
        ("es",),
    )
)
def test_what_is_written_is_read_back(draft: Draft) -> None:
    written = render_markdown(draft, "es")
    assert parse_markdown(written, "es") == draft
    assert render_markdown(parse_markdown(written, "es"), "es") == written


PIECES = [*AWKWARD, "# ", "\n\n", "{#a .clause}", "{#b .clause}", "# {#agreement}\n"]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    try:
        draft = parse_markdown(text, "es")
    except InvalidText as refusal:
        lines = [problem.line for problem in refusal.problems]
        assert lines == sorted(lines)
        assert lines[0] >= 1
    else:
        assert parse_markdown(render_markdown(draft, "es"), "es") == draft


def test_only_what_a_language_has_is_written_with_headings_above_it() -> None:
    both = {"es": "Dos", "en": "Two"}
    draft = Draft(
        {"es": "Acuerdo"},
        (
            clause("only-spanish", "Uno"),
            clause("shell", "", "Sólo aquí", Provision("inside", Kind.CLAUSE, both, both)),
        ),
        ("es", "en"),
    )
    assert render_markdown(draft, "en") == (
        "# {#agreement}\n\n## {#shell .clause}\n\n### Two {#inside .clause}\n\nTwo\n"
    )


def test_text_without_any_heading_has_two_things_wrong() -> None:
    assert problems("") == [(1, ProblemCode.MISSING_AGREEMENT_HEADING, {})]
    assert problems("\nUno\ndos\n\ntres\n") == [
        (1, ProblemCode.MISSING_AGREEMENT_HEADING, {}),
        (2, ProblemCode.TEXT_OUTSIDE_PROVISIONS, {"text": "Uno"}),
    ]


def test_text_may_stand_in_provisions_only() -> None:
    assert problems("antes\n# A {#agreement}\n\ndebajo\nmás\n## {#a .clause}\nbien") == [
        (1, ProblemCode.TEXT_OUTSIDE_PROVISIONS, {"text": "antes"}),
        (4, ProblemCode.TEXT_OUTSIDE_PROVISIONS, {"text": "debajo"}),
    ]


def test_the_agreement_heading_comes_first_and_once() -> None:
    assert problems("## {#a .clause}\n## {#b .clause}") == [(1, ProblemCode.MISSING_AGREEMENT_HEADING, {})]
    assert problems("# A {#acuerdo}\n## {#a .clause}") == [(1, ProblemCode.MISSING_AGREEMENT_HEADING, {})]
    assert problems("# A {#agreement .title}") == [(1, ProblemCode.MISSING_AGREEMENT_HEADING, {})]
    assert problems("# A {#agreement}\n## {#a .clause}\n# B {#agreement}\ntexto") == [
        (3, ProblemCode.REPEATED_AGREEMENT_HEADING, {"first_line": 1}),
        (4, ProblemCode.TEXT_OUTSIDE_PROVISIONS, {"text": "texto"}),
    ]


@pytest.mark.parametrize(
    "heading",
    [
        "Objeto",
        "",
        "Objeto {a .clause}",
        "{#a.clause}",
        "{.clause #a}",
        "{#a .clause .b}",
        "{#a .clause",
        "{}",
        "{#}",
    ],
)
def test_a_heading_that_does_not_end_in_key_and_kind_is_malformed(heading: str) -> None:
    text = f"# A {{#agreement}}\n\n## {heading}\n\ntexto\n\n### {{#b .clause}}"
    assert problems(text) == [(3, ProblemCode.MALFORMED_HEADING, {"heading": heading})]


def test_a_malformed_agreement_heading_is_reported_once() -> None:
    assert problems("# Acuerdo\n## {#a .clause}") == [
        (1, ProblemCode.MALFORMED_HEADING, {"heading": "Acuerdo"})
    ]


def test_every_problem_is_reported_with_its_line() -> None:
    text = """\
# A {#agreement}
## {#a .clause}
## {#a .clause}
## {#Á .clause}
## {#b .chapter}
## {#c}
#### {#d .clause}
#### {#e .clause}
## {#agreement .clause}
"""
    assert problems(text) == [
        (3, ProblemCode.DUPLICATE_KEY, {"key": "a", "first_line": 2}),
        (4, ProblemCode.BAD_KEY, {"key": "Á"}),
        (5, ProblemCode.UNKNOWN_KIND, {"key": "b", "kind": "chapter"}),
        (6, ProblemCode.UNKNOWN_KIND, {"key": "c", "kind": ""}),
        (7, ProblemCode.SKIPPED_LEVEL, {"key": "d", "level": 4, "deepest": 3}),
        (9, ProblemCode.BAD_KEY, {"key": "agreement"}),
    ]


def test_problems_are_values() -> None:
    assert Problem(ProblemCode.BAD_KEY, 3, {"key": "Á"}) == Problem(ProblemCode.BAD_KEY, 3, {"key": "Á"})
    assert (
        len({Problem(ProblemCode.BAD_KEY, 3, {"key": "Á"}), Problem(ProblemCode.BAD_KEY, 3, {"key": "Á"})})
        == 1
    )


def seconds_for(words: int) -> float:
    sentence = "palabra de la asamblea con ñ y acento é, " * 25  # 200 words
    clauses = (f"## {{#c{number} .clause}}\n\n{sentence}\n" for number in range(words // 200))
    text = "# A {#agreement}\n\n" + "\n".join(clauses)

    def read_write_and_read() -> None:
        draft = parse_markdown(text, "es")
        assert parse_markdown(render_markdown(draft, "es"), "es").content_hash == draft.content_hash

    return measured(read_write_and_read)[0]


def test_two_hundred_thousand_words_take_linear_time() -> None:
    seconds_for(2_000)
    tenth, whole = min(seconds_for(20_000) for _ in range(3)), min(seconds_for(200_000) for _ in range(2))
    assert whole < 30 * tenth + 0.1


@pytest.mark.parametrize(
    "line", ["#" * 200_000, "{" * 200_000, "# " + "{#" * 100_000, "\\" * 200_000, " " * 200_000 + "#"]
)
def test_hostile_lines_take_no_time(line: str) -> None:
    def read() -> None:
        try:
            parse_markdown("# A {#agreement}\n## {#a .clause}\n" + line, "es")
        except InvalidText as refusal:
            assert refusal.problems[0].line == 3

    within(1, read)


@pytest.mark.real_data
def test_every_naughty_string_survives() -> None:
    path = Path(os.environ.get("REAL_DATA_DIR", "../shared/data")) / "names" / "blns.json"
    if not path.exists():
        pytest.skip(f"{path} is missing: set REAL_DATA_DIR")
    strings: list[str] = json.loads(path.read_text("utf-8"))
    provisions = (clause(f"k{number}", words, words) for number, words in enumerate(strings))
    draft = Draft({"es": "Acuerdo"}, tuple(provisions), ("es",))
    assert parse_markdown(render_markdown(draft, "es"), "es") == draft


@pytest.mark.real_data
def test_bodies_of_real_laws_are_kept_to_the_letter() -> None:
    folder = Path(os.environ.get("REAL_DATA_DIR", "../shared/data")) / "legal" / "chile-laws"
    files = sorted(folder.glob("*/*.md.gz"))
    if not files:
        pytest.skip(f"{folder} is missing: set REAL_DATA_DIR")
    for path in files:
        law = gzip.decompress(path.read_bytes()).decode()
        bodies = [body.strip("\n") for body in re.split(r"(?m)^#{1,6} .*$", law)]
        provisions = (clause(f"k{number}", body) for number, body in enumerate(bodies))
        draft = Draft({"es": "Ley"}, tuple(provisions), ("es",))
        read = parse_markdown(render_markdown(draft, "es"), "es")
        assert [provision.body("es") for provision in read.provisions] == bodies
