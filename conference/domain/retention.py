"""How long is known who came: the days on which a conference forgets its people. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from conference.domain.registration import KEPT


class HoldReason(StrEnum):
    """Why nothing is forgotten for a while; a choice, since the log is public."""

    LEGAL_DEMAND = "legal_demand"
    DISPUTED_RESULT = "disputed_result"
    SECURITY_INCIDENT = "security_incident"


class Due(StrEnum):
    """What is to be forgotten of a conference by now; people include the scans."""

    NOTHING = "nothing"
    SCANS = "scans"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Periods:
    """How long is kept what a conference knows of people, from its last day on, and what mails leave."""

    # Who came: names, addresses, answers, presence of delegates, accounts. What registering promises.
    people: timedelta = KEPT
    # Who, without acting for an organization, went through which door.
    scans: timedelta = timedelta(days=7)
    # Proofs of an address, from the moment on at which they open nothing any more: invitations live for days.
    sign_in_codes: timedelta = timedelta(days=1)
    # Who asked another organizer for an export, and why, from their asking on; the log keeps that they did.
    approvals: timedelta = timedelta(days=30)
    # To whom and what, of messages that were given up: so long somebody may have them tried again.
    given_up: timedelta = timedelta(days=3)
    # Entries of the outbox, from their writing on; their words are gone as soon as they are sent.
    messages: timedelta = timedelta(days=30)


PERIODS = Periods()


def due(last_day: date, *, today: date, periods: Periods = PERIODS) -> Due:
    """Return what a conference forgets today, in the calendar of its venue.

    The last day of a period still belongs to it: what is kept until a day goes on the day after.
    """
    if today > last_day + periods.people:
        return Due.PEOPLE
    if today > last_day + periods.scans:
        return Due.SCANS
    return Due.NOTHING
