"""Forms of a lead: how many places for the organization, and the name of a guest."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange
from wtforms.widgets import NumberInput

from conference.domain.places import MOST_IN_GROUP
from conference.domain.registration import BADGE_NAME_LENGTH, PhotoPreference
from conference.forms.base import Form, clean_line

# The words in which a lead answers for somebody. Who changes them raises LEAD_CONSENT_VERSION (a test).
ASKED_TO_ATTEND = _(
    "I asked this person: they agree that the conference keeps this name, and notes at the door that they "
    "came, to let them in."
)


def _size(label: str) -> IntegerField:
    return IntegerField(
        label,
        validators=[
            InputRequired(_("Write how many places.")),
            NumberRange(1, MOST_IN_GROUP, _("Write a whole number between 1 and %(max)s.")),
        ],
        widget=NumberInput(min=1, max=MOST_IN_GROUP),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )


class GroupForm(Form):
    """Ask for places; names come later, or never. `form_key` as in a registration."""

    form_key = HiddenField(render_kw={"autocomplete": "off"})
    organization = SelectField(_("Organization"), validators=[DataRequired(_("Choose the organization."))])
    category = RadioField(_("They come as"), validators=[DataRequired(_("Choose one."))])
    size = _size(_("How many places"))


class ShrinkForm(Form):
    """Ask how many places a group keeps."""

    size = _size(_("How many places the group keeps"))


class NamedByLeadForm(Form):
    """The name of a guest, from whoever leads the organization and has asked them."""

    badge_name = StringField(
        _("Name on the badge"),
        validators=[
            DataRequired(_("Write a name for the badge.")),
            Length(max=BADGE_NAME_LENGTH, message=_("A badge holds 80 letters at most.")),
        ],
        filters=[clean_line],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    photo_preference = RadioField(
        _("Photos"), default=PhotoPreference.NO.value, validators=[DataRequired(_("Choose one."))]
    )
    attend = BooleanField(
        ASKED_TO_ATTEND, validators=[DataRequired(_("Ask the person first. Nothing has been kept."))]
    )
