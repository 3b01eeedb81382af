"""Whom the desk looks for: a few at a time, by name or by ticket; never a list to leaf through."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.domain.answers import checked_phone
from conference.domain.directory import folded
from conference.domain.errors import Invalid, NotFound
from conference.domain.registration import OVER, RegistrationStatus
from conference.domain.tickets import (
    TicketRefused,
    canonical_ticket_code,
    parse_ticket,
    ticket_code_digest,
    ticket_token,
    token_digest,
)
from conference.models import Organization, Registration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from conference.domain.registration import Category, PhotoPreference

# Letters that one of the words has at least, and how many are shown: whoever tries one after another what
# many names have in common must not come by a list of everybody.
LEAST_LETTERS = 3
MOST_HITS = 8
# Who waits for an answer is shown unasked, a page at a time.
MOST_PENDING = 20
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class AtDesk:
    """Somebody registered, as the desk sees them; `ticket` is what a re-issued one would replace."""

    registration_id: int
    badge_name: str
    organization: str | None
    category: Category
    status: RegistrationStatus
    language: str
    spoken: tuple[str, ...]
    photo_preference: PhotoPreference
    ticket: str
    party_id: int | None


@dataclass(frozen=True, slots=True)
class Hits:
    """Who was found, by name, and whether there are more of them than are shown."""

    people: tuple[AtDesk, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class TicketSheet:
    """A ticket to be printed at the desk, with the token that opens it."""

    token: str
    person: AtDesk


def find_people(
    session: Session,
    *,
    conference_id: int,
    slug: str,
    text: str,
    keys: Sequence[bytes],
    status: RegistrationStatus | None = None,
    category: Category | None = None,
) -> Hits:
    """Return whose ticket or telephone was typed or shown, or else whose name's words begin as typed.

    A number is looked for as a whole: whoever holds the ticket says it, and nobody tries digits. Three
    statements.

    Accents and capitals do not matter. One of the words has three letters, or the name is shorter and typed
    whole. Whoever is not named is found by their organization. What was cancelled or rejected is forgotten,
    and not found. Raises Invalid("search_too_short").
    """
    shown = _ticket_shown(text, slug, keys)
    wanted = _standing(conference_id)
    if shown is not None and (found := _people(session, wanted.where(shown))):
        return Hits(found, more=False)
    phone = _phone(text)
    if phone is not None:
        return Hits(_people(session, wanted.where(Registration.contact_phone == phone)), more=False)
    words = _words(text)
    if status is not None:
        wanted = wanted.where(Registration.status == status)
    if category is not None:
        wanted = wanted.where(Registration.category == category)
    names = wanted.with_only_columns(Registration.id, Registration.badge_name, Organization.name)
    fitting = [
        registration_id
        for registration_id, name, organization in session.execute(names)
        if _fits(words, _words(name or organization or ""))
    ]
    if not fitting and _too_short(words):
        raise Invalid("search_too_short", letters=LEAST_LETTERS)
    people = _people(session, wanted.where(Registration.id.in_(fitting[:MOST_HITS])))
    return Hits(people, more=len(fitting) > MOST_HITS)


def _phone(text: str) -> str | None:
    try:
        return checked_phone(text)
    except Invalid:
        return None


def _words(text: str) -> list[str]:
    return _WORD.findall(folded(text))


def _too_short(words: Sequence[str]) -> bool:
    return max(map(len, words), default=0) < LEAST_LETTERS


def _fits(words: Sequence[str], name: Sequence[str]) -> bool:
    if _too_short(words):
        # Whoever is called so is found as everybody else is, and nobody else with them.
        return bool(words) and words == name
    return all(any(part.startswith(word) for part in name) for word in words)


def _ticket_shown(text: str, slug: str, keys: Sequence[bytes]) -> ColumnElement[bool] | None:
    code = canonical_ticket_code(text)
    if code is not None:
        return _has_code(code, keys)
    try:
        read = parse_ticket(text, conference=slug, keys=keys)
    except TicketRefused:
        return None
    if read.code is not None:
        return _has_code(read.code, keys)
    return Registration.token_digest == token_digest(read.token or "")


def _has_code(code: str, keys: Sequence[bytes]) -> ColumnElement[bool]:
    return Registration.code_digest.in_([ticket_code_digest(code, key=key) for key in keys])


def _standing(conference_id: int) -> Select[Registration, str]:
    return (
        select(Registration, Organization.name)
        .outerjoin(Organization, Organization.id == Registration.organization_id)
        .where(Registration.conference_id == conference_id, Registration.status.not_in(OVER))
        .order_by(Registration.badge_name, Registration.id)
        .execution_options(populate_existing=True)
    )


def _people(session: Session, wanted: Select[Registration, str]) -> tuple[AtDesk, ...]:
    return tuple(_at_desk(row, organization) for row, organization in session.execute(wanted))


def _at_desk(row: Registration, organization: str | None) -> AtDesk:
    return AtDesk(
        registration_id=row.id,
        badge_name=row.badge_name,
        organization=organization,
        category=row.category,
        status=row.status,
        language=row.language,
        spoken=tuple(row.spoken),
        photo_preference=row.photo_preference,
        ticket=row.code_digest,
        party_id=row.party_id,
    )


def person(session: Session, *, conference_id: int, registration_id: int) -> AtDesk:
    """Return somebody registered. Raises NotFound("person_gone"), also for what is over. One statement."""
    found = _people(session, _standing(conference_id).where(Registration.id == registration_id))
    if not found:
        raise NotFound("person_gone")
    return found[0]


def pending(session: Session, *, conference_id: int) -> Hits:
    """Return who waits for approval, those first who have waited longest. One statement."""
    waiting = _standing(conference_id).where(Registration.status == RegistrationStatus.PENDING)
    ordered = waiting.order_by(None).order_by(Registration.registered_at, Registration.id)
    found = _people(session, ordered.limit(MOST_PENDING + 1))
    return Hits(found[:MOST_PENDING], more=len(found) > MOST_PENDING)


def ticket_sheet(
    session: Session, *, conference_id: int, registration_id: int, keys: Sequence[bytes]
) -> TicketSheet:
    """Return a ticket to print. Raises NotFound("person_gone"). Two statements.

    The token is derived with whichever of `keys` the ticket was issued with.
    """
    found = person(session, conference_id=conference_id, registration_id=registration_id)
    row = session.execute(
        select(Registration.ticket_nonce, Registration.token_digest).where(Registration.id == registration_id)
    ).one()
    for token in (ticket_token(row.ticket_nonce, key=key) for key in keys):
        if token_digest(token) == row.token_digest:
            return TicketSheet(token, found)
    raise NotFound("person_gone")


def issued_with(session: Session, *, conference_id: int, token: str) -> int | None:
    """Return the registration that a token was issued for, or None. One statement."""
    return session.scalar(
        select(Registration.id).where(
            Registration.conference_id == conference_id, Registration.token_digest == token_digest(token)
        )
    )
