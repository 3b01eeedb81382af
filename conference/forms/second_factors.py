"""Forms to prove who acts: a code of an app, one from paper, or one from a mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import StringField, ValidationError
from wtforms.validators import DataRequired, Length

from conference.domain.one_time_codes import looks_like_app_code, looks_like_recovery_code
from conference.forms.accounts import mailed_code_field
from conference.forms.base import Form, clean_line

if TYPE_CHECKING:
    from wtforms import Field


def _app_code(form: Form, field: Field) -> None:  # noqa: ARG001
    if not looks_like_app_code(field.data or ""):
        raise ValidationError(_("The app shows six digits. Write them as they stand there."))


def _recovery_code(form: Form, field: Field) -> None:  # noqa: ARG001
    if not looks_like_recovery_code(field.data or ""):
        raise ValidationError(_("A recovery code has ten letters and digits, for example K7QM2-XWDPT."))


class AppCodeForm(Form):
    """Ask for the code that the app shows now."""

    app_code = StringField(
        _("Code from the app"),
        validators=[DataRequired(_("Write the six digits that the app shows.")), Length(max=40), _app_code],
        filters=[clean_line],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"},
    )


class RecoveryCodeForm(Form):
    """Ask for a code from paper."""

    recovery_code = StringField(
        _("Recovery code"),
        validators=[DataRequired(_("Write one of your recovery codes.")), Length(max=40), _recovery_code],
        filters=[clean_line],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class MailedCodeForm(Form):
    """Ask for the code that was mailed to the account's own address."""

    mailed_code = mailed_code_field()
