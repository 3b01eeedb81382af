"""The filter of the directory: a GET form, whose address can be shared."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import SearchField, SelectField
from wtforms.validators import Length

from conference.forms.base import Form, clean_line


class FilterForm(Form):
    """What to look for; choices are passed in by the view. What is not understood filters nothing."""

    class Meta:
        """Nothing changes by it."""

        csrf = False

    q = SearchField(
        _("Name or place"),
        validators=[Length(max=200)],
        filters=[clean_line],
        render_kw={"autocomplete": "off", "maxlength": "200", "enterkeyhint": "search"},
    )
    side = SelectField(_("Side"))
    kind = SelectField(_("Kind"))

    def chosen(self, name: str) -> str | None:
        """Return what was chosen in a field, or None where nothing (or nothing that exists) was."""
        field = self[name]
        return field.data or None if field.validate(self) else None
