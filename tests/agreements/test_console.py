from __future__ import annotations

import json
import os
import runpy
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass, fields
from fractions import Fraction
from io import StringIO
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

import pytest

import agreements.__main__
from agreements import Chamber, ChamberCount, CountProblem, InvalidCount, Kind, MisalignmentCode, Rule
from agreements import console_words as words
from agreements.adoption import adopt
from agreements.alignment import Combination, Misalignment
from agreements.amendment_file import InvalidAmendmentFile, read_amendment, write_amendment
from agreements.amendments import AmendmentProblem, InvalidAmendment
from agreements.canonical import InvalidValue, ValueProblem
from agreements.collision import Colliding, Collision
from agreements.comparison import Change
from agreements.console import (
    COMMANDS,
    FILES,
    HELP,
    LANGUAGE,
    Answer,
    check_draft,
    compare_drafts,
    language_of,
    main,
    read_draft,
)
from agreements.console_words import Misuse, Phrase, Refused, Unusable, Voice
from agreements.contact import Touch
from agreements.explanation import Language
from agreements.markdown import render_markdown
from agreements.pillars import PillarCount
from agreements.rebase import Standing
from agreements.text import Draft, InvalidText, Problem, ProblemCode
from agreements.words import Mark
from tests.agreements.audits import CONFERENCE, bundled
from tests.agreements.bylaws import (
    BYLAWS,
    add,
    amendment,
    delete,
    move,
    provision,
    retitle,
    rewrite,
)
from tests.markup import faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agreements.amendments import Amendment

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "oaxaca-northwest" / "agreement"
ES, EN = Voice(Language.ES), Voice(Language.EN)


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    status: int
    out: str
    err: str


def done(out: str, err: str = "") -> Said:
    return Said(0, out, err)


def found(out: str, err: str = "") -> Said:
    return Said(1, out, err)


def refused(err: str) -> Said:
    return Said(2, "", f"{err}\n")


class Desk:
    """A secretary's desk: an empty folder, in Spanish."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def draft(self, name: str, draft: Draft = BYLAWS) -> None:
        Path(name).mkdir()
        for language in draft.languages:
            Path(name, f"{language}.md").write_text(render_markdown(draft, language), encoding="utf-8")

    def files(self, *amendments: Amendment) -> list[str]:
        for one in amendments:
            Path(f"{one.name}.json").write_text(write_amendment(one), encoding="utf-8")
        return [f"{one.name}.json" for one in amendments]

    def __call__(self, *written: str) -> Said:
        status = main(written)
        said = self.capsys.readouterr()
        return Said(status, said.out, said.err)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "es_MX.UTF-8")
    monkeypatch.setenv("COLUMNS", "110")
    desk = Desk(capsys)
    desk.draft("base")
    return desk


GRANTS = amendment(
    "A1",
    rewrite(
        "fund",
        "Las dos partes crean un fondo común de becas.",
        "Both parties create a common grant fund.",
    ),
)
LOANS = amendment("A2", rewrite("fund", "Las dos partes crean un fondo común de préstamos."))
SEVEN = amendment("A3", rewrite("size", "El comité tiene siete personas.", "The committee has seven people."))


def names_in(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


# == A real process ====================================================================================


def process(*written: str, language: str = "es_MX.UTF-8", **settings: str) -> Said:
    environment = {"PYTHONPATH": str(ROOT), "LC_ALL": language} | settings
    ran = subprocess.run(
        [sys.executable, "-m", "agreements", *written], env=environment, capture_output=True, check=False
    )
    return Said(ran.returncode, ran.stdout.decode(), ran.stderr.decode())


def test_a_secretary_takes_amendments_from_copy_to_new_draft(desk: Desk) -> None:
    shutil.copytree("base", "copy")
    for name, old, new in (("es", "cinco", "siete"), ("en", "five", "seven")):
        path = Path("copy", f"{name}.md")
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    made = process("amendment", "base", "copy", "--name", "A3")
    assert read_amendment(made.out) == SEVEN
    Path("A3.json").write_text(made.out, "utf-8")
    desk.files(GRANTS, LOANS)
    assert process("collisions", "base", "A1.json", "A2.json", "A3.json").status == 1
    assert process("order", "base", "A1.json", "A2.json", "A3.json").out == (
        "Orden de votación:\n"
        "  1. A1: cambia el artículo 1 (fund).\n"
        "     Si se aprueba, ya no se votan: A2.\n"
        "  2. A2: cambia el artículo 1 (fund).\n"
        "  3. A3: cambia la cláusula 2.1 (size).\n"
        "  4. El texto completo, como haya quedado.\n"
    )
    assert process("apply", "base", "A1.json", "A3.json", "--into", "next").status == 0
    assert (
        process("rebase", "base", "--adopted", "A1.json", "--others", "A3.json", "--into", "new").status == 0
    )
    assert process("check", "next").status == 0
    assert process("compare", "base", "next", language="en_US.UTF-8") == done(
        "Article 1 (fund) is changed:\n"
        "    Spanish: Las dos partes crean un fondo común de [-ayuda-]{+becas+}.\n"
        "    English: Both parties create a common [-aid-]{+grant+} fund.\n"
        "\n"
        "Clause 2.1 (size) is changed:\n"
        "    Spanish: El comité tiene [-cinco-]{+siete+} personas.\n"
        "    English: The committee has [-five-]{+seven+} people.\n"
        "\n"
        "Provisions changed: 2 · unchanged: 4\n"
    )


def test_it_speaks_utf_8_whatever_the_terminal_says() -> None:
    said = process("check", str(EXAMPLE), language="C", PYTHONIOENCODING="ascii")
    assert said.out.splitlines()[2:] == [
        "Lenguas: español, inglés",
        (
            "Disposiciones: 89 · párrafos del preámbulo: 6 · títulos: 10 · artículos: 20 · cláusulas: 52 · "
            "anexos: 1"
        ),
        "Huella del texto: c1db1777ceedbac52adb5131a1098ffdf41e4eabec245abcf3c772b18096ca24",
        "",
        "Diferencias entre las lenguas: 1",
        (
            "- La cláusula 19.2 (pending-translation-indigenous-languages) falta en inglés — escriban la "
            "traducción."
        ),
        "Lo que falta en una lengua no se puede votar hasta que esté en todas.",
    ]
    assert (said.status, said.err) == (1, "")
    refusal = process("check", "Ñuu", language="C", PYTHONIOENCODING="ascii")
    assert refusal == refused("Ñuu: no existe — revisen el nombre y la carpeta")


ALONE = """
import runpy, sys
sys.path.insert(0, sys.argv.pop(1))
sys.argv[0] = "agreements"
try:
    runpy.run_module("agreements", run_name="__main__", alter_sys=True)
finally:
    strangers = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
    print(sorted(strangers - {"__main__", "agreements"}))
