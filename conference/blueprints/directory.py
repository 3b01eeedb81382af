from __future__ import annotations

from flask import Blueprint

from conference.policies import Permission
from conference.web.access import requires

blueprint = Blueprint("directory", __name__)


@blueprint.get("/<lang>/<slug>/organizations")
@requires(Permission.READ_PUBLIC)
def listing() -> str:
    return ""
