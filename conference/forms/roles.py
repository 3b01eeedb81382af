"""Forms to name people for roles."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import EmailField, RadioField, SelectField
from wtforms.validators import DataRequired

from conference.forms.accounts import EMAIL_RULES
from conference.forms.base import Form, clean_line


class GrantForm(Form):
    """Name a person for a role; choices are passed in by the view."""

    email = EmailField(
        _("Email address"),
        validators=EMAIL_RULES,
        filters=[clean_line],
        render_kw={"autocomplete": "off", "inputmode": "email", "autocapitalize": "off"},
    )
    role = SelectField(_("Role"), validators=[DataRequired(_("Choose a role."))])
    organization = SelectField(_("Organization (only for an organization lead)"))
    language = RadioField(_("Language of the invitation"), validators=[DataRequired(_("Choose a language."))])


class CardholderForm(Form):
    """Name somebody who has no email address, and gets in with a printed card."""

    role = SelectField(_("Role"), validators=[DataRequired(_("Choose a role."))])
    organization = SelectField(_("Organization (only for an organization lead)"))
    language = RadioField(_("Language of the card"), validators=[DataRequired(_("Choose a language."))])
