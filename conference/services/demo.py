"""The demonstration's people and what they did, through the services that real people use."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from agreements import Choice
from conference.domain.accounts import Role, address_digest, code_digest, link_digest
from conference.domain.checkin import ENTRANCE
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.registration import Category, Purpose
from conference.domain.tickets import ticket_code
from conference.models import Account, Conference, Organization, Participation, ProgramSession, SignInCode
from conference.services.accounts import SignInProof, account_for
from conference.services.checkin import check_in
from conference.services.credentials import decide_credential, name_delegate
from conference.services.demo_directory import populate_directory
from conference.services.registration import register
from conference.services.roles import EARNED_ROLES, grant_role
from conference.services.summaries import publish_summary, save_summary
from conference.services.voting import cast_ballot, close_question, open_question

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.pack_people import Sample, SamplePerson, SampleSummary

# How long before the demonstration begins each thing is said to have happened.
REGISTERED = timedelta(days=20)
NAMED = timedelta(days=12)
ACCEPTED = timedelta(days=10)
ARRIVED = timedelta(minutes=90)
SUMMARISED = timedelta(minutes=45)
ADOPTED = timedelta(minutes=30)
OPENED = timedelta(minutes=5)
LINK_LIFETIME = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Draw:
    """Where chance comes from, and the server's key for tickets."""

    nonce: Callable[[], str]
    tickets: bytes


@dataclass(frozen=True, slots=True)
class CastLink:
    """One of the cast, and the secret of a link that signs in once."""

    person: SamplePerson
    token: str


@dataclass(slots=True)
class _Stage:
    """What is known of the conference while its people come in, by the keys of the pack."""

    session: Session
    conference: Conference
    organizations: Mapping[str, int]
    draw: Draw
    accounts: dict[str, int] = field(default_factory=dict)
    registrations: dict[str, int] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)

    def holder(self, sample: Sample, role: Role) -> int:
        """The account of whoever in the cast has the role."""
        return next(self.accounts[person.key] for person in sample.people if role in person.roles)


def populate(session: Session, *, conference_id: int, sample: Sample, draw: Draw, now: datetime) -> None:
    """Let the sample people register, be accepted, arrive, adopt a clause, and begin to vote on another."""
    organizations = session.execute(
        select(Organization.key, Organization.id)
        .join(Participation, Participation.organization_id == Organization.id)
        .where(Participation.conference_id == conference_id)
    )
    conference = session.get_one(Conference, conference_id)
    stage = _Stage(session, conference, dict(organizations.all()), draw)
    for person in sample.people:
        _enter(stage, person, now)
    for person in sample.people:
        _accredit(stage, sample, person, now)
    for person in sample.people:
        _arrive(stage, sample, person, now)
    for key in sample.adopted:
        _adopt(stage, sample, key, now)
    _begin_vote(stage, sample, now)
    for summary in sample.summaries:
        _publish(stage, sample, summary, now)
    lead = stage.holder(sample, Role.ORGANIZATION_LEAD)
    populate_directory(session, conference_id=conference_id, lead=lead, now=now - REGISTERED)


def _enter(stage: _Stage, person: SamplePerson, now: datetime) -> None:
    stage.accounts[person.key] = _account(stage.session, person, now - REGISTERED)
    organization_id = stage.organizations[person.organization] if person.organization else None
    for role in person.roles:
        if role not in EARNED_ROLES:
            grant_role(
                stage.session,
                conference_id=stage.conference.id,
                email=person.email or "",
                role=role,
                organization_id=organization_id,
                language=person.language,
                by=None,
                now=now - REGISTERED,
            )
    if person.category is not None:
        _register(stage, person, organization_id, now - REGISTERED)


def _account(session: Session, person: SamplePerson, now: datetime) -> int:
    if person.email is not None:
        return account_for(session, email=person.email, language=person.language, now=now).id
    # Real people get an account by proving an address; those who only fill a seat have none.
    account = Account(email=None, language=person.language, created_at=now)
    session.add(account)
    session.flush()
    return account.id


def _register(stage: _Stage, person: SamplePerson, organization_id: int | None, now: datetime) -> None:
    ticket = register(
        stage.session,
        conference_id=stage.conference.id,
        badge_name=person.badge_name,
        category=person.category or Category.ATTENDEE,
        language=person.language,
        consents={Purpose.ATTEND},
        nonce=stage.draw.nonce(),
        key=stage.draw.tickets,
        photo_preference=person.photo_preference,
        spoken=person.spoken,
        organization_id=organization_id,
        account_id=stage.accounts[person.key],
        now=now,
    )
    stage.registrations[person.key] = ticket.registration_id
    stage.codes[person.key] = ticket_code(ticket.token)


