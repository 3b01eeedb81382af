"""Roles that organizers give and take."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from agreements.ledger import read_entry, resume
from conference.domain.accounts import Role
from conference.domain.errors import Conflict, DomainError, Invalid, NotFound
from conference.domain.mail import MessageKind, MessageState
from conference.models import Account, AuditEntry, Authenticator, Message, Passkey, RoleGrant
from conference.policies import Permission, roles_allowed
from conference.services.accounts import Proved, SignInProof, Words, redeem_link
from conference.services.invitations import Invitation
from conference.services.roles import (
    EARNED_ROLES,
    ROLES_THAT_SEE_NAMES,
    grant_role,
    revoke_role,
)
from tests.factories import (
    NOW,
    grant,
    identity_of,
    make_account,
    make_conference,
    make_organization,
    make_registration,
    make_sign_in,
)
from tests.races import at_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from conference.models import Conference, Organization
    from tests.databases import Prepared

SHOW_NAMES = (
    Permission.SCAN_TICKETS,
    Permission.RUN_DESK,
    Permission.ISSUE_CARDS,
    Permission.SEE_NEEDS,
    Permission.SEE_CREDENTIALS,
    Permission.NAME_DELEGATES,
    Permission.ACCEPT_CREDENTIALS,
    Permission.RECORD_PROXIES,
    Permission.REGISTER_GROUPS,
    Permission.MANAGE_ORGANIZATION,
)
ANA = "ana@example.org"
KEY = b"a key for tests"


def give(session: Session, conference: Conference, role: Role, **values: Any) -> int:
    settings = {"email": ANA, "organization_id": None, "language": "es", "by": None, "now": NOW} | values
    return grant_role(session, conference_id=conference.id, role=role, **settings)


def roles_of(session: Session, conference: Conference, account_id: int) -> set[Role]:
    return set(identity_of(session, session.get_one(Account, account_id), conference).roles)


def test_a_role_is_held_in_its_conference_from_granting_to_revoking(session: Session) -> None:
    conference, other = make_conference(session), make_conference(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    number = give(session, conference, Role.CHAIR, by=organizer.id)
    row = session.get_one(RoleGrant, number)
    assert roles_of(session, conference, row.account_id) == {Role.CHAIR}
    assert roles_of(session, other, row.account_id) == set()
    revoke_role(session, conference_id=conference.id, grant_id=number, by=organizer.id, now=NOW)
    assert roles_of(session, conference, row.account_id) == set()
    assert (row.granted_by_id, row.revoked_by_id, row.revoked_at) == (organizer.id, organizer.id, NOW)


def test_a_role_is_held_once_and_may_be_given_again_after_revoking(session: Session) -> None:
    conference = make_conference(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    number = give(session, conference, Role.CHAIR)
    with pytest.raises(Conflict) as refused:
        give(session, conference, Role.CHAIR, email="  ANA@EXAMPLE.ORG")
    assert refused.value.code == "grant_exists"
    revoke_role(session, conference_id=conference.id, grant_id=number, by=organizer.id, now=NOW)
    assert give(session, conference, Role.CHAIR) != number


def test_a_role_given_twice_at_once_is_held_once(prepared: Prepared, session: Session) -> None:
    conference = make_conference(session)
    make_account(session, email=ANA)
    session.commit()
    conference_id = conference.id

    def name(own: Session) -> str:
        give(own, own.get_one(type(conference), conference_id), Role.CHAIR)
        return "granted"

    assert sorted(at_once(prepared, name, name)) == ["grant_exists", "granted"]


@pytest.mark.parametrize("role", [Role.DELEGATE, Role.ATTENDEE])
def test_roles_that_are_earned_are_not_given(session: Session, role: Role) -> None:
    with pytest.raises(Invalid) as refused:
        give(session, make_conference(session), role)
    assert refused.value.code == "role_not_granted"
    assert session.scalar(select(func.count(Account.id))) == 0


def test_a_lead_answers_for_an_organization_that_takes_part(session: Session) -> None:
    conference = make_conference(session)
    other = make_conference(session)
    elsewhere = make_organization(session, other)
    # Somebody answers for it there; of one that nobody answers for any more somebody can be invited.
    grant(session, other, Role.ORGANIZATION_LEAD, organization=elsewhere)
    club, union = make_organization(session, conference), make_organization(session, conference)
    for organization_id in (None, elsewhere.id, 0):
        with pytest.raises(Invalid) as refused:
            give(session, conference, Role.ORGANIZATION_LEAD, organization_id=organization_id)
        assert refused.value.code == "organization_needed"
    for organization in (club, union):
        give(session, conference, Role.ORGANIZATION_LEAD, organization_id=organization.id)
    with pytest.raises(Conflict):
        give(session, conference, Role.ORGANIZATION_LEAD, organization_id=club.id)
    account_id = session.scalars(select(Account.id).where(Account.email == ANA)).one()
    found = identity_of(session, session.get_one(Account, account_id), conference)
    assert found.leads == {club.id, union.id}


def test_only_leads_have_an_organization(session: Session) -> None:
    conference = make_conference(session)
    club = make_organization(session, conference)
    number = give(session, conference, Role.CHAIR, organization_id=club.id)
    assert session.get_one(RoleGrant, number).organization_id is None


def organizer(session: Session, conference: Conference, *, able: bool = True) -> RoleGrant:
    """Return the grant of an organizer, who can show a second factor if `able`."""
    account = grant(session, conference, Role.ORGANIZER)
    if able:
        add_passkey(session, account.id)
    return session.scalars(
        select(RoleGrant).where(RoleGrant.account_id == account.id, RoleGrant.role == Role.ORGANIZER)
    ).one()


def add_passkey(session: Session, account_id: int) -> None:
    key = f"credential of {account_id}".encode()
    session.add(
        Passkey(account_id=account_id, credential=key, public_key=b"public", verifies=True, added_at=NOW)
    )
    session.flush()


def add_app(session: Session, account_id: int, *, confirmed: bool) -> None:
    session.add(
        Authenticator(
            account_id=account_id,
            sealed_secret=b"sealed",
            begun_at=NOW,
            confirmed_at=NOW if confirmed else None,
        )
    )
    session.flush()


def withdraw(session: Session, held: RoleGrant, *, by: RoleGrant) -> str | None:
    """Return why a role is not withdrawn, None if it is."""
    try:
        revoke_role(session, conference_id=held.conference_id, grant_id=held.id, by=by.account_id, now=NOW)
    except Conflict as refusal:
        return refusal.code
    return None


def test_the_last_organizer_stays(session: Session) -> None:
    conference = make_conference(session)
    organizer(session, make_conference(session))
    first, second = organizer(session, conference), organizer(session, conference)
    assert withdraw(session, second, by=first) is None
    assert withdraw(session, first, by=first) == "last_organizer"


def test_an_organizer_who_never_came_in_does_not_count(session: Session) -> None:
    conference = make_conference(session)
    first = organizer(session, conference)
    mistyped = organizer(session, conference, able=False)
    add_app(session, mistyped.account_id, confirmed=False)
    assert withdraw(session, first, by=first) == "last_organizer"
    assert withdraw(session, mistyped, by=first) is None


def test_an_app_that_has_shown_a_code_counts_as_a_passkey_does(session: Session) -> None:
    conference = make_conference(session)
    first, second = organizer(session, conference), organizer(session, conference, able=False)
    add_app(session, second.account_id, confirmed=True)
    assert withdraw(session, first, by=first) is None


@pytest.mark.parametrize("turn", range(3))
def test_two_organizers_who_revoke_each_other_at_once_leave_one(
    prepared: Prepared, session: Session, turn: int
) -> None:
    conference = make_conference(session)
    held = [organizer(session, conference) for _ in range(2)]
    conference_id, others = (
        conference.id,
        [(held[1 - turn % 2], held[turn % 2]), (held[turn % 2], held[1 - turn % 2])],
    )
    pairs = [(target.id, by.account_id) for target, by in others]
    session.commit()

    def revoke(number: int, by: int) -> Callable[[Session], object]:
        return lambda own: revoke_role(own, conference_id=conference_id, grant_id=number, by=by, now=NOW)

    came = at_once(prepared, *(revoke(*pair) for pair in pairs))
    assert sorted(map(str, came)) == ["None", "last_organizer"]


def test_organizers_who_leave_at_once_leave_one(prepared: Prepared, session: Session) -> None:
    conference = make_conference(session)
    conference_id = conference.id
    held = [(one.id, one.account_id) for one in (organizer(session, conference) for _ in range(4))]
    session.commit()

    def leave(number: int, by: int) -> Callable[[Session], object]:
        return lambda own: revoke_role(own, conference_id=conference_id, grant_id=number, by=by, now=NOW)

    came = at_once(prepared, *(leave(*one) for one in held))
    assert sorted(map(str, came)) == ["None", "None", "None", "last_organizer"]


@pytest.mark.parametrize("role", [role for role in Role if role not in EARNED_ROLES])
def test_organizers_give_themselves_no_role_that_sees_names(session: Session, role: Role) -> None:
    conference = make_conference(session)
    club = make_organization(session, conference)
    account = grant(session, conference, Role.ORGANIZER)
    sees = role in {
        Role.CREDENTIALS_COMMITTEE,
        Role.DOOR_VOLUNTEER,
        Role.ORGANIZATION_LEAD,
        Role.SERVICE_LEAD,
    }

    def name(by: int) -> str | None:
        try:
            give(session, conference, role, email=account.email, by=by, organization_id=club.id)
        except DomainError as refusal:
            return refusal.code
        return None

    expected = "grant_exists" if role is Role.ORGANIZER else "role_for_oneself" if sees else None
    assert name(account.id) == expected
    if sees:
        assert name(grant(session, conference, Role.ORGANIZER).id) is None


def test_the_roles_that_see_names_are_those_that_the_policies_let_see_them() -> None:
    seeing = frozenset[Role]().union(*(roles_allowed(permission) for permission in SHOW_NAMES))
    # An organizer may stand at a door or a desk, where the name of whoever stands before them appears.
    assert seeing - {Role.ORGANIZER} == ROLES_THAT_SEE_NAMES


def invitation(number: int = 1) -> Invitation:
    words = Words("es", "Una invitación", "Enlace secreto\n")
    proof = SignInProof(token=f"invited-{number}", code=f"unguessable {number}")
    return Invitation(words, proof, KEY, timedelta(days=3))


def test_an_invitation_tells_of_a_new_role_once_and_its_link_signs_in_once(session: Session) -> None:
    conference = make_conference(session)
    by = organizer(session, conference).account_id
    number = give(session, conference, Role.RAPPORTEUR, by=by, invitation=invitation())
    mail = session.scalars(select(Message)).one()
    assert (mail.kind, mail.recipient, mail.subject, mail.body, mail.conference_id) == (
        MessageKind.INVITATION,
        ANA,
        "Una invitación",
        "Enlace secreto\n",
        conference.id,
    )
    assert mail.useless_after == NOW + timedelta(days=3)
    account_id = session.get_one(RoleGrant, number).account_id
    late = NOW + timedelta(days=3) - timedelta(seconds=1)
    assert redeem_link(session, token="invited-1", now=late) == Proved(account_id, assured=False)
    with pytest.raises(NotFound):
        redeem_link(session, token="invited-1", now=late)


def test_an_invitation_dies_on_its_day(session: Session) -> None:
    give(session, make_conference(session), Role.RAPPORTEUR, invitation=invitation())
    with pytest.raises(NotFound):
        redeem_link(session, token="invited-1", now=NOW + timedelta(days=3))


def test_the_link_of_an_invitation_that_was_withdrawn_opens_nothing(session: Session) -> None:
    conference = make_conference(session)
    by = organizer(session, conference)
    withdrawn = give(session, conference, Role.CHAIR, by=by.account_id, invitation=invitation())
    kept = give(session, conference, Role.RAPPORTEUR, by=by.account_id, invitation=invitation(2))
    assert withdraw(session, session.get_one(RoleGrant, withdrawn), by=by) is None
    with pytest.raises(NotFound) as refused:
        redeem_link(session, token="invited-1", now=NOW)
    assert refused.value.code == "link_wrong"
    account_id = session.get_one(RoleGrant, kept).account_id
    assert redeem_link(session, token="invited-2", now=NOW) == Proved(account_id, assured=False)


def led_with_letters(
    session: Session, conference: Conference, organization: Organization, email: str
) -> list[str]:
    """Have somebody more answer for an organization; return who is written to of it."""
    give(
        session,
        conference,
        Role.ORGANIZATION_LEAD,
        email=email,
        organization_id=organization.id,
        to_leads=lambda language: Words(language, "Su registro", "Alguien más.\n"),
    )
    return sorted(session.scalars(select(Message.recipient).where(Message.subject == "Su registro")))


def test_whoever_leads_an_organization_is_told_that_somebody_else_does_too(session: Session) -> None:
    conference = make_conference(session)
    club, other = make_organization(session, conference), make_organization(session, conference)
    assert led_with_letters(session, conference, other, "otra@example.org") == []
    assert led_with_letters(session, conference, club, "primera@example.org") == []
    assert led_with_letters(session, conference, club, "segunda@example.org") == ["primera@example.org"]


NOTICE = Words("en", "Your role has changed", "Somebody withdrew it.\n")


def told(session: Session, held: RoleGrant, *, by: int) -> list[tuple[MessageKind, str, str, str, str]]:
    """Withdraw a role; return the mails that are written."""
    revoke_role(session, conference_id=held.conference_id, grant_id=held.id, by=by, now=NOW, notice=NOTICE)
    return [
        (mail.kind, mail.recipient, mail.language, mail.subject, mail.body)
        for mail in session.scalars(select(Message))
    ]


def grant_of(session: Session, account: Account) -> RoleGrant:
    return session.scalars(select(RoleGrant).where(RoleGrant.account_id == account.id)).one()


def test_who_worked_here_with_a_role_is_told_that_it_was_withdrawn(session: Session) -> None:
    conference = make_conference(session)
    by, other = organizer(session, conference), organizer(session, conference)
    email = session.get_one(Account, other.account_id).email
    mail = (MessageKind.NOTICE, email, "en", NOTICE.subject, NOTICE.body)
    assert told(session, other, by=by.account_id) == [mail]


def test_nobody_is_told_who_has_no_address_or_did_not_work_here(session: Session) -> None:
    conference = make_conference(session)
    by = organizer(session, conference).account_id
    holder = grant(session, conference, Role.CHAIR, account=make_account(session, email=None))
    club = make_organization(session, conference)
    lead = grant(session, conference, Role.ORGANIZATION_LEAD, organization=club)
    assert told(session, grant_of(session, holder), by=by) == []
    assert told(session, grant_of(session, lead), by=by) == []


def test_naming_somebody_again_writes_to_nobody_and_a_withdrawal_takes_the_mail_back(
    session: Session,
) -> None:
    conference = make_conference(session)
    by = organizer(session, conference)
    number = give(session, conference, Role.RAPPORTEUR, by=by.account_id, invitation=invitation())
    assert withdraw(session, session.get_one(RoleGrant, number), by=by) is None
    session.expire_all()
    mail = session.scalars(select(Message)).one()
    assert (mail.state, mail.recipient, mail.body) == (MessageState.WITHDRAWN, "", "")
    give(session, conference, Role.RAPPORTEUR, by=by.account_id, invitation=invitation(2))
    assert session.scalar(select(func.count(Message.id))) == 1
    give(session, conference, Role.CHAIR, by=by.account_id, invitation=invitation(3))
    assert session.scalar(select(func.count(Message.id))) == 2


def test_who_is_given_or_loses_a_role_gets_a_new_cookie_and_staff_prove_themselves_again(
    session: Session,
) -> None:
    conference = make_conference(session)
    club = make_organization(session, conference)
    by = organizer(session, conference).account_id
    account = make_account(session)
    row, _key = make_sign_in(session, account)

    def renewed() -> tuple[bool, bool, bool]:
        session.refresh(row)
        state = (row.rights_changed, row.assured_at is None, row.staff)
        row.rights_changed, row.assured_at = False, NOW
        session.flush()
        return state

    give(session, conference, Role.ORGANIZATION_LEAD, email=account.email, by=by, organization_id=club.id)
    assert renewed() == (True, False, False)
    number = give(session, conference, Role.CHAIR, email=account.email, by=by)
    assert renewed() == (True, True, True)
    revoke_role(session, conference_id=conference.id, grant_id=number, by=by, now=NOW)
    assert renewed() == (True, True, True)


def test_the_log_says_what_changed_and_never_whose(session: Session) -> None:
    conference = make_conference(session)
    by = organizer(session, conference)
    secret = "lilia.secreta@example.org"
    account = make_account(session, id=987_654_321, email=secret)
    make_registration(session, conference, account_id=account.id, badge_name="Lilia Secreta")
    number = give(session, conference, Role.CHAIR, email=secret, by=by.account_id, invitation=invitation())
    revoke_role(session, conference_id=conference.id, grant_id=number, by=by.account_id, now=NOW)
    give(session, conference, Role.RAPPORTEUR, email=secret, by=None)
    stored = [bytes(entry) for entry in session.scalars(select(AuditEntry.entry).order_by(AuditEntry.index))]
    assert resume(stored).size == 4
    assert [tuple(read_entry(entry).event.values()) for entry in stored] == [
        ("organizer-1", "2026-07-11T17:00:00Z", "chair-1", "role_granted", "chair"),
        ("organizer-1", "2026-07-11T17:00:00Z", "chair-1", "invitation_sent", "chair"),
        ("organizer-1", "2026-07-11T17:00:00Z", "chair-1", "role_revoked", "chair"),
        ("operator", "2026-07-11T17:00:00Z", "rapporteur-1", "role_granted", "rapporteur"),
    ]
    leaked = [
        word
        for word in (b"lilia", b"secreta", b"@", b"987654321", b"987_654_321")
        for entry in stored
        if word in entry.lower()
    ]
    assert leaked == []


def test_a_role_is_revoked_once_and_in_its_own_conference(session: Session) -> None:
    conference, other = make_conference(session), make_conference(session)
    organizer = grant(session, conference, Role.ORGANIZER)
    number = give(session, conference, Role.CHAIR)

    def revoke(where: Conference) -> None:
        revoke_role(session, conference_id=where.id, grant_id=number, by=organizer.id, now=NOW)

    with pytest.raises(NotFound):
        revoke(other)
    revoke(conference)
    with pytest.raises(NotFound) as refused:
        revoke(conference)
    assert refused.value.code == "grant_not_found"
