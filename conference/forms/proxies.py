"""Forms to give a proxy, to record one that came on paper, and to say who sits in a seat."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from conference.forms.base import Form


class GiveForm(Form):
    """Whose delegate votes for the organization; choices are passed in by the view."""

    holder = SelectField(_("Who votes for you"), validators=[InputRequired(_("Choose an organization."))])


class PaperForm(Form):
    """A letter on paper: who gives the proxy, and to whom."""

    principal = SelectField(
        _("Who gives the proxy"), validators=[InputRequired(_("Choose an organization."))]
    )
    holder = SelectField(_("Who receives it"), validators=[InputRequired(_("Choose an organization."))])


class SubstituteForm(Form):
    """Who of a seat's two people sits in the sitting from now on."""

    sits = RadioField(_("Who sits from now on"), validators=[InputRequired(_("Choose who sits."))])
