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
from conference.models import AccessCard, Account, Approval, AuditEntry, Authenticator, Conference, RoleGrant
from conference.queries.approvals import approvable_from, people_to_export, requests_for
from conference.services.approvals import ask_for_approval, decide_approval, use_approval, withdraw_request
from conference.services.cards import CardSecrets
from conference.services.roles import grant_role, revoke_role
from conference.services.staff_cards import reissue_for_staff
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

    def withdraw(self, number: int, by: int, now: datetime = NOW) -> None:
        withdraw_request(self.session, conference_id=self.id, approval_id=number, kind=EXPORT, by=by, now=now)

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


def new_card(session: Session, account_id: int, *, by: int, at: datetime) -> None:
    """Print an organizer's card anew: whoever holds the paper gets in as her."""
    session.get_one(Account, account_id).email = None
    held = session.scalars(select(RoleGrant).where(RoleGrant.account_id == account_id)).one()
    reissue_for_staff(
        session,
        conference_id=held.conference_id,
        grant_id=held.id,
        secrets=CardSecrets(token=f"token-{at}", code=f"{account_id:010d}"),
        key=b"a key for cards in tests",
        lifetime=DAY,
        by=by,
        now=at,
    )


def test_who_was_given_a_new_card_has_a_say_after_two_days(session: Session, hall: Hall) -> None:
    stand_by(session, hall.ana)
    new_card(session, hall.beto, by=hall.ana, at=NOW)
    early, late = NOW + TWO_DAYS - MOMENT, NOW + TWO_DAYS
    for asker, answerer in ((hall.ana, hall.beto), (hall.beto, hall.citlali)):
        number = hall.ask(early, by=asker)
        tried = refusal(partial(hall.decide, number, answerer, now=early))
        assert (tried, hall.state(early)) == ("approval_by_new_organizer", ApprovalState.ASKED)
        hall.decide(number, answerer, now=late)
        hall.use(number, asker, late)
    # Whoever got none has as much of a say as before.
    hall.decide(hall.ask(early), hall.citlali, now=early)


def test_a_card_of_another_conference_counts_as_one_of_this(session: Session, hall: Hall) -> None:
    elsewhere = Hall(session)
    stand_by(session, elsewhere.ana)
    new_card(session, elsewhere.beto, by=elsewhere.ana, at=NOW)
    held = RoleGrant(
        account_id=elsewhere.beto, conference_id=hall.id, role=Role.ORGANIZER, granted_at=NOW - 9 * DAY
    )
    session.add(held)
    session.flush()
    assert refusal(lambda: hall.decide(hall.ask(), elsewhere.beto)) == "approval_by_new_organizer"


def test_what_was_approved_is_not_used_with_a_new_card(session: Session, hall: Hall) -> None:
    number = hall.ask()
    hall.decide(number, hall.beto)
    stand_by(session, hall.beto)
    new_card(session, hall.ana, by=hall.beto, at=NOW + MOMENT)
    assert refusal(lambda: hall.use(number, hall.ana, NOW + 2 * MOMENT)) == "approval_of_new_organizer"
    assert hall.state(NOW + 2 * MOMENT) is ApprovalState.APPROVED


def stand_by(session: Session, account_id: int) -> None:
    """Let an organizer be one who can get in."""
    session.add(Authenticator(account_id=account_id, sealed_secret=b"s", begun_at=NOW, confirmed_at=NOW))
    session.flush()


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


def test_whoever_asked_takes_back_what_waits_and_asks_anew(session: Session, hall: Hall) -> None:
    number, other = hall.ask(), hall.ask(by=hall.beto)
    hall.withdraw(number, hall.ana, NOW + MOMENT)
    found = requests_for(session, conference_id=hall.id, kind=EXPORT, now=NOW + 2 * MOMENT)
    assert [(one.id, one.state) for one in found] == [
        (other, ApprovalState.ASKED),
        (number, ApprovalState.WITHDRAWN),
    ]
    assert hall.log()[-1] == ("export_withdrawn", "organizer-1")
    assert refusal(lambda: hall.decide(number, hall.beto, now=NOW + 2 * MOMENT)) == "approval_withdrawn"
    assert refusal(lambda: hall.withdraw(number, hall.ana, NOW + 2 * MOMENT)) == "approval_withdrawn"
    hall.ask(NOW + 2 * MOMENT)
    assert hall.state(NOW + 2 * MOMENT) is ApprovalState.ASKED


def test_an_answer_or_a_use_from_before_it_was_taken_back_comes_too_late(hall: Hall) -> None:
    waiting = hall.ask()
    hall.withdraw(waiting, hall.ana, NOW + 2 * MOMENT)
    assert refusal(lambda: hall.decide(waiting, hall.beto, now=NOW + MOMENT)) == "approval_withdrawn"
    approved = hall.ask(NOW + 2 * MOMENT)
    hall.decide(approved, hall.beto, now=NOW + 3 * MOMENT)
    hall.withdraw(approved, hall.citlali, NOW + 5 * MOMENT)
    assert refusal(lambda: hall.use(approved, hall.ana, NOW + 4 * MOMENT)) == "approval_withdrawn"


