"""Two acts that hold the same rows never wait for each other in a circle, whoever comes first.

Several times each: what two transactions do to each other depends on who is faster.
"""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.approvals import ApprovalKind
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.entries import EntryRefusal
from conference.domain.places import Setting
from conference.domain.registration import Category, PhotoPreference, Purpose, RegistrationStatus, ServiceKind
from conference.domain.tickets import token_digest
from conference.models import (
    Account,
    Conference,
    Credential,
    OfferedService,
    Registration,
    RegistrationQuestion,
    RoleGrant,
)
from conference.services.accounts import Words
from conference.services.admissions import refuse_organization
from conference.services.approvals import ask_for_approval
from conference.services.cards import CardSecrets, issue_at_desk, issue_together
from conference.services.directory import withdraw_organization
from conference.services.giving_back import give_back, held_with_line
from conference.services.hand_over import hand_over
from conference.services.offered_services import remove_service
from conference.services.places import offer_places
from conference.services.registration import cancel_registration, register
from conference.services.registration_questions import remove_question
from conference.services.registration_settings import decide_places
from conference.services.roles import lead_own_entry, revoke_role
from conference.services.sign_ins import rights_changed
from conference.services.staff_cards import IssuedCard, invite_cardholder
from conference.services.tickets import change_ticket
from tests.factories import (
    NOW,
    grant,
    make_account,
    make_conference,
    make_delegate,
    make_organization,
    make_seat,
    make_sign_in,
)
from tests.races import at_once
from tests.timing import PATIENCE

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.databases import Prepared

KEY = b"tickets" * 5
TIMES = 8
_nonces = count(1)


def enrolled(session: Session, conference: Conference, **values: Any) -> str:
    return register(
        session,
        conference_id=conference.id,
        badge_name="Nombre Reservado",
        category=Category.ATTENDEE,
        language="es",
        consents={Purpose.ATTEND},
        nonce=f"{next(_nonces):032x}",
        key=KEY,
        now=NOW,
        **values,
    ).token


def changing(token: str, **values: Any) -> Any:
    said = {
        "badge_name": None,
        "photo_preference": PhotoPreference.NO,
        "spoken": (),
        "needs": (),
        "forget_needs": False,
        "consents": (),
        "language": "es",
        "now": NOW,
        "answers": {},
        "bookings": {},
    }
    return partial(change_ticket, token=token, **said | values)


def childcare(session: Session, conference: Conference) -> OfferedService:
    service = OfferedService(
        conference_id=conference.id,
        key="guarderia",
        position=1,
        kind=ServiceKind.CHILDCARE,
        label={"es": "Guardería"},
        capacity=5,
    )
    session.add(service)
    session.flush()
    return service


def test_a_booking_is_kept_or_gone_when_its_service_ends_at_this_moment(
    session: Session, prepared: Prepared
) -> None:
    for _ in range(TIMES):
        conference = make_conference(session)
        number = childcare(session, conference).id
        token = enrolled(session, conference, bookings={number: 1})
        ending = {"conference_id": conference.id, "service_id": number, "by": None, "now": NOW}
        session.commit()

        came = at_once(
            prepared,
            changing(token, bookings={number: 2}),
            partial(remove_service, forget_bookings=True, **ending),
        )

        assert sorted(map(str, came)) in (["None", "None"], ["None", "service_unknown"])


def test_a_place_goes_to_the_line_while_a_service_of_both_ends(session: Session, prepared: Prepared) -> None:
    conference = make_conference(session, capacity=1)
    number = childcare(session, conference).id
    token, _waiting = (enrolled(session, conference, bookings={number: 1}) for _each in range(2))
    ending = {"conference_id": conference.id, "service_id": number, "by": None, "now": NOW}
    session.commit()
    given_back = threading.Event()

    def cancel_slowly(own: Session) -> None:
        registration, house = held_with_line(own, token)
        give_back(own, [registration], status=RegistrationStatus.CANCELLED, now=NOW)
        given_back.set()
        time.sleep(0.3)
        offer_places(own, house, now=NOW)

    def end_meanwhile(own: Session) -> None:
        given_back.wait(PATIENCE)
        remove_service(own, forget_bookings=True, **ending)

    assert at_once(prepared, cancel_slowly, end_meanwhile) == [None, None]


