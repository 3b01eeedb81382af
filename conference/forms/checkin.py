"""The forms of a door."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired

from conference.forms.base import Form, clean_line


class ScanForm(Form):
    """One field for a scanner that types, or for ten letters typed by hand."""

    door = HiddenField(validators=[DataRequired()], filters=[clean_line])
    text = StringField(
        _("QR code or typed code"),
        validators=[DataRequired(_("Scan a ticket, or type its code."))],
        filters=[clean_line],
        render_kw={
            "autocomplete": "off",
            "autocapitalize": "off",
            "autocorrect": "off",
            "spellcheck": "false",
            "enterkeyhint": "go",
            "autofocus": True,
        },
    )


class LeaveForm(Form):
    """Which organization's delegate leaves; choices are passed in by the view."""

    door = HiddenField(validators=[DataRequired()], filters=[clean_line])
    seat = SelectField(_("Organization"), validators=[InputRequired(_("Choose an organization."))])
