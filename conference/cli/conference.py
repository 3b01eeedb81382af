"""`flask conference …`: a conference comes from a folder and goes back into one."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import gettext as _
from flask_babel import ngettext

from conference.cli.terminal import refusing, speak, typed_address
from conference.domain.errors import Invalid, NotFound
from conference.domain.pack import (
    CONFERENCE,
    MAXIMUM_BYTES,
    ORGANIZATIONS,
    PROGRAM,
    REGISTRATION,
    PackErrors,
    read_pack,
    too_large,
)
from conference.exports.pack import write_pack
from conference.extensions import db
from conference.queries.conference import conferences
from conference.queries.pack import conference_pack
from conference.services.conference import ImportedConference, import_conference
from conference.services.set_up import create_organizer, issue_console_link
from conference.web.clock import now
from conference.web.content import shown
from conference.web.keys import key_for
from conference.web.locale import current_language
from conference.web.pack_wording import problem_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

group = AppGroup("conference", help="Import, export and list conferences.")
_language = click.option("--language", help="Language of what the command says: es or en.")


@group.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--as", "slug", help="Name in addresses, instead of the pack's own.")
@click.option("--first-day", type=click.DateTime(["%Y-%m-%d"]), help="First day, as 2026-07-11.")
@_language
def import_command(path: Path, slug: str | None, first_day: datetime | None, language: str | None) -> None:
    """Make a conference of the folder PATH, whole or not at all."""
    speak(language)
    with refusing():
        pack = read_pack(read_folder(path))
        imported = import_conference(
            db.session(),
            pack=pack,
            slug=slug,
            first_day=None if first_day is None else first_day.date(),
            now=now(),
        )
        db.session.commit()
    _report(imported)


@group.command("export")
@click.argument("slug")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace the pack that the folder holds.")
@_language
def export_command(slug: str, path: Path, *, force: bool, language: str | None) -> None:
    """Write the conference SLUG into the folder PATH: never people, nor what they did."""
    speak(language)
    with refusing():
        _write(path, _exported(slug), force=force)
    click.echo(_("%(slug)s was written into %(path)s.", slug=slug, path=path))


@group.command("list")
@_language
def list_command(language: str | None) -> None:
    """List the conferences, the latest first."""
    speak(language)
    with refusing():
        found = conferences(db.session())
    for one in found:
        click.echo(f"{one.slug}\t{one.first_day}\t{shown(one.name).text}")


@group.command("create-organizer")
@click.argument("email", callback=typed_address)
@click.option("--conference", "slug", required=True, help="Name of the conference in addresses.")
@_language
def create_organizer_command(email: str, slug: str, language: str | None) -> None:
    """Make EMAIL an organizer, and print a link that signs in once without a mail or a second factor.

    Also for an organizer who has lost their second factor: the link lets them add another one.
    """
    speak(language)
    with refusing():
        link = _organizer_link(email, slug)
        db.session.commit()
    minutes = int(current_app.config["CONSOLE_LINK_LIFETIME"].total_seconds() // 60)
    click.echo(_("%(email)s organizes %(slug)s.", email=email, slug=slug))
    click.echo(
        _("This link signs in once, within %(minutes)s minutes. Show it to nobody else:", minutes=minutes)
    )
    click.echo(link)


def _organizer_link(email: str, slug: str) -> str:
    language = current_language()
    organizer = create_organizer(db.session(), slug=slug, email=email, language=language, now=now())
    token = secrets.token_urlsafe(32)
    issue_console_link(
        db.session(),
        account_id=organizer.account_id,
        token=token,
        key=key_for("sign-in"),
        lifetime=current_app.config["CONSOLE_LINK_LIFETIME"],
        now=now(),
    )
    # There they add the second factor without which an organizer can do nothing the next time.
    addresses = current_app.url_map.bind("localhost")
    following = addresses.build("second_factors.overview", {"lang": language})
    path = addresses.build("accounts.link", {"lang": language, "token": token, "next": following})
    return f"{current_app.config['PUBLIC_URL'].rstrip('/')}{path}"


# -- what they share -----------------------------------------------------------------------------------


def _report(imported: ImportedConference) -> None:
    for problem in imported.warnings:
        click.echo(problem_line(problem), err=True)
    click.echo(
        _(
            "%(slug)s begins on %(day)s: %(organizations)s organizations, %(sessions)s sessions, "
            "%(provisions)s provisions.",
            slug=imported.slug,
            day=imported.first_day,
            organizations=imported.organizations,
            sessions=imported.sessions,
            provisions=imported.provisions,
        )
    )
    if count := len(imported.warnings):
        click.echo(ngettext("%(num)s remark above.", "%(num)s remarks above.", count))


def read_folder(path: Path) -> Mapping[str, bytes]:
    """Return the pack's files by their path inside the folder; one that is too large is not read at all."""
    if not path.is_dir():
        raise Invalid("not_a_folder", path=str(path))
    names = [CONFERENCE, ORGANIZATIONS, PROGRAM, REGISTRATION]
    names += sorted(f"agreement/{file.name}" for file in path.glob("agreement/*.md"))
    # A link could lead to a file of this machine that is nobody else's business.
    files = {name: path / name for name in names if _is_own_file(path, name)}
    sizes = {name: file.stat().st_size for name, file in files.items()}
    if large := [name for name in files if sizes[name] > MAXIMUM_BYTES]:
        raise PackErrors(tuple(too_large(name, sizes[name], MAXIMUM_BYTES) for name in large))
    return {name: file.read_bytes() for name, file in files.items()}


def _is_own_file(folder: Path, name: str) -> bool:
    file = folder / name
    return file.is_file() and not file.is_symlink() and file.resolve().is_relative_to(folder.resolve())


def _exported(slug: str) -> Mapping[str, bytes]:
    pack = conference_pack(db.session(), slug=slug)
    if pack is None:
        raise NotFound("conference_unknown", slug=slug)
    files = write_pack(pack)
    # A folder that could not be imported again would be no pack: better to say so now.
    read_pack(files)
    return files


def _write(path: Path, files: Mapping[str, bytes], *, force: bool) -> None:
    try:
        write_folder(path, files, force=force)
    except OSError as error:
        # Its own path may be that of the folder aside, which is gone.
        raise Invalid("folder_not_written", path=str(path), reason=error.strerror or "") from error


def write_folder(path: Path, files: Mapping[str, bytes], *, force: bool) -> None:
    """Write the folder in one step; with `force`, replace the pack's files and leave all others alone."""
    if path.exists() and not path.is_dir():
        raise Invalid("not_a_folder", path=str(path))
    occupied = path.is_dir() and any(path.iterdir())
    if occupied and not force:
        raise Invalid("folder_not_empty", path=str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".pack-", dir=path.parent) as aside:
        staged = Path(aside) / "pack"
        for name, content in files.items():
            (staged / name).parent.mkdir(parents=True, exist_ok=True)
            (staged / name).write_bytes(content)
        if occupied:
            _replace_files(path, staged, files)
        else:
            # An empty folder gives way; one that somebody filled meanwhile does not.
            staged.rename(path)


def _replace_files(path: Path, staged: Path, files: Mapping[str, bytes]) -> None:
    for name in files:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(staged / name, path / name)
    for file in path.glob("agreement/*.md"):
        if f"agreement/{file.name}" not in files:
            file.unlink()
