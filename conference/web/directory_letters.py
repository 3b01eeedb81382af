"""The mails to whoever answers for an organization; neither subject nor words name it, or the conference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from conference.services.accounts import Words
from conference.web.letters import absolute
from conference.web.wording import word

if TYPE_CHECKING:
    from conference.domain.entries import EntryRefusal


def entry_accepted(language: str) -> Words:
    """Tell a lead that their organization takes part."""
    with force_locale(language):
        body = _(
            "Hello,\n\nthe entry that you made was accepted. Look at it, and at what you can do now:\n\n"
            "%(link)s\n\nThere you decide, field by field, who may read what, and you can withdraw at "
            "any time.\n",
            link=absolute(url_for("entries.mine", lang=language)),
        )
        return Words(language, _("Your entry"), body)


def credential_not_accepted(language: str) -> Words:
    """Tell a lead that the committee did not accept whom they named; why stands on the page, not here."""
    with force_locale(language):
        body = _(
            "Hello,\n\nthe committee did not accept somebody whom you had named. Look at why, and name "
            "somebody in time:\n\n%(link)s\n",
            link=absolute(url_for("credentials.overview", lang=language)),
        )
        return Words(language, _("Something is missing"), body)


def lead_named(language: str) -> Words:
    """Tell whoever leads an organization that the organizers let somebody else answer for it as well."""
    with force_locale(language):
        body = _(
            "Hello,\n\nthe organizers let one more person answer for your organization. That person sees "
            "whom you name, and can name, change and withdraw as you can. Look at it:\n\n%(link)s\n\nDo you "
            "know nothing of it? Then ask them at once.\n",
            link=absolute(url_for("entries.mine", lang=language)),
        )
        return Words(language, _("Your entry"), body)


def entry_renamed(language: str) -> Words:
    """Tell a lead that the organizers call their organization otherwise from now on."""
    with force_locale(language):
        body = _(
            "Hello,\n\nthe organizers have changed what your organization is called in the directory. "
            "Look at it:\n\n%(link)s\n\nIs it wrong? Then write to them.\n",
            link=absolute(url_for("entries.mine", lang=language)),
        )
        return Words(language, _("Your entry"), body)


def not_taken_in(reason: EntryRefusal, language: str) -> Words:
    """Tell a lead that their organization, of another conference, was not accepted in this one, and why."""
    with force_locale(language):
        body = _(
            "Hello,\n\nyour organization asked to take part in one more conference, and was not accepted: "
            "%(reason)s.\n\nWhere it takes part already, nothing has changed.\n",
            reason=word(reason),
        )
        return Words(language, _("Your entry"), body)


def entry_refused(reason: EntryRefusal, language: str) -> Words:
    """Tell a lead that their entry was not accepted, why, and what they can do."""
    with force_locale(language):
        body = _(
            "Hello,\n\nthe entry that you made was not accepted: %(reason)s.\n\n"
            "Nobody else sees it. You can correct it and ask once more, on this page:\n\n%(link)s\n",
            reason=word(reason),
            link=absolute(url_for("entries.mine", lang=language)),
        )
        return Words(language, _("Your entry"), body)
