"""Telling an account's holder what happened to it, so that nobody does it behind their back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.mail import MessageKind
from conference.models import Account, RoleGrant
from conference.services.mail import queue_message

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from conference.services.accounts import Words

    # Writes a letter in the language of whoever gets it.
    Letter = Callable[[str], Words]


def notify(
    session: Session,
    *,
    account: Account,
    letter: Letter,
    cause: str,
    now: datetime,
    conference_id: int | None = None,
) -> None:
    """Write to the account's address in its language; to nobody where it has none.

    `cause` and the moment name the message: the same thing may happen to an account again. `conference_id`:
    whose organizers see it counted; None for what concerns the account everywhere.
    """
    if account.email is None:
        return
    words = letter(account.language)
    queue_message(
        session,
        kind=MessageKind.NOTICE,
        conference_id=conference_id,
        key=f"{cause}-{now:%Y%m%d%H%M%S%f}",
        recipient=account.email,
        language=words.language,
        subject=words.subject,
        body=words.body,
        now=now,
    )


def notify_leads(
    session: Session, *, conference_id: int, organization_id: int, letter: Letter, cause: str, now: datetime
) -> None:
    """Write to everybody who answers for an organization in a conference."""
    leads = session.scalars(
        select(Account)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(
            RoleGrant.conference_id == conference_id,
            RoleGrant.organization_id == organization_id,
            RoleGrant.role == Role.ORGANIZATION_LEAD,
            RoleGrant.revoked_at.is_(None),
        )
        .order_by(Account.id)
    )
    for account in leads:
        notify(
            session,
            account=account,
            letter=letter,
            cause=f"{cause}-{account.id}",
            now=now,
            conference_id=conference_id,
        )
