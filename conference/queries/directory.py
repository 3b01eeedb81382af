"""Organizations as pages show them: never a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from agreements import Chamber, Choice
from conference.domain.directory import folded, found_by, safe_website, tree_below
from conference.domain.errors import NotFound
from conference.domain.voting import QuestionState, VotingMethod
from conference.models import (
    Ballot,
    CoChair,
    Elector,
    FederationMembership,
    Organization,
    Participation,
    ProgramSession,
    Question,
    Seat,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from agreements import Outcome
    from conference.domain.directory import Branch, OrganizationKind, OrganizationStatus
    from conference.domain.program import SessionKind


@dataclass(frozen=True, slots=True)
class OrganizationLine:
    """An organization as a list shows it; `votes` is None for those that take part with voice only."""

    key: str
    name: str
    kind: OrganizationKind
    side: Chamber
    status: OrganizationStatus
    place: str
    votes: int | None


@dataclass(frozen=True, slots=True)
class ChairedSession:
    """A session of the program that the organization co-chairs."""

    key: str
    kind: SessionKind
    title: Mapping[str, str]
    starts_local: datetime


@dataclass(frozen=True, slots=True)
class RollCallVote:
    """How an organization answered a closed roll call, in unit ballots; with none at all it did not vote."""

    number: int
    provision_number: str
    texts: Mapping[str, Mapping[str, str]]
    state: QuestionState
    outcome: Outcome | None
    ballots: Mapping[Choice, int]


@dataclass(frozen=True, slots=True)
class OrganizationDetail:
    """All that is public of an organization in one conference."""

    line: OrganizationLine
    languages: tuple[str, ...]
    description: Mapping[str, str]
    website: str | None
    parents: tuple[Branch[OrganizationLine], ...]
    members: tuple[Branch[OrganizationLine], ...]
    chairs: tuple[ChairedSession, ...]
    votes: tuple[RollCallVote, ...]


def organization_choices(session: Session, *, conference_id: int) -> tuple[tuple[int, str], ...]:
    """Return (id, name) of the organizations taking part, by name."""
    rows = session.execute(
        select(Organization.id, Organization.name)
        .join(Participation, Participation.organization_id == Organization.id)
        .where(Participation.conference_id == conference_id)
        .order_by(Organization.name, Organization.id)
    )
    return tuple((organization_id, name) for organization_id, name in rows)


def organizations(
    session: Session,
    *,
    conference_id: int,
    search: str = "",
    side: Chamber | None = None,
    kind: OrganizationKind | None = None,
) -> tuple[OrganizationLine, ...]:
    """Return the organizations taking part that a search finds, by name. One statement.

    Accents are folded here, since the two databases fold none, or not the same ones.
    """
    chosen = _taking_part(conference_id)
    chosen = chosen if side is None else chosen.where(Organization.side == side)
    chosen = chosen if kind is None else chosen.where(Organization.kind == kind)
    lines = (_line(row, votes) for row, votes in session.execute(chosen))
    return _by_name(line for line in lines if found_by(search, line.name, line.place))


def organization(session: Session, *, conference_id: int, key: str) -> OrganizationDetail:
    """Return what is public of an organization taking part. Four statements, whatever its graph.

    The federations are drawn from those that take part: others chose not to be listed here.
    Raises NotFound.
    """
    rows = session.execute(_taking_part(conference_id)).all()
    lines = {row.id: _line(row, votes) for row, votes in rows}
    wanted = next((row for row, _ in rows if row.key == key), None)
    if wanted is None:
        raise NotFound("organization_not_found")
    upwards, downwards = _graph(session, lines)
    line = lines[wanted.id]
    return OrganizationDetail(
        line=line,
        languages=tuple(wanted.languages),
        description=wanted.description,
        website=safe_website(wanted.website),
        parents=tree_below(line, upwards),
        members=tree_below(line, downwards),
        chairs=_chairs(session, conference_id, wanted.id),
        votes=_votes(session, conference_id, wanted.id),
    )


def _taking_part(conference_id: int) -> Select[Organization, int | None]:
    return (
        select(Organization, Seat.votes)
        .join(Participation, Participation.organization_id == Organization.id)
        .outerjoin(
            Seat,
            (Seat.organization_id == Organization.id) & (Seat.conference_id == Participation.conference_id),
        )
        .where(Participation.conference_id == conference_id)
    )


def _line(row: Organization, votes: int | None) -> OrganizationLine:
    return OrganizationLine(row.key, row.name, row.kind, row.side, row.status, row.place, votes)


def _by_name(lines: Iterable[OrganizationLine]) -> tuple[OrganizationLine, ...]:
    return tuple(sorted(lines, key=lambda line: (folded(line.name), line.key)))


_Links = dict[OrganizationLine, tuple[OrganizationLine, ...]]


def _graph(session: Session, lines: Mapping[int, OrganizationLine]) -> tuple[_Links, _Links]:
    """Return parents by member and members by parent, among these organizations."""
    upwards: dict[OrganizationLine, list[OrganizationLine]] = {}
    downwards: dict[OrganizationLine, list[OrganizationLine]] = {}
    pairs = session.execute(select(FederationMembership.parent_id, FederationMembership.member_id))
    for parent_id, member_id in pairs:
        if parent_id in lines and member_id in lines:
            upwards.setdefault(lines[member_id], []).append(lines[parent_id])
            downwards.setdefault(lines[parent_id], []).append(lines[member_id])
    return _sorted(upwards), _sorted(downwards)


def _sorted(links: Mapping[OrganizationLine, list[OrganizationLine]]) -> _Links:
    return {line: _by_name(others) for line, others in links.items()}


def _chairs(session: Session, conference_id: int, organization_id: int) -> tuple[ChairedSession, ...]:
    rows = session.execute(
        select(ProgramSession.key, ProgramSession.kind, ProgramSession.title, ProgramSession.starts_local)
        .join(CoChair, CoChair.session_id == ProgramSession.id)
        .where(
            CoChair.organization_id == organization_id,
            ProgramSession.conference_id == conference_id,
            ProgramSession.cancelled.is_(False),
        )
        .order_by(ProgramSession.starts_local, ProgramSession.position)
    )
    return tuple(ChairedSession(*row) for row in rows)


def _votes(session: Session, conference_id: int, organization_id: int) -> tuple[RollCallVote, ...]:
    """Only of questions that are closed: until then a vote may change, and nobody is told it."""
    rows = session.execute(
        select(Question, Ballot.choice, func.count(Ballot.id))
        .join(Elector, Elector.question_id == Question.id)
        .outerjoin(Ballot, Ballot.elector_id == Elector.id)
        .where(
            Elector.organization_id == organization_id,
            Question.conference_id == conference_id,
            Question.state != QuestionState.OPEN,
            Question.method == VotingMethod.ROLL_CALL,
        )
        .group_by(Question.id, Ballot.choice)
        .order_by(Question.number)
    )
    ballots: dict[Question, dict[Choice, int]] = {}
    for question, choice, count in rows:
        answers = ballots.setdefault(question, dict.fromkeys(Choice, 0))
        if choice is not None:
            answers[choice] = count
    return tuple(_vote(question, answers) for question, answers in ballots.items())


def _vote(question: Question, ballots: Mapping[Choice, int]) -> RollCallVote:
    return RollCallVote(
        number=question.number,
        provision_number=question.provision_number,
        texts=question.texts,
        state=question.state,
        outcome=question.outcome,
        ballots=ballots,
    )
