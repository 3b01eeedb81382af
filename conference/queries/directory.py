"""Organizations as pages show them: never a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from agreements import Chamber, Choice
from conference.domain.directory import (
    EntryField,
    Reader,
    folded,
    found_by,
    safe_website,
    shown_destination,
    shown_fields,
    tree_below,
)
from conference.domain.errors import Invalid, NotFound
from conference.domain.places_of_origin import STATE_DIGITS, known_municipality, states, us_states
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
from conference.models.directory import is_drawn, is_shown
from conference.policies import Permission, may

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from agreements import Outcome
    from conference.domain.directory import Branch, LegalForm, OrganizationKind, OrganizationStatus
    from conference.domain.program import SessionKind
    from conference.policies import Identity


@dataclass(frozen=True, slots=True)
class Audience:
    """Who reads the directory: `member` acts for a listed organization; `leads` are those it answers for."""

    member: bool = False
    leads: frozenset[int] = frozenset()

    def reading(self, organization_id: int) -> Reader:
        """Return as whom they read one entry."""
        if organization_id in self.leads:
            return Reader.OWN
        return Reader.MEMBER if self.member else Reader.ANYBODY


STRANGERS = Audience()


@dataclass(frozen=True, slots=True)
class Looked:
    """What is looked for; what is None or empty narrows nothing. States and languages by their codes."""

    search: str = ""
    side: Chamber | None = None
    kind: OrganizationKind | None = None
    origin_state: str | None = None
    us_state: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class OrganizationLine:
    """An organization as a list shows it; `votes` is None for those that take part with voice only.

    Of places only what the reader may see: else None or "". `place` is what a pack wrote, where neither
    municipality nor state is known.
    """

    key: str
    name: str
    kind: OrganizationKind
    side: Chamber
    status: OrganizationStatus
    municipality: str | None
    place: str
    us_state: str | None
    us_city: str
    languages: tuple[str, ...]
    votes: int | None

    def fits(self, looked: Looked) -> bool:
        """Tell whether it is among what is looked for, by what the reader may see of it."""
        return (
            looked.side in {None, self.side}
            and looked.kind in {None, self.kind}
            and looked.origin_state in {None, (self.municipality or "")[:STATE_DIGITS]}
            and looked.us_state in {None, self.us_state}
            and (looked.language is None or looked.language in self.languages)
            and found_by(looked.search, self.name, *_places(self))
        )


@dataclass(frozen=True, slots=True)
class ChairedSession:
    """A session of the program that the organization co-chairs."""

    key: str
    kind: SessionKind
    title: Mapping[str, str]
    starts_local: datetime


@dataclass(frozen=True, slots=True)
class RollCallVote:
    """How an organization answered a closed roll call, in unit ballots; with none at all it did not vote.

    `cast_as` is what it was called when the question opened: so the record calls it for good.
    """

    number: int
    provision_number: str
    texts: Mapping[str, Mapping[str, str]]
    state: QuestionState
    outcome: Outcome | None
    cast_as: str
    ballots: Mapping[Choice, int]


@dataclass(frozen=True, slots=True)
class OrganizationDetail:
    """An organization in one conference, as far as the reader may know it. `own`: they answer for it."""

    line: OrganizationLine
    own: bool
    description: Mapping[str, str]
    website: str | None
    legal_form: LegalForm | None
    funders: str
    affiliations: str
    parents: tuple[Branch[OrganizationLine], ...]
    members: tuple[Branch[OrganizationLine], ...]
    chairs: tuple[ChairedSession, ...]
    votes: tuple[RollCallVote, ...]


def audience_of(session: Session, *, conference_id: int, identity: Identity) -> Audience:
    """Return who somebody is to the directory. At most one statement, and none for strangers.

    Members are organizers, whoever holds a seat, and leads of organizations that are listed here: to have
    entered one that nobody has accepted shows nothing of others.
    """
    if may(identity, Permission.MANAGE_DIRECTORY) or identity.seat_ids:
        return Audience(member=True, leads=identity.leads)
    if not identity.leads:
        return STRANGERS
    listed = _taking_part(conference_id).where(Organization.id.in_(identity.leads)).exists()
    return Audience(member=bool(session.scalar(select(listed))), leads=identity.leads)


def organization_choices(
    session: Session, *, conference_id: int, among: Collection[int] | None = None
) -> tuple[tuple[str, str], ...]:
    """Return (key, name) of the organizations that are shown and take part, by name; only those `among`.

    By key, and never by number: the public log calls those by number that were refused or have withdrawn,
    and whoever has kept a form would know their names.
    """
    wanted = _choosable(conference_id).with_only_columns(Organization.key, Organization.name)
    if among is not None:
        wanted = wanted.where(Organization.id.in_(among))
    rows = session.execute(wanted.order_by(Organization.name, Organization.id))
    return tuple((key, name) for key, name in rows)


def chosen_organization(session: Session, *, conference_id: int, key: str | None) -> int | None:
    """Return the id of the organization that a form names by its key; None where it names none.

    Raises Invalid("organization_not_taking_part").
    """
    if not key:
        return None
    found = session.scalar(_choosable(conference_id).where(Organization.key == key))
    if found is None:
        raise Invalid("organization_not_taking_part")
    return found


def _choosable(conference_id: int) -> Select[int]:
    return (
        select(Organization.id)
        .join(Participation, Participation.organization_id == Organization.id)
        .where(Participation.conference_id == conference_id, is_shown())
    )


def organizations(
    session: Session, *, conference_id: int, looked: Looked | None = None, audience: Audience = STRANGERS
) -> tuple[OrganizationLine, ...]:
    """Return the organizations taking part that are looked for, by name. One statement.

    Accents are folded here, since the two databases fold none, or not the same ones. What a reader may not
    see finds nothing either.
    """
    rows = session.execute(_taking_part(conference_id))
    lines = _by_name(_line(row, votes, audience) for row, votes in rows)
    return tuple(line for line in lines if looked is None or line.fits(looked))


def spoken_languages(lines: Iterable[OrganizationLine]) -> tuple[str, ...]:
    """Return the codes of the languages that organizations say they work in, each once."""
    return tuple(sorted({code for line in lines for code in line.languages}))


def organization(
    session: Session, *, conference_id: int, key: str, audience: Audience = STRANGERS
) -> OrganizationDetail:
    """Return what the reader may know of an organization taking part. Four statements, whatever its graph.

    The federations are drawn from those that take part: others chose not to be listed here.
    Raises NotFound.
    """
    rows = session.execute(_taking_part(conference_id)).all()
    lines = {row.id: _line(row, votes, audience) for row, votes in rows}
    wanted = next((row for row, _ in rows if row.key == key), None)
    if wanted is None:
        raise NotFound("organization_not_found")
    upwards, downwards = _graph(session, lines)
    line = lines[wanted.id]
    reader = audience.reading(wanted.id)
    seen = shown_fields(wanted.visibility, reader)
    return OrganizationDetail(
        line=line,
        own=reader is Reader.OWN,
        description=wanted.description if EntryField.DESCRIPTION in seen else {},
        website=safe_website(wanted.website) if EntryField.WEBSITE in seen else None,
        legal_form=wanted.legal_form if EntryField.LEGAL_FORM in seen else None,
        funders=wanted.funders if EntryField.FUNDERS in seen else "",
        affiliations=wanted.affiliations if EntryField.AFFILIATIONS in seen else "",
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
        .where(Participation.conference_id == conference_id, is_shown())
    )


def _line(row: Organization, votes: int | None, audience: Audience) -> OrganizationLine:
    reader = audience.reading(row.id)
    seen = shown_fields(row.visibility, reader)
    from_shown = EntryField.ORIGIN in seen
    us_state, us_city = shown_destination(row.us_state, row.us_city, row.visibility, reader)
    return OrganizationLine(
        key=row.key,
        name=row.name,
        kind=row.kind,
        side=row.side,
        status=row.status,
        municipality=row.municipality if from_shown else None,
        place=row.place if from_shown and row.municipality is None and row.us_state is None else "",
        us_state=us_state,
        us_city=us_city,
        languages=tuple(row.languages) if EntryField.LANGUAGES in seen else (),
        votes=votes,
    )


def _places(line: OrganizationLine) -> Iterator[str]:
    """What a search finds of an organization besides its name."""
    yield from (line.place, line.us_city)
    origin = known_municipality(line.municipality)
    if origin is not None:
        yield from (origin.name, origin.district, origin.formerly, states()[origin.state])
    if line.us_state is not None:
        yield from us_states().get(line.us_state, {}).values()


def _by_name(lines: Iterable[OrganizationLine]) -> tuple[OrganizationLine, ...]:
    return tuple(sorted(lines, key=lambda line: (folded(line.name), line.key)))


_Links = dict[OrganizationLine, tuple[OrganizationLine, ...]]


def _graph(session: Session, lines: Mapping[int, OrganizationLine]) -> tuple[_Links, _Links]:
    """Return parents by member and members by parent, among these organizations."""
    upwards: dict[OrganizationLine, list[OrganizationLine]] = {}
    downwards: dict[OrganizationLine, list[OrganizationLine]] = {}
    pairs = session.execute(
        select(FederationMembership.parent_id, FederationMembership.member_id).where(is_drawn())
    )
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
        select(Question, Elector.organization_name, Ballot.choice, func.count(Ballot.id))
        .join(Elector, Elector.question_id == Question.id)
        .outerjoin(Ballot, Ballot.elector_id == Elector.id)
        .where(
            Elector.organization_id == organization_id,
            Question.conference_id == conference_id,
            Question.state != QuestionState.OPEN,
            Question.method == VotingMethod.ROLL_CALL,
        )
        .group_by(Question.id, Elector.organization_name, Ballot.choice)
        .order_by(Question.number)
    )
    ballots: dict[tuple[Question, str], dict[Choice, int]] = {}
    for question, cast_as, choice, count in rows:
        answers = ballots.setdefault((question, cast_as), dict.fromkeys(Choice, 0))
        if choice is not None:
            answers[choice] = count
    return tuple(_vote(*asked, answers) for asked, answers in ballots.items())


def _vote(question: Question, cast_as: str, ballots: Mapping[Choice, int]) -> RollCallVote:
    return RollCallVote(
        number=question.number,
        provision_number=question.provision_number,
        texts=question.texts,
        state=question.state,
        outcome=question.outcome,
        cast_as=cast_as,
        ballots=ballots,
    )
