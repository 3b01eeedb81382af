"""Letters about a place: to whom, by what the outbox knows them, and what they say in whose words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from conference.domain.accounts import Role
from conference.domain.mail import MessageKind
from conference.domain.registration import RegistrationStatus
from conference.models import Account, Conference, Message, Party, Registration, RoleGrant
from conference.services.accounts import Words
from conference.services.mail import queue_message, withdraw

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


class PlaceNews(StrEnum):
    """What has become of a place since somebody looked."""

    OFFERED = "offered"
    # The offer ran out; they are at the end of the line, or, after some, out of it.
    LAPSED = "lapsed"
    TAKEN_OUT = "taken_out"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class OfferLetter:
    """What a letter about a place is to say, and to whom its link leads.

    `ticket_nonce` and `token_digest` are those of the reader's own ticket (its token is derived with the
    server's key, see `own_token`); None for the lead of a group whose guests are not named.
    `offered_until` is when an offer runs out; the conference's clocks go by `time_zone`.
    """

    news: PlaceNews
    language: str
    slug: str
    time_zone: str
    party_id: int | None
    ticket_nonce: str | None
    token_digest: str | None
    offered_until: datetime | None = None
    # What the reader had booked besides was full when the place was offered.
    service_lost: bool = False


LetterWriter = Callable[[OfferLetter], Words | None]


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter that is not queued yet: its words were written while the reader was still known."""

    key: str
    recipient: str
    conference_id: int
    words: Words
    useless_after: datetime | None


@dataclass(frozen=True, slots=True)
class _Reader:
    address: str
    language: str
    # By what the outbox tells this reader's letter from the others' of the same party.
    name: str
    ticket: Registration | None


def letter_keys(registration_id: int) -> dict[RegistrationStatus, str]:
    """Return by what the outbox knows the letters to a registration, by where its place stands."""
    return {
        RegistrationStatus.CONFIRMED: f"ticket-{registration_id}",
        RegistrationStatus.PENDING: f"pending-{registration_id}",
        RegistrationStatus.WAITING: f"waiting-{registration_id}",
    }


def withdraw_links(session: Session, *, registration_id: int) -> None:
    """Withdraw every letter that waits to be sent and leads to the ticket as it was until now."""
    own = Message.key.in_(letter_keys(registration_id).values())
    # News of a place, and what `notices_to_people` writes, each end with whom they are for.
    news = and_(Message.kind == MessageKind.NOTICE, Message.key.endswith(f"-r{registration_id}"))
    withdraw(session, or_(own, news, _reminds(registration_id)))


def withdraw_reminders(session: Session, *, registration_id: int) -> None:
    """Withdraw the reminders and notices that wait to be sent to a registration."""
    withdraw(session, _reminds(registration_id))


def _reminds(registration_id: int) -> ColumnElement[bool]:
    """Tell of a message whether it is a reminder or a notice to everybody, written to this registration."""
    return and_(Message.kind == MessageKind.REMINDER, Message.key.endswith(f"-{registration_id}"))


def write_to(session: Session, registration: Registration, letter: Words | None, now: datetime) -> None:
    """Send the contact the letter about where the place stands now; nobody where there is no contact."""
    if letter is None or registration.contact_email is None:
        return
    queue_message(
        session,
        kind=MessageKind.TICKET,
        conference_id=registration.conference_id,
        key=letter_keys(registration.id)[registration.status],
        recipient=registration.contact_email,
        language=letter.language,
        subject=letter.subject,
        body=letter.body,
        now=now,
    )
    session.flush()


