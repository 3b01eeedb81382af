"""Cards for staff without an address: one call gives role and card, another replaces a lost card."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from conference.domain.accounts import Role
from conference.domain.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from conference.models import AccessCard, Account, RoleGrant
from conference.services.cards import CardSecrets, use_card_link
from conference.services.roles import ROLES_THAT_SEE_NAMES, grant_role_to, revoke_role
from conference.services.staff_cards import IssuedCard, invite_cardholder, reissue_for_staff
from tests.factories import NOW, grant, identity_of, make_account, make_conference, make_organization

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from conference.models import Conference

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


def reissue(session: Session, conference: Conference, grant_id: int, by: Account) -> IssuedCard:
    return reissue_for_staff(session, conference_id=conference.id, grant_id=grant_id, **card(2, by))


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
