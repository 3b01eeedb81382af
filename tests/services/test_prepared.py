"""A prepared statement answers as the same statement does when it is executed the usual way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from conference.domain.accounts import Role
from conference.models import RoleGrant, SignIn
from conference.queries.prepared import Prepared
from tests.factories import grant, make_account, make_conference, make_sign_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sqlalchemy.orm import Session

STATEMENT = (
    select(
        SignIn.id,
        SignIn.way,
        SignIn.staff,
        SignIn.signed_in_at,
        SignIn.confirmed_at,
        RoleGrant.role,
        RoleGrant.revoked_at,
    )
    .outerjoin(RoleGrant, (RoleGrant.account_id == SignIn.account_id) & (RoleGrant.role == Role.CHAIR))
    .where(SignIn.key_digest == bindparam("key_digest"))
)


def test_moments_words_truths_and_what_is_missing_come_as_their_columns_say(session: Session) -> None:
    conference, account, other = make_conference(session), make_account(session), make_account(session)
    grant(session, conference, Role.CHAIR, account=account)
    grant(session, conference, Role.ORGANIZER, account=account)
    prepared = Prepared(STATEMENT)
    chair, _ = make_sign_in(session, account, staff=True)
    stranger, _ = make_sign_in(session, other, confirmed_at=None)
    for held, role in ((chair, Role.CHAIR), (stranger, None)):
        values = {"key_digest": held.key_digest}
        # Twice: the second time it has been compiled.
        for _ in range(2):
            rows = prepared.rows(session.connection(), values)
            assert rows == [list(row) for row in session.execute(STATEMENT, values)]
        assert rows == [[held.id, held.way, held.staff, held.signed_in_at, held.confirmed_at, role, None]]
        assert rows[0][3].tzinfo is not None


def test_it_reads_what_the_transaction_has_written_and_is_heard_by_listeners(
    session: Session, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    prepared = Prepared(select(SignIn.generation).where(SignIn.key_digest == bindparam("key_digest")))
    held, _ = make_sign_in(session, make_account(session))
    held.generation = 4
    session.flush()
    with count_queries() as statements:
        assert prepared.rows(session.connection(), {"key_digest": held.key_digest}) == [[4]]
        assert prepared.rows(session.connection(), {"key_digest": "of nobody"}) == []
    assert len(statements) == 2
