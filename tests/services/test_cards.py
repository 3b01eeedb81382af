"""One card a person, one phone a card; the desk can become nobody; what is kept names nobody."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from conference import models
from conference.domain.accounts import Role, link_digest
from conference.domain.cards import CardState, card_code_digest, shown_card_code
from conference.domain.errors import Conflict, DomainError, NotFound
from conference.domain.passkeys import Ceremony
from conference.domain.registration import RegistrationStatus
from conference.domain.sign_ins import SignInWay
from conference.domain.tickets import (
    badge_text,
    ticket_code,
    ticket_code_digest,
    ticket_text,
    ticket_token,
    token_digest,
)
from conference.queries.cards import CardInForce, PersonAtDesk, person_at_desk
from conference.services.cards import (
    CardSecrets,
    issue_at_desk,
    issue_card,
    revoke_card,
    use_card_code,
    use_card_link,
)
from conference.services.roles import EARNED_ROLES
from tests.factories import (
    NOW,
    grant,
    make_account,
    make_conference,
    make_delegate,
    make_organization,
    make_registration,
    make_sign_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.databases import Prepared

KEY = b"k" * 32
OLD_KEY = b"o" * 32
LIFETIME = timedelta(days=21)
SOON = NOW + timedelta(minutes=5)
FIRST = CardSecrets("first-token", "7KQ2MXWD94")
SECOND = CardSecrets("second-token", "CDFGHJKMNP")
NAME = "Nombre Reservado"


class Desk:
    """A conference, a desk of its committee, and somebody without email before it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.conference = make_conference(session)
        self.by = grant(session, self.conference, Role.CREDENTIALS_COMMITTEE).id
        self.person = make_registration(session, self.conference, badge_name=NAME)

    def issue(
        self,
        secrets: CardSecrets = FIRST,
        *,
        replaces: int | None = None,
        person: models.Registration | None = None,
    ) -> int:
        return issue_at_desk(
            self.session,
            conference_id=self.conference.id,
            registration_id=(person or self.person).id,
            replaces=replaces,
            secrets=secrets,
            key=KEY,
            lifetime=LIFETIME,
            by=self.by,
            now=NOW,
        )

    def revoke(self, number: int) -> None:
        revoke_card(
            self.session,
            conference_id=self.conference.id,
            registration_id=self.person.id,
            number=number,
            by=self.by,
            now=SOON,
        )

    def enter(self, secrets: CardSecrets = FIRST) -> models.SignIn:
        """Use a card as a phone does, and be signed in by it."""
        used = use_card_link(self.session, token=secrets.token, now=SOON)
        account = self.session.get_one(models.Account, used.account_id)
        return make_sign_in(self.session, account, way=SignInWay.CARD, card_id=used.card_id)[0]

    def give_role(self, role: Role, conference: models.Conference) -> str:
        """Give the person an account without address that has a role; return the token of their ticket."""
        account = make_account(self.session, email=None)
        organization = make_organization(self.session, conference) if role is Role.ORGANIZATION_LEAD else None
        grant(self.session, conference, role, account=account, organization=organization)
        self.person, token = ticketed(self, account_id=account.id)
        return token

    def sign_ins(self) -> list[models.SignIn]:
        return list(self.session.scalars(select(models.SignIn).order_by(models.SignIn.id)))

    def log(self) -> list[dict[str, Any]]:
        entries = (
            select(models.AuditEntry.entry)
            .where(models.AuditEntry.conference_id == self.conference.id)
            .order_by(models.AuditEntry.index)
        )
        return [json.loads(entry)["event"] for entry in self.session.scalars(entries)]


@pytest.fixture
def desk(session: Session) -> Desk:
    """The desk, with somebody else registered and carded, who must not be touched."""
    desk = Desk(session)
    other = make_registration(session, make_conference(session))
    issue_at_desk(
        session,
        conference_id=other.conference_id,
        registration_id=other.id,
        replaces=None,
        secrets=CardSecrets("noise", "ZZZZZZZZZZ"),
        key=KEY,
        lifetime=LIFETIME,
        by=desk.by,
        now=NOW,
    )
    return desk


def issue(desk: Desk, account_id: int, secrets: CardSecrets = FIRST) -> int:
    """Issue a card as an organizer does, to whomever."""
    return issue_card(
        desk.session,
        conference_id=desk.conference.id,
        account_id=account_id,
        role_name="chair-1",
        secrets=secrets,
        key=KEY,
        lifetime=LIFETIME,
        by=desk.by,
        now=NOW,
    )


