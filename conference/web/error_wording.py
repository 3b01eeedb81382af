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
}
