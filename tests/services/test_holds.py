"""Legal holds: one a conference, in its log, and nothing that it knows is forgotten meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from agreements.ledger import read_entry
from conference.domain.accounts import Role
from conference.domain.approvals import ApprovalKind
from conference.domain.errors import Conflict, NotFound
from conference.domain.jobs import JobKind
from conference.domain.mail import MessageKind
from conference.domain.registration import AccessNeed, Category, Purpose
from conference.domain.retention import HoldReason
from conference.models import AuditEntry, Job, LegalHold, Registration
from conference.queries.retention import every_hold, is_any_held, standing_hold
from conference.services.approvals import ask_for_approval
from conference.services.holds import begin_hold, lift_hold
from conference.services.jobs import Outcome, ask_for, finish, forget_jobs, take
from conference.services.mail import queue_message
from conference.services.purge import purge
from conference.services.registration import cancel_registration, register
from tests.factories import NOW, grant, make_conference, make_registration
from tests.races import at_once

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from conference.models import Conference
    from tests.databases import Prepared

MUCH_LATER = NOW + timedelta(days=400)
DEMAND = HoldReason.LEGAL_DEMAND
KEY = b"tickets" * 5


def begin(session: Session, conference: Conference, by: int | None = None) -> None:
    begin_hold(session, conference_id=conference.id, reason=DEMAND, by=by, now=NOW)


def forget(session: Session) -> dict[str, Any]:
    """Purge long after everything is over; return what was forgotten, and what was held."""
    day = timedelta(days=1)
    report = purge(session, sign_ins=day, staff_sign_ins=day, now=MUCH_LATER)
    session.expire_all()
    return {name: count for name in report.__slots__ if (count := getattr(report, name))}


def log_of(session: Session, conference: Conference) -> list[dict[str, Any]]:
    entries = select(AuditEntry.entry).where(AuditEntry.conference_id == conference.id)
    return [dict(read_entry(entry).event) for entry in session.scalars(entries.order_by(AuditEntry.index))]


def test_a_hold_says_in_the_log_who_began_and_lifted_it_and_why(session: Session) -> None:
    conference = make_conference(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    begin(session, conference, organizer.id)
    lift_hold(session, conference_id=conference.id, by=None, now=NOW + timedelta(hours=1))
    said = [(each["kind"], each["actor"], each["reason"]) for each in log_of(session, conference)]
    assert said[-2:] == [
        ("hold_begun", "organizer-1", "legal_demand"),
        ("hold_lifted", "operator", "legal_demand"),
    ]


def test_one_hold_stands_at_a_time_and_another_may_follow(session: Session) -> None:
    conference, other = make_conference(session), make_conference(session)
    begin(session, conference)
    with pytest.raises(Conflict, match="hold_stands"):
        begin(session, conference)
    begin(session, other)
    lift_hold(session, conference_id=conference.id, by=None, now=NOW)
    with pytest.raises(Conflict, match="no_hold_stands"):
        lift_hold(session, conference_id=conference.id, by=None, now=NOW)
    begin(session, conference)
    assert [(each.slug, each.lifted_at) for each in every_hold(session)] == [
        (conference.slug, None),
        (other.slug, None),
        (conference.slug, NOW),
    ]
    assert (standing_hold(session, conference_id=other.id), is_any_held(session)) == (
        every_hold(session)[1],
        True,
    )


def test_a_conference_that_there_is_not_is_not_held(session: Session) -> None:
    with pytest.raises(NotFound, match="conference_not_found"):
        begin_hold(session, conference_id=404, reason=DEMAND, by=None, now=NOW)
    assert not is_any_held(session)


def test_a_clock_that_was_put_back_lets_a_hold_be_lifted(session: Session) -> None:
    conference = make_conference(session)
    begin(session, conference)
    lift_hold(session, conference_id=conference.id, by=None, now=NOW - timedelta(hours=1))
    assert session.scalars(select(LegalHold.lifted_at)).one() == NOW


def everything_about(session: Session, conference: Conference) -> Registration:
    """Register somebody with an account, needs, a mail that was given up, a request and an export."""
    organizer = grant(session, conference, Role.ORGANIZER)
    issued = register(
        session,
        conference_id=conference.id,
        badge_name="Nombre Reservado",
        category=Category.ATTENDEE,
        language="es",
        consents={Purpose.ATTEND, Purpose.NEEDS},
        nonce=f"{conference.id:032x}",
        key=KEY,
        now=NOW,
        account_id=organizer.id,
        needs=(AccessNeed.STEP_FREE,),
    )
    queue_message(
        session,
        kind=MessageKind.NOTICE,
        key=f"notice-{conference.id}",
        conference_id=conference.id,
        recipient=str(organizer.email),
        language="es",
        subject="S",
        body="B",
        now=NOW,
    )
    ask_for_approval(
        session,
        conference_id=conference.id,
        kind=ApprovalKind.EXPORT_PEOPLE,
        reason="Gafetes",
        by=organizer.id,
        now=NOW,
    )
    job_id = ask_for(
        session,
        kind=JobKind.EXPORT_PEOPLE,
        conference_id=conference.id,
        asked_by=organizer.id,
        key=f"job-{conference.id}",
        parameters={},
        now=NOW,
    )
    work = take(session, job_id=job_id, now=NOW)
    assert work is not None
    finish(session, work=work, outcome=Outcome({}, b"people", "people.csv"), now=NOW)
    return session.get_one(Registration, issued.registration_id)


def test_nothing_of_a_held_conference_is_forgotten_and_of_another_everything(session: Session) -> None:
    held, other = make_conference(session), make_conference(session)
    kept, gone = everything_about(session, held), everything_about(session, other)
    begin(session, held)
    assert forget(session) == {
        "registrations": 1,
        "accounts": 1,
        "needs": 1,
        "approvals": 1,
        "messages": 1,
        "job_files": 1,
        "jobs": 1,
        "held": 1,
    }
    assert (kept.badge_name, gone.badge_name) == ("Nombre Reservado", "")
    assert session.scalars(select(Job.result)).all() == [b"people"]
    lift_hold(session, conference_id=held.id, by=None, now=MUCH_LATER)
    assert forget(session)["registrations"] == 1
    assert (kept.badge_name, session.scalars(select(Job.result)).all()) == ("", [])


def test_whoever_had_a_role_in_a_held_conference_keeps_the_address(session: Session) -> None:
    conference = make_conference(session)
    former = grant(session, conference, Role.RAPPORTEUR)
    of_another = grant(session, make_conference(session), Role.RAPPORTEUR)
    session.execute(
        Registration.metadata.tables["role_grant"].update().values(revoked_at=NOW, revoked_by_id=former.id)
    )
    begin(session, conference)
    forget(session)
    assert (former.email is None, of_another.email is None) == (False, True)


def test_the_sweep_of_every_minute_leaves_the_files_of_a_held_conference(session: Session) -> None:
    conference = make_conference(session)
    everything_about(session, conference)
    begin(session, conference)
    assert forget_jobs(session, now=MUCH_LATER) == (0, 0)


def test_whoever_cancels_is_forgotten_while_a_hold_stands(session: Session) -> None:
    conference = make_conference(session)
    row = make_registration(session, conference)
    begin(session, conference)
    issued = register(
        session,
        conference_id=conference.id,
        badge_name="Se va",
        category=Category.ATTENDEE,
        language="es",
        consents={Purpose.ATTEND},
        nonce="ab" * 16,
        key=KEY,
        now=NOW,
    )
    cancel_registration(session, token=issued.token, now=NOW)
    assert session.get_one(Registration, issued.registration_id).badge_name == ""
    assert row.badge_name.startswith("Nombre Reservado")


def test_of_two_who_begin_a_hold_at_once_one_does(session: Session, prepared: Prepared) -> None:
    conference_id = make_conference(session).id
    session.commit()

    def act(own: Session) -> object:
        return begin_hold(own, conference_id=conference_id, reason=DEMAND, by=None, now=NOW)

    assert sorted(map(str, at_once(prepared, act, act, act))) == ["None", "hold_stands", "hold_stands"]
    assert len(every_hold(session)) == 1


def test_a_hold_begun_at_the_moment_of_a_purge_finds_all_of_it_or_none(
    session: Session, prepared: Prepared
) -> None:
    conference = make_conference(session)
    people = [make_registration(session, conference) for _ in range(20)]
    conference_id, ids = conference.id, [row.id for row in people]
    session.commit()

    def hold(own: Session) -> object:
        return begin_hold(own, conference_id=conference_id, reason=DEMAND, by=None, now=NOW)

    def forgotten(own: Session) -> object:
        day = timedelta(days=1)
        return purge(own, sign_ins=day, staff_sign_ins=day, now=MUCH_LATER).registrations

    came = at_once(prepared, hold, forgotten)
    session.expire_all()
    names = [session.get_one(Registration, number).badge_name for number in ids]
    assert set(came) in ({None, 0}, {None, 20})
    assert sum(not name for name in names) == max(number or 0 for number in came)