def set_up(session: Session, account_id: int) -> None:
    """Set up everything that lets somebody in again, as whoever is signed in can."""
    account = session.get_one(models.Account, account_id)
    session.add_all(
        [
            models.Passkey(
                account_id=account_id,
                credential=b"%d" % account_id,
                public_key=b"",
                verifies=True,
                added_at=NOW,
            ),
            models.Authenticator(
                account_id=account_id, sealed_secret=b"sealed", begun_at=NOW, confirmed_at=NOW, last_step=0
            ),
            models.RecoveryCode(account_id=account_id, digest=f"recovery-{account_id}"),
            models.Challenge(
                digest=f"challenge-{account_id}",
                ceremony=Ceremony.ADD,
                account_id=account_id,
                expires_at=SOON,
            ),
        ]
    )
    make_sign_in(session, account, way=SignInWay.PASSKEY)
    session.flush()


def opened(session: Session, account_id: int) -> dict[str, int]:
    """Count what lets somebody in, or has let them in."""
    return {
        table.__name__: session.scalar(
            select(func.count()).select_from(table).where(table.account_id == account_id)
        )
        or 0
        for table in ROOTS
    }


ROOTS = (models.Passkey, models.Authenticator, models.RecoveryCode, models.Challenge, models.SignIn)
EVERYTHING = dict.fromkeys((table.__name__ for table in ROOTS), 1)
NOTHING = dict.fromkeys(EVERYTHING, 0)


def code_of(refused: pytest.ExceptionInfo[DomainError]) -> str:
    return refused.value.code


# -- issuing ---------------------------------------------------------------------------------------


def test_somebody_without_an_account_gets_one_that_knows_nothing_of_them(desk: Desk) -> None:
    assert desk.issue() == 1
    account = desk.session.get_one(models.Account, desk.person.account_id)
    assert (account.email, account.language, account.created_at) == (None, "es", NOW)


def test_a_card_is_kept_as_digests_and_a_number(desk: Desk) -> None:
    number = desk.issue()
    card = desk.session.scalars(
        select(models.AccessCard).where(models.AccessCard.conference_id == desk.conference.id)
    ).one()
    assert (card.number, card.account_id, card.issued_by_id) == (number, desk.person.account_id, desk.by)
    assert (card.token_digest, card.code_digest) == (
        link_digest(FIRST.token),
        card_code_digest(FIRST.code, key=KEY),
    )
    assert (card.issued_at, card.expires_at, card.used_at, card.revoked_at) == (
        NOW,
        NOW + LIFETIME,
        None,
        None,
    )


def test_cards_are_numbered_within_their_conference(desk: Desk) -> None:
    neighbour = make_registration(desk.session, desk.conference)
    assert [desk.issue(), desk.issue(SECOND, person=neighbour)] == [1, 2]


def test_somebody_with_an_address_gets_no_card_at_the_desk(desk: Desk) -> None:
    unproved = make_registration(desk.session, desk.conference, contact_email="secreta@example.org")
    account = make_account(desk.session)
    proved = make_registration(desk.session, desk.conference, account_id=account.id)
    for person in (unproved, proved):
        with pytest.raises(Conflict) as refused:
            desk.issue(person=person)
        assert code_of(refused) == "card_for_address"
    assert unproved.account_id is None


@pytest.mark.parametrize("role", sorted(set(Role) - EARNED_ROLES))
@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "elsewhere"])
def test_the_desk_cannot_become_somebody_who_has_a_role_here_or_elsewhere(
    desk: Desk, role: Role, elsewhere: bool
) -> None:
    token = desk.give_role(role, make_conference(desk.session) if elsewhere else desk.conference)
    with pytest.raises(Conflict) as refused:
        desk.issue()
    assert code_of(refused) == "card_for_role"
    assert look(desk, ticket_code(token)).refusal == "card_for_role"


def test_the_desk_locks_nobody_out_of_a_role(desk: Desk) -> None:
    token = desk.give_role(Role.ORGANIZER, desk.conference)
    account_id = desk.person.account_id or 0
    number = issue(desk, account_id)
    set_up(desk.session, account_id)
    with pytest.raises(Conflict) as refused:
        desk.revoke(number)
    assert code_of(refused) == "card_for_role"
    seen = look(desk, ticket_code(token))
    assert (seen.may_lose_it, opened(desk.session, account_id)) == (False, EVERYTHING)


