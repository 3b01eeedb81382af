"""The first page of signed-in people: what each of them can do at this moment."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from flask import url_for
from sqlalchemy import update

from agreements import Chamber, Choice, Rule
from conference.domain.accounts import Role
from conference.domain.approvals import ApprovalKind
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.registration import Category, RegistrationStatus
from conference.models import Credential, Party
from conference.services.approvals import ask_for_approval
from conference.services.voting import cast_ballot, open_question
from conference.web.clock import now
from tests.factories import (
    grant,
    make_account,
    make_agreement,
    make_conference,
    make_delegate,
    make_organization,
    make_registration,
    make_seat,
    make_session,
    make_sitting,
    sign_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from conference.models import Account, Conference, ProgramSession, Seat
    from tests.clients import CheckedClient


def wall_clock() -> datetime:
    """Return the hour that it is on the walls of the conference, which is in UTC."""
    return now().replace(tzinfo=None)


@pytest.fixture
def conference(session: Session) -> Conference:
    return make_conference(
        session, slug="muestra", first_day=now().date(), time_zone="UTC", other_time_zone=None
    )


@pytest.fixture
def first_page(client: CheckedClient, session: Session) -> Callable[[Account], BeautifulSoup]:
    def read(account: Account) -> BeautifulSoup:
        sign_in(client, account)
        session.commit()
        return BeautifulSoup(client.get("/es/muestra/now").text, "html5lib")

    return read


def tasks(page: BeautifulSoup) -> list[str]:
    return [link.get_text(strip=True) for link in page.select("ul.grid a")]


def notices(page: BeautifulSoup) -> list[str]:
    return [title.get_text(strip=True) for title in page.select("main .notice .notice-title")]


def put_to_the_vote(session: Session, conference: Conference, sitting: ProgramSession) -> int:
    make_delegate(session, conference, chamber=Chamber.MX, present_in=sitting)
    make_agreement(session, conference)
    return open_question(
        session,
        conference_id=conference.id,
        sitting_id=sitting.id,
        provision_key="purpose-coalition",
        rule=Rule.SIMPLE,
        by=grant(session, conference, Role.CHAIR).id,
        now=now(),
    )


def make_alternate(session: Session, conference: Conference, seat: Seat) -> Account:
    """Somebody whom the committee accepted for a seat that has its delegate."""
    account = make_account(session)
    registration = make_registration(
        session, conference, account_id=account.id, organization_id=seat.organization_id
    )
    session.add(
        Credential(
            seat_id=seat.id,
            registration_id=registration.id,
            capacity=Capacity.ALTERNATE,
            status=CredentialStatus.ACCEPTED,
            attested_at=now(),
            decided_at=now(),
        )
    )
    session.flush()
    return account


AWAITED = "Falta su voto"
BEING_VOTED_ON = "La votación está abierta"
NOT_IN_THE_ROOM = "Su escaño todavía no está en la sala"
READING = ["Leer el acuerdo", "Leer las resoluciones"]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.CHAIR, ["Poner una cláusula a votación", "Ver el quórum"]),
        (Role.SECRETARIAT, ["Ver el quórum", "Cuántas personas vienen"]),
        (Role.SERVICE_LEAD, ["Quién necesita qué"]),
        (
            Role.CREDENTIALS_COMMITTEE,
            [
                "Ver el quórum",
                "Registrar entradas",
                "Mesa de registro",
                "Acreditaciones",
                "Suplencias",
                "Tarjetas de acceso",
            ],
        ),
        (Role.DOOR_VOLUNTEER, ["Registrar entradas"]),
        (Role.RAPPORTEUR, ["Escribir relatorías"]),
        (
            Role.ORGANIZER,
            [
                "Ver el quórum",
                "Registrar entradas",
                "Mesa de registro",
                "Tarjetas de acceso",
                "Cuántas personas vienen",
                "Cargos",
                "Escaños",
                "Fichas en espera",
                "Lugares y preguntas",
                "Gafetes",
                "Escribir a quienes vienen",
                "Correo saliente",
                "Trabajos largos",
            ],
        ),
        (Role.OFFICIAL, []),
    ],
)
def test_staff_find_their_work_and_nothing_else(
    first_page: Callable[[Account], BeautifulSoup],
    session: Session,
    conference: Conference,
    role: Role,
    expected: list[str],
) -> None:
    page = first_page(grant(session, conference, role))
    assert tasks(page) == [*expected, "Registrarse", *READING]


def steps(page: BeautifulSoup) -> list[str]:
    return [link["href"] for link in page.select("section[aria-labelledby=next-steps] a")]


def test_who_organizes_alone_or_without_a_program_is_told_what_comes_next(
    first_page: Callable[[Account], BeautifulSoup], session: Session, conference: Conference
) -> None:
    alone = grant(session, conference, Role.ORGANIZER)
    registering = "/es/muestra/register"
    assert steps(first_page(alone)) == ["/es/muestra/roles", "/es/muestra/jobs", registering]
    grant(session, conference, Role.ORGANIZER)
    assert steps(first_page(alone)) == ["/es/muestra/jobs", registering]
    make_session(session, conference)
    assert steps(first_page(alone)) == []
    assert steps(first_page(grant(session, conference, Role.CHAIR))) == []


def ask(session: Session, conference: Conference, kind: ApprovalKind, by: Account, now: datetime) -> int:
    return ask_for_approval(session, conference_id=conference.id, kind=kind, reason="Mesa", by=by.id, now=now)


def test_whoever_may_answer_is_told_that_a_request_waits(
    client: CheckedClient,
    session: Session,
    conference: Conference,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    ana, beto, citlali = (grant(session, conference, Role.ORGANIZER) for _ in range(3))
    chair = grant(session, conference, Role.CHAIR)

    def told(account: Account) -> tuple[list[tuple[str, str]], int]:
        """Return the cards that lead to requests, and how many statements the page took."""
        session.commit()
        sign_in(client, account)
        session.commit()
        with count_queries() as queries:
            page = BeautifulSoup(client.get("/en/muestra/now").text, "html5lib")
        cards = page.select("ul.grid a[href='/en/muestra/badges'], ul.grid a[href='/en/muestra/exports']")
        return [(card.get_text(strip=True), card["href"].rpartition("/")[2]) for card in cards], len(queries)

    usual = ("Badges", "badges")
    before, of_chair = told(ana), told(chair)
    assert (before[0], of_chair[0]) == ([usual], [])
    ask(session, conference, ApprovalKind.PRINT_BADGES, ana, now())
    ask(session, conference, ApprovalKind.EXPORT_PEOPLE, ana, now())
    ask(session, conference, ApprovalKind.EXPORT_PEOPLE, citlali, now())
    # Over, and of another conference.
    ask(session, conference, ApprovalKind.PRINT_BADGES, citlali, now() - timedelta(hours=24))
    ask(session, make_conference(session), ApprovalKind.PRINT_BADGES, citlali, now())
    badges = ("Answer 1 request for badges", "badges")
    one = ("Answer 1 request for an export of people", "exports")
    two = ("Answer 2 requests for an export of people", "exports")
    assert told(beto) == ([badges, two, usual], before[1])
    assert told(ana)[0] == [one, usual]
    assert told(chair) == ([], of_chair[1])


def test_staff_without_a_second_factor_are_led_to_set_one_up(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    account = grant(session, conference, Role.RAPPORTEUR)
    sign_in(client, account, assured_at=None)
    session.commit()
    page = BeautifulSoup(client.get("/es/muestra/now").text, "html5lib")
    first = page.select_one("ul.grid a")
    assert first["href"] == "/es/account/second-factor?next=/es/muestra/now"


def test_a_delegate_is_told_that_the_seat_is_not_in_the_room(
    first_page: Callable[[Account], BeautifulSoup], session: Session, conference: Conference
) -> None:
    make_sitting(session, conference)
    account, _ = make_delegate(session, conference)
    page = first_page(account)
    assert notices(page) == [NOT_IN_THE_ROOM]
    assert tasks(page) == ["Ver el quórum", "Su boleto", *READING]


def test_before_the_conference_no_seat_is_missed_in_the_room(
    first_page: Callable[[Account], BeautifulSoup], session: Session, conference: Conference
) -> None:
    account, _ = make_delegate(session, conference)
    conference.first_day = now().date() + timedelta(days=2)
    make_sitting(session, conference)
    assert notices(first_page(account)) == []


def test_on_a_day_without_a_sitting_no_seat_is_missed(
    first_page: Callable[[Account], BeautifulSoup], session: Session, conference: Conference
) -> None:
    account, _ = make_delegate(session, conference)
    make_session(session, conference)
    make_sitting(session, conference, cancelled=True)
    make_sitting(session, make_conference(session, first_day=now().date()))
    for day in (-1, 1):
        make_sitting(session, conference, starts_local=wall_clock() + timedelta(days=day))
    assert notices(first_page(account)) == []


def test_the_day_of_a_sitting_is_that_of_the_venue(
    first_page: Callable[[Account], BeautifulSoup], session: Session, conference: Conference
) -> None:
    # Fourteen hours ahead of UTC: most of the time it is tomorrow there.
    conference.time_zone = "Pacific/Kiritimati"
    there = now().astimezone(ZoneInfo("Pacific/Kiritimati")).date()
    account, _ = make_delegate(session, conference)
    sitting = make_sitting(session, conference, starts_local=datetime.combine(there, time()))
    assert notices(first_page(account)) == [NOT_IN_THE_ROOM]
    sitting.starts_local += timedelta(days=1)
    assert notices(first_page(account)) == []


def test_a_seat_in_the_room_of_another_day_is_missed_today(
    first_page: Callable[[Account], BeautifulSoup], session: Session, conference: Conference
) -> None:
    yesterday = make_sitting(session, conference, starts_local=wall_clock() - timedelta(days=1))
    today = make_sitting(session, conference)
    stayed, _ = make_delegate(session, conference, present_in=yesterday)
    came, _ = make_delegate(session, conference, present_in=today)
    assert notices(first_page(stayed)) == [NOT_IN_THE_ROOM]
    assert notices(first_page(came)) == []


def test_while_a_vote_is_taken_seats_are_missed_in_its_sitting(
    first_page: Callable[[Account], BeautifulSoup], session: Session, conference: Conference
) -> None:
    voting = make_sitting(session, conference, starts_local=wall_clock() - timedelta(days=1))
    today = make_sitting(session, conference)
    there, _ = make_delegate(session, conference, present_in=voting)
    put_to_the_vote(session, conference, voting)
    elsewhere, _ = make_delegate(session, conference, present_in=today)
    assert notices(first_page(there)) == [AWAITED]
    assert notices(first_page(elsewhere)) == [BEING_VOTED_ON, NOT_IN_THE_ROOM]


def test_of_a_seat_the_vote_of_whoever_held_it_at_the_opening_is_awaited(
    first_page: Callable[[Account], BeautifulSoup], session: Session, conference: Conference
) -> None:
    sitting = make_sitting(session, conference)
    delegate, seat = make_delegate(session, conference, present_in=sitting)
    alternate = make_alternate(session, conference, seat)
    put_to_the_vote(session, conference, sitting)
    assert notices(first_page(delegate)) == [AWAITED]
    assert notices(first_page(alternate)) == [BEING_VOTED_ON]


@pytest.mark.parametrize("status", [CredentialStatus.WITHDRAWN, CredentialStatus.PROPOSED])
def test_no_vote_is_awaited_of_whom_the_committee_does_not_accept(
    first_page: Callable[[Account], BeautifulSoup],
    session: Session,
    conference: Conference,
    status: CredentialStatus,
) -> None:
    sitting = make_sitting(session, conference)
    delegate, seat = make_delegate(session, conference, present_in=sitting)
    put_to_the_vote(session, conference, sitting)
    session.execute(update(Credential).where(Credential.seat_id == seat.id).values(status=status))
    assert notices(first_page(delegate)) == [BEING_VOTED_ON]


def test_a_vote_is_awaited_until_it_is_cast(
    first_page: Callable[[Account], BeautifulSoup],
    session: Session,
    conference: Conference,
) -> None:
    sitting = make_sitting(session, conference)
    account, _ = make_delegate(session, conference, present_in=sitting)
    number = put_to_the_vote(session, conference, sitting)
    chair = grant(session, conference, Role.CHAIR)
    page = first_page(account)
    assert notices(page) == [AWAITED]
    assert page.select_one("main .notice a")["href"] == f"/es/muestra/votes/{number}"
    assert notices(first_page(chair)) == [BEING_VOTED_ON]
    cast_ballot(
        session,
        conference_id=conference.id,
        number=number,
        account_id=account.id,
        choices=[Choice.YES],
        now=now(),
    )
    assert notices(first_page(account)) == [BEING_VOTED_ON]


def test_a_lead_is_told_which_seat_lacks_its_delegate(
    first_page: Callable[[Account], BeautifulSoup], session: Session, conference: Conference
) -> None:
    named = make_organization(session, conference, name="Club Tlaxiaco")
    make_delegate(session, conference, seat=make_seat(session, conference, organization=named))
    lacking = make_organization(session, conference, name="Club Juxtlahuaca")
    make_seat(session, conference, organization=lacking)
    make_seat(session, conference)
    account = make_account(session)
    for organization in (named, lacking):
        grant(session, conference, Role.ORGANIZATION_LEAD, account=account, organization=organization)
    assert "Falta nombrar: Club Juxtlahuaca" in first_page(account).get_text()
    assert "Club Tlaxiaco" not in first_page(account).select_one("main").get_text()


def test_a_lead_whose_organization_has_no_seat_is_not_told_that_it_is_filled(
    first_page: Callable[[Account], BeautifulSoup], session: Session, conference: Conference
) -> None:
    organization, account = make_organization(session, conference), make_account(session)
    grant(session, conference, Role.ORGANIZATION_LEAD, account=account, organization=organization)
    assert "tiene delegada" not in first_page(account).get_text()
    make_seat(session, conference, organization=organization)
    assert f"Falta nombrar: {organization.name}" in first_page(account).get_text()


def test_a_lead_is_told_of_places_that_are_held_for_the_group_until_they_are_answered(
    first_page: Callable[[Account], BeautifulSoup],
    client: CheckedClient,
    session: Session,
    conference: Conference,
) -> None:
    own, account = make_organization(session, conference), make_account(session)
    grant(session, conference, Role.ORGANIZATION_LEAD, account=account, organization=own)
    parties = []
    for organization, until in (
        (own, now() + timedelta(hours=5)),
        (own, now() - timedelta(minutes=1)),
        (make_organization(session, conference), now() + timedelta(hours=5)),
    ):
        party = Party(
            conference_id=conference.id,
            category=Category.ATTENDEE,
            organization_id=organization.id,
            grouped=True,
            size=3,
            waiting_since=now() - timedelta(days=1),
            offered_until=until,
        )
        session.add(party)
        session.flush()
        for _ in range(3):
            make_registration(session, conference, party_id=party.id, status=RegistrationStatus.OFFERED)
        parties.append(party.id)
    with client.application.test_request_context():
        held, over, of_others = (
            url_for("parties.detail", lang="es", slug="muestra", party_id=number) for number in parties
        )
    links = [link["href"] for link in first_page(account).select("main a")]
    assert (links.count(held), links.count(over), links.count(of_others)) == (1, 0, 0)


def test_the_program_of_these_hours_is_shown_and_no_other(
    first_page: Callable[[Account], BeautifulSoup], session: Session, conference: Conference
) -> None:
    for title, begins, minutes in (
        ("Terminada", -120, 60),
        ("En curso", -30, 60),
        ("Pronto", 60, 30),
        ("Más tarde", 600, 30),
    ):
        # Of now, and not of when the tests began: that may be more than these minutes ago.
        starts = datetime.now(UTC).replace(tzinfo=None) + timedelta(minutes=begins)
        make_session(session, conference, title={"es": title}, starts_local=starts, minutes=minutes)
    shown = first_page(grant(session, conference, Role.OFFICIAL)).select_one("main").get_text(" ")
    assert [title for title in ("Terminada", "En curso", "Pronto", "Más tarde") if title in shown] == [
        "En curso",
        "Pronto",
    ]


def test_signing_in_leads_to_the_only_conference_and_else_lets_choose(
    client: CheckedClient, session: Session, conference: Conference
) -> None:
    account = make_account(session)
    make_registration(session, conference, account_id=account.id)
    other = make_conference(session, slug="otra")
    sign_in(client, account)
    assert client.get("/es/now").headers["Location"] == "/es/muestra/now"
    make_registration(session, other, account_id=account.id)
    assert client.get("/es/now").headers["Location"] == "/es/"


@pytest.mark.parametrize("role", [Role.CHAIR, Role.RAPPORTEUR])
def test_the_page_takes_the_same_statements_for_one_session_and_for_thirty(
    client: CheckedClient,
    session: Session,
    conference: Conference,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
    role: Role,
) -> None:
    sign_in(client, grant(session, conference, role))
    counted = set()
    for rows in (1, 3, 30):
        for _ in range(rows):
            make_session(session, conference, starts_local=wall_clock())
        session.commit()
        with count_queries() as queries:
            client.get("/es/muestra/now")
        counted.add(len(queries))
    assert len(counted) == 1
