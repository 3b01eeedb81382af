"""An app's codes and codes on paper: set up, used once, locked, replaced, removed. Nobody else's works."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select

from conference.domain.accounts import Role, link_digest
from conference.domain.errors import Conflict
from conference.domain.mail import MessageKind
from conference.domain.one_time_codes import FactorChange, hotp, recovery_digest, step_of
from conference.models import Account, Authenticator, Message, Passkey, RecoveryCode, RoleGrant, SignIn
from conference.queries.second_factors import Means, begun_secret, has_second_factor, means_of
from conference.services.accounts import Words
from conference.services.second_factors import (
    Tried,
    begin_app,
    enable_app,
    prove_by_app,
    prove_by_recovery_code,
    remove_app,
    renew_recovery_codes,
)
from conference.web.sealing import Seal
from tests.factories import NOW, grant, make_account, make_conference, make_sign_in
from tests.services.test_voting_races import at_once

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

    from tests.databases import Prepared

KEY = b"k" * 32
SECRET = b"12345678901234567890"
OTHER_SECRET = b"09876543210987654321"
STEP = timedelta(seconds=30)
CODES = tuple(f"K7QM2XWDP{letter}" for letter in "23456789CD")


def seal_of(account: Account, *keys: bytes) -> Seal:
    return Seal(keys or (KEY,), "authenticator", account.id)


def letter(language: str) -> Words:
    return Words(language, "Aviso", "Algo cambió")


def code_at(moment: datetime, secret: bytes = SECRET) -> str:
    return hotp(secret, step_of(moment))


def digests(account: Account, codes: Sequence[str] = CODES) -> list[str]:
    return [recovery_digest(code, account_id=account.id, key=KEY) for code in codes]


def begin(session: Session, account: Account, secret: bytes = SECRET, now: datetime = NOW) -> None:
    begin_app(session, account_id=account.id, secret=secret, seal=seal_of(account), now=now)


def enable(
    session: Session,
    account: Account,
    code: str,
    *,
    now: datetime = NOW,
    codes: Sequence[str] = CODES,
    sign_in_id: int | None = None,
) -> bool:
    return enable_app(
        session,
        account_id=account.id,
        sign_in_id=sign_in_id,
        code=code,
        seal=seal_of(account),
        recovery=digests(account, codes),
        letter=letter,
        now=now,
    )


def with_app(session: Session, account: Account, secret: bytes = SECRET) -> Account:
    """The account with an app whose first code was used at NOW."""
    begin(session, account, secret)
    assert enable(session, account, code_at(NOW, secret)) is True
    return account


def remove(session: Session, account: Account, sign_in_id: int | None = None) -> None:
    remove_app(session, account_id=account.id, sign_in_id=sign_in_id, letter=letter, now=NOW)


def by_app(session: Session, account: Account, code: str, now: datetime) -> Tried:
    return prove_by_app(
        session, account_id=account.id, code=code, seal=seal_of(account), locked=letter, now=now
    )


def by_paper(session: Session, account: Account, code: str, now: datetime = NOW) -> bool:
    return prove_by_recovery_code(
        session,
        account_id=account.id,
        digests=digests(account, [code]),
        letter=letter,
        locked=letter,
        now=now,
    )


def add_passkey(session: Session, account: Account, *, verifies: bool = True) -> None:
    session.add(
        Passkey(
            account_id=account.id,
            credential=bytes([account.id % 256]),
            public_key=b"p",
            verifies=verifies,
            uses=0,
            added_at=NOW,
        )
    )
    session.flush()


def staff(session: Session, role: Role = Role.RAPPORTEUR) -> Account:
    return grant(session, make_conference(session), role)


def letters_to(session: Session, account: Account) -> list[tuple[MessageKind, str]]:
    """The kind of each letter to the account, and what it is about."""
    rows = session.execute(
        select(Message.kind, Message.key).where(Message.recipient == account.email).order_by(Message.id)
    )
    return [(kind, key.split("-")[3]) for kind, key in rows]


# -- setting up ------------------------------------------------------------------------------------


def test_an_app_counts_once_it_has_shown_its_first_code(session: Session) -> None:
    account = make_account(session)
    begin(session, account)
    assert has_second_factor(session, account_id=account.id) is False
    assert by_app(session, account, code_at(NOW), NOW) == Tried(right=False)

    assert enable(session, account, code_at(NOW)) is True

    assert means_of(session, account_id=account.id) == Means(
        email=account.email, staff=False, app_since=NOW, passkeys=0, verifying=0, recovery_codes=10
    )
    assert has_second_factor(session, account_id=account.id) is True
    assert letters_to(session, account) == [(MessageKind.NOTICE, FactorChange.APP_SET_UP)]


def test_a_wrong_first_code_changes_nothing_and_may_be_tried_again(session: Session) -> None:
    account = make_account(session)
    begin(session, account)
    tried = [enable(session, account, "000000") for _time in range(9)]
    assert tried == [False] * 9
    assert has_second_factor(session, account_id=account.id) is False
    assert letters_to(session, account) == []
    assert enable(session, account, code_at(NOW)) is True


def test_what_is_stored_shows_neither_the_secret_nor_a_code(session: Session) -> None:
    account = with_app(session, make_account(session))
    begin(session, account, OTHER_SECRET)
    app = session.get_one(Authenticator, account.id)
    stored = app.sealed_secret + (app.sealed_successor or b"")
    kept = set(session.scalars(select(RecoveryCode.digest).where(RecoveryCode.account_id == account.id)))
    assert [SECRET in stored, OTHER_SECRET in stored] == [False, False]
    assert kept == set(digests(account))
    assert [code for code in CODES if code in " ".join(kept)] == []


def test_an_app_that_is_begun_beside_another_leaves_it_in_force(session: Session) -> None:
    account = with_app(session, make_account(session))
    begin(session, account, OTHER_SECRET)
    later = NOW + STEP
    assert by_app(session, account, code_at(later, OTHER_SECRET), later) == Tried(right=False)
    assert by_app(session, account, code_at(later), later) == Tried(right=True)


def test_an_app_that_takes_anothers_place_ends_it_and_its_recovery_codes(session: Session) -> None:
    account = with_app(session, make_account(session))
    begin(session, account, OTHER_SECRET)
    later = NOW + STEP
    fresh = [code[::-1] for code in CODES]
    assert enable(session, account, code_at(later, OTHER_SECRET), now=later, codes=fresh) is True

    after = NOW + 5 * STEP
    assert by_app(session, account, code_at(after), after) == Tried(right=False)
    assert by_app(session, account, code_at(after, OTHER_SECRET), after) == Tried(right=True)
    assert [by_paper(session, account, code) for code in (CODES[0], fresh[0])] == [False, True]


def test_an_app_that_was_begun_an_hour_ago_is_begun_anew(session: Session) -> None:
    account = make_account(session)
    begin(session, account)
    moments = [NOW + timedelta(minutes=59), NOW + timedelta(hours=1)]
    found = [begun_secret(session, account_id=account.id, now=moment) is not None for moment in moments]
    assert found == [True, False]
    with pytest.raises(Conflict) as refusal:
        enable(session, account, code_at(moments[1]), now=moments[1])
    assert refusal.value.code == "app_not_begun"


def test_what_was_never_begun_or_is_done_is_not_enabled(session: Session) -> None:
    never, done = make_account(session), with_app(session, make_account(session))
    for account in (never, done):
        with pytest.raises(Conflict) as refusal:
            enable(session, account, code_at(NOW))
        assert refusal.value.code == "app_not_begun"
        assert begun_secret(session, account_id=account.id, now=NOW) is None


def test_with_another_app_other_browsers_prove_themselves_anew(session: Session) -> None:
    account = with_app(session, make_account(session))
    here, _key = make_sign_in(session, account)
    there, _key = make_sign_in(session, account)
    somebody_else, _key = make_sign_in(session, make_account(session))
    begin(session, account, OTHER_SECRET)
    later = NOW + STEP
    enable(session, account, code_at(later, OTHER_SECRET), now=later, sign_in_id=here.id)
    rows = session.execute(
        select(SignIn.assured_at.is_not(None), SignIn.rights_changed)
        .where(SignIn.id.in_([here.id, there.id, somebody_else.id]))
        .order_by(SignIn.id)
    )
    assert [tuple(row) for row in rows] == [(True, False), (False, True), (True, False)]


# -- a code of the app -----------------------------------------------------------------------------


@pytest.mark.parametrize("skew", [-1, 0, 1])
def test_a_clock_that_is_thirty_seconds_off_is_no_hindrance(session: Session, skew: int) -> None:
    account = with_app(session, make_account(session))
    now = NOW + 10 * STEP
    assert by_app(session, account, code_at(now + skew * STEP), now) == Tried(right=True)


def test_a_code_works_once_and_no_earlier_one_after_it(session: Session) -> None:
    account = with_app(session, make_account(session))
    now = NOW + 10 * STEP
    codes = [code_at(now), code_at(now), code_at(now - STEP), code_at(now + STEP)]
    assert [by_app(session, account, code, now).right for code in codes] == [True, False, False, True]


def test_the_first_code_is_used_up_by_setting_up(session: Session) -> None:
    account = with_app(session, make_account(session))
    assert by_app(session, account, code_at(NOW), NOW) == Tried(right=False)


def test_nobodys_code_works_for_somebody_else(session: Session) -> None:
    ana = with_app(session, make_account(session), SECRET)
    berta = make_account(session)
    begin(session, berta, OTHER_SECRET)
    bertas = [code[::-1] for code in CODES]
    enable(session, berta, code_at(NOW, OTHER_SECRET), codes=bertas)
    now = NOW + 10 * STEP
    assert by_app(session, berta, code_at(now), now) == Tried(right=False)
    assert by_paper(session, berta, CODES[0]) is False
    assert (
        prove_by_recovery_code(
            session, account_id=berta.id, digests=digests(ana), letter=letter, locked=letter, now=now
        )
        is False
    )
    assert means_of(session, account_id=ana.id).recovery_codes == 10


def test_a_row_copied_to_another_account_opens_nothing(session: Session) -> None:
    ana, thief = with_app(session, make_account(session)), with_app(session, make_account(session))
    session.get_one(Authenticator, thief.id).sealed_secret = session.get_one(
        Authenticator, ana.id
    ).sealed_secret
    now = NOW + 10 * STEP
    with pytest.raises(Conflict) as refusal:
        by_app(session, thief, code_at(now), now)
    assert refusal.value.code == "seal_broken"


def test_five_wrong_codes_lock_the_app_for_a_quarter_of_an_hour(session: Session) -> None:
    account = with_app(session, make_account(session))
    now = NOW + 10 * STEP
    until = now + timedelta(minutes=15)
    tried = [by_app(session, account, "000000", now) for _time in range(5)]
    assert tried == [Tried(right=False)] * 4 + [Tried(right=False, locked_until=until)]

    just_before, then = until - timedelta(seconds=1), until
    assert by_app(session, account, code_at(just_before), just_before) == Tried(
        right=False, locked_until=until
    )
    assert by_app(session, account, code_at(then), then) == Tried(right=True)


def test_when_the_lock_has_run_out_a_wrong_code_is_a_wrong_code_again(session: Session) -> None:
    account = with_app(session, make_account(session))
    now = NOW + 10 * STEP
    for _time in range(5):
        by_app(session, account, "000000", now)
    then = now + timedelta(minutes=15)
    tried = [by_app(session, account, "000000", then) for _time in range(5)]
    assert tried == [Tried(right=False)] * 4 + [Tried(right=False, locked_until=then + timedelta(minutes=15))]


def test_of_the_first_lock_since_a_right_code_the_account_is_told(session: Session) -> None:
    account = with_app(session, make_account(session))
    locked = (MessageKind.NOTICE, FactorChange.APP_LOCKED)
    moment, told = NOW + 10 * STEP, []
    for _lock in range(3):
        for _time in range(4):
            by_app(session, account, "000000", moment)
        assert letters_to(session, account)[1:] == told
        by_app(session, account, "000000", moment)
        told = [locked]
        assert letters_to(session, account)[1:] == told
        moment += timedelta(minutes=15)
    by_app(session, account, code_at(moment), moment)
    for _time in range(5):
        by_paper(session, account, "K7QM2XWDPZ", moment)
    assert letters_to(session, account)[1:] == [locked, locked]


def test_wrong_recovery_codes_do_not_shorten_a_lock(session: Session) -> None:
    account = with_app(session, make_account(session))
    now = NOW + 10 * STEP
    for _time in range(5):
        by_app(session, account, "000000", now)
    by_paper(session, account, "K7QM2XWDPZ", now)
    assert by_app(session, account, code_at(now), now) == Tried(
        right=False, locked_until=now + timedelta(minutes=15)
    )


def test_a_passkey_that_never_asked_for_its_lock_is_no_second_factor(session: Session) -> None:
    account = with_app(session, staff(session))
    add_passkey(session, account, verifies=False)
    means = means_of(session, account_id=account.id)
    assert (means.passkeys, means.verifying, means.app_is_needed) == (1, 0, True)
    with pytest.raises(Conflict) as refusal:
        remove(session, account)
    assert refusal.value.code == "last_second_factor"
    session.execute(delete(Authenticator))
    assert has_second_factor(session, account_id=account.id) is False


def test_a_right_code_forgets_the_wrong_ones_before_it(session: Session) -> None:
    account = with_app(session, make_account(session))
    now = NOW + 10 * STEP
    for round_ in range(3):
        moment = now + round_ * 2 * STEP
        wrong = [by_app(session, account, "000000", moment) for _time in range(4)]
        assert wrong == [Tried(right=False)] * 4
        assert by_app(session, account, code_at(moment), moment) == Tried(right=True)


def test_a_secret_sealed_with_a_replaced_key_is_sealed_anew_with_its_use(session: Session) -> None:
    account = with_app(session, make_account(session))
    now, newer = NOW + 10 * STEP, b"n" * 32
    both = seal_of(account, newer, KEY)
    assert prove_by_app(
        session, account_id=account.id, code=code_at(now), seal=both, locked=letter, now=now
    ) == Tried(right=True)
    assert seal_of(account, newer).open(session.get_one(Authenticator, account.id).sealed_secret) == SECRET


def test_of_eight_threads_with_one_code_one_gets_in(session: Session, prepared: Prepared) -> None:
    account = with_app(session, make_account(session))
    session.commit()
    account_id, seal, now = account.id, seal_of(account), NOW + 10 * STEP

    def act(own: Session) -> object:
        return prove_by_app(
            own, account_id=account_id, code=code_at(now), seal=seal, locked=letter, now=now
        ).right

    results = at_once(prepared, [act] * 8)
    assert sorted(map(bool, results)) == [False] * 7 + [True]


def test_eight_wrong_tries_at_once_lock_the_app(session: Session, prepared: Prepared) -> None:
    account = with_app(session, make_account(session))
    session.commit()
    account_id, seal, now = account.id, seal_of(account), NOW + 10 * STEP

    def act(own: Session) -> object:
        return prove_by_app(own, account_id=account_id, code="000000", seal=seal, locked=letter, now=now)

    until = now + timedelta(minutes=15)
    results = at_once(prepared, [act] * 8)
    assert results.count(Tried(right=False)) == 4
    assert results.count(Tried(right=False, locked_until=until)) == 4


# -- codes on paper --------------------------------------------------------------------------------


def use_up(session: Session, account: Account, codes: Sequence[str]) -> list[bool]:
    """Try the codes, a second apart."""
    moments = [NOW + timedelta(seconds=second) for second in range(len(codes))]
    return [by_paper(session, account, *each) for each in zip(codes, moments, strict=True)]


def test_each_recovery_code_works_once_and_the_address_is_told(session: Session) -> None:
    account = with_app(session, make_account(session))
    assert use_up(session, account, CODES * 2) == [True] * 10 + [False] * 10
    told = [FactorChange.CODE_USED] * 10 + [FactorChange.APP_LOCKED]
    assert letters_to(session, account)[1:] == [(MessageKind.NOTICE, change) for change in told]


def test_recovery_codes_work_while_the_app_is_locked_and_unlock_it(session: Session) -> None:
    account = with_app(session, make_account(session))
    now = NOW + 10 * STEP
    for _time in range(5):
        by_app(session, account, "000000", now)
    assert by_paper(session, account, CODES[3], now) is True
    assert by_app(session, account, code_at(now), now) == Tried(right=True)


def test_wrong_recovery_codes_count_as_tries_of_the_app(session: Session) -> None:
    account = with_app(session, make_account(session))
    now = NOW + 10 * STEP
    assert [by_paper(session, account, "K7QM2XWDPZ", now) for _time in range(5)] == [False] * 5
    assert by_app(session, account, code_at(now), now) == Tried(
        right=False, locked_until=now + timedelta(minutes=15)
    )


def test_new_recovery_codes_void_the_old_ones(session: Session) -> None:
    account = with_app(session, make_account(session))
    by_paper(session, account, CODES[0])
    fresh = [code[::-1] for code in CODES]
    renew_recovery_codes(
        session, account_id=account.id, recovery=digests(account, fresh), letter=letter, now=NOW
    )
    assert means_of(session, account_id=account.id).recovery_codes == 10
    assert [by_paper(session, account, code) for code in (*CODES[:2], fresh[1])] == [False, False, True]


@pytest.mark.parametrize(("left", "few"), [(3, False), (2, True), (0, True)])
def test_it_is_said_when_two_are_left(session: Session, left: int, few: bool) -> None:
    account = with_app(session, make_account(session))
    use_up(session, account, CODES[left:])
    means = means_of(session, account_id=account.id)
    assert (means.recovery_codes, means.few_recovery_codes) == (left, few)


def test_an_account_with_a_passkey_alone_may_have_recovery_codes_and_one_with_nothing_may_not(
    session: Session,
) -> None:
    holder, nobody = make_account(session), make_account(session)
    add_passkey(session, holder)
    renew_recovery_codes(session, account_id=holder.id, recovery=digests(holder), letter=letter, now=NOW)
    assert [by_paper(session, holder, code) for code in ("K7QM2XWDPZ", CODES[0])] == [False, True]
    with pytest.raises(Conflict) as refusal:
        renew_recovery_codes(session, account_id=nobody.id, recovery=digests(nobody), letter=letter, now=NOW)
    assert refusal.value.code == "no_second_factor"


def test_of_eight_threads_with_one_recovery_code_one_gets_in(session: Session, prepared: Prepared) -> None:
    account = with_app(session, make_account(session))
    session.commit()
    account_id, given = account.id, digests(account, [CODES[0]])

    def act(own: Session) -> object:
        return prove_by_recovery_code(
            own, account_id=account_id, digests=given, letter=letter, locked=letter, now=NOW
        )

    assert sorted(map(bool, at_once(prepared, [act] * 8))) == [False] * 7 + [True]


# -- removing --------------------------------------------------------------------------------------


def test_an_ordinary_account_removes_its_app_and_the_codes_with_it(session: Session) -> None:
    account = with_app(session, make_account(session))
    remove(session, account)
    assert means_of(session, account_id=account.id) == Means(
        email=account.email, staff=False, app_since=None, passkeys=0, verifying=0, recovery_codes=0
    )
    assert by_app(session, account, code_at(NOW + STEP), NOW + STEP) == Tried(right=False)
    assert letters_to(session, account)[1:] == [(MessageKind.NOTICE, FactorChange.APP_REMOVED)]
    remove(session, account)
    assert len(letters_to(session, account)) == 2


def test_an_app_that_never_showed_a_code_goes_without_a_word(session: Session) -> None:
    account = staff(session)
    begin(session, account)
    here, _key = make_sign_in(session, account)
    make_sign_in(session, account)
    remove(session, account, here.id)
    assert session.scalars(select(Authenticator.account_id)).all() == []
    assert letters_to(session, account) == []
    rows = session.execute(select(SignIn.assured_at.is_not(None), SignIn.rights_changed))
    assert [tuple(row) for row in rows] == [(True, False), (True, False)]


def test_beside_a_passkey_it_goes_without_the_recovery_codes(session: Session) -> None:
    account = staff(session)
    add_passkey(session, account)
    renew_recovery_codes(session, account_id=account.id, recovery=digests(account), letter=letter, now=NOW)
    begin(session, account)
    remove(session, account)
    means = means_of(session, account_id=account.id)
    assert (means.passkeys, means.recovery_codes) == (1, 10)
    assert letters_to(session, account) == [(MessageKind.NOTICE, FactorChange.CODES_RENEWED)]


@pytest.mark.parametrize("role", [Role.ORGANIZER, Role.RAPPORTEUR, Role.DOOR_VOLUNTEER])
def test_staff_keep_their_last_second_factor(session: Session, role: Role) -> None:
    account = with_app(session, staff(session, role))
    assert means_of(session, account_id=account.id).app_is_needed is True
    with pytest.raises(Conflict) as refusal:
        remove(session, account)
    assert refusal.value.code == "last_second_factor"


def test_staff_with_a_passkey_may_remove_the_app_and_keep_their_codes(session: Session) -> None:
    account = with_app(session, staff(session))
    add_passkey(session, account)
    remove(session, account)
    means = means_of(session, account_id=account.id)
    assert (means.app_since, means.passkeys, means.recovery_codes) == (None, 1, 10)


def test_whose_role_was_withdrawn_may_remove_the_app(session: Session) -> None:
    account = with_app(session, staff(session))
    role = session.scalars(select(RoleGrant).where(RoleGrant.account_id == account.id)).one()
    role.revoked_at, role.revoked_by_id = NOW, account.id
    session.flush()
    remove(session, account)
    assert has_second_factor(session, account_id=account.id) is False


def test_a_lead_of_an_organization_is_not_staff_and_may_remove_the_app(session: Session) -> None:
    account = with_app(session, grant(session, make_conference(session), Role.OFFICIAL))
    remove(session, account)
    assert has_second_factor(session, account_id=account.id) is False


def test_an_account_without_address_gets_no_letters(session: Session) -> None:
    account = with_app(session, make_account(session, email=None))
    remove(session, account)
    assert session.scalars(select(Message.id)).all() == []


# -- what is asked for -----------------------------------------------------------------------------


def test_what_an_account_has_is_read_in_one_statement(
    session: Session, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    account = with_app(session, staff(session))
    add_passkey(session, account)
    noise = with_app(session, staff(session))
    add_passkey(session, noise)
    session.commit()
    account_id = account.id
    with count_queries() as queries:
        means = means_of(session, account_id=account_id)
        assert has_second_factor(session, account_id=account_id) is True
    assert (means.staff, means.passkeys, means.recovery_codes) == (True, 1, 10)
    assert len(queries) == 2


def test_a_sealed_secret_opens_for_its_purpose_account_and_key_only() -> None:
    sealed = Seal((KEY,), "authenticator", 7).close(SECRET)
    assert Seal((b"x" * 32, KEY), "authenticator", 7).open(sealed) == SECRET
    assert sealed != Seal((KEY,), "authenticator", 7).close(SECRET)
    wrong = [
        (Seal((KEY,), "authenticator", 8), sealed),
        (Seal((KEY,), "something else", 7), sealed),
        (Seal((b"x" * 32,), "authenticator", 7), sealed),
        (Seal((KEY,), "authenticator", 7), sealed[:-1]),
        (Seal((KEY,), "authenticator", 7), b""),
        (Seal((KEY,), "authenticator", 7), bytes([sealed[0] ^ 1]) + sealed[1:]),
    ]
    for seal, hidden in wrong:
        with pytest.raises(Conflict) as refusal:
            seal.open(hidden)
        assert refusal.value.code == "seal_broken"


def test_a_cookie_is_no_sealed_secret() -> None:
    with pytest.raises(Conflict):
        Seal((KEY,), "authenticator", 7).open(link_digest("x").encode())
