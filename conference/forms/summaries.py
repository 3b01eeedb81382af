"""The form in which a rapporteur writes a summary, in one language at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SubmitField, TextAreaField
from wtforms.validators import Regexp

from conference.domain.summaries import Section
from conference.forms.base import Form, clean_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wtforms import Field

_HINT = _("One item a line. Bullets in front of a line are removed.")


class SummaryForm(Form):
    """Three sections, one item a line, and the revision that they were written against."""

    revision = HiddenField(validators=[Regexp(r"^\d{1,9}$")])
    observation = TextAreaField(_("Observations"), description=_HINT, filters=[clean_text])
    agreement = TextAreaField(
        _("Recurring themes and points of agreement"), description=_HINT, filters=[clean_text]
    )
    measure = TextAreaField(_("Measures proposed"), description=_HINT, filters=[clean_text])
    # Which button was pressed: without it the summary is saved and stays what it is.
    publish = SubmitField()

    def area(self, section: Section) -> Field:
        """Return the text area of a section."""
        area: Field = self[section.value]
        return area

    def lines(self) -> Mapping[Section, list[str]]:
        """Return the typed lines of each section."""
        return {section: (self.area(section).data or "").splitlines() for section in Section}
