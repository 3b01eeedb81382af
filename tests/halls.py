"""A hall in which votes are taken: an agreement, a sitting, a chair, and delegates in their seats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agreements import Chamber, Choice, Outcome, Rule
from conference import models
from conference.domain.accounts import Role
from conference.services.voting import cast_ballot, close_question, open_question
from tests.factories import (
    NOW,
    grant,
    make_agreement,
    make_conference,
    make_delegate,
    make_seat,
    make_sitting,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from conference.domain.voting import Receipt

CLAUSE = "purpose-coalition"


@dataclass
class Delegate:
    """Somebody in a seat."""

    account: models.Account
    seat: models.Seat


@dataclass
class Hall:
    """Who is there, and what they do; everything through the services."""

    session: Session
    conference: models.Conference
    slug: str
    sitting: models.ProgramSession
    draft: models.Draft
    chair: models.Account
    delegates: dict[Chamber, list[Delegate]]

    @property
    def us(self) -> list[Delegate]:
        return self.delegates[Chamber.US]

    @property
    def mx(self) -> list[Delegate]:
        return self.delegates[Chamber.MX]

    def open(self, key: str = CLAUSE, **values: Any) -> int:
        """Open a question on a provision."""
        settings = {"sitting_id": self.sitting.id, "rule": Rule.SIMPLE, "by": self.chair.id, "now": NOW}
        return open_question(
            self.session, conference_id=self.conference.id, provision_key=key, **settings | values
        )

    def cast(self, number: int, delegate: Delegate, *choices: Choice, **values: Any) -> Receipt:
        """Vote for a delegate's seat."""
        settings = {"account_id": delegate.account.id, "now": NOW}
        return cast_ballot(
            self.session,
            conference_id=self.conference.id,
            number=number,
            choices=choices,
            **settings | values,
        )

    def close(self, number: int, **values: Any) -> Outcome:
        """Close a question."""
        settings = {"by": self.chair.id, "now": NOW}
        return close_question(
            self.session, conference_id=self.conference.id, number=number, **settings | values
        )

    def vote(self, number: int, *, us: Sequence[Choice], mx: Sequence[Choice]) -> None:
        """Have the delegates of both chambers vote, in the order of their seats; the rest do not."""
        for chamber, choices in ((Chamber.US, us), (Chamber.MX, mx)):
            for delegate, choice in zip(self.delegates[chamber], choices, strict=False):
                self.cast(number, delegate, choice)

    def decide(self, key: str = CLAUSE, *, us: Sequence[Choice], mx: Sequence[Choice], **values: Any) -> int:
        """Open a question, have it voted on, and close it."""
        number = self.open(key, **values)
        self.vote(number, us=us, mx=mx)
        self.close(number)
        return number

    def question(self, number: int) -> models.Question:
        """The question's row, read afresh."""
        self.session.expire_all()
        return (
            self.session.query(models.Question)
            .filter_by(conference_id=self.conference.id, number=number)
            .one()
        )

    def leave(self, delegate: Delegate) -> None:
        """Have a delegate walk out of the sitting."""
        self.presence(delegate).left_at = NOW
        self.session.flush()

    def presence(self, delegate: Delegate) -> models.Presence:
        """The delegate's presence in the sitting."""
        return self.session.query(models.Presence).filter_by(seat_id=delegate.seat.id, left_at=None).one()

    def credential(self, delegate: Delegate) -> models.Credential:
        """The delegate's credential."""
        return self.session.query(models.Credential).filter_by(seat_id=delegate.seat.id).one()


def make_hall(
    session: Session,
    *,
    us: Sequence[int] = (1, 1, 1),
    mx: Sequence[int] = (1, 1, 1),
    present: bool = True,
    **draft: Any,
) -> Hall:
    """A hall with one delegate a seat; `us` and `mx` give the votes of each seat."""
    conference = make_conference(session)
    sitting = make_sitting(session, conference)
    delegates: dict[Chamber, list[Delegate]] = {}
    for chamber, seats in ((Chamber.US, us), (Chamber.MX, mx)):
        delegates[chamber] = [
            Delegate(
                *make_delegate(
                    session,
                    conference,
                    seat=make_seat(session, conference, chamber=chamber, votes=votes),
                    present_in=sitting if present else None,
                )
            )
            for votes in seats
        ]
    return Hall(
        session=session,
        conference=conference,
        slug=conference.slug,
        sitting=sitting,
        draft=make_agreement(session, conference, **draft),
        chair=grant(session, conference, Role.CHAIR),
        delegates=delegates,
    )
