"""Two organizers for what is dangerous: asked with a reason, answered by another, used once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from agreements.ledger import read_entry
from conference.domain.accounts import Role
from conference.domain.approvals import ApprovalKind, ApprovalState
from conference.domain.errors import Conflict, DomainError, Forbidden, NotFound
from conference.domain.registration import RegistrationStatus
from conference.models import Account, Approval, AuditEntry, Authenticator, Conference, RoleGrant
from conference.queries.approvals import people_to_export, requests_for
from conference.services.approvals import ask_for_approval, decide_approval, use_approval
from conference.services.roles import grant_role, revoke_role
from tests.factories import (
    NOW,
    grant,
    make_account,
    make_conference,
    make_organization,
    make_registration,
)
from tests.races import at_once

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tests.databases import Prepared

REASON = "Imprimir los gafetes de Lilia Secreta"
DAY = timedelta(days=1)
MOMENT = timedelta(seconds=1)
EXPORT = ApprovalKind.EXPORT_PEOPLE


class Hall:
    """A conference with three organizers, by their accounts' ids."""

    def __init__(self, session: Session) -> None:
        self.session = session
        conference = make_conference(session)
        self.id = conference.id
        self.ana, self.beto, self.citlali = (grant(session, conference, Role.ORGANIZER).id for _ in range(3))

    def ask(self, now: datetime = NOW, by: int | None = None) -> int:
        return ask_for_approval(
            self.session, conference_id=self.id, kind=EXPORT, reason=REASON, by=by or self.ana, now=now
        )

    def decide(self, number: int, by: int, *, approve: bool = True, now: datetime = NOW) -> None:
        decide_approval(
            self.session,
            conference_id=self.id,
            approval_id=number,
            kind=EXPORT,
            approve=approve,
            by=by,
            now=now,
        )

    def use(self, number: int, by: int, now: datetime = NOW) -> None:
        use_approval(self.session, conference_id=self.id, approval_id=number, kind=EXPORT, by=by, now=now)

    def state(self, now: datetime = NOW) -> ApprovalState:
        return requests_for(self.session, conference_id=self.id, kind=EXPORT, now=now)[0].state

    def log(self) -> list[tuple[object, object]]:
        stored = self.session.scalars(select(AuditEntry.entry).order_by(AuditEntry.index))
        events = [read_entry(bytes(entry)).event for entry in stored]
        return [(event["kind"], event["actor"]) for event in events]


@pytest.fixture
def hall(session: Session) -> Hall:
    return Hall(session)


def refusal(act: Callable[[], object]) -> str | None:
    """Return why something is refused, None if it is not."""
    try:
        act()
    except DomainError as error:
        return error.code
    return None


def test_one_asks_another_approves_and_the_first_uses_it_once(hall: Hall) -> None:
    number = hall.ask()
    assert hall.state() is ApprovalState.ASKED
    hall.decide(number, hall.beto)
    assert hall.state() is ApprovalState.APPROVED
    hall.use(number, hall.ana)
    assert hall.state() is ApprovalState.USED
    with pytest.raises(Conflict) as again:
        hall.use(number, hall.ana)
    assert again.value.code == "approval_used"
    assert hall.log() == [
        ("export_asked", "organizer-1"),
        ("export_approved", "organizer-2"),
        ("export_used", "organizer-1"),
    ]


def test_nobody_answers_their_own_request_not_even_in_the_database(session: Session, hall: Hall) -> None:
    number = hall.ask()
    with pytest.raises(Forbidden) as refused:
        hall.decide(number, hall.ana)
    assert refused.value.code == "approval_of_ones_own"
    session.commit()
    with pytest.raises(IntegrityError):
        session.execute(update(Approval).values(decided_by_id=hall.ana, decided_at=NOW, approved=True))


def named(session: Session, hall: Hall, *, by: int | None, at: datetime, email: str = "") -> int:
    """Name an organizer, another one unless `email` is somebody's, and return their account's id."""
    grant_id = grant_role(
        session,
        conference_id=hall.id,
        email=email or str(make_account(session).email),
        role=Role.ORGANIZER,
        organization_id=None,
        language="es",
        by=by,
        now=at,
    )
    return session.get_one(RoleGrant, grant_id).account_id


