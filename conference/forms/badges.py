"""Asking for badges, choosing what is printed on which paper, printing one. Choices come from the view."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange

from conference.domain.approvals import REASON_LENGTH
from conference.forms.base import Form, clean_text


class AskBadgesForm(Form):
    """Why all badges are to be printed."""

    reason = TextAreaField(
        _("What are the badges printed for?"),
        validators=[
            DataRequired(_("Write what the badges are printed for.")),
            Length(max=REASON_LENGTH, message=_("Use %(max)d letters at most.")),
        ],
        filters=[clean_text],
        render_kw={"rows": "3"},
    )


class PrintForm(Form):
    """Whose badges, and on which paper."""

    which = SelectField(_("Whose badges?"))
    paper = SelectField(_("On which paper?"))


class PrintOneForm(Form):
    """One person's badge: sent by the desk's page, which knows the number."""

    registration = IntegerField(validators=[DataRequired(), NumberRange(min=1, max=2**31 - 1)])
    paper = SelectField(_("On which paper?"))
