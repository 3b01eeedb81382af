"""The form of the style guide: one field of every kind."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    EmailField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    validators,
    widgets,
)

from conference.forms.base import Form, SelectChoice


class SampleForm(Form):
    """Every kind of field that our pages use."""

    name = StringField(_("Name on the badge"), validators=[validators.DataRequired()])
    email = EmailField(_("Email address"), validators=[validators.Optional()])
    organization = SelectField(_("Organization"), choices=[SelectChoice("a", "Club San Juan Mixtepec")])
    photo = RadioField(
        _("Photos"),
        choices=[SelectChoice("no", _("No photos of me")), SelectChoice("yes", _("Photos are fine"))],
    )
    spoken = SelectMultipleField(
        _("Languages"),
        choices=[
            SelectChoice("spa", "Español"),
            SelectChoice("mix", "Tu'un savi"),
            SelectChoice("zap", "Diidxazá"),
        ],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )
    text = TextAreaField(_("Observations"))
    consent = BooleanField(_("I agree"))
