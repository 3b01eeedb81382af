"""Questions as people follow them: what is being voted on, who has voted, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased

from agreements import Chamber, Choice, Tally
from conference.domain.voting import QuestionState, record_from_json
from conference.models import (
    Agreement,
    Ballot,
    Draft,
    Elector,
    Presence,
    ProgramSession,
    Question,
    Resolution,
)
from conference.models.checkin import in_the_room

if TYPE_CHECKING:
    from collections.abc import Mapping
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
    """How one organization voted; all zero where it did not.

    `proxy_of` is the organization whose delegate had its proxy when the question opened.
    """

    organization_name: str
    chamber: Chamber
    votes: int
    proxy_of: str | None
    tally: Tally

    @property
    def voted(self) -> bool:
        return self.tally != Tally(0, 0, 0)


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
    holder = aliased(Elector)
    rows = session.execute(
        select(
            Elector.organization_name,
            Elector.chamber,
            Elector.votes,
            holder.organization_name,
            _cast(Choice.YES),
            _cast(Choice.NO),
            _cast(Choice.ABSTAIN),
        )
        .outerjoin(Ballot, Ballot.elector_id == Elector.id)
        .outerjoin(
            holder,
            (holder.question_id == Elector.question_id) & (holder.seat_id == Elector.proxy_seat_id),
        )
        .where(Elector.question_id == question_id)
        .group_by(
            Elector.id,
            Elector.organization_name,
            Elector.chamber,
            Elector.votes,
            holder.organization_name,
        )
        .order_by(Elector.chamber.desc(), Elector.organization_name, Elector.id)
    )
    return tuple(
        RollCallLine(name, chamber, votes, proxy_of, Tally(yes, no, abstain))
        for name, chamber, votes, proxy_of, yes, no, abstain in rows
    )


def _cast(choice: Choice) -> ColumnElement[int]:
    return func.count(case((Ballot.choice == choice, Ballot.id)))


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