"""


def test_it_needs_nothing_but_its_own_folder_and_the_standard_library(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "agreements", tmp_path / "alone" / "agreements")
    (tmp_path / "elsewhere").mkdir()
    command = [sys.executable, "-I", "-S", "-c", ALONE, str(tmp_path / "alone"), "check", str(EXAMPLE)]
    ran = subprocess.run(command, cwd=tmp_path / "elsewhere", env={}, capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (1, b"")
    assert ran.stdout.decode().splitlines()[-2:] == [
        "Lo que falta en una lengua no se puede votar hasta que esté en todas.",
        "[]",
    ]


def test_a_reader_may_stop_before_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert main(["--help"]) == 0


def test_the_module_runs_the_command_and_ends_with_its_status(
    monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    assert agreements.__main__.main is main
    monkeypatch.delitem(sys.modules, "agreements.__main__")
    monkeypatch.setattr(sys, "argv", ["agreements", "order"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("agreements", run_name="__main__")
    assert ended.value.code == 2
    assert desk.capsys.readouterr().err.startswith("Falta BASE — escriban: python -m agreements order BASE")


def test_what_is_no_terminal_is_written_to_as_it_is(desk: Desk) -> None:
    page = StringIO()
    with redirect_stdout(page):
        assert main(["compare", "base", "base"]) == 0
    assert page.getvalue() == "Los dos borradores dicen lo mismo.\n"


# == Asking ============================================================================================


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "es"),
        ({"LANG": "C.UTF-8"}, "es"),
        ({"LANG": "de_DE"}, "es"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "EN"}, "en"),
        ({"LANG": "en", "LC_MESSAGES": "es_MX"}, "es"),
        ({"LANG": "es", "LC_MESSAGES": "en_US"}, "en"),
        ({"LANG": "es", "LC_MESSAGES": "es", "LC_ALL": "en"}, "en"),
        ({"LANG": "en", "LC_ALL": ""}, "en"),
        ({"LANG": "en", "LC_ALL": "C"}, "en"),
        ({"LANGUAGE": "en"}, "es"),
    ],
)
def test_it_speaks_the_language_of_the_readers_settings(
    environment: Mapping[str, str], language: str
) -> None:
    assert language_of(environment) == language


@pytest.mark.parametrize(
    "written",
    [
        ("--language", "en", "compare", "base", "base"),
        ("compare", "--language", "en", "base", "base"),
        ("compare", "base", "base", "--language=en"),
    ],
)
def test_the_language_is_asked_for_before_or_after_the_command(desk: Desk, written: tuple[str, ...]) -> None:
    assert desk(*written) == done("The two drafts are the same.\n")


GENERAL_HELP = """\
Uso: python -m agreements ORDEN … [--language es|en]

Un acuerdo en varias lenguas, sus enmiendas y sus votaciones, en esta computadora y sin red.

  check       Dice qué hay en un borrador y en qué no coinciden sus lenguas.
  compare     Muestra qué se agregó, quitó, cambió y movió entre dos borradores: [-quitado-]{+agregado+}.
  amendment   Hace una enmienda: lo que cambia de un borrador a una copia suya que ustedes editaron.
  collisions  Dice qué enmiendas chocan, y en qué palabras, lugares o estructura.
  order       Dice en qué orden se votan las enmiendas, primero la que más se aleja del texto.
  apply       Hace el borrador nuevo con las enmiendas aprobadas.
  rebase      Lleva las demás enmiendas al borrador nuevo, o dice cuáles hay que escribir de nuevo.
  divide      Divide una enmienda en partes que se votan por separado.
  decide      Dice qué decidieron las dos cámaras, y con qué cuentas.
  verify      Comprueba el archivo de auditoría de una conferencia.

Un borrador es una carpeta con un archivo por lengua: es.md, en.md. Una enmienda es un archivo JSON.
Más de cada una: python -m agreements ORDEN --help
Al terminar da 0 si todo está bien, 1 si encontró algo que ustedes deben ver, 2 si no se pudo hacer.
"""


def test_the_commands_are_told(desk: Desk) -> None:
    assert desk("--help") == done(GENERAL_HELP)
    assert desk("-h") == done(GENERAL_HELP)
    assert desk() == Said(2, GENERAL_HELP, "")
    english = desk("--help", "--language", "en").out
    assert english.startswith("Usage: python -m agreements COMMAND … [--language es|en]\n\nAn agreement in ")


DIVIDE_HELP = """\
Uso: python -m agreements divide BASE ARCHIVO [--part 1,3…] [--into CARPETA] [--languages es,en] \
[--language es|en]

Divide una enmienda en partes que se votan por separado.

lo que se da:
  BASE                  carpeta del borrador sobre el que se escribió
  ARCHIVO               archivo de la enmienda

opciones:
  --part 1,3 [1,3 ...]  números de las piezas de una parte; se repite para cada parte
  --into CARPETA        carpeta nueva o vacía donde se guarda
  --languages es,en     las lenguas que se leen y su orden; si no se dice, todas, primero el español
  --language es|en      la lengua en que contesta
  -h, --help            explicar esta orden
