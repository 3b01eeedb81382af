"""Beginning a legal hold: why, as a choice."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import RadioField
from wtforms.validators import InputRequired

from conference.forms.base import Form


class HoldForm(Form):
    """Why nothing is to be forgotten; choices are passed in by the view."""

    reason = RadioField(_("Why?"), validators=[InputRequired(_("Choose why."))])
