"""What pages need to know of a conference before they know anything else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from conference.domain.places import conference_over
from conference.models import Conference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from agreements import Rule


@dataclass(frozen=True, slots=True)
class ConferenceView:
    """A conference as every page shows it. The exact venue is not in it: see `queries.registration`."""

    id: int
    slug: str
    sample: bool
    name: Mapping[str, str]
    tagline: Mapping[str, str]
    about: Mapping[str, str]
    city: Mapping[str, str]
    languages: tuple[str, ...]
    time_zone: str
    other_time_zone: str | None
    first_day: date
    days: int
    default_rule: Rule
    registration_open: bool
    program_version: int
    program_changed_at: datetime

    @property
    def last_day(self) -> date:
        return self.first_day + timedelta(days=self.days - 1)

    def takes_registrations(self, now: datetime) -> bool:
        """Tell whether one can register: it is open, and the last day has not passed where it is held."""
        over = conference_over(self.last_day, time_zone=self.time_zone, now=now)
        return self.registration_open and not over

    @property
    def dates(self) -> tuple[date, ...]:
        return tuple(self.first_day + timedelta(days=offset) for offset in range(self.days))


def _view(row: Conference) -> ConferenceView:
    return ConferenceView(
        id=row.id,
        slug=row.slug,
        sample=row.sample,
        name=row.name,
        tagline=row.tagline,
        about=row.about,
        city=row.city,
        languages=tuple(row.languages),
        time_zone=row.time_zone,
        other_time_zone=row.other_time_zone,
        first_day=row.first_day,
        days=row.days,
        default_rule=row.default_rule,
        registration_open=row.registration_open,
        program_version=row.program_version,
        program_changed_at=row.program_changed_at,
    )


# Asked with every page below a conference.
_BY_SLUG = select(Conference).where(Conference.slug == bindparam("slug"))


def conference_by_slug(session: Session, slug: str) -> ConferenceView | None:
    """Return the conference of that name, or None."""
    row = session.scalars(_BY_SLUG, {"slug": slug}).one_or_none()
    return None if row is None else _view(row)


def conferences(session: Session) -> tuple[ConferenceView, ...]:
    """Return all conferences, the latest first."""
    rows = session.scalars(select(Conference).order_by(Conference.first_day.desc(), Conference.slug))
    return tuple(_view(row) for row in rows)
