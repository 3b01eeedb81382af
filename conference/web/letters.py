"""The mails people get: neutral subjects, plain words, the recipient's language."""

from __future__ import annotations

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from conference.domain.accounts import shown_code
from conference.services.accounts import Words


def absolute(path: str) -> str:
    """Return a path as an address that works from a mail."""
    base: str = current_app.config["PUBLIC_URL"]
    return base.rstrip("/") + path


def sign_in(*, code: str, path: str, minutes: int, language: str) -> Words:
    """Write to a known address that asked to sign in."""
    with force_locale(language):
        body = _(
            "Hello,\n\nhere is the link to sign in:\n\n%(link)s\n\n"
            "Or type this code on the page: %(code)s\n\n"
            "Both work once, for %(minutes)s minutes. If you did not ask for this, there is nothing to do.\n",
            link=absolute(path),
            code=shown_code(code),
            minutes=minutes,
        )
        return Words(language, _("Your code"), body)


def sign_in_unknown(*, path: str, language: str) -> Words:
    """Write to an address that nobody registered with."""
    with force_locale(language):
        body = _(
            "Hello,\n\nsomebody asked to sign in with this address, but nobody is registered with it.\n"
            "If it was you, try the address you registered with, or register here:\n\n%(link)s\n\n"
            "If it was not you, there is nothing to do.\n",
            link=absolute(path),
        )
        return Words(language, _("Your code"), body)


def ticket(*, path: str, code: str, language: str) -> Words:
    """Write to somebody who has registered; neither subject nor words name the conference."""
    with force_locale(language):
        body = _(
            "Hello,\n\nyour place is reserved. This is your ticket, with the QR code to show at the door:\n\n"
            "%(link)s\n\nIf the camera fails, say this code: %(code)s\n\n"
            "Whoever has this link can use the ticket, so keep it to yourself. "
            "You can cancel on the same page.\n",
            link=absolute(path),
            code=code,
        )
        return Words(language, _("Your ticket"), body)
