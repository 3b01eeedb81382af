"""The forms of a registration: a line of text for the badge, how to reach somebody, and choices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    widgets,
)
from wtforms.validators import DataRequired, Email, Length, Optional

from conference.domain.answers import MOST_CHILDREN
from conference.domain.registration import BADGE_NAME_LENGTH, Category, PhotoPreference, ServiceKind
from conference.forms.base import Form, OptionalChoice, SelectChoice, clean_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wtforms import Field

# The words that people consent to. Whoever changes them raises CONSENT_VERSION; a test insists.
CONSENT_TO_ATTEND = _(
    "I agree that the conference keeps what I write here, and notes at the door that I came, to let me in."
)
CONSENT_TO_REMINDERS = _("I agree that the conference writes me reminders by email.")
CONSENT_TO_NEEDS = _(
    "I agree that the conference keeps what I ticked above, and shows it with the name on my badge to those "
    "who prepare these things."
)

_BADGE_NAME_LENGTH = Length(max=BADGE_NAME_LENGTH, message=_("A badge holds 80 letters at most."))
_BADGE_NAME_INPUT = {"autocomplete": "off", "spellcheck": "false"}


def _email_field() -> EmailField:
    return EmailField(
        _("Email address"),
        validators=[
            Optional(),
            Email(_("This does not look like an email address. Example: name@example.org")),
            Length(max=254, message=_("This address is too long.")),
        ],
        filters=[clean_line],
        render_kw={"autocomplete": "email", "inputmode": "email", "autocapitalize": "off"},
    )


def _phone_field() -> TelField:
    return TelField(
        _("Phone"),
        validators=[
            Optional(),
            Length(max=40, message=_("This number is too long.")),
        ],
        filters=[clean_line],
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
    )


def _checkboxes(label: str, choices: Sequence[SelectChoice] | None = None) -> SelectMultipleField:
    return SelectMultipleField(
        label,
        choices=choices,
        validators=[OptionalChoice()],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )


def _attend_field() -> BooleanField:
    return BooleanField(
        CONSENT_TO_ATTEND,
        validators=[DataRequired(_("We cannot register you without this. Nothing has been kept."))],
    )


class RegistrationForm(Form):
    """Ask for what the weekend needs, and nothing else; choices in the reader's words come from the view.

    `form_key` is drawn at random with the form: sent twice, it makes one place. `for_another` tells that the
    page said whom it is for: somebody else than the account that sends it.
    """

    form_key = HiddenField(render_kw={"autocomplete": "off"})
    for_another = HiddenField(render_kw={"autocomplete": "off"})
    badge_name = StringField(
        _("Name on the badge"),
        validators=[DataRequired(_("Write a name for the badge.")), _BADGE_NAME_LENGTH],
        filters=[clean_line],
        render_kw=_BADGE_NAME_INPUT,
    )
    category = RadioField(
        _("I come as"), default=Category.ATTENDEE.value, validators=[DataRequired(_("Choose one."))]
    )
    organization = SelectField(_("Organization"), validators=[OptionalChoice()])
    email = _email_field()
    phone = _phone_field()
    photo_preference = RadioField(
        _("Photos"), default=PhotoPreference.NO.value, validators=[DataRequired(_("Choose one."))]
    )
    spoken = _checkboxes(_("Languages that you speak"))
    needs = _checkboxes(_("What I need to take part"))
    needs_agreed = BooleanField(CONSENT_TO_NEEDS)
    attend = _attend_field()
    reminders = BooleanField(CONSENT_TO_REMINDERS)


class TicketForm(Form):
    """What whoever holds a ticket changes about it.

    Name, address and telephone stand in no page: empty, they stay as they are.
    """

    badge_name = StringField(
        _("Another name on the badge"),
        validators=[Optional(), _BADGE_NAME_LENGTH],
        filters=[clean_line],
        render_kw=_BADGE_NAME_INPUT,
    )
    email = _email_field()
    forget_email = BooleanField(_("Forget my email address, and write me nothing any more."))
    phone = _phone_field()
    forget_phone = BooleanField(_("Forget my phone number."))
    photo_preference = RadioField(_("Photos"), validators=[DataRequired(_("Choose one."))])
    spoken = _checkboxes(_("Languages that you speak"))
    needs_anew = BooleanField(_("Forget what I said before; what is ticked here is all that I need."))
    needs = _checkboxes(_("What I need to take part"))
    needs_agreed = BooleanField(CONSENT_TO_NEEDS)


class GuestForm(Form):
    """With this a guest of an organization gets a name: from themselves, at the link of their ticket.

    `form_key` is drawn at random with the form: sent twice, it issues one ticket.
    """

    form_key = HiddenField(render_kw={"autocomplete": "off"})
    badge_name = StringField(
        _("Name on the badge"),
        validators=[DataRequired(_("Write a name for the badge.")), _BADGE_NAME_LENGTH],
        filters=[clean_line],
        render_kw=_BADGE_NAME_INPUT,
    )
    email = _email_field()
    photo_preference = RadioField(
        _("Photos"), default=PhotoPreference.NO.value, validators=[DataRequired(_("Choose one."))]
    )
    attend = _attend_field()
    reminders = BooleanField(CONSENT_TO_REMINDERS)


class NamedGuestForm(GuestForm):
    """The same of somebody whose lead has written a name, which stands in no page: empty, it stays."""

    badge_name = StringField(
        _("Another name on the badge"),
        validators=[Optional(), _BADGE_NAME_LENGTH],
        filters=[clean_line],
        render_kw=_BADGE_NAME_INPUT,
    )


@dataclass(frozen=True, slots=True)
class Question:
    """What the organizers ask, in the reader's words; `choices` are (key, words)."""

    id: int
    label: str
    several: bool
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Service:
    """What the conference offers, in the reader's words; of what is `full` nothing can be booked any more."""

    id: int
    kind: ServiceKind
    label: str
    full: bool


