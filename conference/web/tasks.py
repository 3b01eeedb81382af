"""The cards of the first page: one for each thing that whoever is signed in may do now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from conference.domain.accounts import Role
from conference.policies import Identity, Permission, may
from conference.web.content import day_and_time
from conference.web.locale import required_conference
from conference.web.wording import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conference.queries.now import Now


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do, where, and why now."""

    label: str
    href: str
    icon: str
    text: str = ""


def tasks_for(identity: Identity, matters: Now, *, registration_open: bool) -> tuple[Task, ...]:
    """Return the tasks of the person's roles, the nearest to the vote first."""
    return (
        *_to_prove(identity, matters),
        *_of_staff(identity, matters),
        *_of_everybody(identity, registration_open=registration_open),
    )


def first_steps(identity: Identity, matters: Now, *, registration_open: bool) -> tuple[Task, ...]:
    """Return what to do next for whoever organizes alone, or without a program; else nothing."""
    alone, bare = matters.house.organizers == 1, not matters.house.has_program
    if not may(identity, Permission.GRANT_ROLES) or not (alone or bare):
        return ()
    return tuple(_first_steps(alone=alone, bare=bare, registration_open=registration_open))


def _first_steps(*, alone: bool, bare: bool, registration_open: bool) -> Iterator[Task]:
    if alone:
        why = _("Then somebody can let you in when your phone is lost.")
        yield Task(_("Name another organizer"), url_for("roles.listing"), "people", why)
    if bare:
        yield Task(_("Bring in the program"), url_for("jobs.listing"), "calendar", _("From a file in XML."))
    if registration_open:
        why = _("Registration is open. Share its address.")
        yield Task(_("Look at the registration"), url_for("registration.register"), "ticket", why)


def _to_prove(identity: Identity, matters: Now) -> Iterator[Task]:
    """Whoever holds a role that cannot be used yet is told first what is missing."""
    waiting = sorted(identity.roles - identity.usable_roles)
    if not waiting:
        return
    as_what = _("To work as: %(roles)s", roles=", ".join(word(role) for role in waiting))
    back = url_for("now.page")
    if matters.has_second_factor:
        address = url_for("second_factors.confirm", next=back)
        yield Task(_("Prove that it is you"), address, "key", as_what)
    else:
        address = url_for("second_factors.overview", next=back)
        yield Task(_("A step of two minutes is missing"), address, "key", as_what)


def _of_staff(identity: Identity, matters: Now) -> Iterator[Task]:
    if may(identity, Permission.OPEN_QUESTIONS):
        yield Task(_("Put a clause to the vote"), url_for("voting.questions"), "vote", _chair(matters))
    if may(identity, Permission.SEE_QUORUM):
        yield Task(_("See the quorum"), url_for("credentials.quorum"), "people")
    yield from _of_doors_and_desk(identity, matters)
    yield from _of_leads(identity, matters)
    if may(identity, Permission.WRITE_SUMMARIES):
        yield Task(_("Write summaries"), url_for("summaries.listing"), "summary", _rapporteur(matters))
    if may(identity, Permission.SEE_NEEDS):
        yield Task(_("Who needs what"), url_for("attendance.needs"), "check", _("To prepare it."))
    if may(identity, Permission.SEE_COUNTS):
        yield Task(_("How many come"), url_for("attendance.counts"), "people", _("Numbers, never names."))
    yield from _of_organizers(identity, matters)


def _of_doors_and_desk(identity: Identity, matters: Now) -> Iterator[Task]:
    if may(identity, Permission.SCAN_TICKETS):
        yield Task(_("Check people in"), url_for("checkin.door"), "door")
    if may(identity, Permission.RUN_DESK):
        yield Task(_("Desk"), url_for("desk.desk"), "search", _("Find, register, approve, replace a ticket."))
    if may(identity, Permission.ACCEPT_CREDENTIALS):
        yield Task(_("Credentials"), url_for("credentials.overview"), "check", _committee(matters))
    if may(identity, Permission.RECORD_PROXIES):
        what = _("An alternate takes the delegate's place.")
        yield Task(_("Substitutions"), url_for("proxies.substitutions"), "people", what)
    if may(identity, Permission.ISSUE_CARDS):
        yield Task(_("Access cards"), url_for("cards.desk"), "key", _("For people without email."))


