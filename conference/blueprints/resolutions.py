from __future__ import annotations

from flask import Blueprint

from conference.policies import Permission
from conference.web.access import requires

blueprint = Blueprint("resolutions", __name__)


@blueprint.get("/<lang>/<slug>/resolutions")
@requires(Permission.READ_PUBLIC)
def listing() -> str:
    return ""