def test_a_delegate_without_email_gets_a_card_and_so_does_a_former_volunteer(desk: Desk) -> None:
    account, _seat = make_delegate(desk.session, desk.conference)
    account.email = None
    grant(desk.session, desk.conference, Role.DOOR_VOLUNTEER, account=account)
    revoked = desk.session.scalars(
        select(models.RoleGrant).where(models.RoleGrant.account_id == account.id)
    ).one()
    revoked.revoked_at, revoked.revoked_by_id = NOW, desk.by
    person = desk.session.scalars(
        select(models.Registration).where(models.Registration.account_id == account.id)
    ).one()
    assert desk.issue(person=person) == 1
    assert person.account_id == account.id


def test_whoever_invites_staff_may_print_them_a_card(desk: Desk) -> None:
    account = make_account(desk.session, email=None)
    grant(desk.session, desk.conference, Role.DOOR_VOLUNTEER, account=account)
    number = issue(desk, account.id)
    assert (number, use_card_link(desk.session, token=FIRST.token, now=SOON).account_id) == (1, account.id)


def test_a_cancelled_ticket_gets_no_card_and_neither_does_one_of_another_conference(desk: Desk) -> None:
    cancelled = make_registration(
        desk.session, desk.conference, status=RegistrationStatus.CANCELLED, cancelled_at=NOW
    )
    with pytest.raises(Conflict) as refused:
        desk.issue(person=cancelled)
    assert code_of(refused) == "ticket_cancelled"
    with pytest.raises(NotFound) as unknown:
        desk.issue(person=make_registration(desk.session, make_conference(desk.session)))
    assert code_of(unknown) == "ticket_not_found"


def test_a_second_tap_issues_no_second_card(desk: Desk) -> None:
    desk.issue()
    with pytest.raises(Conflict) as refused:
        desk.issue(SECOND)
    assert code_of(refused) == "card_changed"
    with pytest.raises(NotFound):
        use_card_link(desk.session, token=SECOND.token, now=SOON)


def test_of_desks_that_issue_at_once_one_does(session: Session, prepared: Prepared) -> None:
    desk = Desk(session)
    acts = [issuing(desk, number) for number in range(4)]
    session.commit()

    results = at_once(prepared, acts)

    assert sorted(map(str, results)) == ["1", *["card_changed"] * 3]
    session.rollback()
    assert len(session.scalars(select(models.AccessCard)).all()) == 1


def issuing(desk: Desk, number: int) -> Callable[[Session], object]:
    conference_id, registration_id, by = desk.conference.id, desk.person.id, desk.by

    def act(session: Session) -> object:
        return issue_at_desk(
            session,
            conference_id=conference_id,
            registration_id=registration_id,
            replaces=None,
            secrets=CardSecrets(f"token-{number}", f"2222222222{number}"),
            key=KEY,
            lifetime=LIFETIME,
            by=by,
            now=NOW,
        )

    return act


def at_once(prepared: Prepared, acts: Sequence[Callable[[Session], object]]) -> list[object]:
    """Run every act in a thread and a session of its own, all begun together; a refusal is its code."""
    ready = threading.Barrier(len(acts))

    def run(act: Callable[[Session], object]) -> object:
        with Session(prepared.engine) as session:
            ready.wait()
            try:
                done = act(session)
                session.commit()
            except DomainError as error:
                return error.code
            return done

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


# -- using -----------------------------------------------------------------------------------------


def test_link_and_code_sign_in_whoever_the_card_is_for(desk: Desk) -> None:
    desk.issue()
    neighbour = make_registration(desk.session, desk.conference)
    desk.issue(SECOND, person=neighbour)
    by_link = use_card_link(desk.session, token=FIRST.token, now=SOON)
    typed = shown_card_code(SECOND.code).lower()
    by_code = use_card_code(desk.session, code=typed, keys=[KEY], now=SOON)
    assert (by_link.account_id, by_code.account_id) == (desk.person.account_id, neighbour.account_id)


def test_a_code_kept_with_an_earlier_key_still_works(desk: Desk) -> None:
    desk.issue()
    with pytest.raises(NotFound):
        use_card_code(desk.session, code=FIRST.code, keys=[OLD_KEY], now=SOON)
    used = use_card_code(desk.session, code=FIRST.code, keys=[OLD_KEY, KEY], now=SOON)
    assert used.account_id == desk.person.account_id


