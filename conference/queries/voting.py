"""Questions as people follow them: what is being voted on, who has voted, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select

from agreements import Chamber, Choice, Tally
from conference.domain.credentials import CredentialStatus
from conference.domain.registration import RegistrationStatus
from conference.domain.voting import (
    Entitlement,
    QuestionState,
    Receipt,
    Refusal,
    record_from_json,
    refusal,
)
from conference.models import (
    Agreement,
    Ballot,
    Credential,
    Draft,
    Elector,
    Presence,
    ProgramSession,
    Question,
    Registration,
    Resolution,
)
from conference.models.checkin import in_the_room

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from agreements import Outcome, Rule
    from conference.domain.voting import Record, VotingMethod


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A question as a list shows it."""

    number: int
    state: QuestionState
    outcome: Outcome | None
    rule: Rule
    provision_number: str
    texts: Mapping[str, Mapping[str, str]]
    opened_at: datetime
    closed_at: datetime | None
    resolution_number: int | None


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question with all that was frozen into it; `record` once it is closed."""

    id: int
    number: int
    state: QuestionState
    outcome: Outcome | None
    rule: Rule
    method: VotingMethod
    provision_key: str
    provision_number: str
    texts: Mapping[str, Mapping[str, str]]
    text_hash: str
    authenticity: str
    draft_number: int
    sitting_key: str
    sitting_title: Mapping[str, str]
    opened_at: datetime
    closed_at: datetime | None
    record: Record | None
    resolution_number: int | None

    @property
    def is_open(self) -> bool:
        return self.state is QuestionState.OPEN


@dataclass(frozen=True, slots=True)
class Turnout:
    """How far the voting has come in one chamber: who took part, never how."""

    chamber: Chamber
    seats: int
    present_seats: int
    votes: int
    votes_cast: int


@dataclass(frozen=True, slots=True)
class RollCallLine:
    """How one organization voted; all zero where it did not."""

    organization_name: str
    chamber: Chamber
    votes: int
    tally: Tally

    @property
    def voted(self) -> bool:
        return self.tally != Tally(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """What whoever reads the page may do: vote, unless there is a receipt or a refusal."""

    refusal: Refusal | None
    organization_name: str = ""
    chamber: Chamber | None = None
    votes: int = 0
    receipt: Receipt | None = None

    @property
    def may_vote(self) -> bool:
        return self.refusal is None and self.receipt is None


@dataclass(frozen=True, slots=True)
class Sitting:
    """A session in which questions may be put, by the venue's clock."""

    id: int
    title: Mapping[str, str]
    starts_local: datetime


def questions(session: Session, *, conference_id: int) -> tuple[QuestionLine, ...]:
    """Return all questions: those open first, then the latest first. One statement."""
    rows = session.execute(
        select(
            Question.number,
            Question.state,
            Question.outcome,
            Question.rule,
            Question.provision_number,
            Question.texts,
            Question.opened_at,
            Question.closed_at,
            Resolution.number,
        )
        .outerjoin(Resolution, Resolution.question_id == Question.id)
        .where(Question.conference_id == conference_id)
        .order_by(Question.state != QuestionState.OPEN, Question.number.desc())
    )
    return tuple(QuestionLine(*row) for row in rows)


def question(session: Session, *, conference_id: int, number: int) -> QuestionView | None:
    """Return one question, or None. One statement."""
    found = session.execute(
        select(
            Question,
            Agreement.authenticity,
            Draft.number,
            ProgramSession.key,
            ProgramSession.title,
            Resolution.number,
        )
        .join(Draft, Draft.id == Question.draft_id)
        .join(Agreement, Agreement.id == Draft.agreement_id)
        .join(ProgramSession, ProgramSession.id == Question.sitting_id)
        .outerjoin(Resolution, Resolution.question_id == Question.id)
        .where(Question.conference_id == conference_id, Question.number == number)
    ).first()
    if found is None:
        return None
    row, authenticity, draft_number, sitting_key, sitting_title, resolution_number = found
    return QuestionView(
        id=row.id,
        number=row.number,
        state=row.state,
        outcome=row.outcome,
        rule=row.rule,
        method=row.method,
        provision_key=row.provision_key,
        provision_number=row.provision_number,
        texts=row.texts,
        text_hash=row.text_hash,
        authenticity=authenticity,
        draft_number=draft_number,
        sitting_key=sitting_key,
        sitting_title=sitting_title,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        record=None if row.record is None else record_from_json(row.record),
        resolution_number=resolution_number,
    )


