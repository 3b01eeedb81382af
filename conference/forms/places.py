"""Forms of what is decided about registering. What is typed here is about the conference, never a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    SubmitField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from conference.domain.places import MOST_OFFER_HOURS, MOST_PLACES
from conference.domain.proxies import MOST_PROXIES
from conference.domain.registration import Category
from conference.forms.base import Form, OptionalChoice, clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LONGEST_LABEL = 200
MOST_CHOICES = 10
FEWEST_SHOWN = 4
EMPTY_SHOWN = 2
MORE_SHOWN = 2


def _label(text: Any) -> StringField:
    return StringField(
        text,
        validators=[
            DataRequired(_("Write it in Spanish and in English.")),
            Length(max=LONGEST_LABEL, message=_("Use %(max)d letters at most.")),
        ],
        filters=[clean_line],
    )


def _places(text: Any) -> IntegerField:
    return IntegerField(
        text,
        validators=[
            Optional(),
            NumberRange(0, MOST_PLACES, _("Write a whole number, or leave it empty for as many as come.")),
        ],
        render_kw={"inputmode": "numeric", "min": "0"},
    )


class PlacesForm(Form):
    """How many places there are, and how one gets one; three fields a category, made below."""

    capacity = _places(_("Places for everybody together"))
    registration_open = BooleanField(_("Registration is open"))
    proxy_cap = IntegerField(
        _("Other seats that one delegate may vote for by proxy"),
        validators=[
            InputRequired(_("Write how many, or 0 for none.")),
            NumberRange(0, MOST_PROXIES, _("Between 0 and %(max)s.")),
        ],
        render_kw={"inputmode": "numeric", "min": "0"},
    )
    offer_hours = IntegerField(
        _("Hours that a freed place is held for whom it is offered to"),
        validators=[
            InputRequired(_("Write how many hours.")),
            NumberRange(1, MOST_OFFER_HOURS, _("Between 1 and %(max)s hours.")),
        ],
        render_kw={"inputmode": "numeric", "min": "1"},
    )


for _category in Category:
    setattr(PlacesForm, f"{_category.value}_open", BooleanField(_("Open for registration")))
    setattr(PlacesForm, f"{_category.value}_approval", BooleanField(_("Somebody approves each one first")))
    setattr(PlacesForm, f"{_category.value}_capacity", _places(_("Places")))


class QuestionForm(Form):
    """A question and its choices; a choice that is empty in both languages is none."""

    label_es = _label(_("Question in Spanish"))
    label_en = _label(_("Question in English"))
    several = BooleanField(_("One may choose several"))
    more = SubmitField(_("More choices"))

    def rows(self) -> Iterator[tuple[Any, Any, Any]]:
        """Yield the fields of each choice that may be: its key, its words in Spanish and in English."""
        for number in range(1, MOST_CHOICES + 1):
            yield self[f"key_{number}"], self[f"choice_es_{number}"], self[f"choice_en_{number}"]

    def shown(self) -> list[tuple[Any, Any, Any]]:
        """Return the choices to draw: as many as were sent, and more where they are asked for."""
        rows = list(self.rows())
        sent = _last(rows, lambda field: field.raw_data)
        if not sent:
            return rows[: max(FEWEST_SHOWN, _last(rows, lambda field: field.data) + EMPTY_SHOWN)]
        return rows[: sent + MORE_SHOWN] if self.more.data else rows[:sent]

    def first_new(self) -> Any | None:
        """Return the field where whoever asked for more choices goes on writing."""
        return self.shown()[-MORE_SHOWN][1] if self.more.data else None

    def more_fit(self) -> bool:
        """A question has ten choices at most."""
        return len(self.shown()) < MOST_CHOICES

    def chosen(self) -> list[tuple[str, Mapping[str, str]]]:
        """Return key and words of the choices that were filled in."""
        return [
            (key.data or "", {"es": spanish.data, "en": english.data})
            for key, spanish, english in self.rows()
            if spanish.data or english.data
        ]

    def validate(self, extra_validators: object = None) -> bool:
        """A choice has words in both languages."""
        valid = bool(super().validate(extra_validators))
        for _key, spanish, english in self.rows():
            for field, other in ((spanish, english), (english, spanish)):
                if other.data and not field.data:
                    field.errors = [_("Write it in Spanish and in English.")]
                    valid = False
        return valid


def _last(rows: list[tuple[Any, Any, Any]], holds: Callable[[Any], object]) -> int:
    """Return the number of the last choice of which a text fits, or 0."""
    return max(
        (number for number, (_key, *texts) in enumerate(rows, start=1) if any(map(holds, texts))), default=0
    )


def _choice(text: Any) -> StringField:
    return StringField(text, validators=[Optional(), Length(max=LONGEST_LABEL)], filters=[clean_line])


for _number in range(1, MOST_CHOICES + 1):
    setattr(QuestionForm, f"key_{_number}", HiddenField(validators=[Length(max=80)]))
    setattr(QuestionForm, f"choice_es_{_number}", _choice(_("In Spanish")))
    setattr(QuestionForm, f"choice_en_{_number}", _choice(_("In English")))


class ServiceForm(Form):
    """A service that exists: its words, and for how many there is room."""

    label_es = _label(_("Name in Spanish"))
    label_en = _label(_("Name in English"))
    capacity = _places(_("Places"))


class NewServiceForm(Form):
    """Offer something beside the program; the language belongs to interpretation only."""

    kind = RadioField(_("What it is"), validators=[DataRequired(_("Choose one."))])
    language = SelectField(_("Language (only for interpretation)"), validators=[OptionalChoice()])
    label_es = _label(_("Name in Spanish"))
    label_en = _label(_("Name in English"))
    capacity = _places(_("Places"))
