"""A whole conference on phones, in Spanish: from the program to a resolution and a summary."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from agreements import Chamber
from conference.domain.accounts import Role
from conference.extensions import db
from conference.models import SignIn
from conference.web.postman import deliver_due
from tests.browsers import accessibility_faults, sideways_scroll
from tests.factories import (
    grant,
    make_account,
    make_agreement,
    make_conference,
    make_organization,
    make_room,
    make_seat,
    make_session,
    make_sitting,
)
from tests.moments import today

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask
    from playwright.sync_api import Page
    from sqlalchemy.orm import Session

    from tests.browsers import Pages

HOME = "/es/muestra"


class Phone:
    """One person's phone; every page it comes to is looked at."""

    def __init__(
        self,
        page: Page,
        letters: Callable[[str], str],
        assure: Callable[[], None],
        auditor: Page | None,
        audited: set[str],
    ) -> None:
        self.page = page
        self.letters = letters
        self.assure = assure
        self.auditor = auditor
        # What axe has seen: the same words on somebody else's phone need not be looked at again.
        self.seen = audited

    def looked_at(self) -> None:
        """A page in Spanish that anybody can use, and that does not scroll sideways."""
        # A button is pale while its request is on the way.
        expect(self.page.locator(".htmx-request")).to_have_count(0)
        assert self.page.locator("html").get_attribute("lang") == "es"
        words = self.page.locator("body").inner_text()
        if words not in self.seen:
            self.seen.add(words)
            assert accessibility_faults(self.audited()) == [], self.page.url
        assert sideways_scroll(self.page) == 0, self.page.url

    def audited(self) -> Page:
        """Return a page in which axe can run: a phone without scripts shows its own to one that has them."""
        if self.auditor is None:
            return self.page
        body = self.page.content()
        self.auditor.route(self.page.url, lambda route: route.fulfill(body=body, content_type="text/html"))
        self.auditor.goto(self.page.url)
        self.auditor.unroute_all()
        return self.auditor

    def goes_to(self, path: str, heading: str | re.Pattern[str]) -> None:
        self.page.goto(path)
        self.sees(heading)

    def sees(self, heading: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_role("heading", name=heading).first).to_be_visible()
        self.looked_at()

    def taps(self, words: str) -> None:
        """Tap a button or link of the page's own content."""
        main = self.page.locator("main")
        button = main.get_by_role("button", name=words, exact=True)
        (button if button.count() else main.get_by_role("link", name=words, exact=True)).first.click()

    def fills(self, label: str, words: str) -> None:
        self.page.get_by_label(label, exact=True).fill(words)

    def signs_in(self, address: str, *, by: str) -> None:
        """Get in by the link or by the code of the mail."""
        self.goes_to("/es/sign-in", "Entrar")
        self.fills("Correo electrónico", address)
        self.taps("Mándenme el código")
        self.sees("Revise su correo")
        letter = self.letters(address)
        if by == "link":
            self.page.goto(re.search(r"https?://\S+", letter).group())
            self.looked_at()
        else:
            self.fills("Código del correo", re.search(r"\b\d{4} \d{4}\b", letter).group())
        self.taps("Entrar")
        self.sees("Lo que puede hacer ahora")
        self.assure()


@pytest.fixture
def letters(app: Flask, tmp_path: Path) -> Callable[[str], str]:
    """Deliver what is due and return the newest letter to an address."""
    app.config["MAIL_SERVER"] = f"file://{tmp_path}"

    def newest(address: str) -> str:
        with app.app_context():
            deliver_due()
        mails = [
            message_from_bytes(path.read_bytes(), policy=policy.default)
            for path in sorted(tmp_path.glob("*.eml"))
        ]
        return [mail for mail in mails if mail["To"] == address][-1].get_body(("plain",)).get_content()

    return newest


@pytest.fixture
def new_phone(
    open_page: Pages, letters: Callable[[str], str], assure: Callable[[], None], javascript: bool
) -> Callable[[], Phone]:
    """Return further phones, each somebody's own."""
    auditor, audited = None if javascript else open_page(), set()
    return lambda: Phone(open_page(javascript=javascript), letters, assure, auditor, audited)


@pytest.fixture
def assure(app: Flask) -> Callable[[], None]:
    """Have everybody who is signed in count as proved by a second factor, which has a journey of its own."""

    def everybody() -> None:
        with app.app_context():
            db.session.execute(update(SignIn).values(assured_at=datetime.now(UTC)))
            db.session.commit()

    return everybody


