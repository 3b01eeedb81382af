"""Forms of federations: whom to ask, what to decide, and which trees to show. Choices come from the view."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SearchField, SelectField

from conference.forms.base import Form, clean_line
from conference.forms.directory import LONGEST_SEARCH


class _GetForm(Form):
    """A form whose address can be shared; what is not understood filters nothing."""

    class Meta:
        """Nothing changes by it."""

        csrf = False


def _search(text: Any) -> SearchField:
    return SearchField(
        text,
        filters=[clean_line],
        render_kw={"autocomplete": "off", "maxlength": str(LONGEST_SEARCH), "enterkeyhint": "search"},
    )


class SearchForm(_GetForm):
    """Looks for an organization to ask."""

    q = _search(_("Name or place"))

    @property
    def search(self) -> str:
        """What to look for, as far as anybody types."""
        return (self.q.data or "")[:LONGEST_SEARCH]


class MandatesForm(SearchForm):
    """Looks for a mandate by the name of either side."""

    q = _search(_("Name of the organization or of its federation"))


class GroupingForm(_GetForm):
    """By which state trees are grouped, and which state alone to show."""

    by = HiddenField()
    state = SelectField(_("State"))

    @property
    def state_chosen(self) -> str | None:
        """The state that was chosen, or None where nothing (or nothing that is offered) was."""
        offered = {value for value, *_rest in self.state.iter_choices()}
        return self.state.data or None if self.state.data in offered else None


class AskForm(Form):
    """Ask another organization: to take us in, or to join us."""

    other = HiddenField(filters=[clean_line])
    side = HiddenField(filters=[clean_line])


class PaperForm(Form):
    """A mandate that came on paper, or was taken back on paper."""

    federation = HiddenField(filters=[clean_line])
    member = HiddenField(filters=[clean_line])
    act = HiddenField(filters=[clean_line])
