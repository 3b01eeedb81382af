"""Forgetting on schedule: what was known of people goes, what was decided stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, func, or_, select, update

from conference.domain.checkin import ScanOutcome
from conference.domain.registration import ORGANIZATION_CATEGORIES, OVER, Purpose, RegistrationStatus
from conference.domain.retention import FROM_THE_LAST_DAY, PERIODS, is_over
from conference.domain.voting import QuestionState
from conference.models import (
    AccessCard,
    Account,
    Approval,
    Challenge,
    Conference,
    Consent,
    Credential,
    DoorTotal,
    Elector,
    Job,
    Message,
    Party,
    Presence,
    ProgramSession,
    Proxy,
    Question,
    Registration,
    RegistrationAnswer,
    RegistrationNeed,
    RoleGrant,
    Scan,
    Seat,
    ServiceBooking,
    SignIn,
    SignInCode,
)
from conference.models.jobs import has_files
from conference.models.retention import is_held
from conference.services.forgetting import (
    FORGOTTEN,
    forget_accounts,
    forget_letters,
    forget_people,
    holds_a_place,
)
from conference.services.jobs import forget_jobs
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
    """How many rows were removed or emptied, and how many conferences a legal hold kept as they were.

    `electors` no longer tell who voted for the seat, `attestations` no longer who gave or decided them.
    """

    registrations: int
    accounts: int
    scans: int
    needs: int
    answers: int
    bookings: int
    parties: int
    presences: int
    electors: int
    attestations: int
    sign_in_codes: int
    sign_ins: int
    kept_forms: int
    challenges: int
    approvals: int
    letters: int
    messages: int
    job_files: int
    jobs: int
    held: int


@dataclass(frozen=True, slots=True)
class _Over:
    """The conferences of which something is forgotten by now, by what it is; and those that are held."""

    needs: Collection[int]
    scans: Collection[int]
    presences: Collection[int]
    people: Collection[int]
    held: Collection[int]


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
    A conference under a legal hold is left whole, with the accounts that it needs.
    """
    over = _over(session, now, periods)
    scans = _forget_scans(session, over)
    needs = _forget_needs(session, over.needs)
    presences = _forget_presences(session, over.presences)
    electors = _forget_electors(session, over.presences)
    answers = _count(session, delete(RegistrationAnswer).where(_registered(RegistrationAnswer, over.people)))
    bookings = _count(session, delete(ServiceBooking).where(_registered(ServiceBooking, over.people)))
    registrations, addresses = _forget_registrations(session, over.people, now)
    parties = _count(session, delete(Party).where(Party.conference_id.in_(over.people)))
    attestations = _forget_who_attested(session, over.people)
    codes = _count(session, delete(SignInCode).where(SignInCode.expires_at < now - periods.sign_in_codes))
    # The cards of a conference lead to it alone.
    session.execute(delete(AccessCard).where(AccessCard.conference_id.in_(over.people)))
    accounts = forget_accounts(session, ~holds_a_place(), ~_has_a_role_outside(over))
    forget_letters(session, addresses | accounts)
    job_files, jobs = _forget_jobs(session, over.people, periods, now)
    return PurgeReport(
        registrations=registrations,
        accounts=len(accounts),
        scans=scans,
        needs=needs,
        answers=answers,
        bookings=bookings,
        parties=parties,
        presences=presences,
        electors=electors,
        attestations=attestations,
        sign_in_codes=codes,
        sign_ins=_forget_sign_ins(session, begun=now - sign_ins, begun_by_staff=now - staff_sign_ins),
        kept_forms=forget_kept_forms(session, now=now),
        challenges=_count(session, delete(Challenge).where(Challenge.expires_at <= now)),
        approvals=_forget_old(session, Approval, Approval.asked_at < now - periods.approvals),
        letters=forget_given_up(session, ~is_held(Message.conference_id), before=now - periods.given_up),
        messages=_forget_old(session, Message, Message.queued_at < now - periods.messages),
        job_files=job_files,
        jobs=jobs,
        held=len(over.held),
    )


def _count(session: Session, change: Delete | Update) -> int:
    """Make the change and return how many rows it met."""
    return cast("CursorResult[Any]", session.execute(change)).rowcount


def _forget_old(
    session: Session, model: type[Approval] | type[Message], condition: ColumnElement[bool]
) -> int:
    """Delete what is old enough, but for what belongs to a conference that is held."""
    return _count(session, delete(model).where(condition, ~is_held(model.conference_id)))


def _over(session: Session, now: datetime, periods: Periods) -> _Over:
    """Return what is to be forgotten of which conferences; nothing of those that are held."""
    found: dict[str, list[int]] = {name: [] for name in FROM_THE_LAST_DAY}
    rows = session.execute(select(Conference.id, Conference.first_day, Conference.days, Conference.time_zone))
    for conference_id, first_day, days, time_zone in rows:
        last_day = first_day + timedelta(days=days - 1)
        today = now.astimezone(ZoneInfo(time_zone)).date()
        for name in FROM_THE_LAST_DAY:
            if is_over(last_day, period=periods.kept(name), today=today):
                found[name].append(conference_id)
    held = _held(session, set().union(*found.values()))
    return _Over(held=held, **{name: set(ids) - held for name, ids in found.items()})


