"""The form that sends a table of organizations."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired

from conference.forms.base import Form


class TableForm(Form):
    """A table, as a spreadsheet saves it."""

    file = FileField(
        _("Table (CSV)"),
        description=_(
            "In Excel: File, Save as, “CSV UTF-8”. In LibreOffice: “Text CSV”, with Unicode (UTF-8). "
            "2 MB at most."
        ),
        validators=[FileRequired(_("Choose the file."))],
        render_kw={"accept": ".csv,text/csv"},
    )
