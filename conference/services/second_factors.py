"""An app's one-time codes, and codes on paper: beginning, using and ending them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import delete, select

from conference.domain.errors import Conflict
from conference.domain.one_time_codes import (
    LOCKED_FOR,
    TRIES,
    FactorChange,
    matching_step,
    secret_to_confirm,
)
from conference.models import Account, Authenticator, RecoveryCode
from conference.models.accounts import holds_staff_role
from conference.models.second_factors import has_app, has_passkey, has_second_factor
from conference.services.notices import notify
from conference.services.sign_ins import others_prove_anew

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.services.notices import Letter


class Seal(Protocol):
    """Closes and opens what is stored of a secret, for one account."""

    def close(self, secret: bytes) -> bytes: ...

    def open(self, sealed: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a code; while the app is locked not even the right one is looked at."""

    right: bool
    locked_until: datetime | None = None


def begin_app(session: Session, *, account_id: int, secret: bytes, seal: Seal, now: datetime) -> None:
    """Keep the secret for an app that has still to show a code; until then an earlier app stays in force."""
    _lock(session, account_id)
    app = session.get(Authenticator, account_id, populate_existing=True)
    if app is None:
        app = Authenticator(account_id=account_id, last_step=0, failed_tries=0)
        session.add(app)
    if app.confirmed_at is None:
        app.sealed_secret = seal.close(secret)
    else:
        app.sealed_successor = seal.close(secret)
    app.begun_at = now
    session.flush()


def enable_app(
    session: Session,
    *,
    account_id: int,
    sign_in_id: int | None,
    code: str,
    seal: Seal,
    recovery: Sequence[str],
    letter: Letter,
    now: datetime,
) -> bool:
    """Put the app that was begun in force if the code is one of its; False, and nothing changed, if not.

    With it come new recovery codes, of which `recovery` are the digests. An app that is replaced counts no
    more, and other sign-ins of the account prove themselves anew. Raises Conflict where none was begun.
    """
    account = _lock(session, account_id)
    app = session.get(Authenticator, account_id, populate_existing=True)
    sealed = None if app is None else _begun(app, now)
    if app is None or sealed is None:
        raise Conflict("app_not_begun")
    secret = seal.open(sealed)
    step = matching_step(secret, code, now=now, after=0)
    if step is None:
        return False
    if app.confirmed_at is not None:
        others_prove_anew(session, account_id=account_id, sign_in_id=sign_in_id)
    app.sealed_secret, app.sealed_successor = seal.close(secret), None
    app.confirmed_at = now
    _take(app, step)
    _draw_recovery_codes(session, account_id, recovery)
    _tell(session, account, letter, FactorChange.APP_SET_UP, now)
    return True


def _begun(app: Authenticator, now: datetime) -> bytes | None:
    waiting = app.sealed_secret if app.confirmed_at is None else app.sealed_successor
    return secret_to_confirm(waiting, app.begun_at, now=now)


def remove_app(
    session: Session, *, account_id: int, sign_in_id: int | None, letter: Letter, now: datetime
) -> None:
    """End the app; without a passkey the recovery codes end with it, since they stand in for nothing.

    Raises Conflict for an account that holds a staff role and has no passkey. Ends nothing twice; one that
    never showed a code proved nothing to anybody, and is forgotten without a word.
    """
    account = _lock(session, account_id)
    in_force = bool(session.scalar(select(has_app(account_id))))
    passkey = bool(session.scalar(select(has_passkey(account_id))))
    if in_force and not passkey and session.scalar(select(holds_staff_role(account_id))):
        raise Conflict("last_second_factor")
    session.execute(delete(Authenticator).where(Authenticator.account_id == account_id))
    if not in_force:
        return
    if not passkey:
        _draw_recovery_codes(session, account_id, ())
    others_prove_anew(session, account_id=account_id, sign_in_id=sign_in_id)
    _tell(session, account, letter, FactorChange.APP_REMOVED, now)


