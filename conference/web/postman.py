"""Takes messages out of the outbox and hands them over; what one delivery is."""

from __future__ import annotations

import logging
from secrets import SystemRandom
from typing import TYPE_CHECKING

from flask import current_app

from conference.domain.mail import Outcome
from conference.exports.letter import as_email, envelope_sender
from conference.extensions import db
from conference.services.mail import (
    Letter,
    catch_up_with_clock,
    hand_over,
    lease_message,
    record_outcome,
)
from conference.web.clock import now
from conference.web.smtp import LeaseLost, NotSent, courier, mail_server

if TYPE_CHECKING:
    from flask import Flask

    from conference.web.smtp import Courier

LOGGER = logging.getLogger("asamblea.mail")


class Delivery:
    """One attempt at one message, whose lease is ours until it runs out."""

    def __init__(self, letter: Letter) -> None:
        self.letter = letter
        self.outcome: Outcome | None = None
        self.trouble: str | None = None

    def attempt(self, by: Courier) -> None:
        """Bring the mail on its way, and remember what came of it."""
        try:
            self._bring(by)
            self.outcome = Outcome.SENT
        except LeaseLost:
            LOGGER.warning("message %s was left to another sender", self.letter.id)
        except NotSent as failure:
            self.outcome, self.trouble = failure.outcome, failure.trouble
            # The server's words may quote the recipient: its number only.
            LOGGER.warning("message %s: %s (%s)", self.letter.id, failure.outcome, failure.trouble)

    def _bring(self, by: Courier) -> None:
        settings = current_app.config
        try:
            mail = as_email(
                self.letter, sender=settings["MAIL_SENDER"], site=settings["PUBLIC_URL"], moment=now()
            )
        except ValueError as error:
            raise NotSent(Outcome.UNKNOWN_RECIPIENT, "address") from error
        by.carry(
            mail,
            sender=envelope_sender(
                self.letter, sender=settings["MAIL_SENDER"], bounces=settings["MAIL_BOUNCE_ADDRESS"]
            ),
            recipient=self.letter.recipient,
            hand_over=self._hand_over,
        )

    def _hand_over(self) -> None:
        letter = hand_over(db.session(), letter=self.letter, now=now())
        db.session.commit()
        if letter is None:
            raise LeaseLost
        self.letter = letter

    def record(self) -> int:
        """Write what came of it into the caller's transaction; 1 if the mail went out."""
        if self.outcome is None:
            return 0
        record_outcome(
            db.session(),
            letter=self.letter,
            outcome=self.outcome,
            trouble=self.trouble,
            jitter=SystemRandom().random(),
            now=now(),
        )
        return int(self.outcome is Outcome.SENT)


def deliver(message_id: int) -> None:
    """Try to send one message now, if it is due and nobody else is at it.

    Safe to call for any id, at any time, from any process, as often as one likes. Raises ValueError, before
    the message is touched, where MAIL_SERVER does not say where to.
    """
    with courier(current_app.config["MAIL_SERVER"]) as by:
        letter = lease_message(db.session(), message_id=message_id, now=now())
        db.session.commit()
        if letter is None:
            return
        delivery = Delivery(letter)
        delivery.attempt(by)
        delivery.record()
        db.session.commit()


def deliver_due() -> int:
    """Send everything that is due, one message after the other; return how many went out.

    Raises ValueError, before any message is touched, where MAIL_SERVER does not say where to.
    """
    sent = 0
    with courier(current_app.config["MAIL_SERVER"]) as by:
        catch_up_with_clock(db.session(), now=now())
        while (delivery := _next()) is not None:
            delivery.attempt(by)
            # Written down, and the next one taken, in one commit.
            sent += delivery.record()
    return sent


def _next() -> Delivery | None:
    letter = lease_message(db.session(), now=now())
    db.session.commit()
    return None if letter is None else Delivery(letter)


def init_app(app: Flask) -> None:
    """Let no application start that queues mails and does not know where to send them (ValueError)."""
    if app.config["QUEUE"]:
        mail_server(app.config["MAIL_SERVER"])