def _accredit(stage: _Stage, sample: Sample, person: SamplePerson, now: datetime) -> None:
    if person.credential is None or person.organization is None:
        return
    credential_id = name_delegate(
        stage.session,
        conference_id=stage.conference.id,
        organization_id=stage.organizations[person.organization],
        registration_id=stage.registrations[person.key],
        capacity=Capacity.ALTERNATE if person.category is Category.ALTERNATE else Capacity.DELEGATE,
        by=None,
        now=now - NAMED,
    )
    if person.credential is CredentialStatus.ACCEPTED:
        decide_credential(
            stage.session,
            conference_id=stage.conference.id,
            credential_id=credential_id,
            accept=True,
            reason=None,
            by=stage.holder(sample, Role.CREDENTIALS_COMMITTEE),
            now=now - ACCEPTED,
        )


def _arrive(stage: _Stage, sample: Sample, person: SamplePerson, now: datetime) -> None:
    if not person.present:
        return
    for door in (ENTRANCE, sample.sitting):
        check_in(
            stage.session,
            conference_id=stage.conference.id,
            door=door,
            text=stage.codes[person.key],
            by=stage.holder(sample, Role.DOOR_VOLUNTEER),
            keys=(stage.draw.tickets,),
            now=now - ARRIVED,
        )


def _open(stage: _Stage, sample: Sample, key: str, now: datetime) -> int:
    sitting = select(ProgramSession.id).where(
        ProgramSession.conference_id == stage.conference.id, ProgramSession.key == sample.sitting
    )
    return open_question(
        stage.session,
        conference_id=stage.conference.id,
        sitting_id=stage.session.scalars(sitting).one(),
        provision_key=key,
        rule=stage.conference.default_rule,
        by=stage.holder(sample, Role.CHAIR),
        now=now,
    )


def _vote(stage: _Stage, person: SamplePerson, number: int, choice: Choice, now: datetime) -> None:
    cast_ballot(
        stage.session,
        conference_id=stage.conference.id,
        number=number,
        account_id=stage.accounts[person.key],
        choices=[choice],
        now=now,
    )


def _adopt(stage: _Stage, sample: Sample, key: str, now: datetime) -> None:
    """Everybody present agrees, but for those who abstain from the open question too."""
    number = _open(stage, sample, key, now - ADOPTED)
    for person in sample.people:
        if person.present:
            choice = Choice.ABSTAIN if person.ballot is Choice.ABSTAIN else Choice.YES
            _vote(stage, person, number, choice, now - ADOPTED)
    close_question(
        stage.session,
        conference_id=stage.conference.id,
        number=number,
        by=stage.holder(sample, Role.CHAIR),
        now=now - ADOPTED + OPENED,
    )


def _begin_vote(stage: _Stage, sample: Sample, now: datetime) -> None:
    """The question is open; the delegates of the cast have not voted yet."""
    number = _open(stage, sample, sample.open_question, now - OPENED)
    for person in sample.people:
        if person.present and person.ballot is not None:
            _vote(stage, person, number, person.ballot, now - OPENED)


def _publish(stage: _Stage, sample: Sample, summary: SampleSummary, now: datetime) -> None:
    rapporteur = stage.holder(sample, Role.RAPPORTEUR)
    revision = 0
    for language in stage.conference.languages:
        revision = save_summary(
            stage.session,
            conference_id=stage.conference.id,
            session_key=summary.session,
            language=language,
            sections={
                section: [text.get(language, "") for text in texts]
                for section, texts in summary.sections.items()
            },
            revision=revision,
            by=rapporteur,
            now=now - SUMMARISED,
        )
    publish_summary(
        stage.session,
        conference_id=stage.conference.id,
        session_key=summary.session,
        revision=revision,
        by=rapporteur,
        now=now - SUMMARISED,
    )


def issue_links(
    session: Session, *, sample: Sample, proof: Callable[[], SignInProof], key: bytes, now: datetime
) -> tuple[CastLink, ...]:
    """Give each of the cast a fresh link for twelve hours, without a mail; earlier ones no longer work."""
    rows = session.execute(select(Account.email, Account.id).where(Account.email.is_not(None)))
    accounts = dict(rows.all())
    present = [person for person in sample.cast if person.email in accounts]
    session.execute(
        delete(SignInCode).where(SignInCode.account_id.in_(accounts[person.email] for person in present))
    )
    links = []
    for person in present:
        drawn, email = proof(), person.email or ""
        session.add(
            SignInCode(
                account_id=accounts[email],
                address_digest=address_digest(email, key=key),
                link_digest=link_digest(drawn.token),
                code_digest=code_digest(drawn.code, email=email, key=key),
                issued_at=now,
                expires_at=now + LINK_LIFETIME,
                assured=True,
            )
        )
        links.append(CastLink(person, drawn.token))
    session.flush()
    return tuple(links)
