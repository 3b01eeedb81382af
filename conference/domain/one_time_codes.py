"""The codes that an app shows for half a minute each (RFC 6238 on RFC 4226), and codes on paper. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from conference.domain.accounts import canonical_code

# What every app takes without being told: SHA-1, six digits, thirty seconds, 160 bits of secret.
SECRET_BYTES = 20
DIGITS = 6
STEP_SECONDS = 30
# A code is still (or already) taken one step beside its own: clocks differ, and typing takes time.
WINDOW = 1

# Wrong codes before no code of the app is looked at for a while.
TRIES = 5
LOCKED_FOR = timedelta(minutes=15)
# An app that was begun and did not show its first code within this must be begun anew.
BEGUN_LASTS = timedelta(hours=1)

RECOVERY_CODES = 10
RECOVERY_LENGTH = 10
# So few are left that it is time for new ones.
FEW_RECOVERY_CODES = 2


class FactorChange(StrEnum):
    """What happened to an account's second factor; its address is written to each time."""

    APP_SET_UP = "app_set_up"
    APP_REMOVED = "app_removed"
    CODES_RENEWED = "codes_renewed"
    CODE_USED = "code_used"
    APP_LOCKED = "app_locked"


def hotp(secret: bytes, counter: int, *, digits: int = DIGITS) -> str:
    """Return the code of a counter: RFC 4226, section 5.3."""
    digest = hmac.new(secret, counter.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_of(moment: datetime) -> int:
    """Return the time step of a moment: RFC 6238, section 4.2, counted from 1970."""
    return int(moment.timestamp()) // STEP_SECONDS


def matching_step(secret: bytes, code: str, *, now: datetime, after: int) -> int | None:
    """Return the step whose code this is, within the window and later than `after`; None if there is none.

    `after` is the step of the last code that was used: no code works twice (RFC 6238, section 5.2).
    """
    typed = canonical_code(code)
    current = step_of(now)
    # All are computed, so that the time it takes tells nothing.
    fitting = [
        step
        for step in range(current - WINDOW, current + WINDOW + 1)
        if hmac.compare_digest(hotp(secret, step).encode(), typed.encode()) and step > after
    ]
    return fitting[0] if fitting else None


def secret_text(secret: bytes) -> str:
    """Return a secret as apps take it when it is typed: base 32, in groups of four."""
    letters = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def app_address(secret: bytes) -> str:
    """Return what an app reads from the QR code; it names the system and no person."""
    letters = secret_text(secret).replace(" ", "")
    return "otpauth://totp/Asamblea?" + urlencode({"secret": letters, "issuer": "Asamblea"})


def secret_to_confirm(sealed: bytes | None, begun_at: datetime, *, now: datetime) -> bytes | None:
    """Return the secret of an app that may still show its first code; what was left half-way is void."""
    return sealed if now < begun_at + BEGUN_LASTS else None


def looks_like_app_code(text: str) -> bool:
    """Tell whether somebody typed six digits, however grouped; anything else is a slip, and no try."""
    typed = canonical_code(text)
    return len(typed) == DIGITS and typed.isascii() and typed.isdigit()


def looks_like_recovery_code(text: str) -> bool:
    """Tell whether somebody typed ten letters or digits; anything else is a slip, and no try."""
    return len(canonical_code(text)) == RECOVERY_LENGTH


def shown_recovery_code(code: str) -> str:
    """Return a recovery code as it stands on paper: `K7QM2-XWDPT`."""
    half = RECOVERY_LENGTH // 2
    return f"{code[:half]}-{code[half:]}"


def recovery_digest(code: str, *, account_id: int, key: bytes) -> str:
    """Return what is stored of a recovery code: keyed, since 25¹⁰ codes could be tried offline."""
    text = f"recovery code:{account_id}:{canonical_code(code)}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
