"""How many places there are, how many are held, who waits: numbers only, never whose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from conference.domain.errors import NotFound
from conference.domain.registration import HOLDING, Category, RegistrationStatus
from conference.models import Conference, Party, Places, Registration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Free:
    """What is decided about a category, and how it stands: places held, and people in line for one.

    `capacity` None: as many as come. The exact numbers are for whoever organizes; breakdowns that others see
    go through `domain/suppression.py`.
    """

    open: bool
    approval: bool
    capacity: int | None
    held: int
    in_line: int

    @property
    def left(self) -> int | None:
        """How many places are free; None: as many as come."""
        return None if self.capacity is None else max(0, self.capacity - self.held)

    @property
    def has_line(self) -> bool:
        """Whether a newcomer joins the line of the category, whatever the house has."""
        return self.in_line > 0 or self.left == 0


@dataclass(frozen=True, slots=True)
class House:
    """The places of all categories together."""

    capacity: int | None
    held: int
    in_line: int

    @property
    def left(self) -> int | None:
        """How many places are free; None: as many as come."""
        return None if self.capacity is None else max(0, self.capacity - self.held)


def free_places(session: Session, *, conference_id: int) -> Mapping[Category, Free]:
    """Return every category of a conference, in the order of the form. Two statements."""
    rows = session.scalars(select(Places).where(Places.conference_id == conference_id))
    decided = {row.category: row for row in rows}
    counted = _counted(session, conference_id)
    found = {}
    for category in Category:
        row = decided.get(category)
        held, in_line = counted.get(category, (0, 0))
        found[category] = (
            Free(open=True, approval=False, capacity=None, held=held, in_line=in_line)
            if row is None
            else Free(row.open, row.approval, row.capacity, held, in_line)
        )
    return found


def house_places(session: Session, *, conference_id: int) -> House:
    """Return the places of a conference in all. Two statements. Raises NotFound("conference_not_found")."""
    capacity = session.execute(
        select(Conference.capacity).where(Conference.id == conference_id)
    ).one_or_none()
    if capacity is None:
        raise NotFound("conference_not_found")
    counted = _counted(session, conference_id).values()
    return House(capacity[0], sum(held for held, _line in counted), sum(line for _held, line in counted))


def _counted(session: Session, conference_id: int) -> dict[Category, tuple[int, int]]:
    holds = Registration.status.in_(HOLDING)
    rows = session.execute(
        select(
            Registration.category,
            func.sum(case((holds, 1), else_=0)),
            func.sum(case((holds, 0), else_=1)),
        )
        .where(
            Registration.conference_id == conference_id,
            Registration.status.in_((*HOLDING, RegistrationStatus.WAITING)),
        )
        .group_by(Registration.category)
    )
    return {category: (int(held), int(in_line)) for category, held, in_line in rows}


def position(session: Session, *, party_id: int) -> int:
    """Return a party's place in the line of its category: 1 is its head, 0 is not in line. One statement."""
    own = aliased(Party)
    first = or_(
        Party.priority > own.priority,
        and_(
            Party.priority == own.priority,
            or_(
                Party.waiting_since < own.waiting_since,
                and_(Party.waiting_since == own.waiting_since, Party.id <= own.id),
            ),
        ),
    )
    before = session.scalar(
        select(func.count(Party.id))
        .join(own, and_(own.conference_id == Party.conference_id, own.category == Party.category))
        .where(
            own.id == party_id,
            own.offered_until.is_(None),
            Party.waiting_since.is_not(None),
            Party.offered_until.is_(None),
            first,
        )
    )
    return before or 0


def conferences_in_line(session: Session) -> tuple[int, ...]:
    """Return the conferences where anybody waits in line, or has been offered a place. One statement."""
    waiting = select(Party.conference_id).where(Party.waiting_since.is_not(None)).distinct()
    return tuple(session.scalars(waiting.order_by(Party.conference_id)))
