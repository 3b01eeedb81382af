"""Writing to those who come and have agreed to be written to: one letter a person, in their language.

The words are in the job that writes them, and go with it; no letter names anybody but the conference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from conference.domain.audit import AuditKind
from conference.domain.errors import Conflict
from conference.domain.jobs import JobKind
from conference.domain.mail import MessageKind
from conference.domain.suppression import LEAST
from conference.models import Job, Message, Organization, Registration
from conference.models.registration import may_be_written_to
from conference.services.accounts import Words
from conference.services.audit import actor_of, record
from conference.services.jobs import ask_for
from conference.services.mail import queue_message

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from agreements import Chamber
    from conference.domain.registration import Category

# One transaction writes so many letters.
BATCH = 100


@dataclass(frozen=True, slots=True)
class Group:
    """Whom a notice is for: those of one category, or of one side; with neither, everybody who comes."""

    category: Category | None = None
    side: Chamber | None = None

    @property
    def said(self) -> dict[str, str]:
        """Return the group as plain values, for a job's parameters and for the log."""
        chosen = {"category": self.category, "side": self.side}
        return {name: value.value for name, value in chosen.items() if value is not None}


EVERYBODY = Group()


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody to be written to, with what the link to their ticket is derived from."""

    registration_id: int
    email: str
    language: str
    ticket_nonce: str
    token_digest: str


# Writes the letter to a reader, and the path by which they end letters of this sort.
LetterTo = Callable[[Reader], tuple[Words, str]]


def ask_to_write(
    session: Session,
    *,
    conference_id: int,
    group: Group,
    texts: Mapping[str, str],
    cause: str,
    key: str,
    by: int,
    now: datetime,
) -> int:
    """Ask for a notice to be written to a group, and return the job's id. Of one cause there is one job.

    `texts` are its words by language. Raises Conflict("too_few_to_write") for a group of fewer than five:
    whom else would such a letter be about?
    """
    if number_of_readers(session, conference_id=conference_id, group=group) < LEAST:
        raise Conflict("too_few_to_write", least=LEAST)
    standing = session.scalar(select(Job.id).where(Job.cause == cause))
    if standing is not None:
        return standing
    job_id = ask_for(
        session,
        kind=JobKind.WRITE_TO_PEOPLE,
        conference_id=conference_id,
        asked_by=by,
        key=key,
        parameters={"texts": dict(texts), **group.said},
        cause=cause,
        now=now,
    )
    actor = actor_of(session, conference_id=conference_id, account_id=by)
    event = {"kind": AuditKind.PEOPLE_WRITTEN_TO.value, **group.said}
    record(session, conference_id=conference_id, actor=actor, event=event, at=now)
    return job_id


def number_of_readers(session: Session, *, conference_id: int, group: Group) -> int:
    """Return how many a notice to a group goes to now. One statement."""
    return session.scalar(_wanted(conference_id, group).with_only_columns(func.count())) or 0


def readers(
    session: Session, *, conference_id: int, group: Group = EVERYBODY, before: datetime | None = None
) -> tuple[int, ...]:
    """Return the registrations of those who are written to; `before`: registered by then. One statement."""
    wanted = _wanted(conference_id, group).with_only_columns(Registration.id)
    if before is not None:
        wanted = wanted.where(Registration.registered_at < before)
    return tuple(session.scalars(wanted.order_by(Registration.id)))


def _wanted(conference_id: int, group: Group) -> Select[Registration]:
    wanted = select(Registration).where(may_be_written_to(conference_id))
    if group.category is not None:
        wanted = wanted.where(Registration.category == group.category)
    if group.side is not None:
        wanted = wanted.join(Organization, Organization.id == Registration.organization_id)
        wanted = wanted.where(Organization.side == group.side)
    return wanted


def write_to_some(
    session: Session,
    *,
    conference_id: int,
    registrations: Sequence[int],
    cause: str,
    letter: LetterTo,
    now: datetime,
    useless_after: datetime | None = None,
) -> int:
    """Write to these registrations, but for those that were written to for this cause; return how many were.

    The number is of all letters for the cause, whoever wrote them. Who has withdrawn or cancelled since they
    were counted gets nothing. `cause` is short: with the number of the registration it names the letter,
    which is there once however often this is called.
    """
    keys = {f"{cause}-{number}": number for number in registrations}
    written = set(session.scalars(select(Message.key).where(Message.key.in_(keys))))
    left = [number for key, number in keys.items() if key not in written]
    rows = session.scalars(
        select(Registration)
        .where(Registration.id.in_(left), may_be_written_to(conference_id))
        .order_by(Registration.id)
    ).all()
    for row in rows:
        email = row.contact_email or ""
        words, way_out = letter(Reader(row.id, email, row.language, row.ticket_nonce, row.token_digest))
        queue_message(
            session,
            kind=MessageKind.REMINDER,
            conference_id=conference_id,
            key=f"{cause}-{row.id}",
            recipient=email,
            language=words.language,
            subject=words.subject,
            body=words.body,
            unsubscribe=way_out,
            useless_after=useless_after,
            now=now,
        )
    session.flush()
    mine = Message.key.startswith(f"{cause}-", autoescape=True)
    return session.scalar(select(func.count(Message.id)).where(mine)) or 0
