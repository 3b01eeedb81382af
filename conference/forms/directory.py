"""The filter of the directory: a GET form, whose address can be shared."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import SearchField, SelectField

from conference.forms.base import Form, clean_line

LONGEST_SEARCH = 200


class FilterForm(Form):
    """What to look for; choices are passed in by the view. What is not understood filters nothing."""

    class Meta:
        """Nothing changes by it."""

        csrf = False

    q = SearchField(
        _("Name or place"),
        filters=[clean_line],
        render_kw={"autocomplete": "off", "maxlength": str(LONGEST_SEARCH), "enterkeyhint": "search"},
    )
    side = SelectField(_("Side"))
    kind = SelectField(_("Kind"))
    origin_state = SelectField(_("Comes from"))
    us_state = SelectField(_("Lives in"))
    language = SelectField(_("Works in"))

    @property
    def search(self) -> str:
        """What to look for, as far as anybody types."""
        return (self.q.data or "")[:LONGEST_SEARCH]

    def chosen(self, name: str) -> str | None:
        """Return what was chosen in a list, or None where nothing (or nothing that is offered) was."""
        field = self[name]
        offered = {value for value, *_rest in field.iter_choices()}
        return field.data or None if field.data in offered else None
