"""What a reader may narrow the program down to."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField

from conference.forms.base import Form


class FilterForm(Form):
    """Sent by GET, changes nothing; its choices come from the view."""

    class Meta:
        """It is sent by GET: there is nothing to forge."""

        csrf = False

    day = HiddenField()
    zone = HiddenField()
    room = SelectField(_("Room"), validate_choice=False)
    track = SelectField(_("Track"), validate_choice=False)
    kind = SelectField(_("Kind of session"), validate_choice=False)
