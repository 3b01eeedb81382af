"""Bodies larger than a form's are read only from whoever may send them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import g, request

from conference.extensions import db
from conference.policies import may
from conference.web.access import current_identity
from conference.web.locale import enter_conference
from conference.web.transaction import begin_reads_lightly

if TYPE_CHECKING:
    from conference.policies import Permission


def accept_upload(limit: int, permission: Permission) -> None:
    """Let this request's body have so many bytes if whoever asks has the permission.

    Called before it is read, from a preprocessor of the address: who asks is found anew with the request
    itself, so that nothing is held while the body comes in slowly.
    """
    begin_reads_lightly()
    enter_conference(g.conference_slug)
    allowed = may(current_identity(), permission)
    g.pop("sign_in", None)
    g.pop("conference", None)
    db.session.remove()
    if allowed:
        request.max_content_length = limit
