"""Signing in by a proved address."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select, update
from sqlalchemy.exc import IntegrityError

from conference.domain.accounts import address_digest, canonical_email, code_digest, link_digest
from conference.domain.errors import NotFound
from conference.domain.mail import MessageKind
from conference.models import Account, Registration, SignInCode
from conference.services.mail import queue_message

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Words:
    """A mail's subject and body in one language, as the web wrote them."""

    language: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class SignInProof:
    """What is mailed to prove an address: drawn at random by the caller, stored only as digests."""

    token: str
    code: str


@dataclass(frozen=True, slots=True)
class Proved:
    """Whose address was proved; `assured` where the proof was read on the server's own console."""

    account_id: int
    assured: bool


def account_for(session: Session, *, email: str, language: str, now: datetime) -> Account:
    """Return the account of an address, which begins to exist with this call if need be."""
    address = canonical_email(email)
    find = select(Account).where(Account.email == address)
    account = session.scalars(find).one_or_none()
    if account is not None:
        return account
    account = Account(email=address, language=language, created_at=now)
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError:
        # A second tap came at the same moment, and was first.
        return session.scalars(find).one()
    return account


class _LetGo(Exception):
    """What was begun in a savepoint is not wanted."""


def _known_account(session: Session, *, email: str, language: str, now: datetime) -> Account | None:
    """Return the account of an address that signed up or registered; a stranger's address has none."""
    find = select(Account).where(Account.email == email)
    known = session.scalars(find).one_or_none()
    registered = session.scalar(select(func.count()).where(Registration.contact_email == email))
    begins = known is None and bool(registered)
    # The same work for every address: an account is begun for each, and let go of where none begins.
    with contextlib.suppress(IntegrityError, _LetGo), session.begin_nested():
        session.add(Account(email=email if begins else None, language=language, created_at=now))
        session.flush()
        if not begins:
            raise _LetGo
    return session.scalars(find).one_or_none()


def request_sign_in(
    session: Session,
    *,
    email: str,
    proof: SignInProof,
    known: Words,
    unknown: Words,
    key: bytes,
    lifetime: timedelta,
    mails_per_hour: int,
    now: datetime,
    asker: str | None = None,
) -> None:
    """Mail a link and a code to a known address, and a friendly word to an unknown one.

    Both ways do the same work, and past `mails_per_hour` neither is written to: the caller answers
    the same in every case. `asker` is a random key that the asking browser keeps.
    """
    address = canonical_email(email)
    digest = address_digest(address, key=key)
    account = _known_account(session, email=address, language=known.language, now=now)
    hour = select(func.count()).where(SignInCode.address_digest == digest, SignInCode.issued_at > now - _HOUR)
    if (session.scalar(hour) or 0) >= mails_per_hour:
        return
    issued = SignInCode(
        account_id=None if account is None else account.id,
        address_digest=digest,
        link_digest=link_digest(proof.token),
        code_digest=code_digest(proof.code, email=address, key=key),
        asker_digest=None if asker is None else link_digest(asker),
        issued_at=now,
        expires_at=now + lifetime,
    )
    session.add(issued)
    session.flush()
    words = unknown if account is None else known
    queue_message(
        session,
        kind=MessageKind.SIGN_IN,
        useless_after=issued.expires_at,
        key=f"sign-in-{issued.id}",
        recipient=address,
        language=words.language,
        subject=words.subject,
        body=words.body,
        now=now,
    )


def redeem_link(session: Session, *, token: str, now: datetime) -> Proved:
    """Return the account that the link's mail was sent to; a link works once.

    Raises NotFound for a link that is unknown, used or too old; nobody is told which.
    """
    # Locked, so that of two who use it at once the second finds it used.
    issued = session.scalars(
        select(SignInCode)
        .where(
            SignInCode.link_digest == link_digest(token),
            SignInCode.used_at.is_(None),
            SignInCode.expires_at > now,
        )
        .with_for_update()
    ).one_or_none()
    if issued is None or issued.account_id is None:
        raise NotFound("link_wrong")
    return _signed_in(session, issued, now=now)


def redeem_code(
    session: Session,
    *,
    email: str,
    code: str,
    keys: Sequence[bytes],
    tries: int,
    now: datetime,
    asker: str | None = None,
) -> Proved | None:
    """Return the account whose mail held the code, or None; a wrong code counts as a try, so commit.

    After `tries` wrong ones in the browser that asked (known by `asker`, the key that it keeps) a code is
    void there, and after as many in all others together it is void in those: who knows an address keeps
    nobody out. `keys` are those in use and of before: a code mailed just before the secret was changed still
    counts.
    """
    # Nobody's digest where no key is kept: a code that no browser asked for is strange to all.
    asked_by = link_digest(asker or "")
    wrong = case((SignInCode.asker_digest == asked_by, SignInCode.asker_tries), else_=SignInCode.failed_tries)
    # Locked, so that tries made at the same moment are counted one after the other.
    standing = session.scalars(
        select(SignInCode)
        .where(
            SignInCode.address_digest.in_([address_digest(email, key=key) for key in keys]),
            SignInCode.used_at.is_(None),
            SignInCode.expires_at > now,
            wrong < tries,
        )
        .order_by(SignInCode.id)
        .with_for_update()
    ).all()
    digests = {code_digest(code, email=email, key=key) for key in keys}
    for issued in standing:
        if issued.code_digest in digests and issued.account_id is not None:
            return _signed_in(session, issued, now=now)
    for issued in standing:
        if issued.asker_digest == asked_by:
            issued.asker_tries += 1
        else:
            issued.failed_tries += 1
    session.flush()
    return None


def _signed_in(session: Session, issued: SignInCode, *, now: datetime) -> Proved:
    account = session.get_one(Account, issued.account_id)
    issued.used_at = now
    # The address is proved: what was registered with it belongs to this account. (An account that forgot
    # its address proves none, and must not claim whoever registered without one.)
    if account.email is not None:
        session.execute(
            update(Registration)
            .where(Registration.contact_email == account.email, Registration.account_id.is_(None))
            .values(account_id=account.id)
        )
    return Proved(account.id, issued.assured)
