"""Asking another organizer for something dangerous, and answering."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Length

from conference.domain.approvals import REASON_LENGTH
from conference.forms.base import Form, clean_text


class AskForm(Form):
    """Why people are to be exported."""

    reason = TextAreaField(
        _("What is the export for?"),
        validators=[
            DataRequired(_("Write what the export is for.")),
            Length(max=REASON_LENGTH, message=_("Use %(max)d letters at most.")),
        ],
        filters=[clean_text],
        render_kw={"rows": "3"},
    )


class AnswerForm(Form):
    """The other organizer's answer, by the button that was pressed."""

    answer = HiddenField(validators=[DataRequired(), AnyOf(["approve", "refuse"])])
