"""The form of a registration: one line of text for the badge, and choices."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    EmailField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    widgets,
)
from wtforms.validators import DataRequired, Email, Length, Optional

from conference.domain.registration import BADGE_NAME_LENGTH, Category, PhotoPreference
from conference.forms.base import Form, clean_line

# The words that people consent to. Whoever changes them raises CONSENT_VERSION; a test insists.
CONSENT_TO_ATTEND = _(
    "I agree that the conference keeps what I write here, and notes at the door that I came, to let me in."
)
CONSENT_TO_REMINDERS = _("I agree that the conference writes me reminders by email.")


class RegistrationForm(Form):
    """Ask for what the weekend needs, and nothing else; choices in the reader's words come from the view."""

    badge_name = StringField(
        _("Name on the badge"),
        validators=[
            DataRequired(_("Write a name for the badge.")),
            Length(max=BADGE_NAME_LENGTH, message=_("A badge holds 80 letters at most.")),
        ],
        filters=[clean_line],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    email = EmailField(
        _("Email address"),
        validators=[
            Optional(),
            Email(_("This does not look like an email address. Example: name@example.org")),
            Length(max=254, message=_("This address is too long.")),
        ],
        filters=[clean_line],
        render_kw={"autocomplete": "email", "inputmode": "email", "autocapitalize": "off"},
    )
    category = RadioField(
        _("I come as"), default=Category.ATTENDEE.value, validators=[DataRequired(_("Choose one."))]
    )
    organization = SelectField(_("Organization"), validators=[Optional()])
    spoken = SelectMultipleField(
        _("Languages that you speak"),
        validators=[Optional()],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )
    photo_preference = RadioField(
        _("Photos"), default=PhotoPreference.NO.value, validators=[DataRequired(_("Choose one."))]
    )
    attend = BooleanField(
        CONSENT_TO_ATTEND,
        validators=[DataRequired(_("We cannot register you without this. Nothing has been kept."))],
    )
    reminders = BooleanField(CONSENT_TO_REMINDERS)
