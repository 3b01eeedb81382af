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
