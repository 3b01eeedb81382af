"""Access cards: printing one, using it once, and taking it back with everything that it opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from conference.domain.accounts import link_digest
from conference.domain.audit import AuditKind
from conference.domain.cards import (
    CardState,
    canonical_card_code,
    card_code_digest,
    card_state,
    why_not_at_the_desk,
)
from conference.domain.errors import Conflict, NotFound
from conference.domain.registration import RegistrationStatus
from conference.models import (
    AccessCard,
    Account,
    Authenticator,
    Challenge,
    Conference,
    Passkey,
    RecoveryCode,
    Registration,
    SignIn,
)
from conference.models.accounts import holds_role
from conference.services.audit import actor_of, record
from conference.services.sign_ins import end_sign_ins

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class CardSecrets:
    """What is printed on a card: drawn at random by the caller, stored only as digests."""

    token: str
    code: str


@dataclass(frozen=True, slots=True)
class UsedCard:
    """Whom a card signs in, and which card it was."""

    card_id: int
    account_id: int


def issue_card(
    session: Session,
    *,
    conference_id: int,
    account_id: int,
    role_name: str,
    secrets: CardSecrets,
    key: bytes,
    lifetime: timedelta,
    by: int,
    now: datetime,
) -> int:
    """Issue a card to whoever has a role, and return its number; the one before opens nothing any more.

    Whoever prints a card could use it: so the log says whose it is, by what it calls their role, `role_name`.
    Whom the desk may issue one to, `issue_at_desk` decides; nothing says whose that one is.
    """
    hold_numbers(session, conference_id)
    drawn = _Drawn(conference_id, key, lifetime, by, now)
    number, event = _issued(session, drawn, account_id, secrets)
    kind = AuditKind.ROLE_CARD_REISSUED if "replaces" in event else AuditKind.ROLE_CARD_ISSUED
    event |= {"kind": kind.value, "grant": role_name}
    _record(session, conference_id, event, by=by, now=now)
    return number


def issue_at_desk(
    session: Session,
    *,
    conference_id: int,
    registration_id: int,
    replaces: int | None,
    secrets: CardSecrets,
    key: bytes,
    lifetime: timedelta,
    by: int,
    now: datetime,
) -> int:
    """Issue a card to whoever is registered, and has neither an address nor a role; return its number.

    Somebody without an account gets one that knows nothing of them. `replaces` is the number of the card
    that the desk saw in force, None for none: a second tap issues no second card.

    Raises NotFound("ticket_not_found"), Conflict: "ticket_cancelled", "card_for_address", "card_for_role",
    "card_changed".
    """
    hold_numbers(session, conference_id)
    drawn = _Drawn(conference_id, key, lifetime, by, now)
    number, event = _issued_at_desk(session, drawn, registration_id, secrets, replaces=replaces)
    _record(session, conference_id, event, by=by, now=now)
    return number


def issue_together(
    session: Session,
    *,
    conference_id: int,
    secrets: Mapping[int, CardSecrets],
    key: bytes,
    lifetime: timedelta,
    by: int,
    now: datetime,
) -> dict[int, int]:
    """Issue a card to each of several who are registered and have none; return the numbers.

    `secrets` and the numbers are by registration. All get one, or nobody does: raises as `issue_at_desk`.
    """
    hold_numbers(session, conference_id)
    drawn = _Drawn(conference_id, key, lifetime, by, now)
    issued = {
        registration_id: _issued_at_desk(session, drawn, registration_id, secrets[registration_id])
        for registration_id in sorted(secrets)
    }
    for _number, event in issued.values():
        _record(session, conference_id, event, by=by, now=now)
    return {registration_id: number for registration_id, (number, _event) in issued.items()}


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What all cards of one act have in common."""

    conference_id: int
    key: bytes
    lifetime: timedelta
    by: int
    now: datetime


def hold_numbers(session: Session, conference_id: int) -> None:
    """Give numbers one after the other: two desks wait for each other here, before they hold anybody.

    Whoever issues a card after something else that is in the log calls this before that.
    """
    session.execute(
        select(Conference.id).where(Conference.id == conference_id).with_for_update(key_share=True)
    )


def _issued_at_desk(
    session: Session,
    drawn: _Drawn,
    registration_id: int,
    secrets: CardSecrets,
    *,
    replaces: int | None = None,
) -> tuple[int, dict[str, object]]:
    registration = _registration(session, drawn.conference_id, registration_id)
    account = _account(session, registration)
    has_address = registration.contact_email is not None or (
        account is not None and account.email is not None
    )
    has_role = account is not None and _has_role(session, account.id)
    if refusal := why_not_at_the_desk(has_address=has_address, has_role=has_role):
        raise Conflict(refusal)
    before = None if account is None else _card_of(session, drawn.conference_id, account.id)
    if (None if before is None else before.number) != replaces:
        raise Conflict("card_changed")
    holder = _begin_account(session, registration, drawn.now) if account is None else account
    return _issued(session, drawn, holder.id, secrets)


def _issued(
    session: Session, drawn: _Drawn, account_id: int, secrets: CardSecrets
) -> tuple[int, dict[str, object]]:
    """Return the number of a new card, and what the log is told of it: it is written last."""
    before = _card_of(session, drawn.conference_id, account_id)
    if before is not None:
        _revoke(session, before, drawn.now)
    last = select(func.max(AccessCard.number)).where(AccessCard.conference_id == drawn.conference_id)
    card = AccessCard(
        conference_id=drawn.conference_id,
        number=(session.scalar(last) or 0) + 1,
        account_id=account_id,
        token_digest=link_digest(secrets.token),
        code_digest=card_code_digest(secrets.code, key=drawn.key),
        issued_at=drawn.now,
        issued_by_id=drawn.by,
        expires_at=drawn.now + drawn.lifetime,
    )
    session.add(card)
    session.flush()
    event: dict[str, object] = {"kind": AuditKind.CARD_ISSUED.value, "card": card.number}
    if before is not None:
        event |= {"kind": AuditKind.CARD_REISSUED.value, "replaces": before.number}
    return card.number, event


