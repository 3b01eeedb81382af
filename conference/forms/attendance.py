"""The form that changes somebody's turn in the line."""

from __future__ import annotations

from wtforms import HiddenField
from wtforms.validators import AnyOf, DataRequired

from conference.forms.base import Form


class TurnForm(Form):
    """Whether a party comes earlier or later, by the button that was pressed."""

    turn = HiddenField(validators=[DataRequired(), AnyOf(["earlier", "later"])])
