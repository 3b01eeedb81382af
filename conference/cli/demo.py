"""`flask demo`: the sample conference on this machine, in both languages at once."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
import flask_migrate

from conference.cli.conference import read_folder
from conference.cli.terminal import refusing, speak
from conference.domain.accounts import SIGN_IN_CODES, sign_in_code
from conference.domain.pack import read_pack
from conference.domain.pack_people import PEOPLE, read_sample
from conference.domain.program import zone_named
from conference.extensions import db
from conference.queries.conference import conference_by_slug
from conference.services.accounts import SignInProof
from conference.services.conference import import_conference
from conference.services.demo import Draw, issue_links, populate
from conference.web.clock import now
from conference.web.keys import key_for
from config import ROOT, Demo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from flask import Flask

    from conference.domain.pack_people import Sample
    from conference.queries.conference import ConferenceView
    from conference.services.demo import CastLink

PACK = ROOT / "examples" / "oaxaca-northwest"
SLUG = "oaxaca-northwest"
HOST = "127.0.0.1"
# The name of the same machine: passkeys belong to a name, and an address of numbers has none.
NAME = "localhost"


def demo_command(build: Callable[[Demo], Flask]) -> click.Command:
    """Return the command; `build` makes the application of the demonstration."""

    @click.command("demo")
    @click.option("--reset", is_flag=True, help="Forget what was done in the demonstration and begin again.")
    @click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
    @click.option("--no-serve", is_flag=True, help="Prepare everything, and stop there.")
    def demo(*, reset: bool, port: int, no_serve: bool) -> None:
        """Serve the sample conference on this machine, its first day today."""
        if reset or not no_serve:
            require_port(port, reset=reset)
        configuration = Demo(PUBLIC_URL=f"http://{NAME}:{port}")
        if reset:
            forget(configuration)
        prepare(build(configuration))
        if not no_serve:
            # Only here: gunicorn's modules would slow down every other command.
            from conference.cli.server import Serving, serve  # noqa: PLC0415 - see above

            serve(lambda: build(configuration), Serving(HOST, port))

    return demo


def prepare(app: Flask) -> None:
    """Bring the database up to date, load the conference if it is not there, and say who can sign in."""
    with app.app_context(), refusing():
        speak()
        flask_migrate.upgrade()
        sample = read_sample((PACK / PEOPLE).read_bytes(), languages=app.config["LANGUAGES"])
        conference = load(sample)
        links = _links(sample)
        db.session.commit()
        db.session.remove()
        # The server is another process, and connections cannot be shared.
        db.engine.dispose()
    introduce(app.config["PUBLIC_URL"], links, conference)


# -- the door ------------------------------------------------------------------------------------------


def require_port(port: int, *, reset: bool) -> None:
    """End with a clear word unless the port is free."""
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((HOST, port))
        except OSError as error:
            _refuse_port(port, error, reset=reset)


def _refuse_port(port: int, error: OSError, *, reset: bool) -> NoReturn:
    if reset:
        spanish = f"Hay un servidor en el puerto {port}: deténgalo primero (Ctrl+C) y repita."
        english = f"A server is running on port {port}: stop it first (Ctrl+C), and repeat."
    else:
        other = port + 1 if port < 65535 else 8000  # noqa: PLR2004 - the last port
        spanish = f"El puerto {port} no está libre ({error.strerror}). Use otro: make demo PORT={other}"
        english = f"Port {port} is not free ({error.strerror}). Use another one: make demo PORT={other}"
    click.echo(f"{spanish}\n{english}", err=True)
    raise click.exceptions.Exit(1)


# -- the data ------------------------------------------------------------------------------------------


def forget(configuration: Demo) -> None:
    """Delete the demonstration's database, its queue and its mails; nothing else lives there."""
    for address in (configuration.SQLALCHEMY_DATABASE_URI, configuration.QUEUE):
        for suffix in ("", "-wal", "-shm"):
            Path(address.removeprefix("sqlite:///") + suffix).unlink(missing_ok=True)
    for mail in Path(configuration.MAIL_SERVER.removeprefix("file://")).glob("*.eml"):
        mail.unlink()


def load(sample: Sample) -> ConferenceView:
    """Return the sample conference, which begins today if it begins to exist with this call."""
    session = db.session()
    standing = conference_by_slug(session, SLUG)
    if standing is not None:
        return standing
    pack = read_pack(read_folder(PACK))
    today = now().astimezone(zone_named(pack.conference.time_zone)).date()
    imported = import_conference(session, pack=pack, slug=SLUG, first_day=today, now=now())
    draw = Draw(nonce=lambda: secrets.token_hex(16), tickets=key_for("tickets"))
    populate(session, conference_id=imported.conference_id, sample=sample, draw=draw, now=now())
    loaded = conference_by_slug(session, SLUG)
    if loaded is None:
        raise LookupError(SLUG)
    return loaded


def _links(sample: Sample) -> tuple[CastLink, ...]:
    return issue_links(db.session(), sample=sample, proof=_proof, key=key_for("sign-in"), now=now())


def _proof() -> SignInProof:
    return SignInProof(token=secrets.token_urlsafe(32), code=sign_in_code(secrets.randbelow(SIGN_IN_CODES)))


# -- the words -----------------------------------------------------------------------------------------


def introduce(address: str, links: Iterable[CastLink], conference: ConferenceView) -> None:
    """Print where to look and as whom to sign in."""
    click.echo(f"\nAsamblea · {address}\n")
    if (today := _today(conference)) > conference.last_day:
        click.echo(_over(conference.last_day, today))
    click.echo("Entre como… · Sign in as…  (una vez, 12 horas · once, 12 hours)")
    for link in links:
        click.echo(f"  {link.person.badge_name}\n    {address}/es/sign-in/link/{link.token}")
    click.echo(
        f"\nTodo el reparto · The whole cast:  {address}/dev/cast\n"
        f"Los correos     · The mails:       {address}/dev/mail\n"
        f"El estilo       · The style guide: {address}/dev/style\n\n"
        "Detener: Ctrl+C · Volver a empezar: make demo-reset\n"
        "Stop: Ctrl+C · Start over: make demo-reset\n"
    )


def _today(conference: ConferenceView) -> date:
    return now().astimezone(zone_named(conference.time_zone)).date()


def _over(last_day: date, today: date) -> str:
    return (
        f"La conferencia de muestra terminó el {last_day}; make demo-reset la pasa a hoy, {today}.\n"
        f"The sample conference ended on {last_day}; make demo-reset moves it to today, {today}.\n"
    )
