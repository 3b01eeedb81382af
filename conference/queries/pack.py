"""A conference as a pack, read from the database: never people."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import select

from agreements import Draft
from agreements.frozen import FrozenMapping
from conference import models
from conference.domain.pack import (
    Pack,
    PackConference,
    PackLabel,
    PackOrganization,
    PackQuestion,
    PackRegistration,
    PackService,
    PackSession,
)
from conference.domain.pack_values import EQUAL
from conference.domain.places import Setting
from conference.models.agreement import current_draft, restored

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session


def conference_pack(session: Session, *, slug: str) -> Pack | None:
    """Return the conference as a pack, with the newest draft of its agreement; None where there is none.

    Twelve statements, whatever the size of the conference.
    """
    row = session.scalars(select(models.Conference).where(models.Conference.slug == slug)).one_or_none()
    if row is None:
        return None
    draft, authenticity = session.execute(current_draft(row.id)).first() or (None, EQUAL)
    rooms, tracks = _labels(session, models.Room, row.id), _labels(session, models.Track, row.id)
    return Pack(
        conference=_conference(row, authenticity),
        rooms=tuple(rooms.values()),
        tracks=tuple(tracks.values()),
        organizations=_organizations(session, row.id),
        sessions=_sessions(session, row.id, row.first_day, rooms, tracks),
        agreement=_draft(session, draft, row.languages),
        registration=_registration(session, row),
    )


def _conference(row: models.Conference, authenticity: str) -> PackConference:
    return PackConference(
        slug=row.slug,
        sample=row.sample,
        languages=tuple(row.languages),
        time_zone=row.time_zone,
        other_time_zone=row.other_time_zone,
        first_day=row.first_day,
        days=row.days,
        authenticity=authenticity,
        default_rule=row.default_rule,
        name=FrozenMapping(row.name),
        tagline=FrozenMapping(row.tagline),
        about=FrozenMapping(row.about),
        city=FrozenMapping(row.city),
        venue_name=row.venue_name,
        venue_address=row.venue_address,
    )


def _registration(session: Session, row: models.Conference) -> PackRegistration:
    places = session.scalars(select(models.Places).where(models.Places.conference_id == row.id))
    settings = {one.category: Setting(one.open, one.approval, one.capacity) for one in places}
    questions = session.scalars(
        select(models.RegistrationQuestion)
        .where(models.RegistrationQuestion.conference_id == row.id)
        .order_by(models.RegistrationQuestion.position, models.RegistrationQuestion.id)
    )
    services = session.scalars(
        select(models.OfferedService)
        .where(models.OfferedService.conference_id == row.id)
        .order_by(models.OfferedService.position, models.OfferedService.id)
    )
    return PackRegistration(
        capacity=row.capacity,
        offer_hours=row.offer_hours,
        proxy_cap=row.proxy_cap,
        places=FrozenMapping({key: one for key, one in settings.items() if one != Setting()}),
        questions=tuple(
            PackQuestion(
                one.key,
                FrozenMapping(one.label),
                tuple(PackLabel(choice["key"], FrozenMapping(choice["label"])) for choice in one.choices),
                several=one.several,
            )
            for one in questions
        ),
        services=tuple(
            PackService(one.key, one.kind, FrozenMapping(one.label), one.language, one.capacity)
            for one in services
        ),
    )


def _labels(
    session: Session, kind: type[models.Room] | type[models.Track], conference_id: int
) -> Mapping[int | None, PackLabel]:
    """Return rooms or tracks by id, in their order."""
    rows = session.execute(
        select(kind.id, kind.key, kind.name)
        .where(kind.conference_id == conference_id)
        .order_by(kind.position, kind.id)
    )
    return {number: PackLabel(key, FrozenMapping(name)) for number, key, name in rows}


def _organizations(session: Session, conference_id: int) -> tuple[PackOrganization, ...]:
    taking_part = (models.Participation.organization_id == models.Organization.id) & (
        models.Participation.conference_id == conference_id
    )
    seat = (models.Seat.organization_id == models.Organization.id) & (
        models.Seat.conference_id == conference_id
    )
    rows = session.execute(
        select(models.Organization, models.Seat.votes)
        .join(models.Participation, taking_part)
        .outerjoin(models.Seat, seat)
        .order_by(models.Participation.position, models.Organization.key)
    ).all()
    keys = {row.id: row.key for row, _ in rows}
    parents = _parents(session, conference_id, keys)
    return tuple(
        PackOrganization(
            key=row.key,
            name=row.name,
            kind=row.kind,
            side=row.side,
            status=row.status,
            municipality=row.municipality,
            place=row.place,
            parents=tuple(sorted(parents[row.id])),
            votes=votes,
            languages=tuple(row.languages),
            description=FrozenMapping(row.description),
            website=row.website,
        )
        for row, votes in rows
    )


def _parents(session: Session, conference_id: int, keys: Mapping[int, str]) -> Mapping[int, list[str]]:
    """Return the keys of each organization's parents, of those which take part themselves."""
    rows = session.execute(
        select(models.FederationMembership.member_id, models.FederationMembership.parent_id)
        .join(
            models.Participation,
            models.Participation.organization_id == models.FederationMembership.member_id,
        )
        .where(models.Participation.conference_id == conference_id)
    )
    parents: dict[int, list[str]] = defaultdict(list)
    for member_id, parent_id in rows:
        if parent_id in keys:
            parents[member_id].append(keys[parent_id])
    return parents


