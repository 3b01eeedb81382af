"""`flask conference import | export | list`: file, line and remedy, or the whole conference."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask, g
from flask_babel import force_locale

from conference.cli.conference import read_folder
from conference.cli.terminal import SETTINGS, speak
from conference.domain.pack import PackErrors, PackProblem, read_pack
from conference.extensions import db
from conference.web.pack_wording import PROBLEMS, problem_line
from tests.domain.small_pack import small_files
from tests.domain.test_pack import SPOILED

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result
    from sqlalchemy.orm import Session

MEGABYTE = 2**20


def put(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return put(tmp_path / "encuentro", small_files())


def run(app: Flask, *arguments: object) -> Result:
    words = [str(argument) for argument in arguments]
    return app.test_cli_runner().invoke(args=["conference", *words, "--language", "en"])


def dump(session: Session) -> dict[str, list[Any]]:
    session.rollback()
    return {
        name: [tuple(row) for row in session.execute(table.select().order_by(*table.primary_key))]
        for name, table in sorted(db.metadata.tables.items())
    }


def test_a_folder_becomes_a_conference_and_a_folder_again(app: Flask, folder: Path, tmp_path: Path) -> None:
    imported = run(app, "import", folder)
    exported = run(app, "export", "encuentro", tmp_path / "out")
    again = run(app, "import", tmp_path / "out", "--as", "segundo", "--first-day", "2027-01-02")
    twice = run(app, "export", "segundo", tmp_path / "deep" / "out")
    listed = run(app, "list")

    assert [result.exit_code for result in (imported, exported, again, twice)] == [0, 0, 0, 0]
    assert imported.output == ("encuentro begins on 2026-07-11: 4 organizations, 2 sessions, 3 provisions.\n")
    assert listed.output == "segundo\t2027-01-02\tMeeting\nencuentro\t2026-07-11\tMeeting\n"
    assert read_pack(files_of(tmp_path / "out")) == read_pack(small_files())
    changed = (b'slug = "encuentro"', b'slug = "segundo"'), (b"2026-07-11", b"2027-01-02")
    expected = files_of(tmp_path / "out")
    for old, new in changed:
        expected["conference.toml"] = expected["conference.toml"].replace(old, new)
    assert files_of(tmp_path / "deep" / "out") == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "encuentro", "out"]


def test_what_is_wrong_is_one_line_each_and_leaves_the_database_untouched(
    app: Flask, session: Session, folder: Path, tmp_path: Path
) -> None:
    run(app, "import", folder)
    before = dump(session)
    wrong = put(
        tmp_path / "wrong",
        small_files(
            conference=("America/Los_Angeles", "Noroeste\\u001b[31m"),
            organizations=("comite,", "club,"),
            program=('"sala"', '"cocina"'),
            es=(".clause", ".x"),
        ),
    )
    (wrong / "agreement" / "en.md").write_bytes("# Título {#agreement}".encode("latin-1"))

    result = run(app, "import", wrong, "--as", "other")

    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "agreement/en.md:1: byte 0xED is not UTF-8 — save the file as UTF-8, not as Latin-1 or Windows-1252",
        "agreement/es.md:9: “purpose-first” has the kind “x” — use preamble, title, article, clause or annex",
        "conference.toml:4: there is no time zone “Noroeste[31m” — write one as America/Mexico_City",
        "organizations.csv:4: “club” stands in line 2 already and cannot have a second seat — remove one",
        "program.toml:8: there is no room “cocina” — use one of: sala",
    ]
    assert result.stdout == ""
    assert dump(session) == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"slug": "encuentro"},
            "“encuentro” is here already. Name this one otherwise: --as OTHER-NAME\n",
        ),
        (
            {"slug": "a/b"},
            "“a/b” cannot be an address. Use a–z, 0–9 and hyphens, 80 at most: --as oaxaca-2026\n",
        ),
    ],
)
def test_a_name_that_cannot_be_had_is_refused(
    app: Flask, session: Session, folder: Path, change: dict[str, str], said: str
) -> None:
    run(app, "import", folder)
    before = dump(session)

    result = run(app, "import", folder, "--as", change["slug"])

    assert (result.exit_code, result.stderr, dump(session)) == (1, said, before)


def test_a_conflict_found_half_way_leaves_nothing_behind(app: Flask, session: Session, folder: Path) -> None:
    run(app, "import", folder)
    before = dump(session)
    csv = folder / "organizations.csv"
    csv.write_bytes(csv.read_bytes().replace("Comité San Juan".encode(), "Comité de Otro".encode()))

    result = run(app, "import", folder, "--as", "other")

    assert result.stderr == (
        "organizations.csv:4: “comite” is another organization here (Comité San Juan) — "
        "give this one a key of its own\n"
    )
    assert (result.exit_code, dump(session)) == (1, before)


def test_a_file_of_fifty_megabytes_is_refused_without_being_read(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (folder / "program.toml").open("r+b") as file:
        file.truncate(50 * MEGABYTE)
    monkeypatch.setattr(type(folder), "read_bytes", lambda path: pytest.fail(f"{path} was read"))

    result = run(app, "import", folder)

    assert (result.exit_code, result.stderr) == (
        1,
        "program.toml: the file has 50 MB — a file of a pack has 8 MB at most\n",
    )


def test_a_folder_that_is_none_or_empty_is_refused(app: Flask, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    nowhere, file, empty = (
        run(app, "import", path)
        for path in (tmp_path / "nowhere", folder / "program.toml", tmp_path / "empty")
    )

    assert nowhere.stderr == f"{tmp_path}/nowhere is no folder. Name the folder of a conference pack.\n"
    assert file.stderr == f"{folder}/program.toml is no folder. Name the folder of a conference pack.\n"
    missing = "this file is missing — add it to the folder"
    assert empty.stderr.splitlines() == [
        f"{name}: {missing}" for name in ("conference.toml", "organizations.csv", "program.toml")
    ]


def test_a_warning_is_said_and_the_conference_imported(app: Flask, folder: Path) -> None:
    english = folder / "agreement" / "en.md"
    english.write_text(english.read_text().partition("### ")[0])

    result = run(app, "import", folder)

    assert (result.exit_code, result.stderr) == (
        0,
        (
            "agreement/es.md:9: “purpose-first” is not in “en” — it cannot be put to the vote until it is "
            "translated\n"
        ),
    )
    assert result.stdout.endswith("1 remark above.\n")


def test_an_export_never_overwrites_unless_it_is_forced_and_then_the_pack_alone(
    app: Flask, folder: Path, tmp_path: Path
) -> None:
    run(app, "import", folder)
    target = put(tmp_path / "out", {"notes.txt": b"mine", "agreement/fr.md": b"old", "program.toml": b"old"})

    refused = run(app, "export", "encuentro", target)
    untouched = files_of(target)
    forced = run(app, "export", "encuentro", target, "--force")

    assert (refused.exit_code, refused.stderr) == (
        1,
        f"{target} is not empty. Choose another folder, or replace its pack: --force\n",
    )
    assert untouched == {"notes.txt": b"mine", "agreement/fr.md": b"old", "program.toml": b"old"}
    assert forced.exit_code == 0
    assert sorted(files_of(target)) == sorted([*small_files(), "notes.txt"])
    assert read_pack(dict(read_folder(target))) == read_pack(small_files())


def test_an_unknown_conference_has_no_export(app: Flask, tmp_path: Path) -> None:
    result = run(app, "export", "nowhere", tmp_path / "out")

    assert (result.exit_code, result.stderr, (tmp_path / "out").exists()) == (
        1,
        "There is no conference “nowhere”. See: flask conference list\n",
        False,
    )


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("asked", "settings", "spoken"),
    [
        (None, {}, "es"),
        (None, {"LANG": "en_US.UTF-8"}, "en"),
        (None, {"LANG": "C.UTF-8"}, "es"),
        (None, {"ASAMBLEA_LANGUAGE": "es", "LANG": "en_US.UTF-8"}, "es"),
        ("en", {"ASAMBLEA_LANGUAGE": "es", "LANG": "es_MX.UTF-8"}, "en"),
        ("fr", {"LANG": "en_GB"}, "en"),
    ],
)
def test_the_language_is_asked_for_or_that_of_the_terminal(
    app: Flask, monkeypatch: pytest.MonkeyPatch, asked: str | None, settings: dict[str, str], spoken: str
) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    with app.app_context():
        speak(asked)
        assert g.language == spoken


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_problem_has_words_a_place_and_a_remedy(app: Flask) -> None:
    said = []
    with app.app_context():
        for file, change, _ in SPOILED:
            with pytest.raises(PackErrors) as caught:
                read_pack(small_files(**{file: change}))
            said += [problem_line(problem) for problem in caught.value.problems]

    assert [line for line in said if not re.fullmatch(r"[a-z/]+\.(toml|csv|md)(:\d+)?: .+ — .+", line)] == []
    assert [text for text in PROBLEMS.values() if " — " not in text] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_words_of_a_file_neither_break_the_line_nor_command_the_terminal(app: Flask) -> None:
    problem = PackProblem(
        "program.toml", 3, "unknown_room", {"value": "a\n\x1b[2J" + "b" * 90, "known": ("c",)}
    )

    with app.app_context(), force_locale("en"):
        line = problem_line(problem)

    assert line == f"program.toml:3: there is no room “a��[2J{'b' * 54}…” — use one of: c"