@pytest.fixture
def prepared_conference(session: Session) -> None:
    """What a pack brings, and an organizer: nobody else is known yet."""
    conference = make_conference(
        session,
        slug="muestra",
        name={"es": "Conferencia de muestra", "en": "Sample conference"},
        first_day=today(),
        time_zone="UTC",
        other_time_zone="America/Mexico_City",
    )
    room = make_room(session, conference, key="auditorio", name={"es": "Auditorio", "en": "Auditorium"})
    make_sitting(
        session,
        conference,
        key="votacion",
        title={"es": "Sesión de votación", "en": "Voting session"},
        starts_local=datetime.combine(today(), time(0, 5)),
        minutes=1430,
        room_id=room.id,
    )
    make_session(
        session,
        conference,
        key="taller-lenguas",
        title={"es": "Taller de lenguas", "en": "Workshop on languages"},
        abstract={"en": "Only written in English."},
        starts_local=datetime.combine(today(), time(0, 5)),
    )
    make_agreement(session, conference)
    for name, chamber in (("Club Tlaxiaco", Chamber.US), ("Comité Tlaxiaco", Chamber.MX)):
        club = make_organization(session, conference, name=name, side=chamber)
        make_seat(session, conference, organization=club, chamber=chamber)
    grant(session, conference, Role.ORGANIZER, account=make_account(session, email="organiza@example.org"))
    session.commit()


STAFF = {
    "preside@example.org": ("Presidencia de la mesa", None),
    "acredita@example.org": ("Comisión de acreditaciones", None),
    "puerta@example.org": ("Voluntariado de puerta", None),
    "relata@example.org": ("Relatoría", None),
    "responde.us@example.org": ("Responsable de organización", "Club Tlaxiaco"),
    "responde.mx@example.org": ("Responsable de organización", "Comité Tlaxiaco"),
}


def grants_the_roles(organizer: Phone) -> None:
    organizer.goes_to(f"{HOME}/roles", "Cargos")
    for address, (role, organization) in STAFF.items():
        organizer.fills("Correo electrónico", address)
        organizer.page.get_by_label("Cargo", exact=True).select_option(role)
        if organization:
            organizer.page.get_by_label(re.compile("^Organización")).select_option(organization)
        organizer.taps("Dar el cargo")
        expect(organizer.page.locator("main").get_by_text(address, exact=True)).to_be_visible()
    organizer.looked_at()


def registers(phone: Phone, *, name: str, address: str, organization: str | None) -> str:
    """Register with consent, and return the code that the ticket shows."""
    phone.goes_to(f"{HOME}/register", "Registrarse")
    phone.taps("Registrarse")
    expect(phone.page.get_by_role("alert").first).to_be_visible()
    phone.looked_at()
    phone.fills("Nombre en el gafete", name)
    phone.page.get_by_label(re.compile("^Correo electrónico")).fill(address)
    if organization:
        phone.page.get_by_label("Delegada o delegado", exact=True).check()
        phone.page.get_by_label(re.compile("^Organización")).select_option(organization)
    phone.page.locator("input[name=attend]").check()
    phone.taps("Registrarse")
    phone.sees("Su boleto")
    assert name not in phone.page.content()
    code = phone.page.locator(".ticket-code").inner_text()
    assert re.fullmatch(r"[0-9A-Z]{5}-[0-9A-Z]{5}", code)
    return code


def names(lead: Phone, person: str) -> None:
    lead.goes_to(f"{HOME}/credentials", "Acreditaciones")
    lead.page.get_by_label("Delegada o delegado", exact=True).first.check()
    lead.page.get_by_label("Quién", exact=True).first.select_option(f"{person} (Delegada o delegado)")
    lead.page.get_by_label(re.compile("^Doy fe de que")).first.check()
    lead.taps("Nombrar para el escaño")
    expect(lead.page.get_by_text("En espera de la comisión").first).to_be_visible()
    lead.looked_at()


def accepts(committee: Phone, people: tuple[str, ...]) -> None:
    committee.goes_to(f"{HOME}/credentials", "Acreditaciones")
    for person in people:
        expect(committee.page.get_by_text(person, exact=True).first).to_be_visible()
    for left in range(len(people), 0, -1):
        accept = committee.page.get_by_role("button", name="Aceptar", exact=True)
        expect(accept).to_have_count(left)
        accept.first.click()
    expect(committee.page.get_by_role("button", name="Aceptar", exact=True)).to_have_count(0)
    committee.looked_at()


def lets_in(volunteer: Phone, code: str, words: str) -> None:
    volunteer.page.get_by_label("Código QR o clave escrita").fill(code.lower())
    volunteer.taps("Dar entrada")
    expect(volunteer.page.locator("#outcome .figure")).to_have_text(words)
    volunteer.looked_at()


def votes(delegate: Phone, choice: str) -> None:
    delegate.taps("Votar ahora")
    delegate.sees(re.compile("Se forma una coalición"))
    delegate.taps("Emitir mi voto")
    expect(delegate.page.get_by_role("alert").first).to_be_visible()
    delegate.page.get_by_label(choice, exact=True).check()
    delegate.taps("Emitir mi voto")
    expect(delegate.page.get_by_text("Su voto quedó registrado").first).to_be_visible()
    delegate.looked_at()


