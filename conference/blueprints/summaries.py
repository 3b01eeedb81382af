from __future__ import annotations

from flask import Blueprint

from conference.policies import Permission
from conference.web.access import requires

blueprint = Blueprint("summaries", __name__)


@blueprint.get("/<lang>/<slug>/summaries")
@requires(Permission.READ_PUBLIC)
def listing() -> str:
    return ""
