"""The first page of signed-in people: what each of them can do at this moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup

from agreements import Chamber, Choice, Rule
from conference.domain.accounts import Role
from conference.services.voting import cast_ballot, open_question
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

    from conference.models import Account, Conference
    from tests.clients import CheckedClient

NOW = datetime.now(UTC)
WALL_CLOCK = NOW.replace(tzinfo=None)


@pytest.fixture
def conference(session: Session) -> Conference:
    return make_conference(
        session, slug="muestra", first_day=NOW.date(), time_zone="UTC", other_time_zone=None
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


READING = ["Leer el acuerdo", "Leer las resoluciones"]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.CHAIR, ["Poner una cláusula a votación", "Ver el quórum"]),
        (Role.SECRETARIAT, ["Ver el quórum"]),
        (Role.CREDENTIALS_COMMITTEE, ["Ver el quórum", "Registrar entradas", "Acreditaciones"]),
        (Role.DOOR_VOLUNTEER, ["Registrar entradas"]),
        (Role.RAPPORTEUR, ["Escribir relatorías"]),
        (Role.ORGANIZER, ["Ver el quórum", "Registrar entradas", "Cargos"]),
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


def test_a_delegate_is_told_that_the_seat_is_not_in_the_room(
    first_page: Callable[[Account], BeautifulSoup], session: Session, conference: Conference
) -> None:
    account, _ = make_delegate(session, conference)
    page = first_page(account)
    assert notices(page) == ["Su escaño todavía no está en la sala"]
    assert tasks(page) == ["Ver el quórum", "Su boleto", *READING]


def test_before_the_conference_no_seat_is_missed_in_the_room(
    first_page: Callable[[Account], BeautifulSoup], session: Session, conference: Conference
) -> None:
    account, _ = make_delegate(session, conference)
    conference.first_day = NOW.date() + timedelta(days=2)
    assert notices(first_page(account)) == []


def test_a_vote_is_awaited_until_it_is_cast(
    first_page: Callable[[Account], BeautifulSoup],
    session: Session,
    conference: Conference,
) -> None:
    sitting = make_sitting(session, conference)
    make_agreement(session, conference)
    account, _ = make_delegate(session, conference, present_in=sitting)
    make_delegate(session, conference, chamber=Chamber.MX, present_in=sitting)
    chair = grant(session, conference, Role.CHAIR)
    number = open_question(
        session,
        conference_id=conference.id,
        sitting_id=sitting.id,
        provision_key="purpose-coalition",
        rule=Rule.SIMPLE,
        by=chair.id,
        now=NOW,
    )
    page = first_page(account)
    assert notices(page) == ["Falta su voto"]
    assert page.select_one("main .notice a")["href"] == f"/es/muestra/votes/{number}"
    assert notices(first_page(chair)) == ["La votación está abierta"]
    cast_ballot(
        session,
        conference_id=conference.id,
        number=number,
        account_id=account.id,
        choices=[Choice.YES],
        now=NOW,
    )
    assert notices(first_page(account)) == ["La votación está abierta"]


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


def test_the_program_of_these_hours_is_shown_and_no_other(
    first_page: Callable[[Account], BeautifulSoup], session: Session, conference: Conference
) -> None:
    for title, begins, minutes in (
        ("Terminada", -120, 60),
        ("En curso", -30, 60),
        ("Pronto", 60, 30),
        ("Más tarde", 600, 30),
    ):
        starts = WALL_CLOCK + timedelta(minutes=begins)
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
            make_session(session, conference, starts_local=WALL_CLOCK)
        session.commit()
        with count_queries() as queries:
            client.get("/es/muestra/now")
        counted.add(len(queries))
    assert len(counted) == 1
