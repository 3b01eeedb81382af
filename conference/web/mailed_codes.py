"""Mailing a code that proves an address, and looking at one, with the server's keys and limits."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from flask import current_app, session, url_for

from conference.domain.accounts import SIGN_IN_CODES, address_digest, canonical_email, sign_in_code
from conference.extensions import db
from conference.services.accounts import SignInProof, redeem_code, request_sign_in
from conference.web import letters
from conference.web.clock import now
from conference.web.keys import key_for, keys_for
from conference.web.limits import allow, check, from_here
from conference.web.locale import current_language

if TYPE_CHECKING:
    from datetime import timedelta

    from conference.services.accounts import Proved


# What this browser asked a mail for: {"email": address, "key": its own, "until": seconds since 1970}.
ASKED_FOR = "sign_in_address"


def address_asked_for() -> str | None:
    """Return the address that this browser asked a mail for, while its code lives: it may be borrowed."""
    asked = _asked()
    return None if asked is None else asked["email"]


def _asked() -> dict[str, Any] | None:
    asked = session.get(ASKED_FOR)
    if not isinstance(asked, dict):
        return None
    if asked["until"] <= now().timestamp():
        session.pop(ASKED_FOR)
        return None
    return asked


def _remember(email: str, lifetime: timedelta) -> str:
    """Note what was asked for, and return this browser's key: one for all mails to the same address."""
    before = _asked()
    same = before is not None and canonical_email(before["email"]) == canonical_email(email)
    key = before["key"] if before is not None and same else secrets.token_urlsafe(32)
    session[ASKED_FOR] = {"email": email, "key": key, "until": int((now() + lifetime).timestamp())}
    return key


def mail_code(email: str, back: str | None) -> None:
    """Write a link and a code to an address; `back` is a page of ours that the link leads to. Then commit.

    TooMany where that was too often. What is written to an unknown address has neither link nor code.
    """
    allow("sign_in_address", from_here(address_digest(email, key=key_for("sign-in"))))
    proof = SignInProof(token=secrets.token_urlsafe(32), code=sign_in_code(secrets.randbelow(SIGN_IN_CODES)))
    lifetime = current_app.config["SIGN_IN_LIFETIME"]
    language = current_language()
    request_sign_in(
        db.session(),
        email=email,
        proof=proof,
        known=letters.sign_in(
            code=proof.code,
            path=url_for("accounts.link", token=proof.token, next=back),
            minutes=int(lifetime.total_seconds() // 60),
            language=language,
        ),
        unknown=letters.sign_in_unknown(path=url_for("conference.home"), language=language),
        key=key_for("sign-in"),
        lifetime=lifetime,
        mails_per_hour=current_app.config["SIGN_IN_MAILS_PER_HOUR"],
        now=now(),
        asker=_remember(email, lifetime),
    )


def proved_by_code(email: str, code: str, *, subject: str) -> Proved | None:
    """Return who is proved by a code that was mailed to the address, and commit then; None for a wrong code.

    Wrong ones are counted for `subject`, and are committed: TooMany after many of them.
    """
    check("wrong_code", subject)
    asked = _asked()
    proved = redeem_code(
        db.session(),
        email=email,
        code=code,
        keys=keys_for("sign-in"),
        tries=current_app.config["SIGN_IN_TRIES"],
        now=now(),
        asker=None if asked is None else asked["key"],
    )
    if proved is None:
        # What the database counts of it is kept even if this was one too many.
        db.session.commit()
        allow("wrong_code", subject)
    return proved
