"""The forms of the cards' desk, and of whoever holds a card."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, IntegerField, StringField
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import HiddenInput

from conference.forms.base import Form, clean_line

_AS_TYPED = {
    "autocomplete": "off",
    "autocapitalize": "characters",
    "autocorrect": "off",
    "spellcheck": "false",
    "enterkeyhint": "go",
}
# A ticket's QR code holds up to 150 letters.
_LONGEST = 400


class CardForm(Form):
    """Ask for the code on a card."""

    code = StringField(
        _("Code on the card"),
        validators=[DataRequired(_("Write the code on your card.")), Length(max=_LONGEST)],
        filters=[clean_line],
        render_kw=_AS_TYPED,
    )
    next = HiddenField()


class FindForm(Form):
    """One field for a scanner that types, or for the ten letters of a ticket typed by hand."""

    text = StringField(
        _("QR code or typed code of the ticket"),
        validators=[DataRequired(_("Scan a ticket, or type its code.")), Length(max=_LONGEST)],
        filters=[clean_line],
        render_kw=_AS_TYPED | {"autofocus": True},
    )


class DeskForm(Form):
    """For whom a card is issued or revoked: their ticket, and the number of the card that the desk saw."""

    text = HiddenField(validators=[DataRequired(), Length(max=_LONGEST)], filters=[clean_line])
    card = IntegerField(validators=[Optional()], widget=HiddenInput())