def _sessions(
    session: Session,
    conference_id: int,
    first_day: date,
    rooms: Mapping[int | None, PackLabel],
    tracks: Mapping[int | None, PackLabel],
) -> tuple[PackSession, ...]:
    co_chairs = _co_chairs(session, conference_id)
    rows = session.scalars(
        select(models.ProgramSession)
        .where(models.ProgramSession.conference_id == conference_id)
        .order_by(models.ProgramSession.position, models.ProgramSession.id)
    )
    return tuple(
        PackSession(
            key=row.key,
            kind=row.kind,
            sitting=row.sitting,
            day=(row.starts_local.date() - first_day).days + 1,
            start=row.starts_local.time(),
            minutes=row.minutes,
            room=rooms[row.room_id].key if row.room_id in rooms else None,
            track=tracks[row.track_id].key if row.track_id in tracks else None,
            spoken=tuple(row.spoken),
            title=FrozenMapping(row.title),
            subtitle=FrozenMapping(row.subtitle),
            abstract=FrozenMapping(row.abstract),
            description=FrozenMapping(row.description),
            text_format=row.text_format.value,
            cancelled=row.cancelled,
            co_chairs=tuple(co_chairs[row.id]),
            background=FrozenMapping(row.background),
            background_language=row.background_language,
            guiding_questions=tuple(FrozenMapping(text) for text in row.guiding_questions),
            proposed_outcomes=tuple(FrozenMapping(text) for text in row.proposed_outcomes),
        )
        for row in rows
    )


def _co_chairs(session: Session, conference_id: int) -> Mapping[int, list[str]]:
    rows = session.execute(
        select(models.CoChair.session_id, models.Organization.key)
        .join(models.Organization, models.Organization.id == models.CoChair.organization_id)
        .join(models.ProgramSession, models.ProgramSession.id == models.CoChair.session_id)
        .where(models.ProgramSession.conference_id == conference_id)
        .order_by(models.CoChair.session_id, models.CoChair.position)
    )
    keys: dict[int, list[str]] = defaultdict(list)
    for session_id, key in rows:
        keys[session_id].append(key)
    return keys


def _draft(session: Session, row: models.Draft | None, languages: list[str]) -> Draft:
    """Return the draft as a tree; one without any words where the conference has no agreement."""
    return Draft({}, (), tuple(languages)) if row is None else restored(session, row).draft