"""


def test_a_command_is_explained_in_the_readers_language(desk: Desk) -> None:
    assert desk("divide", "--help") == done(DIVIDE_HELP)
    assert desk("divide", "nothing", "-h") == done(DIVIDE_HELP)
    assert "folder of the draft that it was written on" in desk("divide", "--help", "--language", "en").out


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("voice", [ES, EN], ids=["es", "en"])
def test_every_command_is_explained(desk: Desk, command: str, voice: Voice) -> None:
    said = desk(command, "--help", "--language", voice.language)
    assert (said.status, said.err) == (0, "")
    assert f"\n{voice.say(words.SUMMARIES[command])}\n" in said.out
    one_line = " ".join(said.out.split())
    for argument in (*COMMANDS[command].arguments, LANGUAGE, HELP):
        meaning = voice.say(
            words.MEANINGS[argument.name], rules=", ".join(Rule), counts=words.COUNT_EXPLAINED
        )
        assert meaning in one_line
        assert argument.usage(voice) in one_line or argument is HELP
    assert voice is EN or not {"usage:", "options:", "arguments:", "show"} & set(said.out.split())


APPLY = "python -m agreements apply BASE ARCHIVO… --into CARPETA [--languages es,en] [--language es|en]"


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (
            ("aply",),
            (
                "No hay una orden «aply» — usen una de estas: check, compare, amendment, collisions, "
                "order, apply, "
                "rebase, divide, decide, verify"
            ),
        ),
        (
            ("check", "base", "--language", "fr"),
            "Estas órdenes no hablan «fr» — usen --language es o --language en",
        ),
        (
            ("check", "base", "--language"),
            (
                "--language está incompleto o lleva algo de más — escriban: python -m agreements ORDEN … "
                "[--language es|en]"
            ),
        ),
        (("apply",), f"Falta BASE — escriban: {APPLY}"),
        (("apply", "base"), f"Falta ARCHIVO — escriban: {APPLY}"),
        (("apply", "base", "A1.json"), f"Falta --into — escriban: {APPLY}"),
        (("apply", "--into", "x"), f"Falta BASE — escriban: {APPLY}"),
        (("apply", "base", "--into"), f"--into está incompleto o lleva algo de más — escriban: {APPLY}"),
        (("apply", "base", "A", "--in", "x"), f"No hay una opción «--in» — escriban: {APPLY}"),
        (
            ("check", "base", "x"),
            (
                "«x» está de más — escriban: python -m agreements check CARPETA [--languages es,en] "
                "[--language es|en]"
            ),
        ),
        (
            ("compare", "base", "base", "--html=x"),
            (
                "--html está incompleto o lleva algo de más — escriban: python -m agreements compare ANTES "
                "DESPUÉS [--html] [--languages es,en] [--language es|en]"
            ),
        ),
        (
            ("check", "base", "--languages", "es,english"),
            "--languages: «english» no es el código de una lengua — escriban por ejemplo --languages es,en",
        ),
        (("check", "nowhere"), "nowhere: no existe — revisen el nombre y la carpeta"),
        (("check", "base/es.md"), "base/es.md: no es una carpeta — den la carpeta en la que está"),
        (("order", "base", "A9.json"), "A9.json: no existe — revisen el nombre y la carpeta"),
        (("order", "base", "base"), "base: es una carpeta — den un archivo que esté en ella"),
        (
            ("order", "base", "base/es.md"),
            "base/es.md: no es una enmienda en JSON — háganla con: python -m agreements amendment",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    desk: Desk, written: tuple[str, ...], sentence: str
) -> None:
    assert desk(*written) == refused(sentence)


def test_options_stand_anywhere(desk: Desk) -> None:
    first, second = desk.files(GRANTS, SEVEN)
    assert desk("apply", "base", first, "--into", "next", second).status == 0
    assert desk("apply", "--into", "third", "base", first, second).status == 0
    assert desk("compare", "next", "third") == done("Los dos borradores dicen lo mismo.\n")


# == Files =============================================================================================

SPANISH_ONLY = "# Acuerdo {#agreement}\n\n## {#fund .article}\n\nUn fondo.\n"


def test_spanish_is_read_first_then_the_others_in_order(desk: Desk) -> None:
    for name in ("mix", "en", "es", "aa-Latn"):
        Path("base", f"{name}.md").write_text(SPANISH_ONLY, "utf-8")
    assert read_draft("base").draft.languages == ("es", "aa-Latn", "en", "mix")
    assert read_draft("base", ["en", "es"]).draft.languages == ("en", "es")
    assert desk("check", "base", "--languages", "mix, es,mix").out.splitlines()[:3] == [
        "Acuerdo (mix)",
        "Acuerdo (español)",
        "Lenguas: mix, español",
    ]


def test_what_a_system_leaves_in_a_folder_is_no_language(desk: Desk) -> None:
    for name in (".es.md", "._en.md", "es.md.bak", "notes.txt"):
        Path("base", name).write_text("?", "utf-8")
    assert read_draft("base").draft == BYLAWS


@pytest.mark.parametrize("name", ["README.md", "español.md", "es.MD.md", "ES.MD"])
def test_a_file_that_is_named_after_no_language_is_told(desk: Desk, name: str) -> None:
    Path("base", name).write_text(SPANISH_ONLY, "utf-8")
    assert desk("check", "base") == refused(
        f"El archivo base/{name} no lleva por nombre el código de una lengua — llámenlo es.md o en.md, "
        "sáquenlo de la carpeta, o digan --languages es,en"
    )
    assert desk("check", "base", "--languages", "es,en").status == 0


def test_a_folder_without_a_text_is_told(desk: Desk) -> None:
    Path("empty").mkdir()
    assert desk("check", "empty") == refused(
        "En la carpeta empty no hay ningún texto — pongan un archivo por lengua: es.md, en.md"
    )


def test_everything_that_is_wrong_with_a_text_is_told_with_file_and_line(desk: Desk) -> None:
    Path("base", "es.md").write_text(
        f"# Acuerdo\n\n## Fondo {{#Fund .article}}\n\nUn fondo.\n{'### x' * 20}\n"
    )
    Path("base", "en.md").write_bytes("# Agreement {#agreement}\n\nÑuu\n".encode("latin-1"))
    assert desk("check", "base", "--languages", "es,en,mix") == refused(
        "base/es.md:1: el encabezado «Acuerdo» no tiene clave — termínenlo con {#clave .tipo}\n"
        "base/es.md:3: «Fund» no sirve de clave — usen a–z, 0–9 y guiones sueltos\n"
        f"base/es.md:6: el encabezado «{('x' + '### x' * 19)[:60]}…» no tiene clave — termínenlo con "
        "{#clave .tipo}\n"
        "base/en.md: no está en UTF-8 — guárdenlo como UTF-8, no como Latin-1 ni Windows-1252\n"
        "base/mix.md: no existe — revisen el nombre y la carpeta"
    )


def test_a_byte_order_mark_is_no_mistake(desk: Desk) -> None:
    for path in (Path("base", "es.md"), Path(*desk.files(SEVEN))):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert desk("collisions", "base", "A3.json").status == 0


def test_a_draft_is_read_as_it_will_be_read_once_written(desk: Desk) -> None:
    spanish = "# A {#agreement}\n\n## {#part .title}\n\n### {#in .clause}\n\nTexto.\n"
    Path("base", "es.md").write_text(spanish, "utf-8")
    Path("base", "en.md").write_text("# A {#agreement}\n\n## {#in .clause}\n\nText.\n", "utf-8")
    read = read_draft("base").draft
    assert read.find("part").languages == {"es", "en"}
    desk.draft("again", read)
    assert read_draft("again").draft == read


def text_of(content: object) -> str:
    return json.dumps({"format": "amendment-1", "name": "A", "amends": None, "operations": content})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "no es una enmienda en JSON — háganla con: python -m agreements amendment"),
        ("[" * 100_000, "no es una enmienda en JSON — háganla con: python -m agreements amendment"),
        (
            text_of([{"delete": "\ud800", "against": {}}]),
            "tiene letras rotas en un nombre, una clave o una lengua — vuelvan a escribirlos",
        ),
        (
            text_of([{"delete": "fund", "against": {}}]).replace('"A"', '"\\ud800"'),
            "tiene letras rotas en un nombre, una clave o una lengua — vuelvan a escribirlos",
        ),
        (
            text_of([{"delete": 7, "against": {}}]),
            (
                "no es una enmienda: falta «operations › 0 › delete» o no es lo que debe ser — háganla con: "
                "python -m agreements amendment"
            ),
        ),
        (text_of([]), "A: no propone ningún cambio — escriban por lo menos uno"),
    ],
)
def test_what_is_no_amendment_is_told_with_its_file(desk: Desk, text: str, sentence: str) -> None:
    Path("A.json").write_text(text, "utf-8")
    assert desk("collisions", "base", "A.json") == refused(f"A.json: {sentence}")


def test_nothing_is_overwritten(desk: Desk) -> None:
    (file,) = desk.files(SEVEN)
    Path("taken").mkdir()
    Path("taken", "notes").write_text("?", "utf-8")
    assert desk("apply", "base", file, "--into", "taken") == refused(
        "La carpeta taken no está vacía — den otra, que aquí nada se sobrescribe"
    )
    assert desk("apply", "base", file, "--into", file) == refused(
        "A3.json: ya existe y no es una carpeta — den otro nombre"
    )
    assert names_in("taken") == ["notes"]
    assert desk("apply", "base", file, "--into", "new/folder").status == 0
    assert names_in("new/folder") == ["en.md", "es.md"]
    Path("empty").mkdir()
    assert desk("apply", "base", file, "--into", "empty").status == 0


# == Drafts ============================================================================================


def test_a_draft_is_told_by_what_is_in_it(desk: Desk) -> None:
    assert desk("check", "base", "--language", "en") == done(
        "Acuerdo (Spanish)\n"
        "Agreement (English)\n"
        "Languages: Spanish, English\n"
        "Provisions: 6 · articles: 3 · clauses: 3\n"
        f"Hash of the text: {BYLAWS.content_hash}\n"
        "\n"
        "The languages have the same in the same places.\n"
    )


BLANK = Draft(
    {"es": "A", "en": "A"},
    (
        provision("who", "Quiénes", "Who", kind=Kind.PREAMBLE),
        provision("only", "a) uno\nb) dos", "a) one", kind=Kind.ARTICLE),
    ),
    ("es", "en"),
)


@pytest.mark.parametrize(
    ("one", "spanish", "english"),
    [
        (
            Misalignment(MisalignmentCode.MISSING, "who", "en"),
            "El preámbulo (who) falta en inglés — escriban la traducción.",
            "The preamble (who) is missing in English — write the translation.",
        ),
        (
            Misalignment(MisalignmentCode.INCOMPLETE, "only", "es", expected="heading"),
            "El artículo 1 (only) no tiene encabezado en español — agréguenlo.",
            "Article 1 (only) has no heading in Spanish — add it.",
        ),
        (
            Misalignment(MisalignmentCode.INCOMPLETE, "only", "es", expected="body"),
            "El artículo 1 (only) no tiene texto en español — agréguenlo.",
            "Article 1 (only) has no text in Spanish — add it.",
        ),
        (
            Misalignment(MisalignmentCode.ITEMS, "only", "en", expected=2, found=1),
            (
                "El artículo 1 (only) tiene otro número de incisos en inglés (1) que en español "
                "(2) — comparen "
                "los textos."
            ),
            (
                "Article 1 (only) has another number of lettered items in English (1) than in Spanish (2) — "
                "compare the texts."
            ),
        ),
        (
            Misalignment(MisalignmentCode.KIND, "only", "en", expected="article", found="clause"),
            (
                "El artículo 1 (only) es cláusula en inglés y artículo en español — usen el mismo "
                "tipo en las dos."
            ),
            "Article 1 (only) is “clause” in English and “article” in Spanish — use the same kind in both.",
        ),
        (
            Misalignment(MisalignmentCode.NESTING, "only", "en", expected="who", found=None),
            (
                "El artículo 1 (only) está en el primer nivel en inglés y bajo el preámbulo (who) en "
                "español — usen el mismo lugar en las dos."
            ),
            (
                "Article 1 (only) stands at the top in English and under the preamble (who) in "
                "Spanish — use the same place in both."
            ),
        ),
        (
            Misalignment(MisalignmentCode.ORDER, "only", "en", expected=None, found="who"),
            (
                "El artículo 1 (only) va tras el preámbulo (who) en inglés y al principio en "
                "español — usen el "
                "mismo orden en las dos."
            ),
            (
                "Article 1 (only) comes behind the preamble (who) in English and first in Spanish — "
                "use the same "
                "order in both."
            ),
        ),
        (
            Misalignment(MisalignmentCode.STALE, "only", "en", expected="es"),
            "El artículo 1 (only) cambió en español y no en inglés — revisen la traducción.",
            "Article 1 (only) changed in Spanish and not in English — look at the translation.",
        ),
    ],
)
def test_every_difference_between_languages_is_told(one: Misalignment, spanish: str, english: str) -> None:
    for voice, sentence in ((ES, spanish), (EN, english)):
        answer = check_draft(voice, folder=Combination(BLANK, (one,)))
        assert (answer.lines[-2], answer.status) == (f"- {sentence}", 1)


def test_the_language_that_others_differ_from_is_the_first_that_has_it() -> None:
    draft = Draft(
        {"es": "A", "en": "A", "mix": "A"},
        (
            provision("two", "", "a) x", kind=Kind.ARTICLE),
            provision("three", "", "", kind=Kind.ARTICLE),
        ),
        ("es", "en", "mix"),
    )
    items = Misalignment(MisalignmentCode.ITEMS, "two", "mix", 1, 0)
    kind = Misalignment(MisalignmentCode.KIND, "three", "mix", "article", "annex")
    lines = check_draft(EN, folder=Combination(draft, (items, kind))).lines
    assert "items in mix (0) than in English (1)" in lines[-3]
    assert "“annex” in mix and “article” in Spanish" in lines[-2]
    assert lines[-4] == "Differences between the languages: 2"


def test_what_became_of_provisions_is_told(desk: Desk) -> None:
    operations = (
        rewrite("committee", "Decide.\nY rinde cuentas.", heading=("Mesa", "Committee")),
        rewrite("term", kind=Kind.ARTICLE),
        move("dues", None, None),
        add("peace", None, "committee", "Paz.", "Peace."),
        delete("size"),
        retitle("Convenio", "Agreement"),
    )
    (file,) = desk.files(amendment("A", *operations))
    assert desk("apply", "base", file, "--into", "next").status == 0
    assert desk("compare", "base", "next") == done(
        "Cambia el título del acuerdo:\n"
        "    Español: [-Acuerdo-]{+Convenio+}\n"
        "\n"
        "Se mueve el artículo 3 → 1 (dues).\n"
        "\n"
        "Cambia el artículo 2 → 3 (committee):\n"
        "    Español, encabezado: [-Comité-]{+Mesa+}\n"
        "    Español: {+Decide.\n"
        "        Y rinde cuentas.+}\n"
        "\n"
        "Se quita la cláusula 2.1 (size):\n"
        "    Español: [-El comité tiene cinco personas.-]\n"
        "    Inglés: [-The committee has five people.-]\n"
        "\n"
        "Cambia el artículo 2.2 → 4 (term), que de cláusula pasa a artículo.\n"
        "\n"
        "Se agrega la cláusula 5 (peace):\n"
        "    Español: {+Paz.+}\n"
        "    Inglés: {+Peace.+}\n"
        "\n"
        "Sólo cambia el número de: el artículo 1 → 2 (fund), la cláusula 2.3 → 3.1 (place).\n"
        "Disposiciones agregadas: 1 · quitadas: 1 · cambiadas: 2 · movidas: 1 · sin cambio: 2\n"
    )
    assert "Article 2.2 → 4 (term), from clause to article, is changed.\n" in (
        desk("compare", "base", "next", "--language", "en").out
    )


def test_a_number_that_comes_or_goes_is_told() -> None:
    into = Draft(
        BYLAWS.titles,
        (provision("who", "", "", provision("fund", "Fondo", "Fund"), kind=Kind.PREAMBLE),),
        BYLAWS.languages,
    )
    out = Draft(
        BYLAWS.titles, (provision("who", kind=Kind.PREAMBLE), *into.provisions[0].children), ("es", "en")
    )
    answer = compare_drafts(ES, before=Combination(into, ()), after=Combination(out, ()), html=False)
    assert answer == Answer(
        ("Se mueve la cláusula – → 1 (fund).", "", "Disposiciones movidas: 1 · sin cambio: 1")
    )


def test_a_language_that_only_one_draft_has_is_compared_too(desk: Desk) -> None:
    desk.draft(
        "two",
        Draft({"es": "A", "en": "A"}, (provision("x", "Uno.", "One.", kind=Kind.ARTICLE),), ("es", "en")),
    )
    shutil.copytree("two", "one")
    Path("one", "en.md").rename(Path("one", "mix.md"))
    Path("one", "mix.md").write_text("# A {#agreement}\n\n## {#x .article}\n\nƗɨn.\n", "utf-8")
    assert desk("compare", "two", "one") == done(
        "Cambia el título del acuerdo:\n"
        "    Mix: {+A+}\n"
        "    Inglés: [-A-]\n"
        "\n"
        "Cambia el artículo 1 (x):\n"
        "    Mix: {+Ɨɨn.+}\n"
        "    Inglés: [-One.-]\n"
        "\n"
        "Disposiciones cambiadas: 1\n"
    )


def page(desk: Desk, *written: str) -> str:
    said = desk("compare", *written, "--html")
    assert (said.status, said.err) == (0, "")
    assert faults(said.out) == ("inline style sheet: <style>",)  # one file that needs no other
    return said.out


def test_the_page_is_valid_and_shows_the_languages_side_by_side(desk: Desk) -> None:
    wording = rewrite("fund", "Un <fondo> & más.", "One <fund> & more.", heading=("Fondo", "Fund"))
    (file,) = desk.files(amendment("A", wording))
    desk("apply", "base", file, "--into", "next")
    text = page(desk, "base", "next")
    assert text.startswith('<!doctype html>\n<html lang="es">\n<head>\n<meta charset="utf-8">\n')
    assert "<title>Qué cambió: Acuerdo</title>" in text
    assert "<p>Cómo se lee: <del>esto se quitó</del>\n<ins>esto se agregó</ins></p>" in text
    assert "@media (prefers-color-scheme: dark)" in text
    body = text.partition("<section>\n")[2].partition("</section>")[0]
    said = '<span class="visually-hidden"> {} </span>'
    opened, closed = said.format("[agregado:"), said.format("fin de lo agregado]")
    assert body.startswith(
        "<h2>Cambia el artículo 1 (fund)</h2>\n"
        '<div class="languages">\n'
        "<div>\n<h3>Español, encabezado</h3>\n"
        f'<p lang="es" dir="auto"><ins>{opened}Fondo{closed}</ins></p>\n</div>\n'
        "<div>\n<h3>Inglés, encabezado</h3>\n"
        f'<p lang="en" dir="auto"><ins>{said.format("[inserted:")}Fund{said.format("end of insertion]")}'
        "</ins></p>\n</div>\n"
        '</div>\n<div class="languages">\n<div>\n<h3>Español</h3>\n'
    )
    assert f"{opened}Un &lt;fondo&gt; &amp; más{closed}" in body
    assert body.count("<div>") == 4
    assert "<title>What changed: Agreement</title>" in page(desk, "base", "next", "--language", "en")
    assert text.endswith("<p>Disposiciones cambiadas: 1 · sin cambio: 5</p>\n</main>\n</body>\n</html>\n")


def test_the_page_reads_other_languages_aloud_in_the_readers(desk: Desk) -> None:
    for name, words_ in (("old", "Ñuu"), ("new", "Ñuu Savi")):
        Path(name).mkdir()
        Path(name, "mix.md").write_text(f"# A {{#agreement}}\n\n## {{#x .article}}\n\n{words_}\n", "utf-8")
    text = page(desk, "old", "new", "--language", "en")
    assert '<h3>Mix</h3>\n<p lang="mix" dir="auto">Ñuu<ins><span class="visually-hidden"> [inserted: ' in text
    assert "<h2>Article 1 (x) is changed</h2>" in text


def test_the_page_shows_what_changed_in_one_language_beside_the_other(desk: Desk) -> None:
    (file,) = desk.files(
        amendment("A", rewrite("size", "El comité tiene siete personas."), move("dues", None, None))
    )
    desk("apply", "base", file, "--into", "next")
    moved, _between, changed = page(desk, "base", "next").partition("<h2>Cambia la cláusula")
    assert moved.count('<div class="languages">') == 0
    assert changed.count('<div class="languages">') == 1
    assert '<p lang="en" dir="auto">The committee has five people.</p>' in changed


def test_the_page_of_equal_drafts_says_so(desk: Desk) -> None:
    text = page(desk, "base", "base")
    assert "<section>" not in text
    assert "<p>Disposiciones sin cambio: 6</p>" in text


# == Amendments ========================================================================================


def test_an_amendment_is_what_a_copy_changes(desk: Desk) -> None:
    desk.files(SEVEN)
    desk("apply", "base", "A3.json", "--into", "copy")
    assert desk("amendment", "base", "copy", "--name", "A3") == done(write_amendment(SEVEN))


def test_an_amendment_to_an_amendment_is_what_a_copy_of_its_text_changes(desk: Desk) -> None:
    desk.files(SEVEN, GRANTS)
    for name, draft in (("text", ["A3.json"]), ("other", ["A3.json", "A1.json"])):
        desk("apply", "base", *draft, "--into", name)
    said = desk("amendment", "base", "other", "--name", "A3-1", "--amends", "A3.json")
    assert read_amendment(said.out) == amendment("A3-1", *GRANTS.operations, amends="A3")
    Path("A3-1.json").write_text(said.out, "utf-8")
    assert desk("apply", "base", "A3.json", "A3-1.json", "--into", "both").status == 0
    assert read_draft("both") == read_draft("other")
    assert desk("amendment", "base", "other", "--name", "B", "--amends", "A3-1.json") == refused(
        "B: enmienda a una que ya enmienda a otra, y no se puede ir más lejos — escríbanla sobre la primera"
    )


def test_an_amendment_of_nothing_is_none(desk: Desk) -> None:
    assert desk("amendment", "base", "base", "--name", "A") == refused(
        "Los dos textos dicen lo mismo, no hay nada que enmendar — cambien primero la copia"
    )
    assert desk("amendment", "base", "base", "--name", "A", "--languages", "es").status == 2


def test_a_copy_whose_languages_fell_apart_is_noted(desk: Desk) -> None:
    shutil.copytree("base", "copy")
    with Path("copy", "es.md").open("a", encoding="utf-8") as file:
        file.write("\n## {#peace .article}\n\nPaz.\n\n## {#war .article}\n\nNo.\n")
    said = desk("amendment", "base", "copy", "--name", "A")
    assert said.status == 0
    notes = (
        "Aviso: el artículo 4 (peace) falta en inglés — escriban la traducción.\n"
        "Aviso: el artículo 5 (war) falta en inglés — escriban la traducción.\n"
    )
    assert said.err == notes
    Path("A.json").write_text(said.out, "utf-8")
    assert desk("apply", "base", "A.json", "--into", "next").err == notes
    shutil.copytree("next", "again")
    desk.files(SEVEN)
    assert desk("apply", "next", "A3.json", "--into", "later").err == ""
    assert desk("amendment", "next", "later", "--name", "B").err == ""


def test_colliding_amendments_are_told_with_what_they_touch(desk: Desk) -> None:
    elsewhere = amendment(
        "A4", move("size", None, None), rewrite("fund", "Las dos partes crean un fondo común.")
    )
    gone = amendment("A5", delete("committee"))
    twin = amendment("A9", *LOANS.operations)
    files = desk.files(GRANTS, LOANS, elsewhere, gone, twin)
    assert desk("collisions", "base", *files) == found(
        "A2 y A9 son idénticas: se votan como una.\n"
        "A1 y A2 chocan:\n"
        "    El artículo 1 (fund), español:\n"
        "        ahora: «ayuda»\n"
        "        A1: «becas»\n"
        "        A2: «préstamos»\n"
        "A1 y A4 chocan:\n"
        "    El artículo 1 (fund), español:\n"
        "        ahora: « de ayuda»\n"
        "        A1: « de becas»\n"
        "        A4: (nada)\n"
        "A2 y A4 chocan:\n"
        "    El artículo 1 (fund), español:\n"
        "        ahora: « de ayuda»\n"
        "        A2: « de préstamos»\n"
        "        A4: (nada)\n"
        "A4 y A5 chocan:\n"
        "    La cláusula 2.1 (size): una quita o rehace lo que la otra necesita.\n"
    )
    both = desk.files(
        amendment("B1", delete("size")), amendment("B2", rewrite("size", "El comité tiene\nsiete."))
    )
    assert desk("collisions", "base", *both, "--language", "en") == found(
        "B1 and B2 collide:\n    Clause 2.1 (size): one takes away or reshapes what the other needs.\n"
    )


def test_what_touches_is_told_in_the_order_of_the_document_and_of_the_languages(desk: Desk) -> None:
    def version(word: str, place: str) -> tuple[object, ...]:
        return (
            rewrite("size", f"El comité tiene {word} personas.", f"The committee has {word} people."),
            rewrite("fund", f"Las dos {word} crean un fondo común de ayuda."),
            add("new", None, place, word, word),
        )

    files = desk.files(amendment("A", *version("x\ny", "fund")), amendment("B", *version("z", "dues")))
    assert desk("collisions", "base", *files, "--language", "en") == found(
        "A and B collide:\n"
        "    Article 1 (fund), Spanish:\n"
        "        now: “partes”\n"
        "        A: “x⏎y”\n"
        "        B: “z”\n"
        "    Clause 2.1 (size), Spanish:\n"
        "        now: “cinco”\n"
        "        A: “x⏎y”\n"
        "        B: “z”\n"
        "    Clause 2.1 (size), English:\n"
        "        now: “five”\n"
        "        A: “x⏎y”\n"
        "        B: “z”\n"
        "    The new provision (new): its place cannot be what both ask for.\n"
        "    The new provision (new): one takes away or reshapes what the other needs.\n"
    )


def test_a_ring_of_three_is_told_though_no_two_of_them_collide(desk: Desk) -> None:
    ring = (("A", "fund", "committee"), ("B", "committee", "dues"), ("C", "dues", "fund"))
    files = desk.files(*(amendment(name, move(key, parent, None)) for name, key, parent in ring))
    assert desk("collisions", "base", *files[:2]).status == 0
    said = desk("collisions", "base", *files)
    assert said.status == 1
    assert [line for line in said.out.splitlines() if line.endswith("chocan:")] == [
        "A y B chocan:",
        "A y C chocan:",
        "B y C chocan:",
    ]


def test_amendments_that_go_together_are_told(desk: Desk) -> None:
    files = desk.files(GRANTS, SEVEN)
    assert desk("collisions", "base", *files) == done("Ninguna choca con otra: se pueden aprobar todas.\n")


def test_the_voting_order_is_told_in_words(desk: Desk) -> None:
    twin = amendment("A9", *LOANS.operations)
    many = "Las dos partes crean un fondo común de muchas becas."
    text = adopt(BYLAWS, GRANTS.operations)
    more = amendment("A1-1", rewrite("fund", many, draft=text), amends="A1")
    structure = amendment(
        "A5", move("size", None, None), delete("dues"), add("n", "committee", "place"), retitle("B", "B")
    )
    files = desk.files(GRANTS, LOANS, more, twin, structure)
    assert desk("order", "base", *files, "--ranking", "A2, A1") == done(
        "Orden de votación:\n"
        "  1. A2 y A9 (idénticas, se votan como una): cambia el artículo 1 (fund).\n"
        "     Si se aprueba, ya no se votan: A1 y A1-1.\n"
        "  2. A1-1, que enmienda a A1: cambia el artículo 1 (fund).\n"
        "  3. A1: cambia el artículo 1 (fund).\n"
        "  4. A5: mueve la cláusula 2.1 (size); quita el artículo 3 (dues); agrega la disposición nueva (n); "
        "cambia el título del acuerdo.\n"
        "  5. El texto completo, como haya quedado.\n"
    )
    assert desk("order", "base", *files, "--ranking", "A1,A7") == refused(
        "No hay una enmienda «A7» entre las que dieron — en --ranking usen estos nombres: A1, A2, A1-1, A9 y "
        "A5"
    )
    assert "  3. A1, which" not in desk("order", "base", *files, "--language", "en").out


def test_what_was_adopted_becomes_the_new_draft(desk: Desk) -> None:
    files = desk.files(GRANTS, SEVEN)
    said = desk("apply", "base", *files, "--into", "next")
    assert said == done(
        "Aprobadas: A1 y A3\n"
        "El borrador nuevo está en next\n"
        f"Huella del texto: {read_draft('next').draft.content_hash}\n"
    )
    assert (
        Path("next", "en.md").read_bytes().startswith(b"# Agreement {#agreement}\n\n## {#fund .article}\n\n")
    )


def test_what_collides_is_not_adopted(desk: Desk) -> None:
    files = desk.files(GRANTS, LOANS, amendment("A3", *LOANS.operations[:1]))
    assert desk("apply", "base", *files[:2], "--into", "next") == refused(
        "Hay enmiendas que chocan y no se pueden aprobar juntas (A1 – A2) — vean en qué con: python -m "
        "agreements collisions"
    )
    assert not Path("next").exists()


def test_an_amendment_of_another_text_is_refused(desk: Desk) -> None:
    files = desk.files(GRANTS)
    desk("apply", "base", *files, "--into", "next")
    assert desk("collisions", "next", *files) == refused(
        "A1: se escribió sobre un texto de «fund» (español) que no es el de este borrador — den el borrador "
        "sobre el que se escribió, o llévenla a este con: python -m agreements rebase"
    )


def test_the_others_are_carried_over_or_told_what_stands_in_their_way(desk: Desk) -> None:
    twin = amendment("A9", *GRANTS.operations)
    slashed = amendment("B/7", *SEVEN.operations)
    again = amendment("B-7", *SEVEN.operations)
    nameless = amendment("../", *SEVEN.operations)
    desk.files(GRANTS, LOANS, twin, again)
    for number, one in enumerate((slashed, nameless)):
        Path(f"{number}.json").write_text(write_amendment(one), "utf-8")
    others = ["A2.json", "A9.json", "0.json", "B-7.json", "1.json"]
    assert desk("rebase", "base", "--adopted", "A1.json", "--others", *others, "--into", "carried") == found(
        "A2: quienes la propusieron tienen que escribirla de nuevo, porque choca con lo aprobado:\n"
        "    El artículo 1 (fund), español:\n"
        "        ahora: «ayuda»\n"
        "        A2: «préstamos»\n"
        "        lo aprobado: «becas»\n"
        "A9: el borrador nuevo ya dice lo que pedía, no hace falta votarla\n"
        "B/7: se puede votar sobre el borrador nuevo, está en carried/B-7.json\n"
        "B-7: se puede votar sobre el borrador nuevo, está en carried/B-7-2.json\n"
        "../: se puede votar sobre el borrador nuevo, está en carried/amendment.json\n"
    )
    assert names_in("carried") == ["B-7-2.json", "B-7.json", "amendment.json"]
    assert read_amendment(Path("carried/B-7.json").read_text("utf-8")) == slashed
    assert desk("rebase", "base", "--adopted", "A1.json", "--others", "A9.json", "--into", "none").status == 0
    assert not Path("none").exists()


def test_a_question_is_divided_by_the_numbers_of_its_pieces(desk: Desk) -> None:
    wide = amendment("A7", *GRANTS.operations, delete("dues"), add("n", None, "fund"))
    (file,) = desk.files(wide)
    assert desk("divide", "base", file) == done(
        "A7 se puede dividir en:\n"
        "  1. Cambia el artículo 1 (fund), español: «ayuda» → «becas»\n"
        "  2. Cambia el artículo 1 (fund), inglés: «aid» → «grant»\n"
        "  3. Quita el artículo 3 (dues)\n"
        "  4. Agrega la disposición nueva (n)\n"
        "Para dividirla, por ejemplo: --part 1,3 --part 2 --into CARPETA\n"
    )
    assert desk("divide", "base", file, "--part", "1,2", "--part", "4,3", "--into", "parts") == done(
        "A7/1 está en parts/A7-1.json\n"
        "A7/2 está en parts/A7-2.json\n"
        "Revisen que cada parte diga lo mismo en todas las lenguas.\n"
    )
    first, second = (read_amendment(Path(f"parts/A7-{n}.json").read_text("utf-8")) for n in (1, 2))
    assert first.content_hash == GRANTS.content_hash
    assert {one.key for one in second.operations} == {"dues", "n"}


@pytest.mark.parametrize(
    ("words_", "instead", "told"),
    [("", " y becas", "(nada) → « y becas»"), (" de ayuda", "", "« de ayuda» → (nada)")],
)
def test_a_piece_that_only_puts_in_or_takes_out_is_told(
    desk: Desk, words_: str, instead: str, told: str
) -> None:
    old = BYLAWS.find("fund").body("es")
    new = old.replace(words_, instead) if words_ else old.replace("ayuda", f"ayuda{instead}")
    (file,) = desk.files(amendment("A", rewrite("fund", new)))
    assert (
        desk("divide", "base", file).out.splitlines()[1]
        == f"  1. Cambia el artículo 1 (fund), español: {told}"
    )


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (("--part", "1,2"), "No se dijo dónde guardar las partes — agreguen --into CARPETA"),
        (("--into", "x"), "No se dijo en qué partes — agreguen por ejemplo --part 1,3 --part 2"),
        (
            ("--part", "1,", "--into", "x"),
            "--part: «1,» no es una lista de piezas — escriban sus números, por ejemplo --part 1,3",
        ),
        (
            ("--part", "0,1", "--into", "x"),
            (
                "A1: no se puede dividir así: cada pieza va en una sola parte, y cada parte tiene que "
                "valer por sí "
                "sola — repártanla de otro modo"
            ),
        ),
    ],
)
def test_a_division_that_cannot_be_is_refused(desk: Desk, written: tuple[str, ...], sentence: str) -> None:
    (file,) = desk.files(GRANTS)
    assert desk("divide", "base", file, *written) == refused(sentence)
    assert not Path("x").exists()


# == Decisions and audits ==============================================================================


def test_a_decision_is_told_with_its_sums(desk: Desk) -> None:
    us, mx = "yes=27,no=14,abstain=3,entitled=50,seats=50,present=45", "yes=10, no=10, entitled=30"
    assert desk("decide", "simple", "--us", us, "--mx", mx) == done(
        "Regla: mayoría simple\n"
        "Cámara de Estados Unidos: aprueba (27 a favor y 14 en contra; la mayoría simple pide 15).\n"
        "    45 de 50 escaños presentes; el quórum pide 26.\n"
        "Cámara de México: empate (10 a favor y 10 en contra; la mayoría simple pide 11).\n"
        "    30 de 30 escaños presentes; el quórum pide 16.\n"
        "En la Cámara de México hubo tantos votos a favor como en contra, y solo eso lo impidió. No queda "
        "aprobada; se puede votar una vez más. La presidencia no tiene voto de calidad.\n"
    )


def test_a_quorum_is_told_at_opening_and_at_closing(desk: Desk) -> None:
    numbers = "yes=5,no=1,entitled=12,seats=9,present=7/6"
    said = desk("decide", "absolute", "--us", numbers, "--mx", numbers, "--quorum", "2/3", "--language", "en")
    assert said == done(
        "Rule: absolute majority\n"
        "United States chamber: no quorum (5 of the chamber’s 12 votes; more than half is 7).\n"
        "    At opening: 7 of 9 seats present; quorum needs 7.\n"
        "    At closing: 6 of 9 seats present; quorum needs 7.\n"
        "Mexico chamber: no quorum (5 of the chamber’s 12 votes; more than half is 7).\n"
        "    At opening: 7 of 9 seats present; quorum needs 7.\n"
        "    At closing: 6 of 9 seats present; quorum needs 7.\n"
        "A chamber lacked its quorum, so nothing was decided: it is neither adopted nor rejected.\n"
    )


@pytest.mark.parametrize(
    ("numbers", "present_votes"),
    [
        ("entitled=20", 20),
        ("entitled=20,present=15", 15),
        ("entitled=20,present=18/15", 15),
        ("entitled=20,present=15/18", 18),
        ("entitled=20,present=15,present_votes=17", 17),
        ("entitled=20,seats=10", 20),
        ("entitled=20,seats=10,present=10", 20),
        ("entitled=20,seats=10,present=9,present_votes=16", 16),
    ],
)
def test_the_votes_present_are_those_of_the_seats_present(
    desk: Desk, numbers: str, present_votes: int
) -> None:
    numbers = f"yes=5,no=1,{numbers}"
    said = desk("decide", "present", "--us", numbers, "--mx", numbers)
    assert f"(5 de {present_votes} votos presentes; más de la mitad son" in said.out.splitlines()[1]


def test_votes_present_that_nobody_can_know_are_asked_for(desk: Desk) -> None:
    known, unknown = "yes=5,no=1,entitled=20", "yes=5,no=1,entitled=20,seats=10,present=9"
    assert desk("decide", "present", "--us", known, "--mx", unknown) == refused(
        "--mx: no se sabe cuántos votos tienen los escaños presentes — agreguen present_votes= y un número"
    )
    assert desk("decide", "simple", "--us", known, "--mx", unknown).status == 0


@pytest.mark.parametrize(
    ("us", "sentence"),
    [
        (
            "yes=1,no",
            (
                "«no» no se entiende — escriban números enteros, por ejemplo yes=27,no=14; se "
                "admiten: yes, no, "
                "abstain, entitled, seats, present, present_votes"
            ),
        ),
        ("yes=1,no=1", "falta «entitled» — agreguen entitled= y un número"),
        ("no=1,entitled=1", "falta «yes» — agreguen yes= y un número"),
        ("yes=1,entitled=1", "falta «no» — agreguen no= y un número"),
        ("yes=1,no=1,yes=2,entitled=3", "«yes» está dos veces — dejen una"),
        (
            "yes=3,no=1,entitled=3",
            "las papeletas son 4, y no puede haber más de 3 — corrijan los números",
        ),
        (
            "yes=1,no=1,entitled=3,present=4",
            "los escaños presentes al abrir son 4, y no puede haber más de 3 — corrijan los números",
        ),
        (
            "yes=0,no=0,entitled=3,seats=9,present=1",
            "los votos de la cámara son 3 y sus escaños 9 — cada escaño tiene por lo menos un voto",
        ),
    ],
)
def test_numbers_that_cannot_be_are_told_with_their_chamber(desk: Desk, us: str, sentence: str) -> None:
    assert desk("decide", "simple", "--us", us, "--mx", "yes=1,no=0,entitled=1") == refused(
        f"--us: {sentence}"
    )


@pytest.mark.parametrize(
    "part", ["yes=1/2", "yes=-1", "yes=1.5", "maybe=1", "yes=１", "yes=1234567890", "yes"]
)
def test_only_whole_numbers_by_a_known_name_are_counted(desk: Desk, part: str) -> None:
    said = desk("decide", "simple", "--us", part, "--mx", "yes=1,no=0,entitled=1")
    assert said.err.startswith(f"--us: «{part}» no se entiende — ")


def test_other_rules_and_quorums_are_refused(desk: Desk) -> None:
    numbers = ("--us", "yes=1,no=0,entitled=1", "--mx", "yes=1,no=0,entitled=1")
    assert desk("decide", "double", *numbers) == refused(
        "No hay una regla «double» — usen una de estas: simple, two_thirds, three_quarters, "
        "present, absolute, "
        "consensus"
    )
    for quorum in ("half", "0.5", "1/0", "-1/2", "1"):
        assert desk("decide", "simple", *numbers, f"--quorum={quorum}") == refused(
            f"--quorum: «{quorum}» no es un quórum — escríbanlo como 1/2 o 2/3"
        )
    assert desk("decide", "simple", *numbers, "--quorum", "3/3") == refused(
        "El quórum no puede ser 1 — escriban una parte menor que el todo, como 1/2 o 2/3"
    )
    assert desk("decide", "simple", *numbers, "--quorum", "0/9").status == 0


def test_an_audit_is_verified(desk: Desk) -> None:
    Path("audit").write_bytes(bundled([{"kind": "sitting_opened"}]))
    right = desk("verify", "audit", "--key", CONFERENCE.public.text)
    assert (right.status, right.err) == (0, "")
    assert right.out.startswith("Auditoría de «oaxaca.example/2026»\n")
    english = desk("verify", "audit", "--language", "en", "--checkpoint", "audit")
    assert english.status == 2
    Path("audit").write_bytes(b"?")
    wrong = desk("verify", "audit", "--language", "en")
    assert wrong.status == 1
    assert desk("verify", "--", "nowhere").status == 2


# == Words =============================================================================================

FACTS = {
    "first_line": 1,
    "text": "x",
    "heading": "x",
    "key": "x",
    "kind": "x",
    "level": 4,
    "deepest": 3,
    "depth": 6,
    "maximum": 5,
    "language": "x",
    "command": "x",
    "known": "x",
    "argument": "x",
    "usage": "x",
    "folder": "x",
    "path": "x",
    "name": "x",
    "part": "x",
    "rule": "x",
    "quorum": "x",
    "count": "x",
}
PROBLEMS: list[Exception] = [
    *(InvalidText([Problem(code, 3, FACTS)]) for code in ProblemCode),
    *(InvalidAmendment(code, "A7", "fund", "es") for code in AmendmentProblem),
    *(InvalidCount(code, "yes", 3, 2) for code in CountProblem),
    *(Refused(code, **FACTS) for code in Misuse),
    InvalidCount(CountProblem.IMPOSSIBLE_QUORUM, "quorum", Fraction(3, 2)),
    Colliding([Collision("A1", "A2", ()), Collision("A1", "A3", ())]),
    InvalidAmendmentFile(()),
    InvalidAmendmentFile(("operations", 0, "add")),
    InvalidValue(ValueProblem.LONE_SURROGATE, (), "\ud800"),
    RecursionError(),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "?"),
    FileNotFoundError(),
    FileExistsError(),
    IsADirectoryError(),
    NotADirectoryError(),
    PermissionError(),
    OSError(),
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=repr)
def test_every_problem_is_told_in_both_languages_with_what_to_do(problem: Exception) -> None:
    spanish, english = (voice.sentences(problem) for voice in (ES, EN))
    assert len(spanish) == len(english) == 1
    assert spanish != english
    for sentence in (*spanish, *english):
        assert sentence[0] == sentence[0].upper()
        assert " — " in sentence
        assert not sentence.endswith(".")
    for voice in (ES, EN):
        (named,) = voice.sentences(Unusable(("file", problem)))
        assert named.startswith("file:3: " if isinstance(problem, InvalidText) else "file: ")


def test_a_problem_without_a_line_names_none() -> None:
    unusable = Unusable(("es.md", InvalidText([Problem(ProblemCode.NO_LANGUAGE)])))
    assert EN.sentences(unusable) == ["es.md: the draft is in no language — add es.md or en.md"]


def test_every_pair_that_collides_is_named() -> None:
    colliding = Colliding([Collision("A1", "A2", ()), Collision("A1", "A3", ())])
    assert "(A1 – A2, A1 – A3)" in EN.sentences(colliding)[0]


TABLES: list[tuple[Mapping[object, object], set[object]]] = [
    (words.TEXT_PROBLEMS, set(ProblemCode)),
    (words.AMENDMENT_PROBLEMS, set(AmendmentProblem)),
    (words.COUNT_PROBLEMS, set(CountProblem)),
    (words.MISUSES, set(Misuse)),
    (words.MISALIGNMENTS, set(MisalignmentCode)),
    (words.CHANGES, set(Change) - {Change.UNCHANGED}),
    (words.CHANGES_COUNTED, set(Change)),
    (words.NUMBERED, set(Kind)),
    (words.KINDS, set(Kind)),
    (words.KINDS_COUNTED, set(Kind)),
    (words.RULES, set(Rule)),
    (words.TOUCHES, set(Touch)),
    (words.STANDINGS, set(Standing)),
    (words.READ_ALOUD, set(Mark) - {Mark.KEPT}),
    (words.SUMMARIES, set(COMMANDS)),
    (
        words.MEANINGS,
        {one.name for command in COMMANDS.values() for one in command.arguments} | {"--language", "--help"},
    ),
    (words.METAVARS, set(words.MEANINGS) - {"--html", "--help"}),
]


@pytest.mark.parametrize(("table", "codes"), TABLES)
def test_every_code_has_its_words_and_no_other(table: Mapping[object, object], codes: set[object]) -> None:
    assert set(table) == codes


def test_every_number_of_a_count_has_a_name() -> None:
    numbers = {one.name for sort in (ChamberCount, PillarCount) for one in fields(sort)} - {"pillar"}
    assert numbers | {"ballots", "votes", "quorum", "counts", "pillars", "rule"} == set(words.SUBJECTS)


def phrases(value: object) -> Iterator[Phrase]:
    """Every phrase in a table, or in the pairs of a table."""
    if isinstance(value, Phrase):
        yield value
    elif isinstance(value, dict | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from phrases(one)


def fields_of(template: str) -> set[str]:
    return {name for _text, name, _format, _conversion in Formatter().parse(template) if name is not None}


def test_both_languages_of_a_phrase_tell_the_same_facts() -> None:
    listed = [phrase for value in vars(words).values() for phrase in phrases(value)]
    assert len(listed) > 200
    for phrase in listed:
        assert phrase.es
        assert phrase.en
        assert fields_of(phrase.es) == fields_of(phrase.en)


def test_what_files_hold_does_not_command_the_terminal(desk: Desk) -> None:
    Path("A.json").write_text(write_amendment(amendment("A\x1b[2J\n?", *SEVEN.operations)), "utf-8")
    assert desk("order", "base", "A.json").out.splitlines()[1] == (
        "  1. A\ufffd[2J\ufffd?: cambia la cláusula 2.1 (size)."
    )
    assert desk("check", "\x1b[2J") == refused("\ufffd[2J: no existe — revisen el nombre y la carpeta")
    assert ES.say(
        words.KINDS_COUNTED[Kind.TITLE], count="\x00\x1f \x7f\x9f\xa0\u2028\u2029\u200d\udfffñ"
    ) == ("títulos: \ufffd\ufffd \ufffd\ufffd\xa0\ufffd\ufffd\u200d\ufffdñ")


def test_somebodys_text_is_quoted_in_part() -> None:
    assert words.shortened("x" * 60) == "x" * 60
    assert words.shortened("x" * 61) == "x" * 60 + "…"


def test_names_are_listed_as_people_list_them() -> None:
    assert ES.listed(["A1"]) == "A1"
    assert ES.listed(["A1", "A2"]) == "A1 y A2"
    assert EN.listed(iter(["A1", "A2", "A\x1b"])) == "A1, A2 and A\ufffd"


def test_both_chambers_are_asked_for() -> None:
    assert {one.name for one in COMMANDS["decide"].arguments} >= {f"--{chamber}" for chamber in Chamber}
    assert FILES in COMMANDS["apply"].arguments