@pytest.mark.usefixtures("prepared_conference")
@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no-scripts"])
def test_a_conference_from_the_program_to_the_resolution(new_phone: Callable[[], Phone]) -> None:
    visitor = new_phone()
    visitor.goes_to("/es/", "Conferencias")
    visitor.taps("Conferencia de muestra")
    visitor.sees("Conferencia de muestra")
    visitor.goes_to(f"{HOME}/program", "Programa")
    visitor.taps("Taller de lenguas")
    visitor.sees("Taller de lenguas")
    expect(visitor.page.get_by_text("solo en inglés").first).to_be_visible()
    visitor.goes_to(f"{HOME}/agreement", "Acuerdo")
    visitor.goes_to(f"{HOME}/organizations", "Organizaciones")

    organizer = new_phone()
    organizer.signs_in("organiza@example.org", by="code")
    grants_the_roles(organizer)

    codes = [
        registers(
            new_phone(), name="Delegada Secreta", address="vota.us@example.org", organization="Club Tlaxiaco"
        ),
        registers(
            new_phone(),
            name="Delegado Secreto",
            address="vota.mx@example.org",
            organization="Comité Tlaxiaco",
        ),
        registers(visitor, name="Asistente Secreta", address="mira@example.org", organization=None),
    ]

    for address, person in (
        ("responde.us@example.org", "Delegada Secreta"),
        ("responde.mx@example.org", "Delegado Secreto"),
    ):
        lead = new_phone()
        lead.signs_in(address, by="link")
        names(lead, person)
    committee = new_phone()
    committee.signs_in("acredita@example.org", by="link")
    accepts(committee, ("Delegada Secreta", "Delegado Secreto"))

    chair = new_phone()
    chair.signs_in("preside@example.org", by="link")
    chair.goes_to(f"{HOME}/quorum", "Quórum")
    expect(chair.page.get_by_text("Hay quórum")).to_have_count(0)

    volunteer = new_phone()
    volunteer.signs_in("puerta@example.org", by="code")
    volunteer.goes_to(f"{HOME}/door", re.compile("Sesión de votación"))
    for code in codes:
        lets_in(volunteer, code, "Adelante")
    lets_in(volunteer, codes[0], "Ya había entrado")
    lets_in(volunteer, "AAAAA-AAAAA", "No conocemos este código")

    chair.page.reload()
    expect(chair.page.get_by_text("Hay quórum")).to_have_count(2)
    chair.looked_at()
    chair.goes_to(f"{HOME}/votes", "Votaciones")
    chair.page.get_by_label("Qué se somete a votación").select_option("purpose-coalition")
    chair.taps("Abrir la votación")
    chair.sees(re.compile("Se forma una coalición"))

    for address in ("vota.us@example.org", "vota.mx@example.org"):
        delegate = new_phone()
        delegate.signs_in(address, by="link")
        votes(delegate, "Sí")

    chair.page.reload()
    chair.page.get_by_text("Cerrar la votación…").click()
    chair.taps("Cerrar la votación y contar")
    expect(chair.page.get_by_text("Aprobada").first).to_be_visible()
    chair.looked_at()

    official = new_phone()
    official.goes_to(f"{HOME}/resolutions", "Resoluciones")
    official.page.locator("main").get_by_role("link", name=re.compile("Se forma una coalición")).click()
    official.sees("Resolución 1")
    for published in ("Club Tlaxiaco", "Comité Tlaxiaco", "A coalition is formed."):
        expect(official.page.get_by_text(published).first).to_be_visible()
    assert "Secret" not in official.page.content()

    rapporteur = new_phone()
    rapporteur.signs_in("relata@example.org", by="link")
    rapporteur.goes_to(f"{HOME}/summaries/taller-lenguas/edit", "Taller de lenguas")
    for section, words in WRITTEN.items():
        rapporteur.page.get_by_label(re.compile(f"^{section}")).fill(words)
    rapporteur.taps("Guardar y publicar")
    expect(rapporteur.page).to_have_url(re.compile(r"/summaries/taller-lenguas$"))
    rapporteur.sees("Taller de lenguas")
    official.goes_to(f"{HOME}/summaries", "Relatorías")
    official.page.locator("main").get_by_role("link", name="Taller de lenguas").click()
    official.sees("Taller de lenguas")
    for section, words in WRITTEN.items():
        expect(official.page.get_by_role("heading", name=section)).to_be_visible()
        expect(official.page.get_by_text(words.removeprefix("· "), exact=True)).to_be_visible()


WRITTEN = {
    "Observaciones": "· Las lenguas se hablan menos.",
    "Temas recurrentes y puntos de acuerdo": "· El trabajo es voluntario.",
    "Medidas propuestas": "· Hacer festivales.",
}
