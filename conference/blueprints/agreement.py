from __future__ import annotations

from flask import Blueprint

from conference.policies import Permission
from conference.web.access import requires

blueprint = Blueprint("agreement", __name__)


@blueprint.get("/<lang>/<slug>/agreement")
@requires(Permission.READ_PUBLIC)
def text() -> str:
    return ""
