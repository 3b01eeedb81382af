"""A conference comes in from a pack and goes out as the same pack, on every database; people never do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from agreements import Chamber, Kind, Provision
from agreements import Draft as Text
from conference import models
from conference.domain.accounts import Role
from conference.domain.errors import Conflict, Invalid
from conference.domain.pack import Pack, PackErrors, PackProblem, read_pack
from conference.exports.pack import write_pack
from conference.extensions import db
from conference.queries.pack import conference_pack
from conference.services.conference import import_conference
from tests.domain.small_pack import small_files
from tests.domain.test_pack import example_files
from tests.factories import (
    NOW,
    grant,
    make_conference,
    make_delegate,
    make_organization,
    make_session,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session


def small(**changes: tuple[str, str]) -> Pack:
    return read_pack(small_files(**changes))


def exported(session: Session, slug: str) -> Pack:
    session.expire_all()
    pack = conference_pack(session, slug=slug)
    assert pack is not None
    return pack


@pytest.mark.parametrize("files", [small_files(), example_files()], ids=["small", "example"])
def test_import_and_export_lose_nothing(session: Session, files: dict[str, bytes]) -> None:
    pack = read_pack(files)
    import_conference(session, pack=pack, now=NOW)
    first = exported(session, pack.conference.slug)
    written = write_pack(first)

    again = read_pack(written)
    import_conference(session, pack=again, slug="again", now=NOW)
    second = exported(session, "again")

    assert first == pack
    assert written == write_pack(pack)
    assert (
        write_pack(replace(second, conference=replace(second.conference, slug=first.conference.slug)))
        == written
    )


def test_an_import_says_what_it_wrote(session: Session) -> None:
    imported = import_conference(session, pack=small(), now=NOW)

    assert (imported.slug, imported.first_day, imported.warnings) == ("encuentro", date(2026, 7, 11), ())
    assert (imported.organizations, imported.sessions, imported.provisions) == (4, 2, 3)
    row = session.get_one(models.Conference, imported.conference_id)
    assert (row.registration_open, row.program_changed_at) == (True, NOW)
    seats = session.execute(select(models.Seat.chamber, models.Seat.votes).order_by(models.Seat.votes))
    assert seats.all() == [(Chamber.US, 1), (Chamber.MX, 2)]


def test_another_first_day_moves_every_session_with_it(session: Session) -> None:
    import_conference(session, pack=small(), first_day=date(2027, 2, 28), now=NOW)

    starts = session.scalars(
        select(models.ProgramSession.starts_local).order_by(models.ProgramSession.position)
    )
    assert [start.isoformat() for start in starts] == ["2027-02-28T09:00:00", "2027-03-01T10:00:00"]
    assert exported(session, "encuentro").sessions == small().sessions


def test_a_slug_is_taken_once_and_another_can_be_given(session: Session) -> None:
    import_conference(session, pack=small(), now=NOW)

    with pytest.raises(Conflict) as caught:
        import_conference(session, pack=small(), now=NOW)
    imported = import_conference(session, pack=small(), slug="otro-encuentro", now=NOW)

    assert (caught.value.code, caught.value.data) == ("slug_taken", {"slug": "encuentro"})
    assert exported(session, imported.slug).conference == replace(small().conference, slug="otro-encuentro")


@pytest.mark.parametrize("slug", ["Otro", "a--b", "-a", "a/b", "a" * 81, "ñuu"])
def test_a_slug_that_is_no_address_is_refused(session: Session, slug: str) -> None:
    with pytest.raises(Invalid) as caught:
        import_conference(session, pack=small(), slug=slug, now=NOW)

    assert caught.value.code == "slug_invalid"


def test_an_organization_of_the_same_key_but_another_name_is_refused_with_its_line(session: Session) -> None:
    make_organization(session, key="comite", name="Comité de Otro Pueblo", side=Chamber.MX)

    with pytest.raises(PackErrors) as caught:
        import_conference(session, pack=small(), now=NOW)

    data = {"organization": "comite", "other": "Comité de Otro Pueblo"}
    assert caught.value.problems == (PackProblem("organizations.csv", 4, "organization_taken", data),)
    assert session.scalar(select(func.count(models.Conference.id))) == 0


def test_a_known_organization_keeps_its_own_entry_and_its_federations(session: Session) -> None:
    known = make_organization(session, key="club", name="Club San Juan", side=Chamber.US, place="Portland")

    imported = import_conference(session, pack=small(), now=NOW)
    club = exported(session, "encuentro").organizations[0]

    assert imported.warnings == (
        PackProblem("organizations.csv", 2, "organization_kept", {"organization": "club"}),
    )
    assert (club.place, club.parents, club.votes) == ("Portland", (), 1)
    memberships = select(models.FederationMembership.parent_id).where(
        models.FederationMembership.member_id == known.id
    )
    assert session.scalars(memberships).all() == []


def test_an_organization_that_is_known_as_it_is_needs_no_word(session: Session) -> None:
    import_conference(session, pack=small(), now=NOW)

    assert import_conference(session, pack=small(), slug="b", now=NOW).warnings == ()
    assert session.scalar(select(func.count(models.Organization.id))) == 4


def test_no_person_and_nothing_that_people_did_leaves_with_an_export(session: Session) -> None:
    imported = import_conference(session, pack=small(), now=NOW)
    conference = session.get_one(models.Conference, imported.conference_id)
    seat = session.scalars(select(models.Seat)).first()
    sitting = session.scalars(select(models.ProgramSession).where(models.ProgramSession.sitting)).one()
    make_delegate(session, conference, seat=seat, present_in=sitting)
    grant(session, conference, Role.CHAIR)
    speaker = models.Speaker(conference_id=conference.id, external_id="7", name="Nombre Reservado")
    session.add(speaker)
    session.flush()
    session.add(models.SessionSpeaker(session_id=sitting.id, position=0, speaker_id=speaker.id))

    files = write_pack(exported(session, "encuentro"))

    assert files == write_pack(small())
    assert [name for name, content in files.items() if b"Reservado" in content or b"secreta" in content] == []


def test_the_newest_draft_is_what_is_exported(session: Session) -> None:
    import_conference(session, pack=small(), now=NOW)
    agreement = session.scalars(select(models.Agreement)).one()
    text = Text({"es": "Segundo"}, (Provision("only", Kind.CLAUSE, {}, {"es": "Uno."}),), ("es", "en"))
    draft = models.Draft(
        agreement_id=agreement.id,
        number=2,
        title=dict(text.titles),
        languages=["es", "en"],
        content_hash=text.content_hash,
        tabled_at=NOW,
    )
    session.add(draft)
    session.flush()
    clause = models.Provision(draft_id=draft.id, key="only", kind=Kind.CLAUSE, position=0)
    session.add(clause)
    session.flush()
    session.add(models.ProvisionText(provision_id=clause.id, language="es", heading="", body="Uno."))
    session.flush()

    assert exported(session, "encuentro").agreement == text


def test_a_conference_without_an_agreement_is_exported_with_an_empty_one(session: Session) -> None:
    conference = make_conference(session)

    pack = exported(session, conference.slug)

    assert (list(pack.agreement.walk()), pack.conference.authenticity) == ([], "equal")
    assert read_pack(write_pack(pack)) == pack


def test_there_is_no_pack_of_a_conference_that_is_not_here(session: Session) -> None:
    assert conference_pack(session, slug="nowhere") is None


def test_an_export_takes_the_same_number_of_statements_for_any_size(
    session: Session, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    import_conference(session, pack=small(), now=NOW)
    import_conference(session, pack=read_pack(example_files()), now=NOW)
    session.expunge_all()

    counts = []
    for slug in ("encuentro", "oaxaca-northwest"):
        with count_queries() as queries:
            conference_pack(session, slug=slug)
        counts.append(len(queries))

    assert counts == [12, 12]


def test_other_conferences_are_left_out_of_an_export(session: Session) -> None:
    import_conference(session, pack=small(), now=NOW)
    other = make_conference(session)
    make_organization(session, other)
    make_session(session, other)

    assert exported(session, "encuentro") == small()


def test_the_tables_that_a_pack_fills_are_known(session: Session) -> None:
    import_conference(session, pack=small(), now=NOW)
    filled = {
        name
        for name, table in db.metadata.tables.items()
        if session.scalar(select(func.count()).select_from(table))
    }

    assert filled == {
        "agreement",
        "co_chair",
        "conference",
        "draft",
        "federation_membership",
        "offered_service",
        "organization",
        "participation",
        "places",
        "program_session",
        "provision",
        "provision_text",
        "registration_question",
        "room",
        "seat",
        "track",
    }
