"""What proves who acts, with the server's keys and limits: an app's codes, codes on paper, mailed codes."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING

from flask import url_for

from conference.domain.cards import CODE_ALPHABET
from conference.domain.one_time_codes import (
    RECOVERY_CODES,
    RECOVERY_LENGTH,
    FactorChange,
    recovery_digest,
)
from conference.extensions import db
from conference.services.second_factors import Tried, prove_by_app, prove_by_recovery_code
from conference.web import letters
from conference.web.clock import now
from conference.web.keys import key_for, keys_for
from conference.web.limits import allow, check
from conference.web.mailed_codes import proved_by_code
from conference.web.sealing import Seal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conference.services.accounts import Words


def seal_of(account_id: int) -> Seal:
    """Return what seals the secret of an account's app."""
    return Seal(keys_for("authenticator"), "authenticator", account_id)


def letter_about(change: FactorChange) -> Callable[[str], Words]:
    """Return what writes to an account about a change, once its language is known."""
    return partial(_letter, change)


def _letter(change: FactorChange, language: str) -> Words:
    path = url_for("second_factors.overview", lang=language)
    return letters.second_factor_changed(change, path=path, language=language)


def drawn_recovery_codes() -> list[str]:
    """Draw new codes for paper, at random."""
    return [
        "".join(secrets.choice(CODE_ALPHABET) for _letter in range(RECOVERY_LENGTH))
        for _code in range(RECOVERY_CODES)
    ]


def recovery_digests(drawn: Sequence[str], account_id: int) -> list[str]:
    """Return what is stored of new recovery codes."""
    key = key_for("recovery-codes")
    return [recovery_digest(code, account_id=account_id, key=key) for code in drawn]


def try_app_code(account_id: int, code: str) -> Tried:
    """Tell what came of a code of the account's app; commit. TooMany after many wrong ones."""
    subject = f"app-{account_id}"
    check("wrong_code", subject)
    tried = prove_by_app(
        db.session(),
        account_id=account_id,
        code=code,
        seal=seal_of(account_id),
        locked=letter_about(FactorChange.APP_LOCKED),
        now=now(),
    )
    if not tried.right:
        _count_wrong(subject)
    return tried


def try_recovery_code(account_id: int, code: str) -> bool:
    """Tell whether a code from paper is the account's; commit. TooMany after many wrong ones."""
    check("wrong_code", f"recovery-{account_id}")
    right = prove_by_recovery_code(
        db.session(),
        account_id=account_id,
        digests=[recovery_digest(code, account_id=account_id, key=key) for key in keys_for("recovery-codes")],
        letter=letter_about(FactorChange.CODE_USED),
        locked=letter_about(FactorChange.APP_LOCKED),
        now=now(),
    )
    return right or _count_wrong(f"recovery-{account_id}")


def try_mailed_code(account_id: int, email: str, code: str) -> bool:
    """Tell whether a code was mailed to the account's own address; commit. TooMany after many wrong ones."""
    proved = proved_by_code(email, code, subject=f"own-address-{account_id}")
    return proved is not None and proved.account_id == account_id


def _count_wrong(subject: str) -> bool:
    # What the database counts of it is kept even if this was one too many.
    db.session.commit()
    allow("wrong_code", subject)
    return False
