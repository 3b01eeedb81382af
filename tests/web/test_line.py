"""The sweep keeps every line moving, and writes to whom it concerns in their language."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.registration import Category, Purpose, RegistrationStatus, ServiceKind
from conference.models import Message, OfferedService, Party, Registration, ServiceBooking
from conference.services.groups import register_group
from conference.services.parties import accept_offer
from conference.services.registration import cancel_registration, register
from conference.web.clock import now
from conference.web.keys import key_for
from conference.web.line import keep_lines_moving
from conference.web.queue import sweep
from tests.factories import grant, make_conference, make_organization
from tests.places import set_places
from tests.races import at_once

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from conference.models import Conference
    from conference.services.registration import IssuedTicket
    from tests.clients import CheckedClient
    from tests.databases import Prepared

GUEST = Category.ATTENDEE


def conference_with_one_place(session: Session) -> Conference:
    conference = make_conference(session, first_day=now().date(), days=20)
    set_places(
        session,
        conference_id=conference.id,
        category=GUEST,
        open=True,
        approval=False,
        capacity=1,
        by=None,
        now=now(),
    )
    return conference


def enrol(app: Flask, session: Session, conference: Conference, number: int, **values: str) -> IssuedTicket:
    with app.app_context():
        key = key_for("tickets")
    return register(
        session,
        conference_id=conference.id,
        badge_name="Nombre Reservado",
        category=GUEST,
        language=values.get("language", "es"),
        consents={Purpose.ATTEND},
        nonce=f"{number:032x}",
        key=key,
        contact_email=values.get("contact_email"),
        now=now(),
    )


def test_a_place_that_runs_out_goes_to_the_next_and_both_are_written_to(app: Flask, session: Session) -> None:
    conference = conference_with_one_place(session)
    holder = enrol(app, session, conference, 1)
    first = enrol(app, session, conference, 2, contact_email="primera@example.org")
    second = enrol(app, session, conference, 3, contact_email="second@example.org", language="en")
    cancel_registration(session, token=holder.token, now=now())
    session.scalars(select(Party).order_by(Party.id)).first().offered_until = now() - timedelta(hours=1)  # type: ignore[union-attr]
    session.commit()
    with app.app_context():
        for _again in range(2):
            sweep()
    session.expire_all()
    stands = [session.get_one(Registration, each.registration_id).status for each in (first, second)]
    assert stands == [RegistrationStatus.WAITING, RegistrationStatus.OFFERED]
    mails = session.execute(
        select(Message.recipient, Message.language, Message.body).order_by(Message.recipient)
    ).all()
    assert [(each.recipient, each.language) for each in mails] == [
        ("primera@example.org", "es"),
        ("second@example.org", "en"),
    ]
    assert f"/es/tickets/{first.token}" in mails[0].body
    assert f"/en/tickets/{second.token}" in mails[1].body
    assert "(Los Angeles)" in mails[1].body
    words = str(mails)
    assert all(text not in words for text in ("Conferencia", "Conference", conference.slug))


def test_whoever_is_offered_a_place_without_the_service_they_had_booked_is_told_so(
    app: Flask, session: Session, client: CheckedClient
) -> None:
    conference = conference_with_one_place(session)
    holder = enrol(app, session, conference, 1)
    next_one = enrol(app, session, conference, 2, contact_email="next@example.org", language="en")
    service = OfferedService(
        conference_id=conference.id, key="c", position=1, kind=ServiceKind.CHILDCARE, label={}, capacity=1
    )
    session.add(service)
    session.flush()
    session.add(ServiceBooking(registration_id=next_one.registration_id, service_id=service.id, places=2))
    session.flush()
    address = f"/en/tickets/{next_one.token}"
    assert "A service" not in client.get(address).text
    cancel_registration(session, token=holder.token, now=now())
    session.commit()
    with app.app_context():
        sweep()
    (body,) = session.scalars(select(Message.body)).all()
    assert "A service that you had booked filled up meanwhile" in " ".join(body.split())
    assert "A service that you had booked filled up" in client.get(address).text
    accept_offer(session, token=next_one.token, now=now())
    assert "A service is full" in client.get(address).text


def test_a_group_without_names_is_written_to_where_its_lead_signs_in(app: Flask, session: Session) -> None:
    conference = conference_with_one_place(session)
    club = make_organization(session, conference)
    lead = grant(session, conference, Role.ORGANIZATION_LEAD, organization=club)
    holder = enrol(app, session, conference, 1)
    register_group(
        session,
        conference_id=conference.id,
        organization_id=club.id,
        category=GUEST,
        size=1,
        nonces=[f"{2:032x}"],
        key=b"k" * 32,
        language="es",
        by=lead.id,
        now=now(),
    )
    cancel_registration(session, token=holder.token, now=now())
    session.commit()
    with app.app_context():
        keep_lines_moving()
    (mail,) = session.scalars(select(Message))
    assert mail.recipient == lead.email
    party = session.scalars(select(Party.id)).one()
    assert mail.body.rstrip().endswith(f"/es/{conference.slug}/groups/{party}")


def test_two_sweeps_at_once_offer_and_write_once(app: Flask, session: Session, prepared: Prepared) -> None:
    conference = conference_with_one_place(session)
    holder = enrol(app, session, conference, 1)
    for number in range(2, 6):
        enrol(app, session, conference, number, contact_email=f"persona{number}@example.org")
    cancel_registration(session, token=holder.token, now=now())
    session.scalars(select(Party).order_by(Party.id)).first().offered_until = now() - timedelta(hours=1)  # type: ignore[union-attr]
    session.commit()

    def move(_own: Session) -> None:
        with app.app_context():
            keep_lines_moving()

    assert at_once(prepared, move, move, move) == [None] * 3
    session.expire_all()
    standing = sorted(session.scalars(select(Registration.status)))
    assert standing == sorted(
        [
            RegistrationStatus.CANCELLED,
            RegistrationStatus.OFFERED,
            *([RegistrationStatus.WAITING] * 3),
        ]
    )
    assert sorted(session.scalars(select(Party.lapsed))) == [0, 0, 0, 1]
    # One that it ran out, and one that it is offered.
    told = sorted(key.split("-")[0] for key in session.scalars(select(Message.key)))
    assert told == ["lapse", "offer"]


def test_a_conference_that_fails_keeps_no_other_from_its_turn(app: Flask, session: Session) -> None:
    broken, sound = conference_with_one_place(session), conference_with_one_place(session)
    for conference, base in ((broken, 10), (sound, 20)):
        holder = enrol(app, session, conference, base)
        enrol(app, session, conference, base + 1, contact_email=f"persona{base}@example.org")
        cancel_registration(session, token=holder.token, now=now())
    broken.time_zone = "Nowhere/Nowhere"
    session.commit()
    with app.app_context():
        keep_lines_moving()
    assert session.scalars(select(Message.recipient)).all() == ["persona20@example.org"]
