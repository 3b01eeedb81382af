"""Forgetting on schedule: what was known of people goes, what was decided stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, or_, select, update

from conference.domain.registration import ORGANIZATION_CATEGORIES
from conference.domain.retention import PERIODS, Due, due
from conference.domain.voting import QuestionState
from conference.models import (
    AccessCard,
    Account,
    Approval,
    Challenge,
    Conference,
    Elector,
    Message,
    Presence,
    ProgramSession,
    Question,
    Registration,
    RoleGrant,
    Scan,
    SignIn,
    SignInCode,
)
from conference.services.forgetting import (
    FORGOTTEN,
    forget_accounts,
    forget_letters,
    forget_people,
    holds_a_place,
)
from conference.services.kept_forms import forget_kept_forms
from conference.services.mail import forget_given_up

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import ColumnElement, CursorResult, Delete, Update
    from sqlalchemy.orm import Session

    from conference.domain.retention import Periods


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """How many rows were removed or emptied; `electors` no longer tell who voted for the seat."""

    registrations: int
    accounts: int
    scans: int
    presences: int
    electors: int
    sign_in_codes: int
    sign_ins: int
    kept_forms: int
    challenges: int
    approvals: int
    letters: int
    messages: int


def purge(
    session: Session,
    *,
    sign_ins: timedelta,
    staff_sign_ins: timedelta,
    now: datetime,
    periods: Periods = PERIODS,
) -> PurgeReport:
    """Forget everything about people whose period is over; doing it twice removes nothing more.

    `sign_ins` and `staff_sign_ins` are how long somebody, and somebody of the staff, stays signed in at most.
    Ballots, electors, records, resolutions, summaries and organizations stay as they are. An account keeps
    its address while its holder has a role, or is registered, in a conference whose period is not over.
    """
    over, scans_over = _due(session, now, periods)
    scans = _forget_scans(session, over, scans_over)
    presences = _forget_presences(session, over)
    electors = _forget_electors(session, over)
    registrations, addresses = _forget_registrations(session, over)
    codes = _count(session, delete(SignInCode).where(SignInCode.expires_at < now - periods.sign_in_codes))
    # The cards of a conference lead to it alone.
    session.execute(delete(AccessCard).where(AccessCard.conference_id.in_(over)))
    accounts = forget_accounts(session, ~holds_a_place(), ~_has_a_role_outside(over))
    forget_letters(session, addresses | accounts)
    return PurgeReport(
        registrations=registrations,
        accounts=len(accounts),
        scans=scans,
        presences=presences,
        electors=electors,
        sign_in_codes=codes,
        sign_ins=_forget_sign_ins(session, begun=now - sign_ins, begun_by_staff=now - staff_sign_ins),
        kept_forms=forget_kept_forms(session, now=now),
        challenges=_count(session, delete(Challenge).where(Challenge.expires_at <= now)),
        approvals=_count(session, delete(Approval).where(Approval.asked_at < now - periods.approvals)),
        letters=forget_given_up(session, before=now - periods.given_up),
        messages=_count(session, delete(Message).where(Message.queued_at < now - periods.messages)),
    )


def _count(session: Session, change: Delete | Update) -> int:
    """Make the change and return how many rows it met."""
    return cast("CursorResult[Any]", session.execute(change)).rowcount


def _due(session: Session, now: datetime, periods: Periods) -> tuple[list[int], list[int]]:
    """Return the conferences whose people are to be forgotten, and those whose scans already are."""
    found: dict[Due, list[int]] = {what: [] for what in Due}
    rows = session.execute(select(Conference.id, Conference.first_day, Conference.days, Conference.time_zone))
    for conference_id, first_day, days, time_zone in rows:
        last_day = first_day + timedelta(days=days - 1)
        today = now.astimezone(ZoneInfo(time_zone)).date()
        found[due(last_day, today=today, periods=periods)].append(conference_id)
    return found[Due.PEOPLE], found[Due.SCANS]


def _forget_scans(session: Session, over: Collection[int], scans_over: Collection[int]) -> int:
    delegates = select(Registration.id).where(Registration.category.in_(ORGANIZATION_CATEGORIES))
    of_attendees = Scan.registration_id.is_(None) | Scan.registration_id.not_in(delegates)
    gone = or_(Scan.conference_id.in_(over), Scan.conference_id.in_(scans_over) & of_attendees)
    return _count(session, delete(Scan).where(gone))


def _forget_presences(session: Session, over: Collection[int]) -> int:
    # A question that was never closed still needs its seats: they tell of organizations, not of people.
    undecided = select(Question.sitting_id).where(Question.state == QuestionState.OPEN)
    sittings = select(ProgramSession.id).where(
        ProgramSession.conference_id.in_(over), ProgramSession.id.not_in(undecided)
    )
    return _count(session, delete(Presence).where(Presence.session_id.in_(sittings)))


def _forget_electors(session: Session, over: Collection[int]) -> int:
    asked = select(Question.id).where(Question.conference_id.in_(over))
    named = Elector.question_id.in_(asked) & Elector.credential_id.is_not(None)
    return _count(session, update(Elector).where(named).values(credential_id=None))


def _forget_registrations(session: Session, over: Collection[int]) -> tuple[int, set[str]]:
    known = session.execute(
        select(Registration, Conference.languages)
        .join(Conference, Conference.id == Registration.conference_id)
        .where(Registration.conference_id.in_(over), ~Registration.token_digest.startswith(FORGOTTEN))
        .order_by(Registration.id)
        .with_for_update(of=Registration)
    ).all()
    addresses: set[str] = set()
    for language in {languages[0] for _row, languages in known}:
        of_language = [row for row, languages in known if languages[0] == language]
        addresses |= forget_people(session, of_language, language=language)
    for registration, _languages in known:
        # Now its link opens nothing either: the paper with it no longer leads to a row.
        registration.token_digest = f"{FORGOTTEN}{registration.id}"
    session.flush()
    return len(known), addresses


def _forget_sign_ins(session: Session, *, begun: datetime, begun_by_staff: datetime) -> int:
    """Delete those that began so long ago that no cookie opens them any more."""
    of_staff = SignIn.staff & (SignIn.signed_in_at <= begun_by_staff)
    return _count(session, delete(SignIn).where(or_(SignIn.signed_in_at <= begun, of_staff)))


def _has_a_role_outside(over: Collection[int]) -> ColumnElement[bool]:
    return exists().where(
        RoleGrant.account_id == Account.id,
        RoleGrant.revoked_at.is_(None),
        RoleGrant.conference_id.not_in(over),
    )
