"""The audit log: chained, verifiable by anybody, and without a word about who people are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from agreements import Chamber, Rule
from agreements.ledger import NO_LEAF, InvalidLedger, read_entry, resume
from conference.domain.accounts import Role
from conference.domain.credentials import Capacity, RejectionReason
from conference.models import AuditEntry, AuditHead, RoleGrant
from conference.services.audit import actor_of, record
from conference.services.credentials import decide_credential, name_delegate
from conference.services.voting import close_question, open_question
from tests.factories import (
    NOW,
    grant,
    make_account,
    make_agreement,
    make_conference,
    make_delegate,
    make_registration,
    make_seat,
    make_sign_in,
    make_sitting,
)
from tests.races import at_once

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.databases import Prepared


def entries(session: Session, conference_id: int) -> list[bytes]:
    found = session.scalars(
        select(AuditEntry.entry).where(AuditEntry.conference_id == conference_id).order_by(AuditEntry.index)
    )
    return [bytes(entry) for entry in found]


def note(session: Session, conference_id: int, number: int = 1) -> None:
    event = {"kind": "voting_opened", "question": number}
    record(session, conference_id=conference_id, actor="chair-1", event=event, at=NOW)


def test_an_entry_says_what_who_and_when_in_utc(session: Session) -> None:
    conference = make_conference(session)
    local = datetime(2026, 7, 11, 10, 0, 5, 999, tzinfo=timezone(timedelta(hours=-7)))
    event = {"kind": "voting_opened", "question": 3}
    record(session, conference_id=conference.id, actor="chair-1", event=event, at=local)
    (stored,) = entries(session, conference.id)
    entry = read_entry(stored)
    assert (entry.index, entry.previous) == (0, NO_LEAF)
    assert entry.event == {
        "kind": "voting_opened",
        "question": 3,
        "actor": "chair-1",
        "at": "2026-07-11T17:00:05Z",
    }


def test_each_conference_has_a_chain_of_its_own_that_its_head_stands_for(session: Session) -> None:
    one, other = make_conference(session), make_conference(session)
    for number in range(5):
        note(session, one.id, number)
        note(session, other.id, number + 7)
    for conference in (one, other):
        head = resume(entries(session, conference.id))
        row = session.get_one(AuditHead, conference.id)
        assert head.size == row.size == 5
        assert [each.hex() for each in head.frontier] == row.frontier
        assert head.last_leaf == bytes(row.last_leaf)
    assert entries(session, one.id) != entries(session, other.id)


def test_an_event_without_kind_enters_no_log(session: Session) -> None:
    conference = make_conference(session)
    with pytest.raises(InvalidLedger):
        record(session, conference_id=conference.id, actor="chair-1", event={}, at=NOW)
    assert entries(session, conference.id) == []


@pytest.mark.parametrize("before", [0, 1])
def test_entries_written_at_once_are_chained_one_after_the_other(
    prepared: Prepared, session: Session, before: int
) -> None:
    conference_id = make_conference(session).id
    for number in range(before):
        note(session, conference_id, number)
    session.commit()

    def write_three(own: Session) -> None:
        for number in range(3):
            note(own, conference_id, number)

    assert at_once(prepared, *[write_three] * 4) == [None] * 4
    session.rollback()
    written = entries(session, conference_id)
    assert len(written) == before + 12
    assert resume(written).last_leaf == bytes(session.get_one(AuditHead, conference_id).last_leaf)


def test_staff_are_called_by_their_strongest_role_and_which_grant_of_it_they_hold(session: Session) -> None:
    conference, elsewhere = make_conference(session), make_conference(session)
    grant(session, elsewhere, Role.ORGANIZER)
    first = grant(session, conference, Role.ORGANIZER)
    second = grant(session, conference, Role.RAPPORTEUR)
    grant(session, conference, Role.ORGANIZER, account=second)
    member = grant(session, conference, Role.CREDENTIALS_COMMITTEE)

    def called(account_id: int | None) -> str:
        return actor_of(session, conference_id=conference.id, account_id=account_id)

    assert [called(first.id), called(second.id), called(member.id), called(None)] == [
        "organizer-1",
        "organizer-2",
        "credentials_committee-1",
        "operator",
    ]
    held = session.scalars(
        select(RoleGrant).where(RoleGrant.account_id == second.id, RoleGrant.role == Role.ORGANIZER)
    ).one()
    held.revoked_at, held.revoked_by_id = datetime.now(UTC), first.id
    third = grant(session, conference, Role.ORGANIZER)
    assert [called(second.id), called(third.id)] == ["rapporteur-1", "organizer-3"]


def test_a_delegate_is_called_by_the_seat_and_others_not_at_all(session: Session) -> None:
    conference = make_conference(session)
    delegate, seat = make_delegate(session, conference)
    guest = make_account(session)
    make_registration(session, conference, account_id=guest.id)
    called = [
        actor_of(session, conference_id=conference.id, account_id=account.id)
        for account in (delegate, guest, make_account(session))
    ]
    assert called == [f"seat-{seat.id}", "person", "person"]


def test_a_decision_on_a_credential_is_logged_by_its_seat_and_renews_the_sign_ins_of_the_person(
    session: Session,
) -> None:
    conference = make_conference(session)
    seat = make_seat(session, conference)
    member = grant(session, conference, Role.CREDENTIALS_COMMITTEE)
    person = make_account(session)
    named = make_registration(session, conference, organization_id=seat.organization_id, account_id=person.id)
    signed_in, _key = make_sign_in(session, person)
    changed = []
    for accept in (False, True):
        number = name_delegate(
            session,
            conference_id=conference.id,
            organization_id=seat.organization_id,
            registration_id=named.id,
            capacity=Capacity.DELEGATE,
            by=member.id,
            now=NOW,
        )
        decide_credential(
            session,
            conference_id=conference.id,
            credential_id=number,
            accept=accept,
            reason=RejectionReason.LETTER_MISSING,
            by=member.id,
            now=NOW,
        )
        session.refresh(signed_in)
        changed.append(signed_in.rights_changed)
    assert changed == [False, True]
    assert [read_entry(entry).event for entry in entries(session, conference.id)] == [
        {
            "kind": kind,
            "seat": f"seat-{seat.id}",
            "actor": "credentials_committee-1",
            "at": "2026-07-11T17:00:00Z",
        }
        for kind in ("credential_rejected", "credential_accepted")
    ]


def test_who_opened_and_closed_a_question_is_logged(session: Session) -> None:
    conference = make_conference(session)
    sitting = make_sitting(session, conference)
    make_agreement(session, conference)
    for chamber in Chamber:
        make_delegate(session, conference, chamber=chamber, present_in=sitting)
    chair = grant(session, conference, Role.CHAIR)
    number = open_question(
        session,
        conference_id=conference.id,
        sitting_id=sitting.id,
        provision_key="preamble",
        rule=Rule.SIMPLE,
        by=chair.id,
        now=NOW,
    )
    close_question(session, conference_id=conference.id, number=number, by=chair.id, now=NOW)
    assert [
        (event["kind"], event["actor"], event["question"])
        for event in (read_entry(entry).event for entry in entries(session, conference.id))
    ] == [("voting_opened", "chair-1", number), ("voting_closed", "chair-1", number)]