def test_a_card_works_once_by_whichever_way(desk: Desk) -> None:
    desk.issue()
    use_card_link(desk.session, token=FIRST.token, now=SOON)
    for again in (
        lambda: use_card_link(desk.session, token=FIRST.token, now=SOON),
        lambda: use_card_code(desk.session, code=FIRST.code, keys=[KEY], now=SOON + LIFETIME),
    ):
        with pytest.raises(Conflict) as refused:
            again()
        assert code_of(refused) == "card_used"


def test_of_eight_phones_that_use_a_card_at_once_one_is_let_in(session: Session, prepared: Prepared) -> None:
    desk = Desk(session)
    desk.issue()
    account_id = desk.person.account_id
    session.commit()

    def act(phone: Session) -> object:
        return use_card_link(phone, token=FIRST.token, now=SOON).account_id

    results = at_once(prepared, [act] * 8)

    assert sorted(map(str, results)) == sorted([str(account_id), *["card_used"] * 7])


@pytest.mark.parametrize("code", ["", "nonsense", "2345678923", "7KQ2M-XWD9"])
def test_a_code_that_was_never_printed_opens_nothing(desk: Desk, code: str) -> None:
    desk.issue()
    with pytest.raises(NotFound) as refused:
        use_card_code(desk.session, code=code, keys=[KEY], now=SOON)
    assert code_of(refused) == "card_wrong"


def test_unknown_expired_and_revoked_cards_are_answered_alike(desk: Desk) -> None:
    number = desk.issue()
    with pytest.raises(NotFound) as expired:
        use_card_link(desk.session, token=FIRST.token, now=NOW + LIFETIME)
    desk.revoke(number)
    with pytest.raises(NotFound) as revoked:
        use_card_link(desk.session, token=FIRST.token, now=SOON)
    with pytest.raises(NotFound) as unknown:
        use_card_link(desk.session, token="never", now=SOON)
    assert [(error.value.code, error.value.data) for error in (expired, revoked, unknown)] == [
        ("card_wrong", {})
    ] * 3


def test_a_clock_that_was_set_back_keeps_nobody_out(desk: Desk) -> None:
    desk.issue()
    used = use_card_link(desk.session, token=FIRST.token, now=NOW - timedelta(hours=1))
    assert desk.session.get_one(models.AccessCard, used.card_id).used_at == NOW


# -- losing ----------------------------------------------------------------------------------------


def test_a_new_card_revokes_the_old_one_and_everything_that_whoever_stole_it_set_up(desk: Desk) -> None:
    number = desk.issue()
    account = desk.session.get_one(models.Account, desk.person.account_id)
    other = make_account(desk.session, email=None)
    desk.enter()
    for each in (account, other):
        set_up(desk.session, each.id)
    assert desk.issue(SECOND, replaces=number) == number + 1
    assert [opened(desk.session, each.id) for each in (account, other)] == [NOTHING, EVERYTHING]
    with pytest.raises(NotFound) as stolen:
        use_card_link(desk.session, token=FIRST.token, now=SOON)
    assert code_of(stolen) == "card_wrong"
    assert desk.enter(SECOND).account_id == account.id


def test_a_new_card_of_staff_closes_what_was_opened_with_the_old_one(desk: Desk) -> None:
    desk.give_role(Role.CHAIR, desk.conference)
    account_id = desk.person.account_id or 0
    issue(desk, account_id)
    set_up(desk.session, account_id)
    issue(desk, account_id, SECOND)
    assert opened(desk.session, account_id) == NOTHING


def test_whoever_has_an_address_by_now_loses_with_the_card_what_the_card_let_in(desk: Desk) -> None:
    number = desk.issue()
    lost = desk.enter()
    account = desk.session.get_one(models.Account, desk.person.account_id)
    account.email = "persona@example.org"
    set_up(desk.session, account.id)
    desk.revoke(number)
    assert opened(desk.session, account.id) == EVERYTHING
    assert lost.id not in [row.id for row in desk.sign_ins()]


def test_a_card_can_be_taken_back_without_a_new_one(desk: Desk) -> None:
    number = desk.issue()
    desk.enter()
    set_up(desk.session, desk.person.account_id or 0)
    desk.revoke(number)
    assert opened(desk.session, desk.person.account_id or 0) == NOTHING
    with pytest.raises(Conflict) as again:
        desk.revoke(number)
    assert code_of(again) == "card_changed"
    assert desk.issue(SECOND) == number + 1


