"""The form to give an organization its seat."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import NumberInput

from conference.domain.credentials import MOST_VOTES
from conference.forms.base import Form


class SeatForm(Form):
    """How many votes the seat has."""

    votes = IntegerField(
        _("Votes of the seat"),
        validators=[
            InputRequired(_("Write how many votes the seat has: a whole number.")),
            NumberRange(1, MOST_VOTES, _("A seat has one vote at least, and 99 at most.")),
        ],
        widget=NumberInput(min=1, max=MOST_VOTES),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