def _of_leads(identity: Identity, matters: Now) -> Iterator[Task]:
    for offer in matters.offers:
        until = day_and_time(offer.until, required_conference().time_zone)
        label = ngettext(
            "Say yes to %(num)s place for your group",
            "Say yes to %(num)s places for your group",
            offer.places,
        )
        address = url_for("parties.detail", party_id=offer.party_id)
        yield Task(label, address, "clock", _("They are held for you until %(until)s.", until=until))
    if may(identity, Permission.NAME_DELEGATES):
        yield Task(_("Name your delegates"), url_for("credentials.overview"), "organization", _lead(matters))
    if may(identity, Permission.GIVE_PROXIES):
        yield Task(_("Proxies"), url_for("proxies.overview"), "vote", _("If nobody of you can come to vote."))
    if may(identity, Permission.REGISTER_GROUPS):
        places = _("Hold places now; names later, or never.")
        yield Task(_("Register a group"), url_for("parties.listing"), "people", places)
    if may(identity, Permission.MANAGE_ORGANIZATION):
        entry = _("What is known of it, and who may read it.")
        yield Task(_("Your organization"), url_for("entries.mine"), "edit", entry)


def _of_organizers(identity: Identity, matters: Now) -> Iterator[Task]:
    yield from _to_answer(matters)
    if may(identity, Permission.GRANT_ROLES):
        yield Task(_("Roles"), url_for("roles.listing"), "people", _("Name who does what."))
    if may(identity, Permission.MANAGE_DIRECTORY):
        yield Task(_("Seats"), url_for("seats.listing"), "vote", _("Who votes, and with how many votes."))
        entries = _("Organizations that want to take part.")
        yield Task(_("Entries that wait"), url_for("admissions.listing"), "organization", entries)
    if may(identity, Permission.MANAGE_PLACES):
        yield Task(_("Places and questions"), url_for("places.overview"), "edit", _("How many can come."))
    if may(identity, Permission.PRINT_BADGES):
        yield Task(
            _("Badges"), url_for("badges.listing"), "print", _("All of them: it takes two organizers.")
        )
    if may(identity, Permission.WRITE_TO_PEOPLE):
        yield Task(_("Write to those who come"), url_for("notices.write"), "mail")
    if may(identity, Permission.SEE_MAIL):
        yield Task(_("Outgoing mail"), url_for("mail.overview"), "mail", _mail(matters))
    if may(identity, Permission.RUN_JOBS):
        yield Task(_("Long work"), url_for("jobs.listing"), "clock", _("Bring in a program; forget people."))


def _to_answer(matters: Now) -> Iterator[Task]:
    """What another organizer has asked for is good for a day: whoever may answer is told of it."""
    house, why = matters.house, _("Another organizer asked, and has a day.")
    if house.badges_asked:
        label = ngettext(
            "Answer %(num)s request for badges", "Answer %(num)s requests for badges", house.badges_asked
        )
        yield Task(label, url_for("badges.listing"), "ask", why)
    if house.exports_asked:
        label = ngettext(
            "Answer %(num)s request for an export of people",
            "Answer %(num)s requests for an export of people",
            house.exports_asked,
        )
        yield Task(label, url_for("approvals.listing"), "ask", why)


def _of_everybody(identity: Identity, *, registration_open: bool) -> Iterator[Task]:
    if Role.ATTENDEE in identity.roles:
        yield Task(_("Your ticket"), url_for("registration.mine"), "ticket", _("Show it at the door."))
    elif registration_open:
        yield Task(_("Register"), url_for("registration.register"), "ticket", _("You have no ticket yet."))
    yield Task(_("Read the agreement"), url_for("agreement.text"), "agreement")
    yield Task(_("Read the resolutions"), url_for("resolutions.listing"), "resolution")


def _chair(matters: Now) -> str:
    if not matters.questions:
        return _("No question is open.")
    count = len(matters.questions)
    return ngettext("%(num)s question is open.", "%(num)s questions are open.", count)


def _committee(matters: Now) -> str:
    count = matters.credentials_waiting
    return ngettext("%(num)s credential is waiting.", "%(num)s credentials are waiting.", count)


def _lead(matters: Now) -> str:
    if not matters.led_seats:
        return _("Your organization has no seat yet: the organizers give it one.")
    to_name = [seat.organization for seat in matters.led_seats if not seat.named]
    if not to_name:
        return _("Your seat has its delegate.")
    return _("Still to name: %(names)s", names=", ".join(to_name))


def _mail(matters: Now) -> str:
    count = matters.house.mails_given_up
    if not count:
        return _("How much waits, and how much went out.")
    return ngettext("%(num)s mail could not be sent", "%(num)s mails could not be sent", count)


def _rapporteur(matters: Now) -> str:
    count = matters.summaries_waiting
    if not count:
        return _("All sessions that are over have their summary.")
    return ngettext("%(num)s session has no summary yet.", "%(num)s sessions have no summary yet.", count)
