"""The form of a notice: its words, and whom it is for. It is about the conference, never about a person."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from conference.forms.base import Form, clean_text

LONGEST_NOTICE = 2000


def _text(label: str) -> TextAreaField:
    return TextAreaField(
        label,
        validators=[
            DataRequired(_("Write it in Spanish and in English.")),
            Length(max=LONGEST_NOTICE, message=_("Use %(max)d letters at most.")),
        ],
        filters=[clean_text],
        render_kw={"rows": "6"},
    )


class NoticeForm(Form):
    """A notice in both languages.

    `once` names the page it was written on: a second tap sends nothing. `seen` is what the writer saw of it
    as it would be sent: whatever was changed since is shown first.
    """

    text_es = _text(_("Words in Spanish"))
    text_en = _text(_("Words in English"))
    group = SelectField(_("To whom"), default="")
    once = HiddenField(validators=[DataRequired(), Length(min=32, max=32)])
    seen = HiddenField(validators=[Length(max=64)])
