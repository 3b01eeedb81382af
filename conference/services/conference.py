"""Loading a conference pack: one call writes a whole conference, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.domain.errors import Conflict, Invalid
from conference.domain.pack import ORGANIZATIONS, PackErrors, PackProblem
from conference.domain.slugs import valid_conference_slug
from conference.models import (
    Agreement,
    CoChair,
    Conference,
    Draft,
    FederationMembership,
    OfferedService,
    Organization,
    Participation,
    Places,
    ProgramSession,
    Provision,
    ProvisionText,
    RegistrationQuestion,
    Room,
    Seat,
    TextFormat,
    Track,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from sqlalchemy.orm import Session

    from conference.domain.pack import Pack, PackLabel, PackOrganization, PackSession


@dataclass(frozen=True, slots=True)
class ImportedConference:
    """What an import wrote, and what the operator should know about it."""

    conference_id: int
    slug: str
    first_day: date
    organizations: int
    sessions: int
    provisions: int
    warnings: tuple[PackProblem, ...]


def import_conference(
    session: Session, *, pack: Pack, slug: str | None = None, first_day: date | None = None, now: datetime
) -> ImportedConference:
    """Write a conference with its organizations, seats, program and first draft of the agreement.

    `slug` and `first_day` stand in for the pack's own. Raises Invalid for a bad slug, Conflict where the slug
    is taken, PackErrors where an organization's key already belongs to another one.
    """
    slug = slug or pack.conference.slug
    if not valid_conference_slug(slug):
        raise Invalid("slug_invalid", slug=slug)
    if session.scalar(select(Conference.id).where(Conference.slug == slug)) is not None:
        raise Conflict("slug_taken", slug=slug)
    known = _known_organizations(session, pack)
    conference = _conference(pack, slug=slug, first_day=first_day or pack.conference.first_day, now=now)
    session.add(conference)
    session.flush()
    organizations = _write_organizations(session, pack, known)
    _take_part(session, pack, organizations, conference.id)
    _write_program(session, pack, organizations, conference)
    _write_registration(session, pack, conference.id)
    _write_agreement(session, pack, conference.id, now=now)
    session.flush()
    return ImportedConference(
        conference_id=conference.id,
        slug=slug,
        first_day=conference.first_day,
        organizations=len(pack.organizations),
        sessions=len(pack.sessions),
        provisions=sum(1 for _ in pack.agreement.walk()),
        warnings=(*pack.warnings, *_kept(pack, known)),
    )


# -- organizations -----------------------------------------------------------------------------------


def _known_organizations(session: Session, pack: Pack) -> Mapping[str, Organization]:
    """Return those of the pack that are here already; the same key must mean the same organization."""
    rows = {row.key: row for row in session.scalars(select(Organization))}
    known = {one.key: rows[one.key] for one in pack.organizations if one.key in rows}
    problems = tuple(
        _problem(one, "organization_taken", other=known[one.key].name)
        for one in pack.organizations
        if one.key in known and (known[one.key].name, known[one.key].side) != (one.name, one.side)
    )
    if problems:
        raise PackErrors(problems)
    return known


def _problem(one: PackOrganization, code: str, **data: object) -> PackProblem:
    return PackProblem(ORGANIZATIONS, one.line, code, {"organization": one.key, **data})


def _entry(one: PackOrganization) -> dict[str, object]:
    """What an organization says of itself."""
    return {
        "kind": one.kind,
        "status": one.status,
        "municipality": one.municipality,
        "place": one.place,
        "languages": list(one.languages),
        "description": dict(one.description),
        "website": one.website,
    }


def _kept(pack: Pack, known: Mapping[str, Organization]) -> tuple[PackProblem, ...]:
    """An organization's own entry is not overwritten by somebody else's pack: the operator is told."""
    return tuple(
        _problem(one, "organization_kept")
        for one in pack.organizations
        if one.key in known
        and any(getattr(known[one.key], name) != value for name, value in _entry(one).items())
    )


def _write_organizations(
    session: Session, pack: Pack, known: Mapping[str, Organization]
) -> Mapping[str, Organization]:
    """Add the new ones and their memberships; those of a known one change with its consent only."""
    added = {
        one.key: Organization(key=one.key, name=one.name, side=one.side, **_entry(one))
        for one in pack.organizations
        if one.key not in known
    }
    session.add_all(added.values())
    session.flush()
    organizations = {**known, **added}
    session.add_all(
        FederationMembership(parent_id=organizations[parent].id, member_id=added[one.key].id)
        for one in pack.organizations
        if one.key in added
        for parent in one.parents
    )
    return organizations


def _take_part(
    session: Session, pack: Pack, organizations: Mapping[str, Organization], conference_id: int
) -> None:
    for position, one in enumerate(pack.organizations):
        place = {"conference_id": conference_id, "organization_id": organizations[one.key].id}
        session.add(Participation(**place, position=position))
        if one.votes is not None:
            session.add(Seat(**place, chamber=one.side, votes=one.votes))


# -- conference and program ----------------------------------------------------------------------------


def _conference(pack: Pack, *, slug: str, first_day: date, now: datetime) -> Conference:
    facts = pack.conference
    return Conference(
        slug=slug,
        sample=facts.sample,
        name=dict(facts.name),
        tagline=dict(facts.tagline),
        about=dict(facts.about),
        city=dict(facts.city),
        venue_name=facts.venue_name,
        venue_address=facts.venue_address,
        languages=list(facts.languages),
        time_zone=facts.time_zone,
        other_time_zone=facts.other_time_zone,
        first_day=first_day,
        days=facts.days,
        default_rule=facts.default_rule,
        capacity=pack.registration.capacity,
        offer_hours=pack.registration.offer_hours,
        proxy_cap=pack.registration.proxy_cap,
        program_changed_at=now,
    )


def _labels(
    session: Session, kind: type[Room] | type[Track], labels: Iterable[PackLabel], conference_id: int
) -> Mapping[str | None, int]:
    """Write rooms or tracks; return their ids by key."""
    rows = [
        kind(conference_id=conference_id, key=one.key, position=position, name=dict(one.name))
        for position, one in enumerate(labels)
    ]
    session.add_all(rows)
    session.flush()
    return {row.key: row.id for row in rows}


def _write_program(
    session: Session, pack: Pack, organizations: Mapping[str, Organization], conference: Conference
) -> None:
    rooms = _labels(session, Room, pack.rooms, conference.id)
    tracks = _labels(session, Track, pack.tracks, conference.id)
    rows = [
        _session(one, conference, position, room_id=rooms.get(one.room), track_id=tracks.get(one.track))
        for position, one in enumerate(pack.sessions)
    ]
    session.add_all(rows)
    session.flush()
    session.add_all(
        CoChair(session_id=row.id, organization_id=organizations[key].id, position=position)
        for row, one in zip(rows, pack.sessions, strict=True)
        for position, key in enumerate(one.co_chairs)
    )


def _session(
    one: PackSession, conference: Conference, position: int, *, room_id: int | None, track_id: int | None
) -> ProgramSession:
    day = conference.first_day + timedelta(days=one.day - 1)
    return ProgramSession(
        conference_id=conference.id,
        key=one.key,
        position=position,
        kind=one.kind,
        sitting=one.sitting,
        starts_local=datetime.combine(day, one.start),
        minutes=one.minutes,
        room_id=room_id,
        track_id=track_id,
        spoken=list(one.spoken),
        title=dict(one.title),
        subtitle=dict(one.subtitle),
        abstract=dict(one.abstract),
        description=dict(one.description),
        text_format=TextFormat(one.text_format),
        background=dict(one.background),
        background_language=one.background_language,
        guiding_questions=[dict(text) for text in one.guiding_questions],
        proposed_outcomes=[dict(text) for text in one.proposed_outcomes],
        links=[],
        attachments=[],
        external={},
        cancelled=one.cancelled,
    )


# -- registering ---------------------------------------------------------------------------------------


def _write_registration(session: Session, pack: Pack, conference_id: int) -> None:
    decided = pack.registration
    session.add_all(
        Places(
            conference_id=conference_id,
            category=category,
            open=setting.open,
            approval=setting.approval,
            capacity=setting.capacity,
        )
        for category, setting in decided.places.items()
    )
    session.add_all(
        RegistrationQuestion(
            conference_id=conference_id,
            key=one.key,
            position=position,
            label=dict(one.label),
            several=one.several,
            choices=[{"key": choice.key, "label": dict(choice.name)} for choice in one.choices],
        )
        for position, one in enumerate(decided.questions, start=1)
    )
    session.add_all(
        OfferedService(
            conference_id=conference_id,
            key=one.key,
            position=position,
            kind=one.kind,
            language=one.language,
            label=dict(one.label),
            capacity=one.capacity,
        )
        for position, one in enumerate(decided.services, start=1)
    )


# -- the agreement -------------------------------------------------------------------------------------


def _write_agreement(session: Session, pack: Pack, conference_id: int, *, now: datetime) -> None:
    agreement = Agreement(conference_id=conference_id, authenticity=pack.conference.authenticity)
    session.add(agreement)
    session.flush()
    draft = Draft(
        agreement_id=agreement.id,
        number=1,
        title=dict(pack.agreement.titles),
        languages=list(pack.agreement.languages),
        content_hash=pack.agreement.content_hash,
        tabled_at=now,
    )
    session.add(draft)
    session.flush()
    places = list(pack.agreement.walk())
    rows = [
        Provision(
            draft_id=draft.id,
            key=place.provision.key,
            parent_key=place.parent_key,
            kind=place.provision.kind,
            position=position,
        )
        for position, place in enumerate(places)
    ]
    session.add_all(rows)
    session.flush()
    session.add_all(
        ProvisionText(
            provision_id=row.id,
            language=language,
            heading=place.provision.heading(language),
            body=place.provision.body(language),
        )
        for row, place in zip(rows, places, strict=True)
        for language in sorted(place.provision.languages)
    )