@pytest.mark.parametrize("who", ["ana", "beto", "citlali"])
def test_any_organizer_takes_back_what_is_approved_and_nobody_has_used(hall: Hall, who: str) -> None:
    number = hall.ask()
    hall.decide(number, hall.beto, now=NOW + MOMENT)
    # Until the last moment of the day that it is good for.
    late = NOW + DAY
    hall.withdraw(number, getattr(hall, who), late)
    assert (hall.state(late), hall.log()[-1][0]) == (ApprovalState.WITHDRAWN, "export_withdrawn")
    assert refusal(lambda: hall.use(number, hall.ana, late)) == "approval_withdrawn"
    assert refusal(lambda: hall.withdraw(number, hall.ana, late)) == "approval_withdrawn"
    hall.ask(late)
    assert hall.state(late) is ApprovalState.ASKED


def test_nobody_takes_back_what_is_over_or_of_another_conference(session: Session, hall: Hall) -> None:
    approved, elsewhere = hall.ask(), Hall(session)
    hall.decide(approved, hall.beto)
    assert refusal(lambda: elsewhere.withdraw(approved, elsewhere.ana)) == "approval_not_found"
    assert refusal(lambda: hall.withdraw(approved, hall.citlali, NOW + DAY)) == "approval_expired"
    assert hall.state(NOW + DAY) is ApprovalState.EXPIRED
    hall.use(approved, hall.ana)
    assert refusal(lambda: hall.withdraw(approved, hall.ana)) == "approval_used"
    assert hall.log()[-1] == ("export_used", "organizer-1")


def test_what_is_used_and_taken_back_at_once_is_only_one_of_the_two(
    prepared: Prepared, session: Session, hall: Hall
) -> None:
    number, conference_id, people = hall.ask(), hall.id, (hall.ana, hall.citlali)
    hall.decide(number, hall.beto)
    session.commit()

    def act(what: Callable[..., None], by: int) -> Callable[[Session], object]:
        return lambda own: what(
            own, conference_id=conference_id, approval_id=number, kind=EXPORT, by=by, now=NOW
        )

    came = {
        str(each)
        for each in at_once(prepared, act(use_approval, people[0]), act(withdraw_request, people[1]))
    }
    assert came in ({"None", "approval_withdrawn"}, {"None", "approval_used"})


def test_nobody_takes_back_what_others_asked_or_what_was_refused(session: Session, hall: Hall) -> None:
    number, elsewhere = hall.ask(), Hall(session)
    assert refusal(lambda: hall.withdraw(number, hall.beto)) == "approval_not_found"
    assert refusal(lambda: elsewhere.withdraw(number, hall.ana)) == "approval_not_found"
    assert refusal(lambda: hall.withdraw(number, hall.ana, NOW + DAY)) == "approval_expired"
    hall.decide(number, hall.beto, approve=False)
    assert refusal(lambda: hall.withdraw(number, hall.ana)) == "approval_decided"
    assert [kind for kind, _actor in hall.log()] == ["export_asked", "export_refused"]


def test_it_is_known_from_when_on_somebody_can_approve(session: Session) -> None:
    conference, elsewhere = make_conference(session), make_conference(session)
    ana = grant(session, conference, Role.ORGANIZER)
    for where, role in ((elsewhere, Role.ORGANIZER), (conference, Role.CHAIR)):
        grant(session, where, role)

    def approvable(by: int = ana.id) -> datetime | None:
        return approvable_from(session, conference_id=conference.id, asked_by=by, now=NOW)

    def named_by(account: Account, granter: Account | None, at: datetime) -> None:
        values = {"granted_by_id": None if granter is None else granter.id, "granted_at": at}
        session.execute(update(RoleGrant).where(RoleGrant.account_id == account.id).values(values))

    assert approvable() is None
    beto, citlali = (grant(session, conference, Role.ORGANIZER) for _ in range(2))
    named_by(beto, ana, NOW - DAY)
    named_by(citlali, beto, NOW - 2 * DAY + MOMENT)
    assert (approvable(), approvable(beto.id)) == (NOW + MOMENT, NOW + DAY)
    named_by(citlali, beto, NOW - 2 * DAY)
    assert (approvable(), approvable(beto.id)) == (NOW, NOW + DAY)
    named_by(citlali, None, NOW)
    assert (approvable(), approvable(beto.id)) == (NOW, NOW + DAY)
    for card, hours in enumerate((40, 12), start=1):
        session.add(
            AccessCard(
                conference_id=elsewhere.id,
                number=card,
                account_id=citlali.id,
                token_digest=f"token-{card}",
                code_digest=f"code-{card}",
                issued_at=NOW - timedelta(hours=hours),
                expires_at=NOW,
                revoked_at=NOW - timedelta(hours=12) if card == 1 else None,
            )
        )
    session.flush()
    assert (approvable(), approvable(citlali.id)) == (NOW + DAY, NOW + timedelta(hours=36))
    session.execute(
        update(RoleGrant)
        .where(RoleGrant.account_id == citlali.id)
        .values(revoked_at=NOW, revoked_by_id=ana.id)
    )
    assert approvable() == NOW + DAY


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