def test_a_card_that_nobody_holds_is_not_taken_back(desk: Desk) -> None:
    with pytest.raises(Conflict) as refused:
        desk.revoke(1)
    assert code_of(refused) == "card_changed"


# -- what is written down --------------------------------------------------------------------------


def test_the_log_knows_numbers_and_pseudonyms_and_no_name(desk: Desk) -> None:
    first = desk.issue()
    desk.enter()
    second = desk.issue(SECOND, replaces=first)
    desk.revoke(second)
    told = [{name: value for name, value in event.items() if name != "at"} for event in desk.log()]
    committee = "credentials_committee-1"
    assert told == [
        {"kind": "card_issued", "card": 1, "actor": committee},
        {"kind": "card_reissued", "card": 2, "replaces": 1, "actor": committee},
        {"kind": "card_revoked", "card": 2, "actor": committee},
    ]
    written = json.dumps(desk.log())
    assert [secret for secret in (NAME, FIRST.token, FIRST.code, SECOND.token) if secret in written] == []


# -- the desk's view -------------------------------------------------------------------------------


def ticketed(desk: Desk, **values: Any) -> tuple[models.Registration, str]:
    nonce = f"{desk.person.id + 1000:032x}"
    token = ticket_token(nonce, key=KEY)
    row = make_registration(
        desk.session,
        desk.conference,
        badge_name=NAME,
        ticket_nonce=nonce,
        token_digest=token_digest(token),
        code_digest=ticket_code_digest(ticket_code(token), key=KEY),
        **values,
    )
    return row, token


def look(desk: Desk, text: str, keys: Sequence[bytes] = (KEY,)) -> PersonAtDesk:
    return person_at_desk(
        desk.session,
        conference_id=desk.conference.id,
        slug=desk.conference.slug,
        text=text,
        keys=keys,
        card_keys=keys,
        now=SOON,
    )


def test_a_ticket_is_found_by_its_code_and_by_its_qr_code(
    desk: Desk, count_queries: Callable[[], Any]
) -> None:
    row, token = ticketed(desk)
    expected = PersonAtDesk(row.id, NAME, row.category, "es", None, None, True, False)
    scanned = ticket_text(token, conference=desk.conference.slug, key=KEY)
    badge = badge_text(ticket_code(token), conference=desk.conference.slug, key=KEY)
    desk.session.flush()
    with count_queries() as queries:
        assert [look(desk, text) for text in (ticket_code(token).lower(), scanned, badge)] == [expected] * 3
    assert len(queries) == 3
    assert look(desk, scanned, keys=[OLD_KEY, KEY]) == expected


def test_the_desk_sees_what_became_of_the_card(desk: Desk) -> None:
    row, token = ticketed(desk)
    desk.issue(person=row)
    waiting = look(desk, ticket_code(token)).card
    use_card_link(desk.session, token=FIRST.token, now=SOON)
    used = look(desk, ticket_code(token)).card
    assert [waiting, used] == [
        CardInForce(1, CardState.WAITING, NOW, None),
        CardInForce(1, CardState.USED, NOW, SOON),
    ]


def test_the_desk_is_told_why_there_is_no_card_for_somebody(desk: Desk) -> None:
    row, token = ticketed(desk, contact_email="secreta@example.org")
    by_address = look(desk, ticket_code(token)).refusal
    row.contact_email = None
    account = make_account(desk.session, email=None)
    grant(desk.session, desk.conference, Role.RAPPORTEUR, account=account)
    row.account_id = account.id
    desk.session.flush()
    assert [by_address, look(desk, ticket_code(token)).refusal] == ["card_for_address", "card_for_role"]


def test_other_texts_find_nobody(desk: Desk) -> None:
    row, token = ticketed(desk)
    elsewhere = ticket_text(token, conference="elsewhere", key=KEY)
    for text in ("", "nobody", "0000000000", elsewhere, FIRST.token):
        with pytest.raises(NotFound) as refused:
            look(desk, text)
        assert code_of(refused) == "ticket_unknown"
    row.status, row.cancelled_at = RegistrationStatus.CANCELLED, NOW
    desk.session.flush()
    with pytest.raises(Conflict) as cancelled:
        look(desk, ticket_code(token))
    assert code_of(cancelled) == "ticket_cancelled"
