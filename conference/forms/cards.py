"""The forms of the cards' desk, and of whoever holds a card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, IntegerField, StringField, ValidationError
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import HiddenInput

from conference.domain.cards import CODE_LENGTH
from conference.forms.base import Form, clean_line

if TYPE_CHECKING:
    from wtforms import Field

_AS_TYPED = {
    "autocomplete": "off",
    "autocapitalize": "characters",
    "autocorrect": "off",
    "spellcheck": "false",
    "enterkeyhint": "go",
}
# A ticket's QR code holds up to 150 letters.
_LONGEST = 400


def _ten_letters(form: Form, field: Field) -> None:  # noqa: ARG001
    # Not a try at all: a slip of the finger costs nothing.
    letters = sum(letter.isalnum() for letter in field.data or "")
    if letters < CODE_LENGTH:
        raise ValidationError(_("Letters are missing: the code has ten."))
    if letters > CODE_LENGTH:
        raise ValidationError(_("Those are too many letters: the code has ten."))


class CardForm(Form):
    """Ask for the code on a card."""

    code = StringField(
        _("Code of the card"),
        validators=[DataRequired(_("Write the code of your card.")), Length(max=_LONGEST), _ten_letters],
        filters=[clean_line],
        render_kw=_AS_TYPED,
    )
    next = HiddenField()


class FindForm(Form):
    """One field for a scanner that types, or for the ten letters of a ticket typed by hand."""

    text = StringField(
        _("QR code of the ticket, or its typed code"),
        validators=[DataRequired(_("Scan a ticket, or type its code.")), Length(max=_LONGEST)],
        filters=[clean_line],
        render_kw=_AS_TYPED | {"autofocus": True},
    )


class FindAgainForm(FindForm):
    """For whoever was asked for a proof at the desk: the ticket that they had before them, once more."""

    # Sent with the ticket, and no longer of use: it may have changed since.
    card = HiddenField()


class DeskForm(Form):
    """For whom a card is issued or revoked: their ticket, and the number of the card that the desk saw."""

    text = HiddenField(validators=[DataRequired(), Length(max=_LONGEST)], filters=[clean_line])
    card = IntegerField(validators=[Optional()], widget=HiddenInput())
