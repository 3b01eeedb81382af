"""Letters to those who come: what a reader gets, and the job that writes to one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import current_app

from agreements import Chamber
from conference.domain.errors import NotFound
from conference.domain.mail import stop_token
from conference.domain.registration import Category
from conference.domain.reminders import reminder_due
from conference.domain.tickets import ticket_token, token_digest
from conference.extensions import db
from conference.queries.notices import first_day_and_zone
from conference.services.jobs import Outcome, check_asker
from conference.services.notices_to_people import BATCH, Group, Reader, readers, write_to_some
from conference.web import letters
from conference.web.clock import now
from conference.web.keys import key_for, keys_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    from conference.services.accounts import Words
    from conference.services.jobs import Work
    from conference.services.notices_to_people import LetterTo
    from conference.web.jobs import Progress


def group_of(values: Mapping[str, Any]) -> Group:
    """Return the group that a job's parameters name."""
    category, side = values.get("category"), values.get("side")
    return Group(
        category=None if category is None else Category(category),
        side=None if side is None else Chamber(side),
    )


def write_to_people(work: Work, progress: Progress) -> Outcome:
    """Write a notice, or a reminder, to everybody whom it is for.

    Letters are kept a batch at a time: whoever kills this process leaves some written, and the next try
    writes the others. Each has a key of its own in the outbox, so nobody is written to twice.
    """
    if work.conference_id is None:
        raise NotFound("conference_not_found")
    if "reminder" in work.parameters:
        return _remind(work, work.conference_id, progress)
    texts: dict[str, str] = work.parameters["texts"]
    numbers = readers(db.session(), conference_id=work.conference_id, group=group_of(work.parameters))
    return _write(work, numbers, _with_way_out(lambda reader, path: _notice(texts, reader, path)), progress)


def _remind(work: Work, conference_id: int, progress: Progress) -> Outcome:
    """Remind of what begins soon; nobody any more where it is too late for that."""
    first_day, time_zone = first_day_and_zone(db.session(), conference_id=conference_id)
    due = reminder_due(first_day, time_zone=time_zone, now=now())
    if due is None or due.days != work.parameters["reminder"]:
        return Outcome({"letters": 0})
    numbers = readers(db.session(), conference_id=conference_id, before=due.since)
    letter = _with_way_out(lambda reader, path: _reminder(first_day, reader, path))
    return _write(work, numbers, letter, progress, useless_after=due.useless_after)


def _write(
    work: Work,
    numbers: Sequence[int],
    letter: LetterTo,
    progress: Progress,
    *,
    useless_after: datetime | None = None,
) -> Outcome:
    session, total, written = db.session(), len(numbers), 0
    progress(0, total)
    for start in range(0, total, BATCH):
        # Whoever loses the role meanwhile writes to nobody else.
        check_asker(session, work=work)
        written = write_to_some(
            session,
            conference_id=work.conference_id or 0,
            registrations=numbers[start : start + BATCH],
            cause=f"people-{work.id}",
            letter=letter,
            useless_after=useless_after,
            now=now(),
        )
        session.commit()
        progress(min(start + BATCH, total), total)
    return Outcome({"letters": written})


def _with_way_out(words: Callable[[Reader, str], Words]) -> LetterTo:
    def letter(reader: Reader) -> tuple[Words, str]:
        path = way_out(reader.registration_id, email=reader.email, language=reader.language)
        return words(reader, path), path

    return letter


def way_out(registration_id: int, *, email: str, language: str) -> str:
    """Return the path by which a reader ends letters of this sort."""
    token = stop_token(registration_id, email=email, key=key_for("unsubscribe"))
    return _address("mail.stopping", language, token)


def _address(endpoint: str, language: str, token: str) -> str:
    # Not `url_for`: nobody has asked for a page here.
    addresses = current_app.url_map.bind("localhost")
    return str(addresses.build(endpoint, {"lang": language, "token": token}))


def _notice(texts: Mapping[str, str], reader: Reader, way_out: str) -> Words:
    return letters.notice(text=texts[reader.language], way_out=way_out, language=reader.language)


def _reminder(first_day: date, reader: Reader, way_out: str) -> Words:
    tokens = (ticket_token(reader.ticket_nonce, key=key) for key in keys_for("tickets"))
    token = next((token for token in tokens if token_digest(token) == reader.token_digest), None)
    path = None if token is None else _address("registration.ticket", reader.language, token)
    return letters.reminder(first_day=first_day, path=path, way_out=way_out, language=reader.language)
