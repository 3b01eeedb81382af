"""Groups: places held together for guests of an organization, not named yet. Locks as in `places`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from conference.domain.places import check_unnamed, checked_group_size
from conference.domain.registration import OVER
from conference.domain.tickets import ticket_token
from conference.models import Party, Registration
from conference.services.places import hold_places, take_places
from conference.services.registration import (
    IssuedTicket,
    Place,
    begin_party,
    begin_registration,
    check_organization,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.registration import Category
    from conference.services.places import House


@dataclass(frozen=True, slots=True)
class Group:
    """A group that was registered, and a ticket for each of its places."""

    party_id: int
    tickets: tuple[IssuedTicket, ...]


def register_group(
    session: Session,
    *,
    conference_id: int,
    organization_id: int,
    category: Category,
    size: int,
    nonces: Sequence[str],
    key: bytes,
    language: str,
    by: int | None,  # noqa: ARG001 - whoever leads now answers for the group, not who registered it
    now: datetime,
) -> Group:
    """Register so many guests of an organization at once: all are given places, or all wait in line together.

    Nobody is named, and nobody's consent is assumed: that comes with the name, or never. `nonces` are as many
    as places, each as in `register`. Raises as `register` does, Invalid("group_size_wrong"),
    Invalid("group_larger_than_places") and Conflict("too_many_unnamed"); ValueError where the nonces are not
    as many.
    """
    house = hold_places(session, conference_id)
    checked_group_size(size, house.capacity, house.setting(category).capacity)
    if len(nonces) != size:
        raise ValueError(f"{len(nonces)} nonces for {size} places")
    check_organization(session, conference_id, organization_id, category)
    status = take_places(session, conference_id=conference_id, category=category, size=size, now=now)
    _check_unnamed(session, house, organization_id, category, size)
    place = Place(conference_id, category, organization_id, status, now)
    party_id = begin_party(session, place, size=size, grouped=True)
    return Group(party_id, _tickets(session, place, party_id, nonces, key=key, language=language))


def _tickets(
    session: Session, place: Place, party_id: int, nonces: Sequence[str], *, key: bytes, language: str
) -> tuple[IssuedTicket, ...]:
    """Write a guest for each nonce, and return their tickets in the same order."""
    guests = [
        begin_registration(place, badge_name="", language=language, nonce=nonce, key=key, party_id=party_id)
        for nonce in nonces
    ]
    session.add_all(guests)
    session.flush()
    return tuple(
        IssuedTicket(guest.id, ticket_token(nonce, key=key), place.status)
        for guest, nonce in zip(guests, nonces, strict=True)
    )


def _check_unnamed(
    session: Session, house: House, organization_id: int, category: Category, size: int
) -> None:
    """Raise Conflict("too_many_unnamed"). The places are held: nobody else of the organization adds to it.

    Where somebody approves each one, an organizer answers for how many they let in.
    """
    setting = house.setting(category)
    if setting.approval:
        return
    counted = session.execute(
        select(Registration.category, func.count(Registration.id).label("number"))
        .join(Party, Party.id == Registration.party_id)
        .where(
            Party.conference_id == house.conference_id,
            Party.organization_id == organization_id,
            Party.grouped,
            Registration.badge_name == "",
            Registration.status.not_in(OVER),
        )
        .group_by(Registration.category)
    )
    unnamed = {row.category: row.number for row in counted}
    check_unnamed(size, unnamed=sum(unnamed.values()), capacity=house.capacity)
    check_unnamed(size, unnamed=unnamed.get(category, 0), capacity=setting.capacity)
