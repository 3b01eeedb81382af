"""Whose badges are printed: those with a place, and what of them stands on a badge."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from conference.domain.registration import RegistrationStatus
from conference.models import Conference, Organization, Registration

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session

    from conference.domain.registration import Category, PhotoPreference


@dataclass(frozen=True, slots=True)
class BadgeConference:
    """What badges and tickets on paper say of their conference."""

    slug: str
    name: Mapping[str, str]
    city: Mapping[str, str]
    languages: tuple[str, ...]
    first_day: date
    days: int


@dataclass(frozen=True, slots=True)
class BadgePerson:
    """Somebody with a place, as their badge is made; no address, no needs, no answers.

    `nonce` is what the ticket's token is derived from, and `digest` tells with which key.
    """

    registration_id: int
    badge_name: str
    organization_name: str | None
    category: Category
    language: str
    spoken: tuple[str, ...]
    photo_preference: PhotoPreference
    nonce: str
    digest: str
    printed_digest: str | None


def badge_conference(session: Session, conference_id: int) -> BadgeConference:
    """Return what the conference's paper says of it. One statement."""
    row = session.get_one(Conference, conference_id)
    return BadgeConference(row.slug, row.name, row.city, tuple(row.languages), row.first_day, row.days)


def badge_people(
    session: Session,
    *,
    conference_id: int,
    category: Category | None = None,
    registration_id: int | None = None,
) -> tuple[BadgePerson, ...]:
    """Return those with a confirmed place, as badges are handed out: by name, whatever its accents.

    Who is not named stands with their organization. All, or of one category, or one person. One statement.
    """
    found = (
        select(Registration, Organization.name)
        .outerjoin(Organization, Organization.id == Registration.organization_id)
        .where(
            Registration.conference_id == conference_id,
            Registration.status == RegistrationStatus.CONFIRMED,
        )
    )
    if category is not None:
        found = found.where(Registration.category == category)
    if registration_id is not None:
        found = found.where(Registration.id == registration_id)
    people = (_person(row, organization) for row, organization in session.execute(found))
    return tuple(sorted(people, key=_place_in_the_box))


def _person(row: Registration, organization: str | None) -> BadgePerson:
    return BadgePerson(
        registration_id=row.id,
        badge_name=row.badge_name,
        organization_name=organization,
        category=row.category,
        language=row.language,
        spoken=tuple(row.spoken),
        photo_preference=row.photo_preference,
        nonce=row.ticket_nonce,
        digest=row.token_digest,
        printed_digest=row.printed_digest,
    )


def _place_in_the_box(person: BadgePerson) -> tuple[str, int]:
    name = person.badge_name or person.organization_name or ""
    letters = unicodedata.normalize("NFD", name.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return plain, person.registration_id


def badges_to_make(session: Session, *, conference_id: int) -> int:
    """Return how many people have a confirmed place. One statement."""
    counted = select(func.count()).where(
        Registration.conference_id == conference_id, Registration.status == RegistrationStatus.CONFIRMED
    )
    return session.scalar(counted) or 0
