from __future__ import annotations

from flask import Blueprint

from conference.policies import Permission
from conference.web.access import requires

blueprint = Blueprint("program", __name__)


@blueprint.get("/<lang>/<slug>/program")
@requires(Permission.READ_PUBLIC)
def days() -> str:
    return ""
