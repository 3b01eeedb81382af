"""Mailing a code that proves an address, and looking at one, with the server's keys and limits."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import current_app, url_for

from conference.domain.accounts import SIGN_IN_CODES, address_digest, sign_in_code
from conference.extensions import db
from conference.services.accounts import SignInProof, redeem_code, request_sign_in
from conference.web import letters
from conference.web.clock import now
from conference.web.keys import key_for, keys_for
from conference.web.limits import allow, check
from conference.web.locale import current_language

if TYPE_CHECKING:
    from conference.services.accounts import Proved


def mail_code(email: str, back: str | None) -> None:
    """Write a link and a code to an address; `back` is a page of ours that the link leads to. Then commit.

    TooMany where that was too often. What is written to an unknown address has neither link nor code.
    """
    allow("sign_in_address", address_digest(email, key=key_for("sign-in")))
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
    )


def proved_by_code(email: str, code: str, *, subject: str) -> Proved | None:
    """Return who is proved by a code that was mailed to the address, and commit then; None for a wrong code.

    Wrong ones are counted for `subject`, and are committed: TooMany after many of them.
    """
    check("wrong_code", subject)
    proved = redeem_code(
        db.session(),
        email=email,
        code=code,
        keys=keys_for("sign-in"),
        tries=current_app.config["SIGN_IN_TRIES"],
        now=now(),
    )
    if proved is None:
        # What the database counts of it is kept even if this was one too many.
        db.session.commit()
        allow("wrong_code", subject)
    return proved
