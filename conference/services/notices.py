"""Telling an account's holder what happened to it, so that nobody does it behind their back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conference.domain.mail import MessageKind
from conference.services.mail import queue_message

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.models import Account
    from conference.services.accounts import Words

    # Writes a letter in the language of whoever gets it.
    Letter = Callable[[str], Words]


def notify(session: Session, *, account: Account, letter: Letter, cause: str, now: datetime) -> None:
    """Write to the account's address in its language; to nobody where it has none.

    `cause` and the moment name the message: the same thing may happen to an account again.
    """
    if account.email is None:
        return
    words = letter(account.language)
    queue_message(
        session,
        kind=MessageKind.NOTICE,
        key=f"{cause}-{now:%Y%m%d%H%M%S%f}",
        recipient=account.email,
        language=words.language,
        subject=words.subject,
        body=words.body,
        now=now,
    )
