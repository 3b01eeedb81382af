"""To how many a notice would go: numbers, none of fewer than five."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from agreements import Chamber
from conference.domain.registration import Category
from conference.domain.suppression import suppressed
from conference.models import Conference, Organization, Registration
from conference.models.registration import may_be_written_to

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Readers:
    """How many agree to be written to: together, by category and by side; None where it is not shown."""

    total: int | None
    categories: Mapping[Category, int | None]
    sides: Mapping[Chamber | None, int | None]

    def of(self, category: Category | None, side: Chamber | None) -> int | None:
        """Return the number for one category or one side, or for everybody where neither is chosen."""
        if category is not None:
            return self.categories.get(category)
        return self.total if side is None else self.sides.get(side)


def readers_counted(session: Session, *, conference_id: int) -> Readers:
    """Return to how many a notice would go now. One statement."""
    rows = session.execute(
        select(Registration.category, Organization.side, func.count(Registration.id))
        .outerjoin(Organization, Organization.id == Registration.organization_id)
        .where(may_be_written_to(conference_id))
        .group_by(Registration.category, Organization.side)
    ).all()
    categories: Counter[Category] = Counter(dict.fromkeys(Category, 0))
    sides: Counter[Chamber | None] = Counter(dict.fromkeys((*Chamber, None), 0))
    for category, side, number in rows:
        categories[category] += number
        sides[side] += number
    return Readers(
        total=suppressed({"": sum(categories.values())})[""],
        categories=suppressed(categories),
        sides=suppressed(sides),
    )


def first_day_and_zone(session: Session, *, conference_id: int) -> tuple[date, str]:
    """Return when a conference begins, and by whose clock. One statement."""
    row = session.execute(
        select(Conference.first_day, Conference.time_zone).where(Conference.id == conference_id)
    ).one()
    return row.first_day, row.time_zone
