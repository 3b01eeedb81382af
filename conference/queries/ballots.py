"""The ballots of whoever reads a question's page: the own seat's, and one for each proxy."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from conference.domain.credentials import CredentialStatus
from conference.domain.registration import RegistrationStatus
from conference.domain.voting import Entitlement, Receipt, Refusal, refusal
from conference.models import Ballot, Credential, Elector, Presence, Question, Registration
from conference.models.checkin import in_the_room

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy.orm import Session

    from agreements import Chamber
    from conference.queries.voting import QuestionView


@dataclass(frozen=True, slots=True)
class Standing:
    """What whoever reads the page may do for one seat: vote, unless there is a receipt or a refusal.

    `principal_id` is the seat whose proxy it is; None for the own seat.
    """

    refusal: Refusal | None
    organization_name: str = ""
    chamber: Chamber | None = None
    votes: int = 0
    receipt: Receipt | None = None
    principal_id: int | None = None

    @property
    def may_vote(self) -> bool:
        return self.refusal is None and self.receipt is None


def standings(session: Session, *, question: QuestionView, account_id: int | None) -> tuple[Standing, ...]:
    """Return what the account may do on the question, or what it did: its own seat first, then its proxies.

    There is always a first; of two credentials of one person that of the seat they sit in. One statement;
    none for strangers.
    """
    rows = [] if account_id is None else _ballots(session, question.id, account_id)
    # A person votes by one credential; the rows of the other tell of no ballot.
    own = [row for row in rows if row.credential_id == rows[0].credential_id]
    found = tuple(
        _standing(question, tuple(units)) for _id, units in groupby(own, key=lambda row: row.elector_id)
    )
    return found or (Standing(refusal(question.state, None)),)


def _standing(question: QuestionView, units: Sequence[Any]) -> Standing:
    row = units[0]
    choices = tuple(unit.choice for unit in units if unit.choice is not None)
    return Standing(
        refusal=refusal(question.state, Entitlement(row.accepted, row.present)),
        organization_name=row.organization_name,
        chamber=row.chamber,
        votes=row.votes,
        receipt=Receipt(row.organization_name, row.chamber, choices, row.cast_at) if choices else None,
        principal_id=None if row.proxy_seat_id is None else row.seat_id,
    )


def _ballots(session: Session, question_id: int, account_id: int) -> Sequence[Any]:
    return session.execute(
        select(
            Elector.id.label("elector_id"),
            Elector.seat_id,
            Elector.proxy_seat_id,
            Elector.credential_id,
            Elector.organization_name,
            Elector.chamber,
            Elector.votes,
            (
                (Credential.status == CredentialStatus.ACCEPTED)
                & (Registration.status == RegistrationStatus.CONFIRMED)
            ).label("accepted"),
            Presence.id.is_not(None).label("present"),
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
        .order_by(
            Presence.id.is_(None),
            Elector.proxy_seat_id.is_not(None),
            Elector.organization_name,
            Elector.id,
            Ballot.unit,
        )
    ).all()


def voted_for_by_proxy(
    session: Session, *, question_id: int, seat_ids: Collection[int]
) -> tuple[tuple[str, str], ...]:
    """Return of these seats those that gave their proxy when the question opened: the names of both."""
    holder = aliased(Elector)
    rows: Iterable[tuple[str, str]] = session.execute(
        select(Elector.organization_name, holder.organization_name)
        .join(holder, (holder.question_id == Elector.question_id) & (holder.seat_id == Elector.proxy_seat_id))
        .where(Elector.question_id == question_id, Elector.seat_id.in_(seat_ids))
        .order_by(Elector.organization_name)
    )
    return tuple((principal, held_by) for principal, held_by in rows)
