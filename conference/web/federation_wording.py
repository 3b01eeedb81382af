"""What can be done about a membership, in words: the button, the question before it, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _

from conference.domain.federations import Act

if TYPE_CHECKING:
    from flask_babel.speaklater import LazyString


@dataclass(frozen=True, slots=True)
class Words:
    """`consequence` is said before the button of the confirmation; `done` after it."""

    button: LazyString
    consequence: LazyString
    done: LazyString
    kind: str = "primary"


WORDS: dict[Act, Words] = {
    Act.AGREE_TO_JOIN: Words(
        _("Agree to join"),
        _(
            "From then on everybody sees that they belong together. It gives nobody a right to speak "
            "or vote for the other."
        ),
        _("You have agreed."),
    ),
    Act.REFUSE_TO_JOIN: Words(
        _("Do not agree"),
        _("The request ends. Nothing is shown to anybody, and they may ask again."),
        _("You have not agreed; the request has ended."),
        "secondary",
    ),
    Act.ASK_TO_LEAVE: Words(
        _("Ask to part"),
        _("The other side still has to agree. Until then the membership is shown; a mandate ends at once."),
        _("You have asked to part. The other side answers."),
        "danger",
    ),
    Act.AGREE_TO_LEAVE: Words(
        _("Agree to part"),
        _("From then on they no longer belong together."),
        _("You have agreed; you no longer belong together."),
        "danger",
    ),
    Act.REFUSE_TO_LEAVE: Words(
        _("Stay together"),
        _("The membership stays as it was, without a mandate. The other side may ask again."),
        _("The membership stays as it was."),
        "secondary",
    ),
    Act.TAKE_BACK: Words(
        _("Take the request back"),
        _(
            "The request ends, as if it had not been made. A mandate that ended with it has to be "
            "given again."
        ),
        _("You have taken the request back."),
        "secondary",
    ),
    Act.GIVE_MANDATE: Words(
        _("Give a mandate"),
        _(
            "The federation may then name who sits in your seat and votes for you. You can take the mandate "
            "back at any time, and need nobody's consent to it."
        ),
        _("The federation has your mandate now."),
    ),
    Act.REVOKE_MANDATE: Words(
        _("Take the mandate back"),
        _(
            "The federation can name nobody for your seat any more, and whoever it named votes for you no "
            "longer. Votes that were cast already stay."
        ),
        _("The mandate has ended."),
        "danger",
    ),
}
# In the order in which they are offered: what waits for an answer first, parting last.
ORDER = (*(act for act in WORDS if act is not Act.ASK_TO_LEAVE), Act.ASK_TO_LEAVE)
