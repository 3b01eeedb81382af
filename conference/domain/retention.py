"""How long is known who came: the days on which a conference forgets its people. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta
from enum import StrEnum

from conference.domain.jobs import KEPT as RESULTS_KEPT
from conference.domain.jobs import REMEMBERED as JOBS_KEPT
from conference.domain.registration import KEPT

DAY = timedelta(days=1)


class HoldReason(StrEnum):
    """Why nothing is forgotten for a while; a choice, since the log is public."""

    LEGAL_DEMAND = "legal_demand"
    DISPUTED_RESULT = "disputed_result"
    SECURITY_INCIDENT = "security_incident"


@dataclass(frozen=True, slots=True)
class Periods:
    """How long is kept what a conference knows of people, from its last day on, and what mails leave.

    Needs and scans never outlast the people that they are of: who is forgotten is forgotten whole.
    Raises ValueError for a period of nothing or less, and for one of whole days that has a broken one.
    """

    # Who came: names, addresses, phones, answers, bookings, groups, accounts. What registering promises.
    people: timedelta = KEPT
    # What somebody needs to take part: told to whoever prepares it, and of no use afterwards.
    needs: timedelta = timedelta(days=7)
    # Who, without acting for an organization, went through which door; the sum of each door stays.
    scans: timedelta = timedelta(days=7)
    # Which delegate sat in a sitting, and which delegate voted for a seat. Counted from the last day as long
    # as nothing is ratified afterwards.
    presences: timedelta = timedelta(days=30)
    # Proofs of an address, from the moment on at which they open nothing any more: invitations live for days.
    sign_in_codes: timedelta = DAY
    # Who asked another organizer for an export, and why, from their asking on; the log keeps that they did.
    approvals: timedelta = timedelta(days=30)
    # To whom and what, of messages that were given up: so long somebody may have them tried again.
    given_up: timedelta = timedelta(days=3)
    # Entries of the outbox, from their writing on; their words are gone as soon as they are sent.
    messages: timedelta = timedelta(days=30)
    # What a long task made, such as an export of people, from its end on.
    job_files: timedelta = RESULTS_KEPT
    # That there was a long task, and what it counted.
    jobs: timedelta = JOBS_KEPT

    def __post_init__(self) -> None:
        for field in fields(self):
            if getattr(self, field.name) <= timedelta():
                raise ValueError(f"{field.name}: nothing is kept for no time")
        for name in FROM_THE_LAST_DAY:
            if getattr(self, name) % DAY:
                raise ValueError(f"{name}: whole days, by the calendar of the venue")

    def kept(self, name: str) -> timedelta:
        """Return how long is kept what is counted from the last day on (see FROM_THE_LAST_DAY)."""
        period: timedelta = getattr(self, name)
        # Presence is of seats, and may have to outlast the names until something is ratified.
        return period if name == "presences" else min(period, self.people)


# What goes by a conference's calendar, in the order in which it goes; the rest goes by its own age.
FROM_THE_LAST_DAY = ("needs", "scans", "presences", "people")
PERIODS = Periods()


def is_over(last_day: date, *, period: timedelta, today: date) -> bool:
    """Tell whether what is kept for a period is forgotten today, in the calendar of the venue.

    The last day of a period still belongs to it: what is kept until a day goes on the day after.
    """
    return today > last_day + period


def forgotten_on(last_day: date, *, period: timedelta) -> date:
    """Return the first day on which what is kept for a period is forgotten."""
    return last_day + period + DAY
