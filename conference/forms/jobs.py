"""Forms that start long work. Choices are passed in by the view."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Length, Optional

from conference.domain.slugs import MAXIMUM
from conference.forms.base import Form, clean_line


class PurgeForm(Form):
    """Forget whose period is over, or only count them."""

    dry_run = BooleanField()


class ImportForm(Form):
    """Bring in a schedule made elsewhere, as a conference of its own."""

    file = FileField(
        _("Schedule (XML)"),
        description=_("As frab, pentabarf or pretalx write it; 32 MB at most."),
        validators=[FileRequired(_("Choose the file."))],
        render_kw={"accept": ".xml,application/xml,text/xml"},
    )
    slug = StringField(
        _("Name in addresses"),
        description=_("As oaxaca-2026. Empty: made of the conference’s title."),
        validators=[Optional(), Length(max=MAXIMUM, message=_("At most %(max)d letters."))],
        filters=[clean_line],
        render_kw={"autocapitalize": "off", "autocomplete": "off", "spellcheck": "false"},
    )
    zone = SelectField(_("Time zone of the venue"))
    language = SelectField(_("Language of texts that name none"))
