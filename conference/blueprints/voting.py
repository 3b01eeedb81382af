from __future__ import annotations

from flask import Blueprint

from conference.policies import Permission
from conference.web.access import requires

blueprint = Blueprint("voting", __name__)


@blueprint.get("/<lang>/<slug>/votes")
@requires(Permission.READ_PUBLIC)
def questions() -> str:
    return ""
