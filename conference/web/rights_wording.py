"""The rights in plain words: one sentence for each permission, as it follows “may”."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _

from conference.policies import Permission

if TYPE_CHECKING:
    from flask_babel.speaklater import LazyString

RIGHTS: dict[Permission, LazyString] = {
    Permission.READ_PUBLIC: _(
        "Read what is public: the program, the agreement, closed votes, resolutions, summaries, "
        "organizations, this page and the log."
    ),
    Permission.SIGN_IN: _("Sign in."),
    Permission.SIGN_OUT: _("Sign out."),
    Permission.USE_DEMO: _("In the demonstration only: act as one of its invented people."),
    Permission.SET_UP: _("Set the site up, once, with the address that its server shows to whoever runs it."),
    Permission.SEE_ACCOUNT: _("See where oneself is signed in, and sign out there."),
    Permission.PROVE_ONESELF: _("Show once more who one is."),
    Permission.MANAGE_KEYS: _("Add and remove one's own passkeys, code app and recovery codes."),
    Permission.SEE_NOW: _("See what one can do now."),
    Permission.REGISTER: _("Register, and get a ticket."),
    Permission.HOLD_TICKET: _("See, change, hand over and cancel a ticket, with its secret link."),
    Permission.STOP_MAILS: _("End reminders to oneself, with the link in any of them."),
    Permission.GRANT_ROLES: _("Give roles and withdraw them."),
    Permission.ISSUE_CARDS: _("Print access cards for people without email, and take cards back."),
    Permission.PRINT_CARDS: _("Print the cards of accepted delegates without email, with which they vote."),
    Permission.ASK_FOR_PEOPLE: _("Ask another organizer for an export of people, and say why."),
    Permission.EXPORT_PEOPLE: _(
        "Answer another organizer's request, and make an export that another has approved: names for "
        "badges, never addresses."
    ),
    Permission.SEE_MAIL: _(
        "See how many mails wait, were sent or failed, never to whom, and have them tried again."
    ),
    Permission.RUN_JOBS: _("Import a program that was made elsewhere."),
    Permission.FORGET_NOW: _("Have data whose time is over erased at once, not only at night."),
    Permission.SEE_JOBS: _("See how far one's own long tasks have come."),
    Permission.SCAN_TICKETS: _("Check people in and out at the doors; the badge name appears."),
    Permission.SEE_QUORUM: _("See which organizations are in the hall, and whether there is a quorum."),
    Permission.SEE_CREDENTIALS: _(
        "See who is named for which seat; an organization's lead sees their own organization only."
    ),
    Permission.NAME_DELEGATES: _("Name who holds the seat of one's own organization."),
    Permission.ACCEPT_CREDENTIALS: _("Accept or reject who was named for a seat."),
    Permission.OPEN_QUESTIONS: _("Put questions to the vote, and close the voting."),
    Permission.CAST_BALLOTS: _("Vote for the seat that one holds."),
    Permission.WRITE_SUMMARIES: _("Write and publish the summaries of sessions."),
    Permission.ENTER_ORGANIZATIONS: _(
        "Enter an organization into the directory, for the organizers to answer."
    ),
    Permission.MANAGE_ORGANIZATION: _(
        "Decide what is known of one's own organization and who may read it, join or leave federations, "
        "and withdraw."
    ),
    Permission.MANAGE_DIRECTORY: _(
        "Answer organizations that want to be listed, invite others, and set how many votes a seat has."
    ),
    Permission.REGISTER_GROUPS: _("Hold places for a group of one's own organization, and say who comes."),
    Permission.MANAGE_PLACES: _(
        "Decide how many places there are, what is asked on registering, and which services are offered."
    ),
    Permission.RUN_DESK: _(
        "Find a registration at the desk, approve or reject it, register whoever walks in, and replace a "
        "lost ticket."
    ),
    Permission.SEE_COUNTS: _("See how many come, by category and day, never fewer than five of a kind."),
    Permission.SEE_NEEDS: _("See who needs what to take part, and who booked a service."),
    Permission.PRINT_BADGES: _("Print everybody's badges, once another organizer has approved."),
    Permission.WRITE_TO_PEOPLE: _(
        "Write to everybody who asked for reminders, one by one, without seeing to whom."
    ),
    Permission.GIVE_PROXIES: _(
        "Give another delegate of the same chamber the proxy of one's own seat, and revoke it."
    ),
    Permission.RECORD_PROXIES: _(
        "Record proxies and mandates that came on paper, and let an alternate take the delegate's place."
    ),
    Permission.HOLD_RECORDS: _("Begin and lift a legal hold, during which nothing is forgotten."),
}