def renew_recovery_codes(
    session: Session, *, account_id: int, recovery: Sequence[str], letter: Letter, now: datetime
) -> None:
    """Put new recovery codes, by their digests, in the place of the old ones, which are void.

    Raises Conflict for an account without app and passkey: there is nothing to stand in for.
    """
    account = _lock(session, account_id)
    if not session.scalar(select(has_second_factor(account_id))):
        raise Conflict("no_second_factor")
    _draw_recovery_codes(session, account_id, recovery)
    _tell(session, account, letter, FactorChange.CODES_RENEWED, now)


def prove_by_app(
    session: Session, *, account_id: int, code: str, seal: Seal, locked: Letter, now: datetime
) -> Tried:
    """Tell whether the code is the app's, and use it up; a wrong one counts as a try, so commit.

    After five wrong ones no code of the app is looked at for fifteen minutes. Of the first lock since a right
    code the account gets the letter `locked`.
    """
    app = _app_in_force(session, account_id)
    if app is None:
        return Tried(right=False)
    if (until := _locked_until(app, now)) is not None:
        return Tried(right=False, locked_until=until)
    secret = seal.open(app.sealed_secret)
    step = matching_step(secret, code, now=now, after=app.last_step)
    if step is None:
        _count_wrong(session, app, locked, now)
        session.flush()
        return Tried(right=False, locked_until=_locked_until(app, now))
    # Sealed anew with each use: an older key of the server's is soon needed no more.
    app.sealed_secret = seal.close(secret)
    _take(app, step)
    session.flush()
    return Tried(right=True)


def prove_by_recovery_code(
    session: Session,
    *,
    account_id: int,
    digests: Sequence[str],
    letter: Letter,
    locked: Letter,
    now: datetime,
) -> bool:
    """Tell whether a code on paper is one of the account's, and use it up; a wrong one counts, so commit.

    `digests` are those of the typed code under each key of the server's. It works while the app is locked.
    The account gets `letter` when one was used, and `locked` as with `prove_by_app`.
    """
    account = _lock(session, account_id)
    app = _app_in_force(session, account_id)
    found = session.scalars(
        select(RecoveryCode).where(
            RecoveryCode.account_id == account_id,
            RecoveryCode.digest.in_(digests),
            RecoveryCode.used_at.is_(None),
        )
    ).one_or_none()
    if found is None:
        if app is not None:
            _count_wrong(session, app, locked, now)
        session.flush()
        return False
    found.used_at = now
    if app is not None:
        app.failed_tries, app.locked_until = 0, None
    _tell(session, account, letter, FactorChange.CODE_USED, now)
    return True


def _lock(session: Session, account_id: int) -> Account:
    """Changes of one account's proofs come one after the other."""
    return session.scalars(
        select(Account).where(Account.id == account_id).with_for_update(key_share=True)
    ).one()


def _app_in_force(session: Session, account_id: int) -> Authenticator | None:
    return session.scalars(
        select(Authenticator)
        .where(Authenticator.account_id == account_id, Authenticator.confirmed_at.is_not(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _take(app: Authenticator, step: int) -> None:
    app.last_step = step
    app.failed_tries, app.locked_until = 0, None


def _locked_until(app: Authenticator, now: datetime) -> datetime | None:
    """Return until when no code is looked at; a lock that has run out holds nobody off."""
    return app.locked_until if app.locked_until is not None and now < app.locked_until else None


def _count_wrong(session: Session, app: Authenticator, locked: Letter, now: datetime) -> None:
    app.failed_tries += 1
    if app.failed_tries < TRIES:
        return
    if app.locked_until is None:
        # The first since a right code; more letters would tell no more.
        account = session.get_one(Account, app.account_id)
        _tell(session, account, locked, FactorChange.APP_LOCKED, now)
    app.failed_tries, app.locked_until = 0, now + LOCKED_FOR


def _draw_recovery_codes(session: Session, account_id: int, digests: Sequence[str]) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    session.add_all(RecoveryCode(account_id=account_id, digest=digest) for digest in digests)
    session.flush()


def _tell(session: Session, account: Account, letter: Letter, change: FactorChange, now: datetime) -> None:
    notify(session, account=account, letter=letter, cause=f"second-factor-{account.id}-{change}", now=now)
