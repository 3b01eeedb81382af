"""The form of the first page."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import DateField, EmailField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from conference.domain.pack_conference import MOST_DAYS
from conference.domain.set_up import LONGEST_NAME, YEARS
from conference.forms.accounts import EMAIL_RULES
from conference.forms.base import Form, clean_line

# The choice that is no conference yet.
NEW = "new"


class SetUpForm(Form):
    """Ask which conference, or for the least that a new one needs, and who organizes it.

    `today`, of whoever asks: no conference begins before it.
    """

    today: date = date.min

    conference = RadioField(
        _("Conference"), validators=[InputRequired(_("Choose a conference, or a new one."))]
    )
    name_es = StringField(
        _("Name of the conference, in Spanish"),
        validators=[Optional(), Length(max=LONGEST_NAME)],
        filters=[clean_line],
    )
    name_en = StringField(
        _("Name of the conference, in English"),
        validators=[Optional(), Length(max=LONGEST_NAME)],
        filters=[clean_line],
    )
    city = StringField(_("City"), validators=[Optional(), Length(max=LONGEST_NAME)], filters=[clean_line])
    first_day = DateField(_("First day"), validators=[Optional()])
    days = IntegerField(
        _("How many days"),
        default=2,
        validators=[Optional(), NumberRange(1, MOST_DAYS, _("Between 1 and %(max)s days."))],
        render_kw={"inputmode": "numeric"},
    )
    time_zone = SelectField(_("Clock of the venue"), default="")
    email = EmailField(
        _("Email address of the organizer"),
        validators=EMAIL_RULES,
        filters=[clean_line],
        render_kw={"autocomplete": "email", "inputmode": "email", "autocapitalize": "off"},
    )

    def __init__(self, *arguments: Any, **values: Any) -> None:
        """Do not call optional what a new conference needs; it is so with another choice only."""
        super().__init__(*arguments, **values)
        for field in (self.name_es, self.city, self.first_day, self.days, self.time_zone):
            field.flags.optional = False

    @property
    def is_new(self) -> bool:
        """Whether a conference is to be made."""
        return bool(self.conference.data == NEW)

    def _plausible_day(self) -> bool:
        day = self.first_day.data
        return day is not None and day.year in YEARS

    def _gone_by(self) -> bool:
        return self.first_day.data is not None and self.first_day.data < self.today

    def validate(self, extra_validators: object = None) -> bool:
        """A new conference needs a name, a city, a day and its length; one that is here needs nothing."""
        valid = super().validate(extra_validators)
        if not self.is_new:
            return bool(valid)
        lacking = [
            (
                self.name_es,
                not (self.name_es.data or self.name_en.data),
                _("Name it in at least one language."),
            ),
            (self.city, not self.city.data, _("Write the city where people meet.")),
            (self.first_day, not self._plausible_day(), _("Choose the day on which it begins.")),
            (self.first_day, self._gone_by(), _("This day has gone by. Choose the day on which it begins.")),
            (self.days, self.days.data is None, _("Write how many days it lasts.")),
            (self.time_zone, not self.time_zone.data, _("Choose the city with the same time as the venue.")),
        ]
        for field, missing, words in lacking:
            if missing and not field.errors:
                field.errors = [words]
        return bool(valid) and not any(missing for _field, missing, _words in lacking)
