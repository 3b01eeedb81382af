"""Forms to name a delegate and to say why one was not accepted. Choices are passed in by the view."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import InputRequired

from conference.forms.base import Form


class NameForm(Form):
    """Name somebody of one organization for its seat."""

    capacity = RadioField(_("As"), validators=[InputRequired(_("Choose delegate or alternate."))])
    registration = SelectField(_("Who"), validators=[InputRequired(_("Choose a person."))])
    # Other words are another version: see domain.credentials.ATTESTATION_VERSION.
    attested = BooleanField(
        _("I attest that our assembly or our board named this person."),
        validators=[InputRequired(_("Tick this if your assembly or your board named this person."))],
    )


class RejectForm(Form):
    """Say why a credential is not accepted."""

    reason = RadioField(_("Why"), validators=[InputRequired(_("Choose a reason."))])
