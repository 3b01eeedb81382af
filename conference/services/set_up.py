"""The first run: a conference if there is none, its first organizer, and a way in that needs no mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from agreements import Rule
from conference.domain.accounts import Role, address_digest, canonical_email, link_digest
from conference.domain.errors import Conflict, NotFound
from conference.domain.set_up import NewConference, free_slug
from conference.models import Account, Conference, RoleGrant, SetUp, SignInCode
from conference.services.roles import grant_role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import ColumnElement, Exists
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Organizer:
    """Whose account organizes which conference."""

    account_id: int
    conference_slug: str


def set_up(
    session: Session,
    *,
    conference: int | NewConference,
    email: str,
    languages: Sequence[str],
    language: str,
    now: datetime,
) -> Organizer:
    """Name the first organizer, once: of a conference that is here, or of one that begins to exist with this.

    Raises Conflict("set_up_done") where somebody organizes already or was faster by a moment, and NotFound
    where the conference is not here.
    """
    if session.scalar(select(_organized())):
        raise Conflict("set_up_done")
    _note_set_up(session, now)
    if isinstance(conference, NewConference):
        row = create_conference(session, new=conference, languages=languages, now=now)
    else:
        row = _conference(session, Conference.id == conference)
    return _organizer(session, row, email=email, language=language, now=now)


def create_organizer(session: Session, *, slug: str, email: str, language: str, now: datetime) -> Organizer:
    """Make sure that an address organizes a conference, on the word of whoever runs the server.

    Raises NotFound where there is no such conference.
    """
    conference = _conference(session, Conference.slug == slug)
    if session.get(SetUp, 1) is None:
        _note_set_up(session, now)
    return _organizer(session, conference, email=email, language=language, now=now)


def issue_console_link(
    session: Session, *, account_id: int, token: str, key: bytes, lifetime: timedelta, now: datetime
) -> None:
    """Let whoever holds `token` sign in once, as if with two factors: only the server's console shows it.

    Nothing can be typed in its place: the code's digest is that of no code.
    """
    account = session.get_one(Account, account_id)
    session.add(
        SignInCode(
            account_id=account.id,
            address_digest=address_digest(account.email or "", key=key),
            link_digest=link_digest(token),
            code_digest=link_digest(token),
            issued_at=now,
            expires_at=now + lifetime,
            assured=True,
        )
    )
    session.flush()


def create_conference(
    session: Session, *, new: NewConference, languages: Sequence[str], now: datetime
) -> Conference:
    """Write a conference without program, organizations or agreement; its slug is made of its name."""

    def taken(slug: str) -> bool:
        return bool(session.scalar(select(exists().where(Conference.slug == slug))))

    row = Conference(
        slug=free_slug(new.name, new.first_day.year, taken=taken),
        sample=False,
        name=dict(new.names),
        tagline={},
        about={},
        city=dict(new.city),
        languages=list(languages),
        time_zone=new.time_zone,
        first_day=new.first_day,
        days=new.days,
        default_rule=Rule.SIMPLE,
        program_changed_at=now,
    )
    session.add(row)
    session.flush()
    return row


# -- what they share -----------------------------------------------------------------------------------


def _organized() -> Exists:
    return exists().where(RoleGrant.role == Role.ORGANIZER)


def _note_set_up(session: Session, now: datetime) -> None:
    session.add(SetUp(id=1, done_at=now))
    try:
        session.flush()
    except IntegrityError as error:
        # The row's key decides between two who try at the same moment.
        raise Conflict("set_up_done") from error


def _conference(session: Session, which: ColumnElement[bool]) -> Conference:
    row = session.scalars(select(Conference).where(which)).one_or_none()
    if row is None:
        raise NotFound("conference_not_found")
    return row


def _organizer(
    session: Session, conference: Conference, *, email: str, language: str, now: datetime
) -> Organizer:
    holder = (
        select(RoleGrant.account_id)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            Account.email == canonical_email(email),
            RoleGrant.conference_id == conference.id,
            RoleGrant.role == Role.ORGANIZER,
            RoleGrant.revoked_at.is_(None),
        )
    )
    account_id = session.scalar(holder)
    if account_id is None:
        grant_role(
            session,
            conference_id=conference.id,
            email=email,
            role=Role.ORGANIZER,
            organization_id=None,
            language=language,
            by=None,
            now=now,
        )
        account_id = session.scalars(holder).one()
    return Organizer(account_id, conference.slug)