def draft_news(
    session: Session,
    *,
    conference_id: int,
    registrations: Sequence[Registration],
    news: PlaceNews,
    letter: LetterWriter | None,
    cause: str,
    offered_until: datetime | None = None,
) -> list[Draft]:
    """Write to whoever can be reached of the registrations of one party, or of one person, what is new.

    That is each person with an address, and for guests of a group who are not named the leads of their
    organization. `cause` and the reader name the letter: what the outbox has already is not written again.
    """
    if letter is None or not registrations:
        return []
    readers = {f"{cause}-{reader.name}": reader for reader in _readers(session, registrations)}
    known = set(session.scalars(select(Message.key).where(Message.key.in_(readers))))
    conference = session.get_one(Conference, conference_id)
    drafts = []
    for key, reader in readers.items():
        if key in known:
            continue
        asked = OfferLetter(
            news=news,
            language=reader.language,
            slug=conference.slug,
            time_zone=conference.time_zone,
            party_id=registrations[0].party_id,
            ticket_nonce=None if reader.ticket is None else reader.ticket.ticket_nonce,
            token_digest=None if reader.ticket is None else reader.ticket.token_digest,
            offered_until=offered_until,
            service_lost=reader.ticket is not None and reader.ticket.service_lost,
        )
        words = letter(asked)
        if words is not None:
            drafts.append(Draft(key, reader.address, conference_id, words, offered_until))
    return drafts


def send_drafts(session: Session, drafts: Iterable[Draft], *, now: datetime) -> None:
    """Queue the letters. Of somebody who is forgotten meanwhile, after that: it is the last to them."""
    for draft in drafts:
        queue_message(
            session,
            kind=MessageKind.NOTICE,
            conference_id=draft.conference_id,
            key=draft.key,
            recipient=draft.recipient,
            language=draft.words.language,
            subject=draft.words.subject,
            body=draft.words.body,
            useless_after=draft.useless_after,
            now=now,
        )
    session.flush()


def _readers(session: Session, registrations: Sequence[Registration]) -> list[_Reader]:
    people = [
        _Reader(row.contact_email, row.language, f"r{row.id}", row)
        for row in registrations
        if row.contact_email is not None
    ]
    parties = {row.party_id for row in registrations if not row.badge_name}
    leads = _leads(session, registrations[0].conference_id, parties - {None})
    return people + [
        _Reader(account.email, account.language, f"a{account.id}", None)
        for account in leads
        if account.email is not None
    ]


def _leads(session: Session, conference_id: int, parties: Collection[int | None]) -> Sequence[Account]:
    if not parties:
        return ()
    # Of a group: a place that one person handed over is on no page of whoever leads the organization.
    organizations = select(Party.organization_id).where(Party.id.in_(parties), Party.grouped)
    return session.scalars(
        select(Account)
        .where(
            Account.id.in_(
                select(RoleGrant.account_id).where(
                    RoleGrant.conference_id == conference_id,
                    RoleGrant.role == Role.ORGANIZATION_LEAD,
                    RoleGrant.organization_id.in_(organizations),
                    RoleGrant.revoked_at.is_(None),
                )
            )
        )
        .order_by(Account.id)
    ).all()


def tell_of_offers(
    session: Session, *, conference_id: int, letter: LetterWriter | None, now: datetime
) -> None:
    """Write to whoever was offered places and has not been told. The caller holds the line."""
    if letter is None:
        return
    rows = session.execute(
        select(Registration, Party.offered_until)
        .join(Party, Party.id == Registration.party_id)
        .where(
            Registration.conference_id == conference_id,
            Registration.status == RegistrationStatus.OFFERED,
        )
        .order_by(Registration.id)
        .execution_options(populate_existing=True)
    ).all()
    parties: dict[tuple[int | None, datetime | None], list[Registration]] = {}
    for registration, until in rows:
        parties.setdefault((registration.party_id, until), []).append(registration)
    for (party_id, until), registrations in parties.items():
        drafts = draft_news(
            session,
            conference_id=conference_id,
            registrations=registrations,
            news=PlaceNews.OFFERED,
            letter=letter,
            cause=f"offer-{party_id}-{until:%Y%m%d%H%M%S%f}",
            offered_until=until,
        )
        send_drafts(session, drafts, now=now)
