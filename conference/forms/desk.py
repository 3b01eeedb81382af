"""Forms of the desk: one line to search with, and what a badge says of whoever stands there."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Length

from conference.domain.registration import BADGE_NAME_LENGTH, Category, PhotoPreference
from conference.forms.base import Form, OptionalChoice, clean_line

# What a scanner types is longer than any name.
LONGEST_SEARCH = 400
_AS_TYPED = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}


class SearchForm(Form):
    """A name, a ticket, or a whole telephone number; choices are passed in by the view."""

    text = StringField(
        _("Name on the badge, or ticket"),
        validators=[DataRequired(_("Write a name, or scan a ticket.")), Length(max=LONGEST_SEARCH)],
        filters=[clean_line],
        render_kw=_AS_TYPED,
    )
    status = SelectField(_("Where the place stands"), validators=[OptionalChoice()])
    category = SelectField(_("Category"), validators=[OptionalChoice()])


class PersonForm(Form):
    """Whom something is done for: what a search of the same person at the desk has signed."""

    person = HiddenField(validators=[DataRequired(), Length(max=400)])


class RejectForm(Form):
    """Why somebody is not approved; a choice, since free text invites notes about people."""

    person = HiddenField(validators=[DataRequired(), Length(max=400)])
    reason = SelectField(_("Why not"), validators=[DataRequired(_("Choose a reason."))])


class ReissueForm(Form):
    """Whose ticket was lost, and which one the desk saw in force."""

    person = HiddenField(validators=[DataRequired(), Length(max=400)])
    replaces = HiddenField(validators=[DataRequired(), Length(max=64)])


class WalkInForm(Form):
    """Register whoever stands at the desk; choices in the reader's words come from the view.

    `once` names the paper in the hand of whoever registers: a second tap registers nobody else.
    """

    once = HiddenField(validators=[DataRequired(), Length(min=32, max=32)])
    badge_name = StringField(
        _("Name on the badge"),
        validators=[
            DataRequired(_("Write a name for the badge.")),
            Length(max=BADGE_NAME_LENGTH, message=_("A badge holds 80 letters at most.")),
        ],
        filters=[clean_line],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    category = RadioField(
        _("Comes as"), default=Category.ATTENDEE.value, validators=[DataRequired(_("Choose one."))]
    )
    organization = SelectField(_("Organization"), validators=[OptionalChoice()])
    photo_preference = RadioField(
        _("Photos"), default=PhotoPreference.NO.value, validators=[DataRequired(_("Choose one."))]
    )
    language = RadioField(
        _("Language in which you read it aloud"), validators=[DataRequired(_("Choose a language."))]
    )
    agreed = BooleanField(
        _("I read it aloud, and the person said yes."),
        validators=[DataRequired(_("Nobody is registered without having said yes. Nothing has been kept."))],
    )
    # The button beside the other: what somebody means is told by the one that they press.
    in_line = BooleanField()
    over_capacity = BooleanField(_("Let the person in all the same: I answer for it as organizer."))