class Asked:
    """The fields of a form for what one conference asks and offers: a field a question, and a service."""

    def __init__(self, questions: Sequence[Question], services: Sequence[Service]) -> None:
        self.questions = {f"question_{question.id}": question for question in questions}
        self.services = {f"service_{service.id}": service for service in services}

    def on(self, form: type[Form]) -> type[Form]:
        """Return the form with these fields; the words are in the reader's language already."""
        fields: dict[str, Field] = {name: _question(one) for name, one in self.questions.items()}
        fields |= {name: _service(one) for name, one in self.services.items()}
        return type(form.__name__, (form,), fields)

    def answers(self, form: Form) -> dict[int, list[str]]:
        """Return the keys of the chosen answers by question; a question without an answer is left out."""
        chosen = {one.id: form[name].data or [] for name, one in self.questions.items()}
        return {id_: [keys] if isinstance(keys, str) else list(keys) for id_, keys in chosen.items() if keys}

    def bookings(self, form: Form) -> dict[int, int]:
        """Return the places asked for by service; none where there is no wish."""
        wanted = {one.id: int(form[name].data or 0) for name, one in self.services.items()}
        return {id_: places for id_, places in wanted.items() if places}

    def held(self, answers: Mapping[int, Sequence[str]], bookings: Mapping[int, int]) -> dict[str, object]:
        """Return the data of the fields for what somebody has answered and booked before."""
        data: dict[str, object] = {}
        for name, question in self.questions.items():
            keys = list(answers.get(question.id, ()))
            data[name] = keys if question.several else (keys[0] if keys else "")
        for name, service in self.services.items():
            places = bookings.get(service.id, 0)
            data[name] = str(places) if service.kind is ServiceKind.CHILDCARE else bool(places)
        return data


def _question(question: Question) -> Field:
    choices = [SelectChoice(key, label) for key, label in question.choices]
    if question.several:
        return _checkboxes(question.label, choices)
    silent = SelectChoice("", _("I would rather not say"))
    return RadioField(question.label, choices=[*choices, silent], default="", validators=[OptionalChoice()])


def _service(service: Service) -> Field:
    if service.kind is not ServiceKind.CHILDCARE:
        return BooleanField(service.label)
    numbers = [SelectChoice("0", _("None"))]
    numbers += [SelectChoice(str(number), str(number)) for number in range(1, MOST_CHILDREN + 1)]
    return SelectField(service.label, choices=numbers, default="0", validators=[OptionalChoice()])
