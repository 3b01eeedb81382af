"""Forms to open a question and to vote on one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, RadioField, SelectField
from wtforms.validators import DataRequired, NumberRange, Optional
from wtforms.widgets import NumberInput

from agreements import Choice
from conference.forms.base import Form

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SPLIT = "split"


class OpenQuestionForm(Form):
    """What to put to the vote, where, and by which rule; choices are passed in by the view."""

    sitting = SelectField(_("Sitting"), validators=[DataRequired(_("Choose the sitting."))])
    provision = SelectField(_("What is put to the vote"), validators=[DataRequired(_("Choose the text."))])
    rule = SelectField(_("Rule of decision"), validators=[DataRequired(_("Choose the rule."))])


def _number(label: str) -> IntegerField:
    return IntegerField(
        label,
        validators=[Optional(), NumberRange(0, 999, _("Write a whole number, zero or more."))],
        widget=NumberInput(min=0),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )


class BallotForm(Form):
    """One seat's answer. Who has several votes gives them all alike, or splits them by numbers."""

    choice = RadioField(_("Your vote"), validators=[DataRequired(_("Choose one of the answers."))])
    yes = _number(_("Votes in favor"))
    no = _number(_("Votes against"))
    abstain = _number(_("Abstentions"))

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Numbers beside another answer than splitting say two things at once; a ballot must say one."""
        if not super().validate(extra_validators=extra_validators):
            return False
        if self.choice.data != SPLIT and any(self[choice.value].data for choice in Choice):
            self.choice.errors = [
                _(
                    "You wrote numbers of votes. Choose to split the votes of your seat, "
                    "or leave the numbers empty."
                )
            ]
            return False
        return True

    @property
    def choices(self) -> Sequence[Choice]:
        """Return the choices given: a single one, meant for every vote, or one a vote."""
        if self.choice.data != SPLIT:
            return (Choice(self.choice.data),)
        numbers = {choice: self[choice.value].data or 0 for choice in Choice}
        return tuple(choice for choice, number in numbers.items() for _vote in range(number))