def test_an_answer_is_kept_or_gone_when_its_question_ends_at_this_moment(
    session: Session, prepared: Prepared
) -> None:
    for _ in range(TIMES):
        conference = make_conference(session)
        question = RegistrationQuestion(
            conference_id=conference.id,
            key="taller",
            position=1,
            label={"es": "¿Qué taller?"},
            several=False,
            choices=[{"key": each, "label": {"es": each}} for each in ("agua", "maiz")],
        )
        session.add(question)
        session.flush()
        token = enrolled(session, conference, answers={question.id: ["agua"]})
        ending = {"conference_id": conference.id, "question_id": question.id, "by": None, "now": NOW}
        answers = {question.id: ["maiz"]}
        session.commit()

        came = at_once(
            prepared,
            changing(token, answers=answers),
            partial(remove_question, forget_answers=True, **ending),
        )

        assert sorted(map(str, came)) in (["None", "None"], ["None", "answer_unknown"])


def seated_abroad(session: Session, home: Conference, abroad: Conference) -> int:
    """Return an organization that withdraws from one conference, and has a delegate in the other, too."""
    organization = make_organization(session, home)
    for conference in (home, abroad):
        make_delegate(session, conference, seat=make_seat(session, conference, organization=organization))
    return organization.id


def test_two_that_withdraw_at_once_write_into_two_logs(session: Session, prepared: Prepared) -> None:
    for _ in range(TIMES):
        one, two = make_conference(session), make_conference(session)
        first, second = seated_abroad(session, one, two), seated_abroad(session, two, one)
        values = [
            {"conference_id": one.id, "organization_id": first, "by": make_account(session).id},
            {"conference_id": two.id, "organization_id": second, "by": make_account(session).id},
        ]
        session.commit()

        came = at_once(prepared, *[partial(withdraw_organization, now=NOW, **each) for each in values])

        assert came == [None, None]


def test_places_are_decided_while_a_service_ends(session: Session, prepared: Prepared) -> None:
    for _ in range(TIMES):
        conference = make_conference(session, capacity=0)
        number = childcare(session, conference).id
        for _each in range(3):
            enrolled(session, conference, bookings={number: 1})
        ending = {"conference_id": conference.id, "service_id": number, "by": None, "now": NOW}
        deciding = {
            "conference_id": conference.id,
            "capacity": 2,
            "categories": {Category.ATTENDEE: Setting(capacity=50), Category.PRESS: Setting(capacity=3)},
            "offer_hours": 48,
            "registration_open": True,
            "proxy_cap": 2,
            "by": None,
            "now": NOW,
        }
        session.commit()

        came = at_once(
            prepared,
            partial(decide_places, **deciding),
            partial(remove_service, forget_bookings=True, **ending),
        )

        assert sorted(map(str, came)) == ["None", "True"]


def test_those_who_ask_for_an_organization_are_refused_while_one_is_withdrawn(
    session: Session, prepared: Prepared
) -> None:
    earlier, conference = make_conference(session), make_conference(session)
    number = make_organization(session, earlier).id
    organizer = grant(session, conference, Role.ORGANIZER)
    here: dict[str, Any] = {"conference_id": conference.id, "by": organizer.id, "now": NOW}
    _first, second = (
        lead_own_entry(
            session,
            conference_id=conference.id,
            account_id=make_account(session).id,
            organization_id=number,
            now=NOW,
        )
        for _each in range(2)
    )
    refusing = {"organization_id": number, "reason": EntryRefusal.INCOMPLETE, "letter": written}
    session.commit()
    held = threading.Event()

    def withdraw_slowly(own: Session) -> None:
        own.execute(select(RoleGrant.id).where(RoleGrant.id == second).with_for_update())
        held.set()
        time.sleep(0.3)
        revoke_role(own, grant_id=second, **here)

    def refuse_meanwhile(own: Session) -> None:
        held.wait(PATIENCE)
        refuse_organization(own, **refusing, **here)

    assert at_once(prepared, withdraw_slowly, refuse_meanwhile) == [None, None]


def written(language: str) -> Words:
    return Words(language, "-", "-")


def test_what_one_person_leads_is_withdrawn_in_two_conferences_at_once(
    session: Session, prepared: Prepared
) -> None:
    for _ in range(TIMES):
        here, there = make_conference(session), make_conference(session)
        organization = make_organization(session, here)
        lead = make_account(session)
        for conference in (here, there):
            grant(session, conference, Role.ORGANIZATION_LEAD, account=lead, organization=organization)
        held = session.execute(
            select(RoleGrant.conference_id, RoleGrant.id).where(RoleGrant.account_id == lead.id)
        ).all()
        by = make_account(session).id
        session.commit()

        came = at_once(
            prepared,
            *[
                partial(revoke_role, conference_id=number, grant_id=grant_id, by=by, now=NOW)
                for number, grant_id in held
            ],
        )

        assert came == [None, None]


