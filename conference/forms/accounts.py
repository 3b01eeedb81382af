"""Forms to sign in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import EmailField, HiddenField, StringField
from wtforms.validators import DataRequired, Email, Length, Regexp

from conference.domain.accounts import CODE_LENGTH
from conference.forms.base import Form, clean_line

# What an address must be, wherever one is asked for.
EMAIL_RULES = [
    DataRequired(_("Write your email address.")),
    Email(_("This does not look like an email address. Example: name@example.org")),
    Length(max=254, message=_("This address is too long.")),
]


# However they are grouped.
_EIGHT_DIGITS = rf"^(?:[ .-]*[0-9]){{{CODE_LENGTH}}}[ .-]*$"


def mailed_code_field() -> StringField:
    """Return the field for a code that was mailed, wherever one is asked for."""
    return StringField(
        _("Code from the mail"),
        validators=[
            DataRequired(_("Write the code from the mail.")),
            # Not a try at all: a slip of the finger costs nothing.
            Regexp(_EIGHT_DIGITS, message=_("The code has eight digits. Look at the mail again.")),
            Length(max=40),
        ],
        filters=[clean_line],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"},
    )


class SignInForm(Form):
    """Ask for the address to write to."""

    email = EmailField(
        _("Email address"),
        validators=EMAIL_RULES,
        filters=[clean_line],
        render_kw={"autocomplete": "email", "inputmode": "email", "autocapitalize": "off"},
    )
    next = HiddenField()


class CodeForm(Form):
    """Ask for the code that was mailed."""

    email = EmailField(
        _("Email address"),
        validators=EMAIL_RULES,
        filters=[clean_line],
        render_kw={"autocomplete": "email", "inputmode": "email", "autocapitalize": "off"},
    )
    code = mailed_code_field()
    next = HiddenField()
