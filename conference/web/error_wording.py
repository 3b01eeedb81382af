"""What each error of the domain says to a reader: what happened, and what to do now.

Codes are listed by column, in the order of the house; a test fails on a code without words.
"""

from __future__ import annotations


def _(text: str) -> str:
    """Mark for extraction only: the words are looked up when they are shown."""
    return text


ERRORS: dict[str, str] = {
    # web
    "csrf": _("This page had been open for a long time or in another session. Load it again, and repeat."),
    "too_many": _("That was too often in a short time. Please wait a few minutes and try again."),
    "page_not_found": _("There is nothing at this address. It may have been mistyped."),
    "http_404": _("There is nothing at this address. It may have been mistyped."),
    "http_405": _("This address is only used by the buttons of our pages. Go back and use the button."),
    "http_413": _("What you sent is larger than we accept. Please shorten it."),
    "http_415": _("We could not read what was sent. Please go back and use the form."),
    "http_400": _("We could not read what was sent. Please go back and use the form."),
    "http_500": _("We noted the fault. Please try again in a moment."),
    "http_503": _("We are busy right now. Please try again in a moment."),
    "forbidden": _("This is for others. If you should be able to do it, ask an organizer for the role."),
    "not_found": _("We could not find that."),
    "conflict": _("Somebody changed this before you. Look at it again, and repeat if it is still needed."),
    "invalid": _("Please correct what is marked, and send it again."),
    # conference
    "conference_not_found": _("There is no conference at this address."),
    # accounts
    "code_wrong": _("That code does not fit. Look at the mail again; after five wrong tries it is void."),
    "link_wrong": _("This link is no longer valid: it was used, or too old. Ask for a new one."),
    "grant_exists": _("This person already has that role."),
    "grant_not_found": _("This role has been withdrawn already."),
    "last_organizer": _("You are the only organizer. Name another one first."),
    "role_not_granted": _("This role comes with a seat or a ticket; it cannot be granted by hand."),
    "organization_needed": _("Choose the organization that this person answers for."),
    # directory
    "organization_not_found": _("No organization of that name takes part in this conference."),
    # summaries
    "summary_not_found": _("There is no summary at this address yet."),
    "summary_changed": _("Somebody saved another version in the meantime."),
    "summary_empty": _("A published summary has at least one item. Write what the session brought."),
    "summary_language": _("This conference is not held in that language."),
    "summary_too_many": _("%(section)s: %(count)s lines are too many; up to %(limit)s can be kept."),
    "summary_item_too_long": _(
        "%(section)s: line %(number)s is too long; up to %(limit)s letters. Split it in two."
    ),
    # program
    "session_not_found": _("There is no session of that name in this program."),
    "slug_invalid": _("“%(slug)s” cannot be an address: use a–z, 0–9 and hyphens (--slug oaxaca-2026)."),
    "slug_taken": _("There is a conference named “%(slug)s” already. Choose another name with --slug."),
    "file_unreadable": _("This file cannot be read: %(reason)s. Check its name and who may read it."),
    "schedule_too_large": _("This file has more than %(limit)s bytes; no schedule needs that many."),
    "schedule_doctype": _("This file declares a DOCTYPE. Remove that line; no schedule needs it."),
    "schedule_not_utf8": _("This line is not UTF-8. Save the file as UTF-8 and repeat."),
    "schedule_malformed": _("This is not well-formed XML: %(reason)s. Export the file once more."),
    "schedule_not_a_schedule": _("The file begins with <%(found)s>, not <schedule>. Export the schedule as XML."),
    "schedule_missing": _("<%(parent)s> lacks %(field)s. Add it, or export the file once more."),
    "schedule_bad_date": _("“%(value)s” is no date. Write it as 2026-07-11."),
    "schedule_bad_time": _("“%(value)s” is no time of day. Write it as 09:30."),
    "schedule_bad_duration": _("“%(value)s” is no duration. Write hours and minutes, as 01:30."),
    "schedule_unknown_zone": _("There is no time zone “%(zone)s”. Name one with --zone America/Mexico_City."),
    "schedule_zone_needed": _("The file names no time zone. Name it with --zone America/Mexico_City."),
    "schedule_text_too_long": _("“%(start)s…” (%(field)s) is longer than %(limit)s letters. Shorten it."),
    "schedule_not_kept": _("Stored and read differ (%(fields)s), so nothing was kept. Please report it."),
}
