"""What organizers decide about places: of everybody together, of each category, and who may ask."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.domain.audit import AuditKind
from conference.domain.errors import Invalid
from conference.domain.places import Setting, checked_capacity
from conference.domain.proxies import MOST_PROXIES
from conference.models import Conference, Places
from conference.services.audit import record_all
from conference.services.ordered_rows import held_conference
from conference.services.places import hold_line, hold_places, offer_places, read_house

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.registration import Category

# What stands in the log in place of a category, where a number is for all of them.
EVERYBODY = "everybody"


def decide_places(
    session: Session,
    *,
    conference_id: int,
    categories: Mapping[Category, Setting],
    capacity: int | None,
    offer_hours: int,
    registration_open: bool,
    proxy_cap: int,
    by: int | None,
    now: datetime,
) -> bool:
    """Decide about everybody together and about each category; tell whether anything changed.

    Below what is taken it cancels nobody; what is free once all is decided is offered to the line. Who is
    pending stays so until somebody answers. Only what changed is decided anew, and is an entry in the log.
    Raises NotFound("conference_not_found") and Invalid: "capacity_wrong", "offer_hours_too_few",
    "proxy_cap_wrong".
    """
    _check_numbers([capacity, *(each.capacity for each in categories.values())], offer_hours, proxy_cap)
    conference = held_conference(session, conference_id)
    before = _decided(conference)
    changed = _differing(session, conference_id, categories)
    conference.offer_hours = offer_hours
    conference.registration_open, conference.proxy_cap = registration_open, proxy_cap
    session.flush()
    if changed or capacity != conference.capacity:
        _set_places(session, conference, capacity, changed, now)
    # The log is held until the end, and places, line and services are waited for: it comes after them.
    events = _events(before, _decided(conference), changed)
    record_all(session, [(conference_id, event) for event in events], by=by, now=now)
    return bool(changed) or before != _decided(conference)


@dataclass(frozen=True, slots=True)
class _Decided:
    capacity: int | None
    offer_hours: int
    registration_open: bool
    proxy_cap: int


def _decided(conference: Conference) -> _Decided:
    return _Decided(
        conference.capacity, conference.offer_hours, conference.registration_open, conference.proxy_cap
    )


def _check_numbers(capacities: Iterable[int | None], offer_hours: int, proxy_cap: int) -> None:
    for capacity in capacities:
        checked_capacity(capacity)
    if offer_hours < 1:
        raise Invalid("offer_hours_too_few")
    if not 0 <= proxy_cap <= MOST_PROXIES:
        raise Invalid("proxy_cap_wrong", most=MOST_PROXIES)


def _set_places(
    session: Session,
    conference: Conference,
    capacity: int | None,
    changed: Mapping[Category, Setting],
    now: datetime,
) -> None:
    """Write what is decided, all of it, and only then offer what is free by it."""
    hold_places(session, conference.id)
    hold_line(session, conference.id)
    conference.capacity = capacity
    for category, setting in changed.items():
        row = session.get(Places, (conference.id, category))
        if row is None:
            row = Places(conference_id=conference.id, category=category)
            session.add(row)
        row.open, row.approval, row.capacity = setting.open, setting.approval, setting.capacity
    session.flush()
    offer_places(session, read_house(session, conference.id), now=now)


def _events(
    before: _Decided, after: _Decided, changed: Mapping[Category, Setting]
) -> list[dict[str, object]]:
    kind = AuditKind.PLACES_SET.value
    events: list[dict[str, object]] = []
    if after.capacity != before.capacity:
        events.append({"kind": kind, "category": EVERYBODY, "capacity": after.capacity})
    events += [{"kind": kind, "category": each.value, **asdict(setting)} for each, setting in changed.items()]
    if after.registration_open is not before.registration_open:
        opened = AuditKind.REGISTRATION_OPENED if after.registration_open else AuditKind.REGISTRATION_CLOSED
        events.append({"kind": opened.value})
    if after.proxy_cap != before.proxy_cap:
        events.append({"kind": AuditKind.PROXY_CAP_SET.value, "count": after.proxy_cap})
    return events


def _differing(
    session: Session, conference_id: int, categories: Mapping[Category, Setting]
) -> dict[Category, Setting]:
    rows = session.scalars(
        select(Places).where(Places.conference_id == conference_id).execution_options(populate_existing=True)
    )
    standing = {row.category: Setting(row.open, row.approval, row.capacity) for row in rows}
    return {
        category: setting
        for category, setting in categories.items()
        if setting != standing.get(category, Setting())
    }
