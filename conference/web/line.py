"""Keeps the line of each conference moving: offers run out, what is free is offered, letters say so."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from babel.dates import get_timezone_location
from flask import current_app

from conference.domain.tickets import ticket_token, token_digest
from conference.extensions import db
from conference.queries.places import conferences_in_line
from conference.services.parties import lapse_offers, offer_freed
from conference.web import letters
from conference.web.clock import now
from conference.web.content import day_and_time
from conference.web.keys import keys_for
from conference.web.logs import where
from conference.web.transaction import begin_reads_lightly

if TYPE_CHECKING:
    from conference.services.accounts import Words
    from conference.services.place_letters import OfferLetter

LOGGER = logging.getLogger("asamblea.line")


def place_letter(asked: OfferLetter) -> Words | None:
    """Write what is new of a place; None where the ticket's secret is not kept any more."""
    path = _path(asked)
    if path is None:
        return None
    return letters.place_news(
        news=asked.news,
        path=path,
        until=_until(asked),
        service_lost=asked.service_lost,
        language=asked.language,
    )


def _until(asked: OfferLetter) -> str:
    if asked.offered_until is None:
        return ""
    # Read on both sides of the border: it says whose clock is meant.
    city = get_timezone_location(asked.time_zone, locale=asked.language, return_city=True)
    return f"{day_and_time(asked.offered_until, asked.time_zone, asked.language)} ({city})"


def _path(asked: OfferLetter) -> str | None:
    # Not `url_for`: nobody has asked for a page here.
    addresses = current_app.url_map.bind("localhost")
    if asked.ticket_nonce is None:
        # Of a group: whoever leads its organization signs in, and answers for all of it there.
        where_to = {"lang": asked.language, "slug": asked.slug, "party_id": asked.party_id}
        return addresses.build("parties.detail", where_to)
    for key in keys_for("tickets"):
        token = ticket_token(asked.ticket_nonce, key=key)
        if token_digest(token) == asked.token_digest:
            return addresses.build("registration.ticket", {"lang": asked.language, "token": token})
    return None


def keep_lines_moving() -> None:
    """Take back offers that ran out, offer what is free, and write to whom it concerns.

    One short transaction a conference; several workers may do it at once. One that fails keeps none of the
    others from it.
    """
    begin_reads_lightly()
    waiting = conferences_in_line(db.session())
    db.session.remove()
    for conference_id in waiting:
        try:
            session = db.session()
            lapse_offers(session, letter=place_letter, now=now(), conference_id=conference_id)
            offer_freed(session, conference_id=conference_id, letter=place_letter, now=now())
            session.commit()
        except Exception as error:  # noqa: BLE001 - the next sweep tries again; the others have their turn
            LOGGER.error("conference %s: %s", conference_id, where(error))
        finally:
            db.session.remove()
