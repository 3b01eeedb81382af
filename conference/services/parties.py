"""The line: offers, who takes them, who leaves, and what time does to them. Locks as in `places`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.places import granted
from conference.domain.registration import OVER, RegistrationStatus
from conference.domain.waiting import is_out
from conference.models import Conference, Party, Registration
from conference.models.retention import is_held
from conference.services.giving_back import give_back, held_with_line
from conference.services.place_letters import PlaceNews, draft_news, send_drafts, tell_of_offers, write_to
from conference.services.places import hold_line, hold_places, offer_places

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.services.accounts import Words
    from conference.services.place_letters import LetterWriter
    from conference.services.places import House

_IN_LINE = (RegistrationStatus.WAITING, RegistrationStatus.OFFERED)


# -- the line --------------------------------------------------------------------------------------


def accept_offer(session: Session, *, token: str, now: datetime, letter: Words | None = None) -> None:
    """Take the places that are offered to the party of a ticket, all of them; `letter` brings the ticket.

    Where the category needs an answer they are pending from now on. Raises NotFound("ticket_not_found"),
    Conflict: "ticket_cancelled", "no_offer", "offer_over".
    """
    registration, house = held_with_line(session, token)
    if registration.status is not RegistrationStatus.OFFERED or registration.party_id is None:
        raise Conflict("no_offer")
    became = _accept(session, house, registration.party_id, now)
    session.refresh(registration)
    if became is RegistrationStatus.CONFIRMED:
        write_to(session, registration, letter, now)


def accept_group_offer(session: Session, *, party_id: int, organization_id: int, now: datetime) -> None:
    """Take the places that are offered to a group of the organization.

    Raises NotFound("party_not_found"), Conflict("no_offer") and Conflict("offer_over").
    """
    party, _guests, house = _held_party(session, party_id, organization_id)
    _accept(session, house, party.id, now)


def _accept(session: Session, house: House, party_id: int, now: datetime) -> RegistrationStatus:
    party = session.get_one(Party, party_id, populate_existing=True)
    if party.offered_until is None:
        raise Conflict("no_offer")
    if party.offered_until <= now:
        raise Conflict("offer_over")
    became = granted(house.setting(party.category))
    session.execute(
        update(Registration)
        .where(Registration.party_id == party_id, Registration.status == RegistrationStatus.OFFERED)
        .values(status=became)
    )
    party.waiting_since = party.offered_until = None
    session.flush()
    return became


def leave_line(session: Session, *, token: str, now: datetime) -> None:
    """Leave the line, or decline what is offered, with one ticket; of its group the others stay.

    The ticket becomes a tombstone, as with `cancel_registration`. Raises NotFound("ticket_not_found"),
    Conflict: "ticket_cancelled", "not_in_line".
    """
    registration, house = held_with_line(session, token)
    if registration.status not in _IN_LINE:
        raise Conflict("not_in_line")
    give_back(session, [registration], status=RegistrationStatus.CANCELLED, now=now)
    offer_places(session, house, now=now)


def leave_line_together(session: Session, *, party_id: int, organization_id: int, now: datetime) -> None:
    """Leave the line, or decline what is offered, with a whole group.

    Raises NotFound("party_not_found") and Conflict("not_in_line").
    """
    party, guests, house = _held_party(session, party_id, organization_id)
    if party.waiting_since is None:
        raise Conflict("not_in_line")
    give_back(session, guests, status=RegistrationStatus.CANCELLED, now=now)
    offer_places(session, house, now=now)


def shrink_party(session: Session, *, party_id: int, organization_id: int, size: int, now: datetime) -> int:
    """Make a group smaller, and return how many places were given back; its turn stays the same.

    Guests who are not named go, the last first; who is named gives up their own place. Raises
    NotFound("party_not_found"), Invalid("group_size_wrong") and Conflict("guests_are_named").
    """
    party, guests, house = _held_party(session, party_id, organization_id)
    if not 1 <= size <= len(guests):
        raise Invalid("group_size_wrong", most=len(guests))
    unnamed = [guest for guest in guests if not guest.badge_name]
    surplus = len(guests) - size
    if surplus > len(unnamed):
        raise Conflict("guests_are_named")
    party.size = size
    give_back(session, unnamed[len(unnamed) - surplus :], status=RegistrationStatus.CANCELLED, now=now)
    offer_places(session, house, now=now)
    return surplus


def _held_party(
    session: Session, party_id: int, organization_id: int
) -> tuple[Party, Sequence[Registration], House]:
    """Return a group of the organization with its registrations, held with everything they touch."""
    found = session.execute(
        select(Party.conference_id, Registration.id)
        .join(Registration, Registration.party_id == Party.id)
        .where(Party.id == party_id, Party.organization_id == organization_id, Party.grouped)
    ).all()
    if not found:
        raise NotFound("party_not_found")
    house = hold_places(session, found[0].conference_id)
    hold_line(session, house.conference_id, [row.id for row in found])
    guests = _members(session, party_id)
    if not guests:
        raise NotFound("party_not_found")
    return session.get_one(Party, party_id, populate_existing=True), guests, house


def _members(session: Session, party_id: int) -> Sequence[Registration]:
    return session.scalars(
        select(Registration)
        .where(Registration.party_id == party_id, Registration.status.not_in(OVER))
        .order_by(Registration.id)
        .execution_options(populate_existing=True)
    ).all()


# -- what time does --------------------------------------------------------------------------------


def offer_freed(session: Session, *, conference_id: int, letter: LetterWriter | None, now: datetime) -> int:
    """Offer what is free to the line, write to whoever was not told yet; return to how many it was offered.

    Everything that gives a place back has offered it already; this finds what was freed otherwise, and
    writes the letters. Doing it twice, or two at once, changes and writes nothing more.
    """
    house = hold_places(session, conference_id)
    hold_line(session, conference_id)
    offered = offer_places(session, house, now=now)
    tell_of_offers(session, conference_id=conference_id, letter=letter, now=now)
    return len(offered)


def lapse_offers(
    session: Session, *, letter: LetterWriter | None, now: datetime, conference_id: int | None = None
) -> int:
    """Take back the offers that nobody answered in time, offer them on, and return how many they were.

    A party goes to the end of its line, and after the second time out of it: its registrations are
    tombstones then. While a legal hold stands it goes to the end of the line each time. Of one conference,
    or of all of them.
    """
    due = select(Party.conference_id).where(Party.offered_until <= now)
    if conference_id is not None:
        due = due.where(Party.conference_id == conference_id)
    lapsed = 0
    for each in session.scalars(due.distinct().order_by(Party.conference_id)).all():
        house = hold_places(session, each)
        hold_line(session, each)
        parties = session.scalars(
            select(Party)
            .where(Party.conference_id == each, Party.offered_until <= now)
            .order_by(Party.waiting_since, Party.id)
            .execution_options(populate_existing=True)
        ).all()
        for party in parties:
            _lapse(session, party, letter, now)
        offer_places(session, house, now=now)
        lapsed += len(parties)
    return lapsed


def _held(session: Session, conference_id: int) -> bool:
    held = select(Conference.id).where(Conference.id == conference_id, is_held(Conference.id))
    return session.scalar(held) is not None


def _lapse(session: Session, party: Party, letter: LetterWriter | None, now: datetime) -> None:
    members = _members(session, party.id)
    party.lapsed += 1
    # Leaving makes tombstones, and under a legal hold time forgets nobody.
    out = is_out(party.lapsed) and not _held(session, party.conference_id)
    drafts = draft_news(
        session,
        conference_id=party.conference_id,
        registrations=members,
        news=PlaceNews.TAKEN_OUT if out else PlaceNews.LAPSED,
        letter=letter,
        cause=f"lapse-{party.id}-{party.offered_until:%Y%m%d%H%M%S%f}",
    )
    if out:
        give_back(session, members, status=RegistrationStatus.CANCELLED, now=now)
    else:
        party.waiting_since, party.offered_until = now, None
        for member in members:
            member.status = RegistrationStatus.WAITING
        session.flush()
    send_drafts(session, drafts, now=now)