def test_a_ticket_is_given_back_while_its_person_is_given_a_role(
    session: Session, prepared: Prepared
) -> None:
    conference, account = make_conference(session), make_account(session)
    make_sign_in(session, account)
    token = enrolled(session, conference, account_id=account.id)
    conference_id, account_id = conference.id, account.id
    session.commit()
    given = threading.Event()

    def give_slowly(own: Session) -> None:
        grant(
            own, own.get_one(Conference, conference_id), Role.CHAIR, account=own.get_one(Account, account_id)
        )
        given.set()
        time.sleep(0.3)
        rights_changed(own, account_id=account_id, staff=True)

    def cancel_meanwhile(own: Session) -> None:
        given.wait(PATIENCE)
        cancel_registration(own, token=token, now=NOW)

    assert at_once(prepared, give_slowly, cancel_meanwhile) == [None, None]
    session.expire_all()
    assert session.get_one(Account, account_id).email is not None


def cards(session: Session, conference: Conference, *tokens: str) -> dict[str, Any]:
    """What is said where cards are issued to whoever has these tickets."""
    digests = [token_digest(token) for token in tokens]
    found = session.scalars(
        select(Registration.id).where(Registration.token_digest.in_(digests)).order_by(Registration.id)
    )
    drawn = {number: CardSecrets(f"card-{number}", f"{number:010d}") for number in found}
    issuing = {"conference_id": conference.id, "key": KEY, "lifetime": timedelta(days=9)}
    return issuing | {"secrets": drawn, "by": make_account(session).id, "now": NOW}


def test_a_card_is_issued_while_its_ticket_is_given_back(session: Session, prepared: Prepared) -> None:
    for _ in range(TIMES):
        conference = make_conference(session, capacity=9)
        token = enrolled(session, conference)
        issuing = cards(session, conference, token)
        [(registration_id, secrets)] = issuing["secrets"].items()
        one = {"registration_id": registration_id, "replaces": None, "secrets": secrets}
        session.commit()

        came = at_once(
            prepared,
            partial(issue_at_desk, **issuing | one),
            partial(cancel_registration, token=token, now=NOW),
        )

        assert set(map(type, came)) in ({int, type(None)}, {str, type(None)})
        assert set(came) - {None, "ticket_cancelled"} <= {1}


def test_cards_are_issued_together_while_one_of_the_tickets_is_handed_over(
    session: Session, prepared: Prepared
) -> None:
    for _ in range(TIMES):
        conference = make_conference(session)
        seat = make_seat(session, conference)
        token, other = (
            enrolled(session, conference, organization_id=seat.organization_id) for _each in range(2)
        )
        seated(session, seat.id, other)
        issuing = cards(session, conference, token, other)
        session.commit()

        came = at_once(
            prepared,
            partial(issue_together, **issuing),
            partial(hand_over, token=other, nonce=f"{next(_nonces):032x}", key=KEY, now=NOW),
        )

        assert len(came) == 2
        assert [len(each) for each in came if isinstance(each, dict)] == [2]


def seated(session: Session, seat_id: int, token: str) -> None:
    registration_id = session.scalars(
        select(Registration.id).where(Registration.token_digest == token_digest(token))
    ).one()
    session.add(
        Credential(
            seat_id=seat_id,
            registration_id=registration_id,
            capacity=Capacity.DELEGATE,
            status=CredentialStatus.ACCEPTED,
            attested_at=NOW,
            decided_at=NOW,
        )
    )
    session.flush()


def test_somebody_is_invited_by_card_while_another_asks_for_an_export(
    session: Session, prepared: Prepared
) -> None:
    conference = make_conference(session)
    here: dict[str, Any] = {"conference_id": conference.id, "now": NOW}
    inviting = {
        "role": Role.CHAIR,
        "organization_id": None,
        "language": "es",
        "secrets": CardSecrets("card", "7KQ2MXWD94"),
        "key": KEY,
        "lifetime": timedelta(days=9),
        "by": make_account(session).id,
    }
    asking = {"kind": ApprovalKind.EXPORT_PEOPLE, "reason": "-", "by": make_account(session).id}
    session.commit()
    held = threading.Event()

    def ask_slowly(own: Session) -> object:
        own.execute(select(Conference.id).with_for_update(key_share=True))
        held.set()
        time.sleep(0.3)
        return ask_for_approval(own, **asking, **here)

    def invite_meanwhile(own: Session) -> object:
        held.wait(PATIENCE)
        return invite_cardholder(own, **inviting, **here)

    came = at_once(prepared, ask_slowly, invite_meanwhile)

    assert {type(each) for each in came} == {IssuedCard, int}
