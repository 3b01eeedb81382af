"""Asking for badges, choosing what is printed on which paper, printing one. Choices come from the view."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from conference.domain.approvals import REASON_LENGTH
from conference.forms.approvals import AskForm
from conference.forms.base import Form, clean_text


class AskBadgesForm(AskForm):
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
    """One person's badge: sent by the page of the desk, which was opened for that person."""

    person = HiddenField()
    paper = SelectField(_("On which paper?"))
