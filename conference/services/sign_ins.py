"""Being signed in: beginning, renewing and ending it. What the browser holds is `key`; we keep its digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from conference.domain.accounts import link_digest
from conference.models import Account, SignIn
from conference.models.accounts import holds_staff_role

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.domain.sign_ins import SignInWay


def begin_sign_in(
    session: Session,
    *,
    account_id: int,
    key: str,
    way: SignInWay,
    assured: bool,
    now: datetime,
    card_id: int | None = None,
) -> SignIn:
    """Sign an account in with a browser that holds `key`; `assured` after a second factor or a passkey."""
    # Granting a role points at the account: one that is under way is waited for here, and one that comes
    # later waits, and finds this sign-in.
    session.execute(select(Account.id).where(Account.id == account_id).with_for_update())
    begun = SignIn(
        key_digest=link_digest(key),
        account_id=account_id,
        way=way,
        card_id=card_id,
        signed_in_at=now,
        staff=bool(session.scalar(select(holds_staff_role(account_id)))),
        proved_at=now,
        assured_at=now if assured else None,
    )
    session.add(begun)
    session.flush()
    return begun


def use_sign_in(session: Session, *, sign_in_id: int, generation: int, now: datetime) -> int:
    """Note the first act of a generation, or begin the next one where rights have changed; return it.

    A cookie older than the returned generation soon speaks for nobody.
    """
    row = session.scalars(select(SignIn).where(SignIn.id == sign_in_id).with_for_update()).one_or_none()
    if row is None or row.generation != generation:
        # Somebody was faster; what the cookie is worth was decided already.
        return generation
    if row.rights_changed:
        _next_generation(row)
    elif row.confirmed_at is None:
        row.confirmed_at = now
    session.flush()
    return row.generation


def prove(session: Session, *, sign_in_id: int, assured: bool, now: datetime) -> int:
    """Note that whoever is signed in has proved it anew, and begin a new generation; return it.

    The cookie of before stays good for what it was good for, a moment longer; it never carries the proof.
    """
    row = session.scalars(select(SignIn).where(SignIn.id == sign_in_id).with_for_update()).one()
    row.proved_at = now
    if assured:
        row.assured_at = now
    _next_generation(row)
    session.flush()
    return row.generation


def _next_generation(row: SignIn) -> None:
    row.generation += 1
    row.confirmed_at = None
    row.rights_changed = False


def rights_changed(session: Session, *, account_id: int, staff: bool) -> None:
    """Have every sign-in of an account renewed with its next act, since what it may do has changed.

    With a change of staff roles every proof is asked for again; `staff` then shortens the sign-in for good.
    """
    values: dict[str, object] = {"rights_changed": True}
    if staff:
        values |= {"staff": True, "assured_at": None}
    session.execute(update(SignIn).where(SignIn.account_id == account_id).values(values))


def others_prove_anew(session: Session, *, account_id: int, sign_in_id: int | None) -> None:
    """Have every other sign-in of an account show a second factor anew: one that it had is gone.

    What another browser proved may have been proved with it, by whoever holds it now.
    """
    session.execute(
        update(SignIn)
        .where(SignIn.account_id == account_id, SignIn.id != sign_in_id)
        .values(assured_at=None, rights_changed=True)
    )


def end_sign_in(session: Session, *, account_id: int, sign_in_id: int) -> bool:
    """Sign the account out in one browser; False where it was not signed in there."""
    ended = session.execute(
        delete(SignIn).where(SignIn.id == sign_in_id, SignIn.account_id == account_id).returning(SignIn.id)
    )
    return ended.first() is not None


def end_sign_ins(session: Session, *, account_id: int, but: int | None = None) -> int:
    """Sign the account out everywhere, or everywhere but in one sign-in; return in how many browsers."""
    gone = delete(SignIn).where(SignIn.account_id == account_id)
    if but is not None:
        gone = gone.where(SignIn.id != but)
    return len(session.execute(gone.returning(SignIn.id)).all())