def revoke_card(
    session: Session, *, conference_id: int, registration_id: int, number: int, by: int, now: datetime
) -> None:
    """Take back a person's card and end what it opened: lost, and no new one is wanted now.

    Raises NotFound("ticket_not_found"), Conflict: "ticket_cancelled", "card_changed", and "card_for_role"
    for whoever gets in by card alone and has a role: the desk would lock them out of it.
    """
    registration = _registration(session, conference_id, registration_id)
    account_id = registration.account_id
    card = None if account_id is None else _card_of(session, conference_id, account_id)
    if card is None or card.number != number:
        raise Conflict("card_changed")
    if session.get_one(Account, card.account_id).email is None and _has_role(session, card.account_id):
        raise Conflict("card_for_role")
    _revoke(session, card, now)
    event = {"kind": AuditKind.CARD_REVOKED.value, "card": card.number}
    _record(session, conference_id, event, by=by, now=now)


def use_card_link(session: Session, *, token: str, now: datetime) -> UsedCard:
    """Use a card by what its QR code opens; the first one counts.

    Raises NotFound("card_wrong"), the same for unknown, expired and revoked, and Conflict("card_used").
    """
    return _used(session, AccessCard.token_digest == link_digest(token), now)


def use_card_code(session: Session, *, code: str, keys: Sequence[bytes], now: datetime) -> UsedCard:
    """Use a card by its code, as somebody typed it; the first one counts. Raises as `use_card_link` does.

    `keys` are those that codes are kept with, and have been kept with.
    """
    canonical = canonical_card_code(code)
    if canonical is None:
        raise NotFound("card_wrong")
    digests = [card_code_digest(canonical, key=key) for key in keys]
    return _used(session, AccessCard.code_digest.in_(digests), now)


def _used(session: Session, shown: ColumnElement[bool], now: datetime) -> UsedCard:
    # Locked, so that of two phones the second finds it used.
    card = session.scalars(
        select(AccessCard).where(shown).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if card is None:
        raise NotFound("card_wrong")
    state = card_state(used_at=card.used_at, revoked_at=card.revoked_at, expires_at=card.expires_at, now=now)
    if state is CardState.USED:
        raise Conflict("card_used")
    if state is not CardState.WAITING:
        raise NotFound("card_wrong")
    # A clock that was set back must not keep anybody out.
    card.used_at = max(now, card.issued_at)
    # Not in the log, which is public: whoever watched at the desk would know which card is whose.
    session.flush()
    return UsedCard(card.id, card.account_id)


def _registration(session: Session, conference_id: int, registration_id: int) -> Registration:
    """Return the registration, held: two desks give it one account, and one card."""
    registration = session.scalars(
        select(Registration)
        .where(Registration.id == registration_id, Registration.conference_id == conference_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if registration is None:
        raise NotFound("ticket_not_found")
    if registration.status is RegistrationStatus.CANCELLED:
        raise Conflict("ticket_cancelled")
    return registration


def _account(session: Session, registration: Registration) -> Account | None:
    if registration.account_id is None:
        return None
    return session.get_one(Account, registration.account_id)


def _has_role(session: Session, account_id: int) -> bool:
    return bool(session.scalar(select(holds_role(account_id))))


def _begin_account(session: Session, registration: Registration, now: datetime) -> Account:
    account = Account(email=None, language=registration.language, created_at=now)
    session.add(account)
    session.flush()
    registration.account_id = account.id
    session.flush()
    return account


def _card_of(session: Session, conference_id: int, account_id: int) -> AccessCard | None:
    return session.scalars(
        select(AccessCard)
        .where(
            AccessCard.account_id == account_id,
            AccessCard.conference_id == conference_id,
            AccessCard.revoked_at.is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _revoke(session: Session, card: AccessCard, now: datetime) -> None:
    """Take a card back, with what it let in; of an account without address, with all that lets anybody in.

    Whoever held the card set that up. An account with an address keeps what was set up beside the card.
    """
    card.revoked_at = now
    session.execute(delete(SignIn).where(SignIn.card_id == card.id))
    if session.get_one(Account, card.account_id).email is None:
        _close(session, card.account_id)
    session.flush()


def _close(session: Session, account_id: int) -> None:
    """End every sign-in of an account, and everything but a card that could begin another."""
    # First what whoever adds a passkey uses up first: they are done with it by now, or find nothing.
    session.execute(delete(Challenge).where(Challenge.account_id == account_id))
    # Held, as whoever sets up an app holds it.
    session.execute(select(Account.id).where(Account.id == account_id).with_for_update(key_share=True))
    for means in (Passkey, Authenticator, RecoveryCode):
        session.execute(delete(means).where(means.account_id == account_id))
    end_sign_ins(session, account_id=account_id)


def _record(
    session: Session, conference_id: int, event: Mapping[str, object], *, by: int, now: datetime
) -> None:
    actor = actor_of(session, conference_id=conference_id, account_id=by)
    record(session, conference_id=conference_id, actor=actor, event=event, at=now)