def _held(session: Session, over: Collection[int]) -> set[int]:
    # Held until the end: a hold that is begun meanwhile waits, and begins after what is forgotten here.
    session.execute(
        select(Conference.id).where(Conference.id.in_(over)).order_by(Conference.id).with_for_update()
    ).all()
    return set(session.scalars(select(Conference.id).where(is_held(Conference.id))))


def _registered(
    model: type[Consent] | type[RegistrationNeed] | type[RegistrationAnswer] | type[ServiceBooking],
    over: Collection[int],
) -> ColumnElement[bool]:
    return model.registration_id.in_(select(Registration.id).where(Registration.conference_id.in_(over)))


def _forget_scans(session: Session, over: _Over) -> int:
    """Delete scans; of those that let somebody in, each door keeps the sum."""
    delegates = select(Registration.id).where(Registration.category.in_(ORGANIZATION_CATEGORIES))
    of_attendees = Scan.registration_id.is_(None) | Scan.registration_id.not_in(delegates)
    gone = or_(Scan.conference_id.in_(over.people), Scan.conference_id.in_(over.scans) & of_attendees)
    admitted = session.execute(
        select(Scan.conference_id, Scan.door, func.count())
        .where(gone, Scan.outcome == ScanOutcome.ADMITTED)
        .group_by(Scan.conference_id, Scan.door)
    ).all()
    for conference_id, door, count in admitted:
        total = session.get(DoorTotal, (conference_id, door), with_for_update=True)
        if total is None:
            session.add(DoorTotal(conference_id=conference_id, door=door, admitted=count))
        else:
            total.admitted += count
    session.flush()
    return _count(session, delete(Scan).where(gone))


def _forget_needs(session: Session, conferences: Collection[int]) -> int:
    # The consent to keep them would go on telling that somebody had any.
    session.execute(
        delete(Consent).where(Consent.purpose == Purpose.NEEDS, _registered(Consent, conferences))
    )
    return _count(session, delete(RegistrationNeed).where(_registered(RegistrationNeed, conferences)))


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


def _forget_who_attested(session: Session, over: Collection[int]) -> int:
    """Forget which accounts spoke for organizations, and which answered them; that it was done stays."""
    seats = select(Seat.id).where(Seat.conference_id.in_(over))
    named = Credential.attested_by_id.is_not(None) | Credential.decided_by_id.is_not(None)
    given = Proxy.given_by_id.is_not(None) | Proxy.revoked_by_id.is_not(None)
    nobody = update(Credential).values(attested_by_id=None, decided_by_id=None)
    no_giver = update(Proxy).values(given_by_id=None, revoked_by_id=None)
    return _count(session, nobody.where(Credential.seat_id.in_(seats), named)) + _count(
        session, no_giver.where(Proxy.seat_id.in_(seats), given)
    )


def _forget_registrations(session: Session, over: Collection[int], now: datetime) -> tuple[int, set[str]]:
    known = session.execute(
        select(Registration, Conference.languages)
        .join(Conference, Conference.id == Registration.conference_id)
        .where(Registration.conference_id.in_(over), ~Registration.token_digest.startswith(FORGOTTEN))
        .order_by(Registration.id)
        .with_for_update(of=Registration)
    ).all()
    for registration, _languages in known:
        if registration.status not in (RegistrationStatus.CONFIRMED, *OVER):
            # Whoever waited until the end had no place.
            registration.status, registration.cancelled_at = RegistrationStatus.CANCELLED, now
    addresses: set[str] = set()
    for language in {languages[0] for _row, languages in known}:
        of_language = [row for row, languages in known if languages[0] == language]
        addresses |= forget_people(session, of_language, language=language)
    for registration, _languages in known:
        # Now its link opens nothing either: the paper with it no longer leads to a row.
        registration.token_digest = f"{FORGOTTEN}{registration.id}"
        # An organization is known by its party.
        registration.party_id = None
    session.flush()
    return len(known), addresses


def _forget_jobs(session: Session, over: Collection[int], periods: Periods, now: datetime) -> tuple[int, int]:
    """Forget files of long work in time, and at once where the people in them are forgotten."""
    done = update(Job).where(Job.conference_id.in_(over), Job.ended_at.is_not(None), has_files())
    files = _count(session, done.values(result=None, upload=None))
    late, jobs = forget_jobs(session, now=now, files=periods.job_files, jobs=periods.jobs)
    return files + late, jobs


def _forget_sign_ins(session: Session, *, begun: datetime, begun_by_staff: datetime) -> int:
    """Delete those that began so long ago that no cookie opens them any more."""
    of_staff = SignIn.staff & (SignIn.signed_in_at <= begun_by_staff)
    return _count(session, delete(SignIn).where(or_(SignIn.signed_in_at <= begun, of_staff)))


def _has_a_role_outside(over: _Over) -> ColumnElement[bool]:
    """Tell of an account that it has a role in a conference that still knows its people.

    Where a hold stands, one that was revoked counts as well: whoever had it is part of what is kept.
    """
    return exists().where(
        RoleGrant.account_id == Account.id,
        RoleGrant.conference_id.not_in(over.people),
        or_(RoleGrant.revoked_at.is_(None), is_held(RoleGrant.conference_id)),
    )
