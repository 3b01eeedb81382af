"""Signing in by a link or a code that works once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, func, select

from conference.domain.errors import NotFound
from conference.models import Account, Message, Registration, SignInCode
from conference.services.accounts import (
    Proved,
    SignInProof,
    Words,
    account_for,
    redeem_code,
    redeem_link,
    request_sign_in,
)
from tests.factories import (
    NOW,
    make_account,
    make_conference,
    make_registration,
)
from tests.races import at_once

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tests.databases import Prepared

KEY = b"a key for tests"
LIFETIME = timedelta(minutes=20)
MOMENT = timedelta(seconds=1)
ANA = "ana@example.org"
KNOWN = Words("es", "Su código", "Enlace secreto\n")
UNKNOWN = Words("en", "Your code", "Nobody registered\n")


def ask(session: Session, number: int = 1, email: str = ANA, **values: Any) -> None:
    settings = {"key": KEY, "lifetime": LIFETIME, "mails_per_hour": 5, "now": NOW} | values
    proof = SignInProof(token=f"token-{number}", code=f"0482{number:04}")
    request_sign_in(session, email=email, proof=proof, known=KNOWN, unknown=UNKNOWN, **settings)
    session.commit()


def try_code(session: Session, code: str, email: str = ANA, **values: Any) -> int | None:
    settings: dict[str, Any] = {"keys": (KEY,), "tries": 5, "now": NOW} | values
    proved = redeem_code(session, email=email, code=code, **settings)
    session.commit()
    return None if proved is None else proved.account_id


def use_link(session: Session, token: str, now: datetime = NOW) -> int:
    return redeem_link(session, token=token, now=now).account_id


def mails(session: Session) -> list[str]:
    return list(session.scalars(select(Message.body).order_by(Message.id)))


# -- signing in ------------------------------------------------------------------------------------


def test_the_link_signs_in_once(session: Session) -> None:
    account = make_account(session, email=ANA)
    make_account(session)
    ask(session)
    assert redeem_link(session, token="token-1", now=NOW) == Proved(account.id, assured=False)
    with pytest.raises(NotFound) as refused:
        redeem_link(session, token="token-1", now=NOW)
    assert refused.value.code == "link_wrong"


def test_the_code_signs_in_once_however_it_is_typed(session: Session) -> None:
    account = make_account(session, email=ANA)
    ask(session)
    assert try_code(session, " 0482 0001 ", "  ANA@Example.org ") == account.id
    assert try_code(session, "04820001") is None


def test_the_link_is_used_up_by_the_code_of_its_mail(session: Session) -> None:
    make_account(session, email=ANA)
    ask(session)
    try_code(session, "04820001")
    with pytest.raises(NotFound):
        redeem_link(session, token="token-1", now=NOW)


def test_link_and_code_live_as_long_as_they_say(session: Session) -> None:
    account = make_account(session, email=ANA)
    for number in (1, 2):
        ask(session, number)
    with pytest.raises(NotFound):
        redeem_link(session, token="token-1", now=NOW + LIFETIME)
    assert try_code(session, "04820002", now=NOW + LIFETIME) is None
    assert try_code(session, "04820002", now=NOW + LIFETIME - MOMENT) == account.id


def test_after_five_wrong_tries_the_code_is_void_and_the_link_is_not(session: Session) -> None:
    account = make_account(session, email=ANA)
    ask(session)
    for _ in range(5):
        assert try_code(session, "99999999") is None
    assert try_code(session, "04820001") is None
    assert use_link(session, "token-1") == account.id


def test_strangers_void_a_code_for_strangers_and_not_for_who_asked(session: Session) -> None:
    account = make_account(session, email=ANA)
    ask(session, asker="ana's browser")
    for stranger in (None, "another", None, "a third", ""):
        assert try_code(session, "99999999", asker=stranger) is None
    assert try_code(session, "04820001") is None
    assert try_code(session, "04820001", asker="another") is None
    assert try_code(session, "04820001", asker="ana's browser") == account.id


def test_the_browser_that_asked_has_five_tries_of_its_own(session: Session) -> None:
    account = make_account(session, email=ANA)
    ask(session, asker="ana's browser")
    for _ in range(5):
        assert try_code(session, "99999999", asker="ana's browser") is None
    assert try_code(session, "04820001", asker="ana's browser") is None
    row = session.scalars(select(SignInCode)).one()
    assert (row.asker_tries, row.failed_tries) == (5, 0)
    assert "ana's browser" not in (row.asker_digest or "")
    assert try_code(session, "04820001") == account.id


def test_a_code_that_no_browser_asked_for_is_void_after_five_tries_of_anybody(session: Session) -> None:
    make_account(session, email=ANA)
    ask(session)
    for asker in (None, "", "one", "two", "three"):
        try_code(session, "99999999", asker=asker)
    assert try_code(session, "04820001", asker="four") is None


def test_four_wrong_tries_leave_one(session: Session) -> None:
    account = make_account(session, email=ANA)
    ask(session)
    for _ in range(4):
        try_code(session, "99999999")
    assert try_code(session, "04820001") == account.id


def test_wrong_tries_for_another_address_cost_nothing(session: Session) -> None:
    account = make_account(session, email=ANA)
    make_account(session, email="beto@example.org")
    ask(session)
    for _ in range(6):
        assert try_code(session, "04820001", "beto@example.org") is None
    assert try_code(session, "04820001") == account.id


def test_a_code_is_stored_so_that_the_database_alone_does_not_tell_it(session: Session) -> None:
    make_account(session, email=ANA)
    ask(session)
    row = session.scalars(select(SignInCode)).one()
    stored = {row.address_digest, row.link_digest, row.code_digest}
    assert {len(digest) for digest in stored} == {64}
    assert stored & {"token-1", "04820001", ANA} == set()
    assert redeem_code(session, email=ANA, code="04820001", keys=(b"another key",), tries=5, now=NOW) is None


def test_an_unknown_address_is_written_to_in_vain(session: Session) -> None:
    ask(session, email="nadie@example.org")
    assert mails(session) == [UNKNOWN.body]
    assert try_code(session, "04820001", "nadie@example.org") is None
    with pytest.raises(NotFound):
        redeem_link(session, token="token-1", now=NOW)
    assert session.scalar(select(func.count(Account.id))) == 0


def test_known_and_unknown_take_the_same_statements(
    session: Session, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    make_account(session, email=ANA)
    registered = "registrada@example.org"
    make_registration(session, make_conference(session), contact_email=registered)
    session.commit()
    taken = []
    for number, email in enumerate((ANA, "nadie@example.org", registered)):
        with count_queries() as queries:
            ask(session, number, email, asker="a browser")
        for code, asker in (("99999999", "a browser"), ("88889999", None)):
            with count_queries() as tried:
                try_code(session, code, email, asker=asker)
            queries += tried
        taken.append([statement.split(" WHERE ")[0] for statement in queries])
    assert taken[0] == taken[1] == taken[2]


def test_mails_to_one_address_are_few_an_hour_known_or_not(session: Session) -> None:
    make_account(session, email=ANA)
    for email in (ANA, "nadie@example.org"):
        for number in range(7):
            ask(session, number + (100 if email == ANA else 0), email)
    assert sorted(mails(session)) == sorted([KNOWN.body] * 5 + [UNKNOWN.body] * 5)
    ask(session, 50, now=NOW + timedelta(hours=1) + MOMENT)
    assert mails(session).count(KNOWN.body) == 6


def test_who_registered_with_an_address_signs_in_with_it_and_claims_the_ticket(session: Session) -> None:
    conference = make_conference(session)
    own = make_registration(session, conference, contact_email=ANA)
    again = make_registration(session, make_conference(session), contact_email=ANA)
    others = make_account(session)
    theirs = make_registration(session, conference, contact_email=ANA, account_id=others.id)
    foreign = make_registration(session, conference, contact_email="beto@example.org")
    without = make_registration(session, conference, contact_email=None)
    ask(session)
    assert session.scalars(select(Registration.account_id).where(Registration.id == own.id)).one() is None
    account_id = use_link(session, "token-1")
    session.commit()
    held = [row.account_id for row in (own, again, theirs, foreign, without)]
    assert held == [account_id, account_id, others.id, None, None]
    assert session.get_one(Account, account_id).email == ANA


def test_an_account_that_forgot_its_address_claims_nobodys_ticket(session: Session) -> None:
    account = make_account(session, email=ANA)
    without = make_registration(session, make_conference(session), contact_email=None)
    ask(session)
    account.email = None
    session.commit()
    redeem_link(session, token="token-1", now=NOW)
    session.commit()
    assert without.account_id is None


def test_a_link_used_twice_at_once_signs_in_once(prepared: Prepared, session: Session) -> None:
    account_id = make_account(session, email=ANA).id
    ask(session)
    came = at_once(prepared, *[lambda own: use_link(own, "token-1")] * 4)
    assert sorted(map(str, came)) == sorted([str(account_id), *["link_wrong"] * 3])


def test_wrong_tries_at_once_are_all_counted(prepared: Prepared, session: Session) -> None:
    make_account(session, email=ANA)
    ask(session)

    def guess(own: Session) -> int | None:
        return redeem_code(own, email=ANA, code="99999999", keys=(KEY,), tries=5, now=NOW)

    at_once(prepared, *[guess] * 5)
    assert session.scalars(select(SignInCode.failed_tries)).one() == 5


def test_an_address_that_signs_up_twice_at_once_has_one_account(prepared: Prepared, session: Session) -> None:
    session.commit()
    came = at_once(
        prepared, *[lambda own: account_for(own, email="Ana@example.org", language="es", now=NOW).id] * 3
    )
    assert set(came) == set(session.scalars(select(Account.id)).all())
    assert len(set(came)) == 1


def test_the_id_of_an_account_that_is_gone_is_never_given_again(session: Session) -> None:
    gone = make_account(session).id
    session.execute(delete(Account))
    assert make_account(session).id > gone


def test_asking_for_a_strangers_address_begins_no_account(session: Session) -> None:
    ask(session, email="nadie@example.org")
    ask(session, 2)
    make_registration(session, make_conference(session), contact_email=ANA)
    assert session.scalar(select(func.count(Account.id))) == 0
    ask(session, 3)
    assert session.scalars(select(Account.email)).all() == [ANA]
