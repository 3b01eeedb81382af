"""Who votes on a question: the seats at its opening, one person's ballot paper, the seats at its closing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, insert, join, select, update
from sqlalchemy.orm import aliased

from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.errors import NotFound
from conference.domain.registration import RegistrationStatus
from conference.domain.voting import Entitlement, QuestionState, SeatVote
from conference.models import (
    Account,
    Ballot,
    Credential,
    Elector,
    Organization,
    Presence,
    Proxy,
    Question,
    Registration,
    Seat,
)
from conference.models.directory import is_here

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from agreements import Chamber, Choice

_other = aliased(Elector)


@dataclass(frozen=True, slots=True)
class SeatNow:
    """A seat as it stands when a question opens, and the one person who will vote for it.

    `proxy_seat_id` is the seat that holds its proxy; whoever sits there votes for this one, too. Its own
    delegate does not, and makes it present or not as ever: a proxy does not make its principal present.
    """

    seat_id: int
    organization_id: int
    organization_name: str
    chamber: Chamber
    votes: int
    credential_id: int | None
    present_at_opening: bool
    proxy_seat_id: int | None


@dataclass(frozen=True, slots=True)
class BallotPaper:
    """A question's state, and the elector whom the person stands for; no elector, no entitlement.

    `stands_for_another`: the person stands for electors of the question by a second credential too (of two
    registrations that turned out to be one person's), see `voted_for_another`. Proxies are held by the same.
    """

    state: QuestionState
    question_id: int
    elector_id: int | None
    organization_name: str
    chamber: Chamber
    votes: int
    accepted: bool
    present: bool
    stands_for_another: bool

    @property
    def entitlement(self) -> Entitlement | None:
        return None if self.elector_id is None else Entitlement(self.accepted, self.present)

    def unit_rows(self, ballots: Sequence[Choice], now: datetime) -> Iterator[dict[str, object]]:
        for unit, choice in enumerate(ballots, start=1):
            yield {
                "question_id": self.question_id,
                "elector_id": self.elector_id,
                "unit": unit,
                "choice": choice,
                "cast_at": now,
            }


def seat_of(session: Session, *, conference_id: int, organization_id: int) -> int:
    """Return the seat of an organization in the conference; NotFound("seat_not_found")."""
    seat_id = session.scalar(
        select(Seat.id).where(Seat.conference_id == conference_id, Seat.organization_id == organization_id)
    )
    if seat_id is None:
        raise NotFound("seat_not_found")
    return seat_id


def seats_now(session: Session, *, conference_id: int, sitting_id: int) -> tuple[SeatNow, ...]:
    """Return every entitled seat of the conference, held by whoever sits in it now, else by its delegate.

    The alternate holds it only while present in the delegate's place, or where there is no delegate. The
    seat of an organization that has withdrawn is entitled to nothing.
    """
    rows = session.execute(
        select(
            Seat.id,
            Seat.organization_id,
            Organization.name,
            Seat.chamber,
            Seat.votes,
            Credential.id,
            Presence.id.is_not(None),
            Proxy.holder_seat_id,
        )
        .join(Organization, Organization.id == Seat.organization_id)
        .outerjoin(Proxy, (Proxy.seat_id == Seat.id) & Proxy.revoked_at.is_(None))
        .outerjoin(
            Credential, (Credential.seat_id == Seat.id) & (Credential.status == CredentialStatus.ACCEPTED)
        )
        .outerjoin(Presence, (Presence.credential_id == Credential.id) & _in_the_room(sitting_id))
        .where(Seat.conference_id == conference_id, is_here())
        .order_by(Seat.id, Presence.id.is_(None), Credential.capacity != Capacity.DELEGATE)
    )
    candidates = groupby((SeatNow(*row) for row in rows), key=lambda seat: seat.seat_id)
    return _with_proxies([next(of_one_seat) for _seat_id, of_one_seat in candidates])


def _with_proxies(seats: Sequence[SeatNow]) -> tuple[SeatNow, ...]:
    """Hand each seat that gave its proxy over to whoever sits in the holder's."""
    credentials = {seat.seat_id: seat.credential_id for seat in seats}
    return tuple(
        seat
        if seat.proxy_seat_id is None
        else replace(seat, credential_id=credentials.get(seat.proxy_seat_id))
        for seat in seats
    )


def freeze_electorate(session: Session, *, question_id: int, seats: Iterable[SeatNow]) -> None:
    """Copy the seats into the question: what becomes of them later no longer matters to it."""
    session.execute(insert(Elector), [{"question_id": question_id} | asdict(seat) for seat in seats])


def ballot_paper(
    session: Session, *, conference_id: int, number: int, account_id: int, principal_id: int | None = None
) -> BallotPaper:
    """Return what the person may cast on the question; the question stays as it is until the commit.

    `principal_id` is the seat whose proxy the person holds; None for the person's own seat.
    Raises NotFound("question_not_found").
    """
    holder = join(Elector, Credential, Credential.id == Elector.credential_id).join(
        Registration, Registration.id == Credential.registration_id
    )
    asked_for = _own() if principal_id is None else _by_proxy_of(principal_id)
    row = session.execute(
        select(
            Question.state,
            Question.id,
            Elector.id,
            Elector.organization_name,
            Elector.chamber,
            Elector.votes,
            (Credential.status == CredentialStatus.ACCEPTED)
            & (Registration.status == RegistrationStatus.CONFIRMED),
            Presence.id.is_not(None),
            _others(account_id)
            .where(_other.question_id == Question.id, _other.credential_id != Elector.credential_id)
            .correlate(Question, Elector)
            .exists(),
        )
        .outerjoin(
            holder,
            (Elector.question_id == Question.id) & (Registration.account_id == account_id) & asked_for,
        )
        .outerjoin(Presence, (Presence.credential_id == Credential.id) & _in_the_room(Question.sitting_id))
        .where(Question.conference_id == conference_id, Question.number == number)
        .order_by(Presence.id.is_(None), Elector.id)
        .limit(1)
        # Shared among voters, refused to whoever closes: a ballot that was let in is counted.
        .with_for_update(read=True, key_share=True, of=Question)
    ).first()
    if row is None:
        raise NotFound("question_not_found")
    return BallotPaper(*row)


def voted_for_another(session: Session, paper: BallotPaper, *, account_id: int) -> bool:
    """Whether the person has voted on this question by another credential than the paper's.

    What was voted for one's own seat and by its proxies was by one credential.
    The person is held until the commit: of two seats voted for at the same moment, the second waits.
    """
    session.execute(select(Account.id).where(Account.id == account_id).with_for_update(key_share=True))
    # Statements of their own: they begin to look after the wait, not before.
    own = session.scalar(select(Elector.credential_id).where(Elector.id == paper.elector_id))
    if own is None:
        # Lost meanwhile, with the ticket of the seat that was voted for: see `keep_to_one_seat`.
        return True
    cast = (
        _others(account_id)
        .where(_other.question_id == paper.question_id, _other.credential_id != own)
        .join(Ballot, Ballot.elector_id == _other.id)
    )
    return session.scalars(cast).first() is not None


def keep_to_one_seat(session: Session, *, registration_ids: Collection[int]) -> None:
    """Have nobody vote for another seat, in an open question, who has voted by a ticket that they give back.

    Called before it is forgotten whose tickets these are: afterwards nothing tells that it was one person, so
    the other seats that they stand for are cast for by nobody in that question.
    """
    given_back, theirs, other = aliased(Registration), aliased(Credential), aliased(Registration)
    own = select(given_back.account_id).where(given_back.id.in_(registration_ids))
    # FOR UPDATE, as whoever forgets accounts: a role that is given to this one is given first, or waits.
    session.execute(select(Account.id).where(Account.id.in_(own)).order_by(Account.id).with_for_update())
    voted_too = (
        select(_other.id)
        .join(Question, (Question.id == _other.question_id) & (Question.state == QuestionState.OPEN))
        .join(theirs, theirs.id == _other.credential_id)
        .join(other, (other.id == theirs.registration_id) & other.id.not_in(registration_ids))
        .join(given_back, given_back.account_id == other.account_id)
        .join(Credential, Credential.registration_id == given_back.id)
        .join(Elector, (Elector.credential_id == Credential.id) & (Elector.question_id == _other.question_id))
        .where(given_back.id.in_(registration_ids), exists().where(Ballot.elector_id == Elector.id))
    )
    session.execute(
        update(Elector)
        .where(Elector.id.in_(voted_too))
        .values(credential_id=None)
        .execution_options(synchronize_session=False)
    )


def end_votes_by_proxy(session: Session, *, organization_id: int) -> None:
    """Have nobody vote by proxy for an organization that withdraws, in an open question; what was cast stays.

    Its own delegate cannot either, whose credential ends: it is voted for by nobody.
    """
    session.execute(
        update(Elector)
        .where(
            Elector.organization_id == organization_id,
            Elector.proxy_seat_id.is_not(None),
            Elector.question_id.in_(select(Question.id).where(Question.state == QuestionState.OPEN)),
        )
        .values(credential_id=None)
        .execution_options(synchronize_session=False)
    )


def votes_of_seats(session: Session, *, question_id: int, sitting_id: int) -> Iterator[SeatVote]:
    """Yield each elector with its ballots, and whether its seat is taken in the sitting now."""
    taken = (
        select(Presence.seat_id)
        .join(Credential, Credential.id == Presence.credential_id)
        .where(_in_the_room(sitting_id), Credential.status == CredentialStatus.ACCEPTED)
    )
    rows = session.execute(
        select(
            Elector.id,
            Elector.chamber,
            Elector.votes,
            Elector.present_at_opening,
            Elector.seat_id.in_(taken),
            _caster_there(taken),
            Elector.proxy_seat_id.is_not(None),
            Ballot.choice,
        )
        .outerjoin(Ballot, Ballot.elector_id == Elector.id)
        .where(Elector.question_id == question_id)
        .order_by(Elector.id)
    )
    for (_elector_id, *seat), units in groupby(rows, key=lambda row: row[:-1]):
        chamber, votes, at_opening, at_closing, caster_there, by_proxy = seat
        yield SeatVote(
            chamber=chamber,
            votes=votes,
            present_at_opening=at_opening,
            present_at_closing=at_closing,
            castable_at_closing=caster_there,
            by_proxy=by_proxy,
            ballots=tuple(choice for *_seat, choice in units if choice is not None),
        )


def _caster_there(taken: Select[int]) -> ColumnElement[bool]:
    """Tell of an elector whether whoever casts for it is there; by a proxy that ended nobody casts."""
    stands = _own() | Elector.credential_id.is_not(None)
    return func.coalesce(Elector.proxy_seat_id, Elector.seat_id).in_(taken) & stands


def _own() -> ColumnElement[bool]:
    return Elector.proxy_seat_id.is_(None)


def _by_proxy_of(principal_id: int) -> ColumnElement[bool]:
    return Elector.proxy_seat_id.is_not(None) & (Elector.seat_id == principal_id)


def _others(account_id: int) -> Select[int]:
    """Electors for whom the account stands; the caller says of which question, and besides whom."""
    return (
        select(_other.id)
        .join(Credential, Credential.id == _other.credential_id)
        .join(Registration, Registration.id == Credential.registration_id)
        .where(Registration.account_id == account_id)
    )


def _in_the_room(sitting_id: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return (Presence.session_id == sitting_id) & Presence.left_at.is_(None)
