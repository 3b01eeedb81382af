"""Cards for staff without an address: one call gives role and card, another replaces a lost card."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from agreements.ledger import read_entry
from conference.domain.accounts import Role
from conference.domain.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from conference.models import AccessCard, Account, AuditEntry, Authenticator, RoleGrant
from conference.services.cards import CardSecrets, issue_card, use_card_link
from conference.services.roles import ROLES_THAT_SEE_NAMES, grant_role_to, revoke_role
from conference.services.staff_cards import IssuedCard, invite_cardholder, reissue_for_staff
from tests.factories import NOW, grant, identity_of, make_account, make_conference, make_organization
from tests.races import at_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from conference.models import Conference
    from tests.databases import Prepared

KEY = b"a key for cards in tests"


def secrets(number: int) -> CardSecrets:
    return CardSecrets(token=f"token-{number}", code=f"CARD{number:06d}")


def card(number: int, by: Account, **values: Any) -> dict[str, Any]:
    settings = {"key": KEY, "lifetime": timedelta(days=21), "by": by.id, "now": NOW}
    return {"secrets": secrets(number)} | settings | values


def invite(
    session: Session, conference: Conference, role: Role, by: Account, number: int = 1, **values: Any
) -> IssuedCard | None:
    return invite_cardholder(
        session,
        conference_id=conference.id,
        role=role,
        language="es",
        **{"organization_id": None} | card(number, by) | values,
    )


def reissue(
    session: Session, conference: Conference, grant_id: int, by: Account, number: int = 2
) -> IssuedCard:
    return reissue_for_staff(session, conference_id=conference.id, grant_id=grant_id, **card(number, by))


def grant_of(session: Session, role: Role) -> RoleGrant:
    return session.scalars(select(RoleGrant).where(RoleGrant.role == role)).one()


def test_who_is_invited_by_card_holds_the_role_and_gets_in_by_the_card(session: Session) -> None:
    conference = make_conference(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    assert invite(session, conference, Role.CHAIR, organizer) == IssuedCard(number=1, language="es")
    used = use_card_link(session, token="token-1", now=NOW)
    holder = session.get_one(Account, used.account_id)
    assert (holder.email, holder.language) == (None, "es")
    assert identity_of(session, holder, conference).roles == {Role.CHAIR}


@pytest.mark.parametrize(
    ("role", "code"),
    [(Role.ORGANIZATION_LEAD, "organization_needed"), (Role.DELEGATE, "role_not_granted")],
)
def test_a_role_that_is_refused_comes_with_no_card(session: Session, role: Role, code: str) -> None:
    conference = make_conference(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    with pytest.raises(Invalid) as refusal:
        invite(session, conference, role, organizer)
    assert refusal.value.code == code
    assert session.scalar(select(func.count(AccessCard.id))) == 0


def test_a_new_card_takes_the_place_of_the_lost_one(session: Session) -> None:
    conference = make_conference(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    invite(session, conference, Role.CHAIR, organizer)
    held = grant_of(session, Role.CHAIR)
    assert reissue(session, conference, held.id, organizer) == IssuedCard(number=2, language="es")
    with pytest.raises(NotFound) as refusal:
        use_card_link(session, token="token-1", now=NOW)
    assert refusal.value.code == "card_wrong"
    assert use_card_link(session, token="token-2", now=NOW).account_id == held.account_id


def test_a_card_is_for_a_role_in_force_here_and_for_nobody_with_an_address(session: Session) -> None:
    here, elsewhere = make_conference(session), make_conference(session, slug="otra")
    organizer = grant(session, here, Role.ORGANIZER)
    grant(session, here, Role.CHAIR)
    invite(session, here, Role.RAPPORTEUR, organizer)
    gone = grant(session, here, Role.SECRETARIAT, account=make_account(session, email=None))
    by_mail, by_card, withdrawn = (
        grant_of(session, role).id for role in (Role.CHAIR, Role.RAPPORTEUR, Role.SECRETARIAT)
    )
    revoke_role(session, conference_id=here.id, grant_id=withdrawn, by=organizer.id, now=NOW)

    def refused(conference: Conference, grant_id: int) -> tuple[type[DomainError], str]:
        with pytest.raises(DomainError) as refusal:
            reissue(session, conference, grant_id, organizer)
        return refusal.type, refusal.value.code

    assert refused(here, by_mail) == (Conflict, "card_for_address")
    assert refused(elsewhere, by_card) == (NotFound, "grant_not_found")
    assert refused(here, withdrawn) == (NotFound, "grant_not_found")
    held = session.scalars(select(AccessCard.account_id)).all()
    assert (len(held), gone.id in held) == (1, False)


@pytest.mark.parametrize("role", sorted(ROLES_THAT_SEE_NAMES))
def test_who_gives_a_role_that_sees_names_does_not_hold_its_card(session: Session, role: Role) -> None:
    conference = make_conference(session)
    organizer, other = (grant(session, conference, Role.ORGANIZER) for _ in range(2))
    club = make_organization(session, conference)
    assert invite(session, conference, role, organizer, organization_id=club.id) is None
    assert session.scalar(select(func.count(AccessCard.id))) == 0
    held = grant_of(session, role)
    with pytest.raises(Forbidden) as refusal:
        reissue(session, conference, held.id, organizer)
    assert refusal.value.code == "card_by_granter"
    assert session.scalar(select(func.count(AccessCard.id))) == 0
    assert reissue(session, conference, held.id, other) == IssuedCard(number=1, language="es")
    assert use_card_link(session, token="token-2", now=NOW).account_id == held.account_id
    with pytest.raises(Forbidden):
        reissue(session, conference, held.id, organizer)


def by_card(session: Session, conference: Conference, role: Role = Role.ORGANIZER) -> RoleGrant:
    """Somebody who works here, has no address, and can show a second factor."""
    account = grant(session, conference, role, account=make_account(session, email=None))
    session.add(Authenticator(account_id=account.id, sealed_secret=b"s", begun_at=NOW, confirmed_at=NOW))
    issue_card(
        session,
        conference_id=conference.id,
        account_id=account.id,
        role_name=role.value,
        **card(1000 + account.id, account),
    )
    return session.scalars(select(RoleGrant).where(RoleGrant.account_id == account.id)).one()


def refusal(session: Session, conference: Conference, held: RoleGrant, by: RoleGrant) -> str | None:
    """Return why a card is not printed anew, None if it is."""
    try:
        reissue(session, conference, held.id, session.get_one(Account, by.account_id))
    except DomainError as error:
        return error.code
    return None


def can_get_in(session: Session, held: RoleGrant) -> bool:
    return session.get(Authenticator, held.account_id, populate_existing=True) is not None


def test_nobody_prints_their_own_card_and_is_locked_out_by_it(session: Session) -> None:
    conference = make_conference(session)
    first, second = by_card(session, conference), by_card(session, conference)
    assert refusal(session, conference, first, by=first) == "card_for_oneself"
    assert (can_get_in(session, first), session.scalar(select(func.max(AccessCard.number)))) == (True, 2)
    assert refusal(session, conference, first, by=second) is None
    assert (can_get_in(session, first), can_get_in(session, second)) == (False, True)


def test_the_card_of_the_last_organizer_who_can_get_in_is_not_printed(session: Session) -> None:
    conference, elsewhere = make_conference(session), make_conference(session)
    by_card(session, elsewhere)
    last, chair = by_card(session, conference), by_card(session, conference, Role.CHAIR)
    # Signed in still, but without a second factor: whoever removed theirs would not get in again.
    other = grant(session, conference, Role.ORGANIZER)
    without = session.scalars(select(RoleGrant).where(RoleGrant.account_id == other.id)).one()
    assert refusal(session, conference, last, by=without) == "card_of_last_organizer"
    assert can_get_in(session, last)
    assert refusal(session, conference, chair, by=without) is None


def test_two_organizers_who_print_each_others_card_at_once_leave_one(
    prepared: Prepared, session: Session
) -> None:
    conference = make_conference(session)
    conference_id, held = conference.id, [by_card(session, conference) for _ in range(2)]
    pairs = [(held[0].id, held[1].account_id), (held[1].id, held[0].account_id)]
    session.commit()

    def printing(number: int, grant_id: int, by: int) -> Callable[[Session], object]:
        return lambda own: reissue_for_staff(
            own,
            conference_id=conference_id,
            grant_id=grant_id,
            secrets=secrets(number),
            key=KEY,
            lifetime=timedelta(days=21),
            by=by,
            now=NOW,
        )

    came = at_once(prepared, *(printing(number, *pair) for number, pair in enumerate(pairs)))
    assert [str(each) for each in came].count("card_of_last_organizer") == 1
    session.rollback()
    assert sorted(can_get_in(session, each) for each in held) == [False, True]


def logged(session: Session) -> list[dict[str, object]]:
    entries = session.scalars(select(AuditEntry.entry).order_by(AuditEntry.index))
    told = (read_entry(bytes(entry)).event for entry in entries)
    return [{name: value for name, value in event.items() if name != "at"} for event in told]


def test_the_log_says_for_whose_role_a_card_was_printed(session: Session) -> None:
    conference = make_conference(session)
    organizer, other = (grant(session, conference, Role.ORGANIZER) for _ in range(2))
    grant(session, conference, Role.CHAIR)
    invite(session, conference, Role.CHAIR, organizer)
    invite(session, conference, Role.DOOR_VOLUNTEER, organizer)
    reissue(session, conference, grant_of(session, Role.DOOR_VOLUNTEER).id, other)
    assert logged(session)[1:] == [
        {"kind": "role_card_issued", "card": 1, "grant": "chair-2", "actor": "organizer-1"},
        {
            "kind": "role_granted",
            "role": "door_volunteer",
            "grant": "door_volunteer-1",
            "actor": "organizer-1",
        },
        {"kind": "role_card_issued", "card": 2, "grant": "door_volunteer-1", "actor": "organizer-2"},
    ]


def test_the_log_calls_the_holder_by_the_strongest_role_and_others_by_their_own(session: Session) -> None:
    conference = make_conference(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    invite(session, conference, Role.OFFICIAL, organizer)
    held = grant_of(session, Role.OFFICIAL)
    reissue(session, conference, held.id, organizer)
    grant(session, conference, Role.SECRETARIAT, account=session.get_one(Account, held.account_id))
    reissue(session, conference, held.id, organizer, number=3)
    assert logged(session)[2:] == [
        {
            "kind": "role_card_reissued",
            "card": number,
            "replaces": number - 1,
            "grant": whose,
            "actor": "organizer-1",
        }
        for number, whose in ((2, "official-1"), (3, "secretariat-1"))
    ]


def test_a_role_beside_it_that_sees_names_counts_while_it_is_in_force(session: Session) -> None:
    conference = make_conference(session)
    organizer, other = (grant(session, conference, Role.ORGANIZER) for _ in range(2))
    invite(session, conference, Role.CHAIR, organizer)
    held = grant_of(session, Role.CHAIR)
    settings: dict[str, Any] = {"organization_id": None, "by": organizer.id, "now": NOW}
    at_the_door = grant_role_to(
        session,
        conference_id=conference.id,
        account_id=held.account_id,
        role=Role.DOOR_VOLUNTEER,
        **settings,
    )
    with pytest.raises(Forbidden):
        reissue(session, conference, held.id, organizer)
    revoke_role(session, conference_id=conference.id, grant_id=at_the_door, by=other.id, now=NOW)
    assert reissue(session, conference, held.id, organizer) == IssuedCard(number=2, language="es")