TWO_DAYS = timedelta(hours=48)


def test_who_was_named_by_an_organizer_has_a_say_after_two_days(session: Session, hall: Hall) -> None:
    dora = named(session, hall, by=hall.ana, at=NOW)
    early, late = NOW + TWO_DAYS - MOMENT, NOW + TWO_DAYS
    for asker, answerer in ((hall.ana, dora), (dora, hall.ana), (hall.beto, dora), (dora, hall.beto)):
        number = hall.ask(early, by=asker)
        tried = refusal(partial(hall.decide, number, answerer, now=early))
        assert (tried, hall.state(early)) == ("approval_by_new_organizer", ApprovalState.ASKED)
        hall.decide(number, answerer, now=late)
        hall.use(number, asker, late)


def test_nobody_answers_themselves_by_a_third_that_the_second_named(session: Session, hall: Hall) -> None:
    second = named(session, hall, by=hall.ana, at=NOW)
    third = named(session, hall, by=second, at=NOW)
    number = hall.ask()
    assert refusal(lambda: hall.decide(number, third)) == "approval_by_new_organizer"
    assert hall.log()[-1] == ("export_asked", "organizer-1")


def test_the_wait_is_for_approving_here_and_for_whom_an_organizer_named(session: Session, hall: Hall) -> None:
    elsewhere = Hall(session)
    dora = named(session, hall, by=hall.ana, at=NOW)
    # Named on the server, and an organizer of long standing who was named elsewhere.
    by_operator = named(session, hall, by=None, at=NOW)
    beto = session.get_one(Account, hall.beto)
    named(session, elsewhere, by=elsewhere.ana, at=NOW, email=str(beto.email))
    hall.decide(hall.ask(), by_operator)
    hall.decide(hall.ask(by=hall.citlali), hall.beto)
    refused = hall.ask(by=hall.beto)
    hall.decide(refused, dora, approve=False)
    assert hall.state() is ApprovalState.REFUSED


def test_a_role_that_is_given_anew_begins_anew(session: Session, hall: Hall) -> None:
    held = session.scalars(
        select(RoleGrant.id).where(RoleGrant.account_id == hall.beto, RoleGrant.conference_id == hall.id)
    ).one()
    for account_id in (hall.ana, hall.beto):
        session.add(Authenticator(account_id=account_id, sealed_secret=b"s", begun_at=NOW, confirmed_at=NOW))
    session.flush()
    revoke_role(session, conference_id=hall.id, grant_id=held, by=hall.ana, now=NOW)
    beto = session.get_one(Account, hall.beto)
    named(session, hall, by=hall.ana, at=NOW, email=str(beto.email))
    assert refusal(lambda: hall.decide(hall.ask(), hall.beto)) == "approval_by_new_organizer"


def test_only_who_asked_uses_what_was_approved(hall: Hall) -> None:
    number = hall.ask()
    hall.decide(number, hall.beto)
    for other in (hall.beto, hall.citlali):
        with pytest.raises(NotFound):
            hall.use(number, other)
    assert hall.state() is ApprovalState.APPROVED


def test_what_was_refused_or_not_answered_opens_nothing(hall: Hall) -> None:
    number = hall.ask()
    assert refusal(lambda: hall.use(number, hall.ana)) == "approval_missing"
    hall.decide(number, hall.beto, approve=False)
    assert hall.state() is ApprovalState.REFUSED
    assert refusal(lambda: hall.use(number, hall.ana)) == "approval_missing"
    assert refusal(lambda: hall.decide(number, hall.citlali)) == "approval_decided"
    assert hall.log()[-1] == ("export_refused", "organizer-2")


def test_an_answer_comes_within_a_day_and_is_used_within_another(hall: Hall) -> None:
    late = hall.ask()
    assert refusal(lambda: hall.decide(late, hall.beto, now=NOW + DAY)) == "approval_expired"
    assert hall.state(NOW + DAY) is ApprovalState.EXPIRED
    number = hall.ask(NOW + DAY)
    answered = NOW + 2 * DAY - MOMENT
    hall.decide(number, hall.beto, now=answered)
    assert refusal(lambda: hall.use(number, hall.ana, answered + DAY)) == "approval_expired"
    hall.use(number, hall.ana, answered + DAY - MOMENT)


