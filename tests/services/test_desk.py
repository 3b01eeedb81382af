"""The desk: finding one person, a place on the spot, and a ticket instead of a lost one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from agreements.ledger import read_entry
from conference.domain.accounts import Role
from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.mail import MessageKind, MessageState
from conference.domain.registration import (
    CONSENT_VERSION,
    Category,
    PhotoPreference,
    Purpose,
    RegistrationStatus,
)
from conference.domain.tickets import (
    badge_text,
    ticket_code,
    ticket_code_digest,
    ticket_text,
    ticket_token,
    token_digest,
)
from conference.models import AuditEntry, Consent, Message, Party, Places, Registration, SignIn
from conference.queries.desk import MOST_HITS, MOST_PENDING, find_people, pending, person, ticket_sheet
from conference.services.desk import register_at_desk, reissue_ticket
from conference.services.mail import queue_message
from tests.factories import (
    NOW,
    grant,
    make_account,
    make_conference,
    make_organization,
    make_registration,
    make_sign_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from conference.models import Conference
    from conference.queries.desk import Hits
    from conference.services.registration import IssuedTicket

KEY = b"the server's key for tickets"
OLD_KEY = b"the key before it"


@pytest.fixture
def conference(session: Session) -> Conference:
    return make_conference(session, slug="muestra")


def look(session: Session, conference: Conference, text: str, **filters: object) -> Hits:
    return find_people(
        session,
        conference_id=conference.id,
        slug="muestra",
        text=text,
        keys=(KEY, OLD_KEY),
        **filters,  # type: ignore[arg-type]
    )


def names(hits: Hits) -> list[str]:
    return [person.badge_name for person in hits.people]


def with_ticket(
    session: Session, conference: Conference, nonce: str, key: bytes = KEY
) -> tuple[Registration, str]:
    token = ticket_token(nonce, key=key)
    registration = make_registration(
        session,
        conference,
        ticket_nonce=nonce,
        token_digest=token_digest(token),
        code_digest=ticket_code_digest(ticket_code(token), key=key),
    )
    return registration, token


def log(session: Session) -> list[dict[str, object]]:
    found = session.scalars(select(AuditEntry.entry).order_by(AuditEntry.index))
    return [dict(read_entry(bytes(entry)).event) for entry in found]


# -- finding ---------------------------------------------------------------------------------------


def test_all_words_typed_are_in_the_name_whatever_the_accents(
    session: Session, conference: Conference
) -> None:
    for name in ("José Ñuu Savi", "Josefina Pérez", "Donají Pérez", "Xóchitl"):
        make_registration(session, conference, badge_name=name)
    assert names(look(session, conference, "PEREZ")) == ["Donají Pérez", "Josefina Pérez"]
    assert names(look(session, conference, "per jose")) == ["Josefina Pérez"]
    assert names(look(session, conference, "p josef")) == ["Josefina Pérez"]
    assert names(look(session, conference, "nuu")) == ["José Ñuu Savi"]
    assert names(look(session, conference, "zzz")) == []


@pytest.mark.parametrize("text", ["osefina", "rez", "ez don", "lez per", "... per lez"])
def test_nobody_is_found_by_what_many_names_have_inside(
    session: Session, conference: Conference, text: str
) -> None:
    for name in ("Josefina Pérez", "Donají González-Pérez"):
        make_registration(session, conference, badge_name=name)
    assert names(look(session, conference, text)) == []
    assert names(look(session, conference, "pérez")) == ["Donají González-Pérez", "Josefina Pérez"]


def test_whoever_has_a_short_name_is_found_by_all_of_it(session: Session, conference: Conference) -> None:
    for name in ("Xu Ñe", "Xu Ñen", "Xu"):
        make_registration(session, conference, badge_name=name)
    assert names(look(session, conference, "xu ne")) == ["Xu Ñe"]


@pytest.mark.parametrize("text", ["p", " ", ".", "á", "pe", "a e", "pe jo", "p j a", "p.e.j"])
def test_two_letters_find_nobody(session: Session, conference: Conference, text: str) -> None:
    make_registration(session, conference, badge_name="Josefina Pérez")
    with pytest.raises(Invalid, match="search_too_short"):
        look(session, conference, text)


def test_at_most_eight_are_shown_and_it_says_that_there_are_more(
    session: Session, conference: Conference
) -> None:
    for number in range(MOST_HITS):
        make_registration(session, conference, badge_name=f"Pérez {number:02}")
    assert (len(look(session, conference, "pérez").people), look(session, conference, "pérez").more) == (
        8,
        False,
    )
    make_registration(session, conference, badge_name="Pérez 99")
    hits = look(session, conference, "pérez")
    assert (len(hits.people), hits.more) == (8, True)


def test_whoever_is_over_or_elsewhere_is_not_found(session: Session, conference: Conference) -> None:
    # The names that a cancelled row would have, were it not forgotten.
    moment = {"cancelled_at": NOW}
    make_registration(
        session, conference, badge_name="Pérez A", status=RegistrationStatus.CANCELLED, **moment
    )
    make_registration(
        session,
        conference,
        badge_name="Pérez B",
        status=RegistrationStatus.REJECTED,
        refusal="twice",
        **moment,
    )
    make_registration(session, make_conference(session), badge_name="Pérez C")
    assert names(look(session, conference, "pérez")) == []


def test_a_ticket_finds_its_holder_alone(session: Session, conference: Conference) -> None:
    registration, token = with_ticket(session, conference, f"{1:032x}")
    old, old_token = with_ticket(session, conference, f"{2:032x}", OLD_KEY)
    code = ticket_code(token)
    for text in (
        code,
        code.lower(),
        f"{code[:5]}-{code[5:]}",
        ticket_text(token, conference="muestra", key=KEY),
        badge_text(code, conference="muestra", key=KEY),
    ):
        assert names(look(session, conference, text)) == [registration.badge_name]
    assert names(look(session, conference, ticket_code(old_token))) == [old.badge_name]
    elsewhere = make_conference(session, slug="otra")
    hits = find_people(session, conference_id=elsewhere.id, slug="otra", text=code, keys=(KEY,))
    assert hits.people == ()


def test_guests_without_a_name_are_found_by_their_organization(
    session: Session, conference: Conference
) -> None:
    club = make_organization(session, conference, name="Club San Miguel")
    make_registration(session, conference, badge_name="", organization_id=club.id)
    make_registration(session, conference, badge_name="Pérez", organization_id=club.id)
    (guest,) = look(session, conference, "san miguel").people
    assert (guest.badge_name, guest.organization) == ("", "Club San Miguel")


def test_a_telephone_finds_its_person_when_the_whole_of_it_is_said(
    session: Session, conference: Conference
) -> None:
    numbers = {"Pérez A": "+529511234567", "Pérez B": "+529511234568", "Pérez C": None}
    for name, number in numbers.items():
        make_registration(session, conference, badge_name=name, contact_phone=number)
    make_registration(session, make_conference(session), contact_phone="+529511234567")
    for typed in ("+52 951 123 4567", "0052 (951) 123-4567", "+529511234567"):
        assert names(look(session, conference, typed)) == ["Pérez A"]
    for part in ("+52 951 123 45", "951 123 4567", "1234567", "4567", "+15035550100"):
        assert names(look(session, conference, part)) == []


def test_filters_narrow_what_is_found(session: Session, conference: Conference) -> None:
    make_registration(session, conference, badge_name="Pérez A")
    make_registration(session, conference, badge_name="Pérez B", category=Category.PRESS)
    waiting = {"category": Category.PRESS, "status": RegistrationStatus.PENDING}
    make_registration(session, conference, badge_name="Pérez C", **waiting)
    assert names(look(session, conference, "pérez", category=Category.PRESS)) == ["Pérez B", "Pérez C"]
    assert names(look(session, conference, "pérez", **waiting)) == ["Pérez C"]


def test_searches_ask_the_database_as_often_for_many(
    session: Session,
    conference: Conference,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    counted = []
    for number in (1, 2, 297):
        for _each in range(number):
            make_registration(session, conference, badge_name="Pérez", status=RegistrationStatus.PENDING)
        conference_id = conference.id
        with count_queries() as queries:
            find_people(session, conference_id=conference_id, slug="muestra", text="pérez", keys=(KEY,))
            pending(session, conference_id=conference_id)
        counted.append(len(queries))
    assert counted == [3, 3, 3]


def test_who_waits_for_an_answer_comes_in_the_order_of_waiting(
    session: Session, conference: Conference
) -> None:
    for number in range(MOST_PENDING + 1):
        make_registration(
            session,
            conference,
            badge_name=f"Nombre {number}",
            status=RegistrationStatus.PENDING,
            registered_at=NOW - timedelta(minutes=number),
        )
    make_registration(session, conference, badge_name="Tiene lugar", registered_at=NOW - timedelta(days=9))
    hits = pending(session, conference_id=conference.id)
    assert (names(hits)[0], names(hits)[-1], len(hits.people), hits.more) == (
        "Nombre 20",
        "Nombre 1",
        20,
        True,
    )


# -- walking in ------------------------------------------------------------------------------------


def walk_in(session: Session, conference: Conference, by: int, **changes: object) -> IssuedTicket:
    values: dict[str, object] = {
        "badge_name": "Donají",
        "category": Category.ATTENDEE,
        "organization_id": None,
        "photo_preference": PhotoPreference.ASK,
        "language": "es",
        "agreed": True,
        "over_capacity": False,
        "nonce": f"{7:032x}",
    }
    return register_at_desk(
        session,
        conference_id=conference.id,
        key=KEY,
        by=by,
        now=NOW,
        **values | changes,  # type: ignore[arg-type]
    )


def test_whoever_stands_there_gets_a_place_though_registration_is_closed(
    session: Session, conference: Conference
) -> None:
    conference.registration_open = False
    session.add(
        Places(conference_id=conference.id, category=Category.ATTENDEE, open=False, approval=True, capacity=5)
    )
    session.flush()
    by = grant(session, conference, Role.CREDENTIALS_COMMITTEE).id
    issued = walk_in(session, conference, by)
    row = session.get_one(Registration, issued.registration_id)
    assert (row.status, row.badge_name, row.contact_email) == (RegistrationStatus.CONFIRMED, "Donají", None)
    consent = session.scalars(select(Consent)).one()
    assert (consent.purpose, consent.text_version, consent.language, consent.given_at) == (
        Purpose.ATTEND,
        CONSENT_VERSION,
        "es",
        NOW,
    )
    assert log(session) == [
        {"kind": "registered_at_desk", "actor": "credentials_committee-1", "at": "2026-07-11T17:00:00Z"}
    ]


def test_nobody_is_registered_without_having_agreed(session: Session, conference: Conference) -> None:
    with pytest.raises(Invalid, match="consent_needed"):
        walk_in(session, conference, grant(session, conference, Role.ORGANIZER).id, agreed=False)


def test_over_capacity_only_where_somebody_takes_it_on_themselves(
    session: Session, conference: Conference
) -> None:
    session.add(
        Places(conference_id=conference.id, category=Category.ATTENDEE, open=True, approval=False, capacity=1)
    )
    make_registration(session, conference)
    by = grant(session, conference, Role.ORGANIZER).id
    session.commit()
    with pytest.raises(Conflict, match="category_full"):
        walk_in(session, conference, by)
    session.rollback()
    assert session.scalar(select(func.count(Registration.id))) == 1
    issued = walk_in(session, conference, by, over_capacity=True)
    row = session.get_one(Registration, issued.registration_id)
    assert (row.status, row.party_id) == (RegistrationStatus.CONFIRMED, None)
    assert session.scalar(select(func.count(Party.id))) == 0
    assert [(entry["kind"], entry["actor"]) for entry in log(session)] == [
        ("let_in_over_capacity", "organizer-1")
    ]


def test_whoever_has_no_telephone_waits_in_line_like_everybody_else(
    session: Session, conference: Conference
) -> None:
    session.add(
        Places(conference_id=conference.id, category=Category.ATTENDEE, open=True, approval=False, capacity=1)
    )
    make_registration(session, conference)
    by = grant(session, conference, Role.CREDENTIALS_COMMITTEE).id
    issued = walk_in(session, conference, by, in_line=True)
    assert issued.status is RegistrationStatus.WAITING
    row = session.get_one(Registration, issued.registration_id)
    assert (row.status, session.get_one(Party, row.party_id).waiting_since) == (
        RegistrationStatus.WAITING,
        NOW,
    )
    assert [entry["kind"] for entry in log(session)] == ["registered_at_desk"]


def test_with_room_nothing_is_over_capacity(session: Session, conference: Conference) -> None:
    walk_in(session, conference, grant(session, conference, Role.ORGANIZER).id, over_capacity=True)
    assert [entry["kind"] for entry in log(session)] == ["registered_at_desk"]


# -- lost tickets ----------------------------------------------------------------------------------


def reissue(session: Session, conference: Conference, row: Registration, by: int, **changes: object) -> str:
    values: dict[str, object] = {"replaces": row.code_digest, "nonce": f"{99:032x}"}
    return reissue_ticket(
        session,
        conference_id=conference.id,
        registration_id=row.id,
        key=KEY,
        by=by,
        now=NOW,
        **values | changes,  # type: ignore[arg-type]
    )


def test_the_old_ticket_opens_nothing_and_the_new_one_everything(
    session: Session, conference: Conference
) -> None:
    account = make_account(session)
    row, old = with_ticket(session, conference, f"{1:032x}")
    row.account_id = account.id
    make_sign_in(session, account)
    by = grant(session, conference, Role.ORGANIZER).id
    new = reissue(session, conference, row, by)
    assert names(look(session, conference, ticket_code(old))) == []
    assert names(look(session, conference, ticket_code(new))) == [row.badge_name]
    sheet = ticket_sheet(session, conference_id=conference.id, registration_id=row.id, keys=(KEY,))
    assert (sheet.token, sheet.person.status) == (new, RegistrationStatus.CONFIRMED)
    # Who is signed in stays so: a ticket is no sign-in.
    assert session.scalar(select(func.count(SignIn.id))) == 1
    assert log(session) == [{"kind": "ticket_reissued", "actor": "organizer-1", "at": "2026-07-11T17:00:00Z"}]


def test_a_second_tap_issues_no_second_ticket(session: Session, conference: Conference) -> None:
    row, _old = with_ticket(session, conference, f"{1:032x}")
    by, seen = grant(session, conference, Role.ORGANIZER).id, row.code_digest
    first = reissue(session, conference, row, by, replaces=seen)
    with pytest.raises(Conflict, match="ticket_changed"):
        reissue(session, conference, row, by, replaces=seen, nonce=f"{100:032x}")
    assert row.token_digest == token_digest(first)


def test_no_letter_with_the_old_link_is_sent(session: Session, conference: Conference) -> None:
    row, _old = with_ticket(session, conference, f"{1:032x}")
    other, _other = with_ticket(session, conference, f"{2:032x}")
    old = [(MessageKind.TICKET, f"{sort}-{row.id}") for sort in ("ticket", "pending", "waiting")]
    old += [
        (MessageKind.NOTICE, f"offer-7-2026-r{row.id}"),
        (MessageKind.NOTICE, f"approved-3-r{row.id}"),
    ]
    old += [(MessageKind.REMINDER, f"people-4-{row.id}")]
    # What is for others, and for the lead of somebody's group, who has no link to a ticket.
    kept = [(MessageKind.TICKET, f"ticket-{other.id}"), (MessageKind.REMINDER, f"people-4-{other.id}")]
    kept += [
        (MessageKind.NOTICE, f"offer-7-2026-r{other.id}"),
        (MessageKind.NOTICE, f"offer-7-a{row.id}"),
    ]
    kept += [(MessageKind.REMINDER, f"people-{row.id}-1{row.id}"), (MessageKind.NOTICE, f"x-r1{row.id}")]
    for kind, message_key in old + kept:
        queue_message(
            session,
            kind=kind,
            key=message_key,
            recipient="secreta@example.org",
            language="es",
            subject="Su boleto",
            body="https://localhost/enlace-viejo",
            now=NOW,
        )
    session.flush()
    reissue(session, conference, row, grant(session, conference, Role.ORGANIZER).id)
    states = dict(session.execute(select(Message.key, Message.state)).all())
    assert {key for key, state in states.items() if state is MessageState.WITHDRAWN} == {k for _, k in old}
    assert {key for key, state in states.items() if state is MessageState.QUEUED} == {k for _, k in kept}


@pytest.mark.parametrize("status", [RegistrationStatus.CANCELLED, RegistrationStatus.REJECTED])
def test_nobody_who_is_over_gets_a_ticket(
    session: Session, conference: Conference, status: RegistrationStatus
) -> None:
    refusal = "twice" if status is RegistrationStatus.REJECTED else None
    row = make_registration(session, conference, status=status, cancelled_at=NOW, refusal=refusal)
    by = grant(session, conference, Role.ORGANIZER).id
    with pytest.raises(NotFound, match="person_gone"):
        reissue(session, conference, row, by)
    with pytest.raises(NotFound, match="person_gone"):
        person(session, conference_id=conference.id, registration_id=row.id)


def test_nobody_of_another_conference_gets_a_ticket(session: Session, conference: Conference) -> None:
    row, _token = with_ticket(session, make_conference(session), f"{1:032x}")
    with pytest.raises(NotFound, match="person_gone"):
        reissue(session, conference, row, grant(session, conference, Role.ORGANIZER).id)
    with pytest.raises(NotFound, match="person_gone"):
        ticket_sheet(session, conference_id=conference.id, registration_id=row.id, keys=(KEY,))
