"""The mails people get: neutral subjects, plain words, the recipient's language."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - the tests write every letter, by what its hints say

from babel.dates import format_date
from flask import current_app, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from conference.domain.accounts import STAFF_ROLES, Role, shown_code
from conference.domain.one_time_codes import FactorChange
from conference.services.accounts import Words
from conference.services.place_letters import PlaceNews
from conference.web.wording import word


def absolute(path: str) -> str:
    """Return a path as an address that works from a mail."""
    base: str = current_app.config["PUBLIC_URL"]
    return base.rstrip("/") + path


def sign_in(*, code: str, path: str, minutes: int, language: str) -> Words:
    """Write to a known address that asked to sign in."""
    with force_locale(language):
        body = _(
            "Hello,\n\nhere is the link to sign in:\n\n%(link)s\n\n"
            "Or type this code: %(code)s\n\n"
            "It belongs on the page where you asked for it, or on this one: %(page)s\n\n"
            "Both work once, for %(minutes)s minutes. If you did not ask for this, there is nothing to do.\n",
            link=absolute(path),
            code=shown_code(code),
            page=absolute(url_for("accounts.code", lang=language)),
            minutes=minutes,
        )
        return Words(language, _("Your code"), body)


def sign_in_unknown(*, path: str, language: str) -> Words:
    """Write to an address that nobody registered with."""
    with force_locale(language):
        body = _(
            "Hello,\n\nsomebody asked to sign in with this address, but nobody is registered with it.\n"
            "If it was you, try the address you registered with, or register here:\n\n%(link)s\n\n"
            "If it was not you, there is nothing to do.\n",
            link=absolute(path),
        )
        return Words(language, _("Your code"), body)


def ticket(*, path: str, code: str, language: str) -> Words:
    """Write to somebody who has registered; neither subject nor words name the conference."""
    with force_locale(language):
        body = _(
            "Hello,\n\nyour place is reserved. This is your ticket, with the QR code to show at the door:\n\n"
            "%(link)s\n\nIf the camera fails, say this code: %(code)s\n\n"
            "Whoever has this link can use the ticket, so keep it to yourself. "
            "You can cancel on the same page.\n",
            link=absolute(path),
            code=code,
        )
        return Words(language, _("Your ticket"), body)


def registration_pending(*, path: str, language: str) -> Words:
    """Write to somebody whose place is held until the organizers have answered."""
    with force_locale(language):
        body = _(
            "Hello,\n\na place is held for you until the organizers have answered. We write to you then. "
            "How it stands is on this page, where you can also cancel:\n\n%(link)s\n\n"
            "Whoever has this link can use the ticket, so keep it to yourself.\n",
            link=absolute(path),
        )
        return Words(language, _("Your registration"), body)


def registration_waiting(*, path: str, language: str) -> Words:
    """Write to somebody who waits in line."""
    with force_locale(language):
        body = _(
            "Hello,\n\nall places are taken, and you are on the waiting list. When a place is free for you "
            "we write to you; it is held for some time, until you say yes. Your place in the list is on this "
            "page, where you can also leave it:\n\n%(link)s\n\n"
            "Whoever has this link can use the ticket, so keep it to yourself.\n",
            link=absolute(path),
        )
        return Words(language, _("Your registration"), body)


def place_news(*, news: PlaceNews, path: str, until: str, service_lost: bool, language: str) -> Words:
    """Write what has become of a place, or of a group's; neither subject nor words name the conference.

    `until` says when an offer runs out, where the conference is held; `service_lost` that it comes without a
    service that had been booked with it.
    """
    with force_locale(language):
        what = {
            PlaceNews.OFFERED: _(
                "a place is free, and held until %(until)s. Say on this page whether you take it. "
                "Who does not answer by then goes to the end of the waiting list.",
                until=until,
            ),
            PlaceNews.LAPSED: _(
                "nobody answered in time, so the place went to whoever was next. You are still on the "
                "waiting list, at its end. How it stands is on this page."
            ),
            PlaceNews.TAKEN_OUT: _(
                "a place was held twice, and nobody answered in time. So you are no longer on the waiting "
                "list, and what was kept was deleted. If you want to come, register again, or ask the "
                "organizers."
            ),
            PlaceNews.APPROVED: _("your place is reserved. The ticket is on this page."),
            PlaceNews.REJECTED: _(
                "this time the organizers cannot give you a place, and what was kept was deleted. "
                "If you think that it is a mistake, ask them."
            ),
        }[news]
        if service_lost and news is PlaceNews.OFFERED:
            what = _(
                "%(what)s\n\nA service that you had booked filled up meanwhile, so you are not booked for it "
                "any more. Everything else stays as you said it.",
                what=what,
            )
        body = _("Hello,\n\n%(what)s\n\n%(link)s\n", what=what, link=absolute(path))
        return Words(language, _("Your registration"), body)


def second_factor_changed(change: FactorChange, *, path: str, language: str) -> Words:
    """Tell an account what happened to its second factor, so that nobody does it behind its back."""
    with force_locale(language):
        what = {
            FactorChange.APP_SET_UP: _("An app that shows codes was set up for your account."),
            FactorChange.APP_REMOVED: _("The app that shows codes was removed from your account."),
            FactorChange.CODES_RENEWED: _(
                "New recovery codes were made for your account. The old ones are void."
            ),
            FactorChange.CODE_USED: _("A recovery code of your account was used. It does not work again."),
            FactorChange.APP_LOCKED: _(
                "Somebody who is signed in with your account wrote a wrong code five times. "
                "For a quarter of an hour no code of the app is taken."
            ),
        }[change]
        body = _(
            "Hello,\n\n%(what)s\n\nIf it was you, there is nothing to do. If it was not you, tell an "
            "organizer right away, and look at this page:\n\n%(link)s\n",
            what=what,
            link=absolute(path),
        )
        return Words(language, _("A change in your account"), body)


def passkey_added(*, path: str, language: str) -> Words:
    """Tell an account that it has one passkey more, so that nobody adds one behind its back."""
    with force_locale(language):
        body = _(
            "Hello,\n\na passkey was added to your account. It can be used to sign in without a mail.\n\n"
            "If it was you, there is nothing to do. If it was not you, open this page, remove the passkey, "
            "and then sign out everywhere:\n\n%(link)s\n",
            link=absolute(path),
        )
        return Words(language, _("A change in your account"), body)


def passkey_removed(*, path: str, language: str) -> Words:
    """Tell an account that it has one passkey less."""
    with force_locale(language):
        body = _(
            "Hello,\n\na passkey was removed from your account. It no longer opens anything.\n\n"
            "If it was you, there is nothing to do. If it was not you, open this page, and then sign out "
            "everywhere:\n\n%(link)s\n",
            link=absolute(path),
        )
        return Words(language, _("A change in your account"), body)


def invitation(*, role: Role, path: str, days: int, language: str) -> Words:
    """Write to somebody who was given a role; neither subject nor words name the conference."""
    with force_locale(language):
        then = (
            _("Then a second check awaits you, once: setting it up takes two minutes.")
            if role in STAFF_ROLES
            else _("Then you see what you can do there.")
        )
        body = _(
            "Hello,\n\nthose who organize a conference have given you a role in it: %(role)s.\n\n"
            "This link lets you in:\n\n%(link)s\n\n%(then)s\n\n"
            "The link works once, for %(days)s days; after that, sign in with this address as usual. "
            "Keep it to yourself. If you do not open it, nothing happens.\n",
            role=word(role),
            then=then,
            link=absolute(path),
            days=days,
        )
        return Words(language, _("Your invitation"), body)


def role_withdrawn(*, role: Role, path: str, language: str) -> Words:
    """Tell somebody that a role of theirs was withdrawn; neither subject nor words name the conference."""
    with force_locale(language):
        body = _(
            "Hello,\n\na role of yours was withdrawn: %(role)s. Whatever else you may do stays as it was.\n\n"
            "If you knew of it, there is nothing to do. If it surprises you, ask the organizers. Who may do "
            "what is on this page:\n\n%(link)s\n",
            role=word(role),
            link=absolute(path),
        )
        return Words(language, _("Your role has changed"), body)


def notice(*, text: str, way_out: str, language: str) -> Words:
    """Write to somebody who comes what the organizers have to say; the subject tells nothing of it."""
    with force_locale(language):
        body = _(
            "Hello,\n\n%(text)s\n\n"
            "You get this since you agreed to be written to. If you want no more of it:\n\n%(link)s\n",
            text=text,
            link=absolute(way_out),
        )
        return Words(language, _("A message for you"), body)


def reminder(*, first_day: date, path: str | None, way_out: str, language: str) -> Words:
    """Remind somebody who comes; neither subject nor words name the conference.

    `path` leads to their ticket; None where its secret is not kept any more.
    """
    with force_locale(language):
        ticket_line = (
            _("Your ticket is at the registration desk.")
            if path is None
            else _("This is your ticket; keep its link to yourself:\n\n%(link)s", link=absolute(path))
        )
        body = _(
            "Hello,\n\nwhat you registered for begins on this day: %(day)s.\n\n%(ticket)s\n\n"
            "You cannot come? Please give your place back on the page of the ticket.\n\n"
            "You get this since you agreed to be reminded. If you want no more of it:\n\n%(stop)s\n",
            day=format_date(first_day, "full", locale=language),
            ticket=ticket_line,
            stop=absolute(way_out),
        )
        return Words(language, _("A reminder"), body)