def turnout(session: Session, *, question_id: int) -> tuple[Turnout, ...]:
    """Return the turnout of each chamber, as far as it has come. One statement."""
    rows = session.execute(
        select(
            Elector.chamber,
            func.count(Elector.id),
            func.count(Presence.id),
            func.sum(Elector.votes),
            func.sum(case((Ballot.id.is_not(None), Elector.votes), else_=0)),
        )
        .join(Question, Question.id == Elector.question_id)
        # A seat casts all of its votes at once, so the first tells of them all.
        .outerjoin(Ballot, (Ballot.elector_id == Elector.id) & (Ballot.unit == 1))
        .outerjoin(
            Presence,
            (Presence.seat_id == Elector.seat_id)
            & (Presence.session_id == Question.sitting_id)
            & in_the_room(),
        )
        .where(Elector.question_id == question_id)
        .group_by(Elector.chamber)
    )
    chambers = {row[0]: Turnout(*row) for row in rows}
    return tuple(chambers[chamber] for chamber in Chamber if chamber in chambers)


def roll_call(session: Session, *, question_id: int) -> tuple[RollCallLine, ...]:
    """Return how each organization voted, by chamber and name. One statement."""
    rows = session.execute(
        select(
            Elector.organization_name,
            Elector.chamber,
            Elector.votes,
            _cast(Choice.YES),
            _cast(Choice.NO),
            _cast(Choice.ABSTAIN),
        )
        .outerjoin(Ballot, Ballot.elector_id == Elector.id)
        .where(Elector.question_id == question_id)
        .group_by(Elector.id, Elector.organization_name, Elector.chamber, Elector.votes)
        .order_by(Elector.chamber.desc(), Elector.organization_name, Elector.id)
    )
    return tuple(
        RollCallLine(name, chamber, votes, Tally(yes, no, abstain))
        for name, chamber, votes, yes, no, abstain in rows
    )


def _cast(choice: Choice) -> ColumnElement[int]:
    return func.count(case((Ballot.choice == choice, Ballot.id)))


def standing(session: Session, *, question: QuestionView, account_id: int | None) -> Standing:
    """Return what the account may do on the question, or what it did. One statement; none for strangers."""
    rows = [] if account_id is None else _own_ballots(session, question.id, account_id)
    if not rows:
        return Standing(refusal(question.state, None))
    _elector_id, name, chamber, votes, accepted, present, _choice, cast_at = rows[0]
    choices = tuple(row.choice for row in rows if row.id == rows[0].id and row.choice is not None)
    return Standing(
        refusal=refusal(question.state, Entitlement(accepted, present)),
        organization_name=name,
        chamber=chamber,
        votes=votes,
        receipt=Receipt(name, chamber, choices, cast_at) if choices else None,
    )


def _own_ballots(session: Session, question_id: int, account_id: int) -> Sequence[Any]:
    return session.execute(
        select(
            Elector.id,
            Elector.organization_name,
            Elector.chamber,
            Elector.votes,
            (Credential.status == CredentialStatus.ACCEPTED)
            & (Registration.status == RegistrationStatus.CONFIRMED),
            Presence.id.is_not(None),
            Ballot.choice,
            Ballot.cast_at,
        )
        .join(Question, Question.id == Elector.question_id)
        .join(Credential, Credential.id == Elector.credential_id)
        .join(Registration, Registration.id == Credential.registration_id)
        .outerjoin(
            Presence,
            (Presence.credential_id == Credential.id)
            & (Presence.session_id == Question.sitting_id)
            & in_the_room(),
        )
        .outerjoin(Ballot, Ballot.elector_id == Elector.id)
        .where(Elector.question_id == question_id, Registration.account_id == account_id)
        .order_by(Presence.id.is_(None), Elector.id, Ballot.unit)
    ).all()


def sittings(session: Session, *, conference_id: int, today: date) -> tuple[Sitting, ...]:
    """Return the sittings of a conference: today's first, then in the order of the program."""
    rows = session.execute(
        select(ProgramSession.id, ProgramSession.title, ProgramSession.starts_local)
        .where(
            ProgramSession.conference_id == conference_id,
            ProgramSession.sitting,
            ProgramSession.cancelled.is_(False),
        )
        .order_by(ProgramSession.starts_local, ProgramSession.position)
    )
    found = (Sitting(*row) for row in rows)
    return tuple(sorted(found, key=lambda sitting: sitting.starts_local.date() != today))