def test_one_request_waits_at_a_time(hall: Hall) -> None:
    first = hall.ask()
    assert refusal(hall.ask) == "approval_waiting"
    hall.ask(by=hall.beto)
    hall.decide(first, hall.beto, approve=False)
    second = hall.ask()
    hall.decide(second, hall.beto)
    assert refusal(hall.ask) == "approval_waiting"
    hall.use(second, hall.ana)
    assert refusal(hall.ask) is None


def test_another_conference_has_no_say(session: Session, hall: Hall) -> None:
    number = hall.ask()
    elsewhere = Hall(session)
    assert refusal(lambda: elsewhere.decide(number, elsewhere.ana)) == "approval_not_found"
    hall.decide(number, hall.beto)
    assert refusal(lambda: elsewhere.use(number, hall.ana)) == "approval_not_found"


def test_two_answers_at_once_are_one(prepared: Prepared, session: Session, hall: Hall) -> None:
    number, conference_id, people = hall.ask(), hall.id, (hall.beto, hall.citlali)
    session.commit()

    def answer(by: int, approve: bool) -> Callable[[Session], object]:
        return lambda own: decide_approval(
            own, conference_id=conference_id, approval_id=number, kind=EXPORT, approve=approve, by=by, now=NOW
        )

    came = at_once(prepared, answer(people[0], True), answer(people[1], False))
    assert sorted(map(str, came)) == ["None", "approval_decided"]


def test_what_is_used_twice_at_once_is_used_once(prepared: Prepared, session: Session, hall: Hall) -> None:
    number, conference_id, ana = hall.ask(), hall.id, hall.ana
    hall.decide(number, hall.beto)
    session.commit()

    def use(own: Session) -> None:
        use_approval(own, conference_id=conference_id, approval_id=number, kind=EXPORT, by=ana, now=NOW)

    assert sorted(map(str, at_once(prepared, use, use, use))) == ["None", "approval_used", "approval_used"]


def test_asked_twice_at_once_is_asked_once(prepared: Prepared, session: Session, hall: Hall) -> None:
    conference_id, ana = hall.id, hall.ana
    session.commit()

    def ask(own: Session) -> str:
        ask_for_approval(own, conference_id=conference_id, kind=EXPORT, reason=REASON, by=ana, now=NOW)
        return "asked"

    assert sorted(map(str, at_once(prepared, ask, ask))) == ["approval_waiting", "asked"]


def test_the_reason_and_whoever_it_names_are_in_no_log(session: Session, hall: Hall) -> None:
    number = hall.ask()
    hall.decide(number, hall.beto)
    hall.use(number, hall.ana)
    written = b"".join(map(bytes, session.scalars(select(AuditEntry.entry))))
    leaked = [word for word in (b"Lilia", b"gafetes", b"secreta", b"@") if word in written]
    assert leaked == []


def test_an_export_has_who_holds_a_place_here_and_no_contact(
    session: Session, hall: Hall, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    conference = session.get_one(Conference, hall.id)
    club = make_organization(session, conference, name="Club Yalálag")
    here = make_registration(
        session,
        conference,
        badge_name="Zenaida",
        contact_email="zenaida@example.org",
        organization_id=club.id,
        spoken=["spa", "zpu"],
    )
    make_registration(
        session, conference, badge_name="Ausente", status=RegistrationStatus.CANCELLED, cancelled_at=NOW
    )
    make_registration(session, make_conference(session), badge_name="Ajena")
    make_registration(session, conference, badge_name="Ana")
    with count_queries() as queries:
        people = people_to_export(session, hall.id)
    assert [(person.badge_name, person.organization_name, person.spoken) for person in people] == [
        ("Ana", None, ("spa",)),
        ("Zenaida", "Club Yalálag", ("spa", "zpu")),
    ]
    assert "zenaida@example.org" not in repr(people)
    assert here.contact_email == "zenaida@example.org"
    assert len(queries) == 1
