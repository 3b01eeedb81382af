"""What is forgotten when, in words: one line for each thing that is known of people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import gettext, lazy_gettext, ngettext

from conference.domain.retention import FROM_THE_LAST_DAY, HoldReason, forgotten_on

if TYPE_CHECKING:
    from datetime import date, timedelta
    from enum import StrEnum

    from conference.domain.retention import Periods

_ = lazy_gettext

RETENTION_WORDS: dict[type[StrEnum], dict[str, str]] = {
    HoldReason: {
        HoldReason.LEGAL_DEMAND: _("A court or an authority has asked for records"),
        HoldReason.DISPUTED_RESULT: _("The result of a vote is disputed"),
        HoldReason.SECURITY_INCIDENT: _("A security incident is being looked into"),
    },
}
# What is counted from the last day on, by the name of its period.
_AFTER_THE_LAST_DAY: dict[str, str] = {
    "needs": _("What somebody needs to take part (a way without steps, a sign language, food …)"),
    "scans": _("Who went through which door, of all but delegates; the sum of each door stays"),
    "presences": _("Which delegate sat in a sitting, and which voted for a seat"),
    "people": _(
        "Name for the badge, email, telephone, answers, bookings, organization, languages, photo choice"
    ),
}
# What goes by its own age.
_BY_AGE: dict[str, str] = {
    "sign_in_codes": _("Links and codes for signing in, once they open nothing"),
    "job_files": _("Files that long tasks made, such as badges to be printed"),
    "given_up": _("To whom and what, of mails that could not be sent; of sent ones it goes at once"),
    "messages": _("That a mail was sent, without to whom or what"),
    "approvals": _("Requests for exports of people, and why"),
    "jobs": _("That there was a long task, and what it counted"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is known, how long, and from which day on it is not."""

    what: str
    period: str
    day: date | None = None


def period_text(period: timedelta) -> str:
    """Return a period in words: days, or hours where it is no whole number of days."""
    hours = round(period.total_seconds() / 3600)
    if hours % 24 or hours <= 24:  # noqa: PLR2004 - hours of a day
        return ngettext("%(num)s hour", "%(num)s hours", hours)
    return ngettext("%(num)s day", "%(num)s days", hours // 24)


def by_calendar(periods: Periods, *, last_day: date) -> tuple[Line, ...]:
    """Return what is counted from a conference's last day on, and the days on which it is forgotten."""
    return tuple(
        Line(
            str(_AFTER_THE_LAST_DAY[name]),
            period_text(periods.kept(name)),
            forgotten_on(last_day, period=periods.kept(name)),
        )
        for name in FROM_THE_LAST_DAY
    )


def by_age(periods: Periods, *, sign_ins: timedelta, kept_forms: timedelta) -> tuple[Line, ...]:
    """Return what goes by its own age, whichever conference it is of."""
    minutes = round(kept_forms.total_seconds() / 60)
    return (
        Line(
            gettext("What was typed into a form that asked to sign in first"),
            ngettext("%(num)s minute", "%(num)s minutes", minutes),
        ),
        *(Line(str(what), period_text(getattr(periods, name))) for name, what in _BY_AGE.items()),
        Line(gettext("Where one is signed in, if one does not sign out before"), period_text(sign_ins)),
    )
