"""An organization's entry, and what is decided about it. About organizations, never about a person."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import (
    EmailField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    URLField,
    widgets,
)
from wtforms.validators import DataRequired, Length, Optional

from conference.domain.directory import EntryField, LegalForm
from conference.domain.entries import (
    CITY_LENGTH,
    DESCRIPTION_LENGTH,
    DISCLOSURE_LENGTH,
    NAME_LENGTH,
    WEBSITE_LENGTH,
)
from conference.forms.accounts import EMAIL_RULES
from conference.forms.base import Form, clean_line, clean_text

# How many languages besides the usual ones may be chosen from the whole list.
MORE_LANGUAGES = ("more_language_1", "more_language_2", "more_language_3")


def _line(label: str, most: int, **attributes: str) -> StringField:
    return StringField(
        label,
        validators=[Optional(), _at_most(most)],
        filters=[clean_line],
        render_kw={"autocomplete": "off", "maxlength": str(most), **attributes},
    )


def _area(label: str, most: int, rows: str) -> TextAreaField:
    return TextAreaField(
        label,
        validators=[Optional(), _at_most(most)],
        filters=[clean_text],
        render_kw={"rows": rows, "maxlength": str(most)},
    )


def _at_most(most: int) -> Length:
    return Length(max=most, message=_("%(most)s letters at most. Shorten it.", most=most))


def _readers() -> SelectField:
    return SelectField(_("Who may read this"))


class NameForm(Form):
    """What an organization is called."""

    name = StringField(
        _("Name of the organization"),
        validators=[DataRequired(_("Write the name of the organization.")), _at_most(NAME_LENGTH)],
        filters=[clean_line],
        render_kw={"autocomplete": "off", "maxlength": str(NAME_LENGTH)},
    )


class EntryForm(NameForm):
    """What an organization says of itself; choices are passed in by the view."""

    kind = SelectField(_("Kind"), validators=[DataRequired(_("Choose one."))])
    side = RadioField(_("Side"), validators=[DataRequired(_("Choose one."))])
    origin_state = SelectField(_("State in Mexico"))
    origin = _line(_("Municipality"), NAME_LENGTH, spellcheck="false")
    municipality = RadioField(_("Which one?"), validate_choice=False)
    origin_readers = _readers()
    us_state = SelectField(_("State in the United States"))
    us_city = _line(_("City in the United States"), CITY_LENGTH)
    destination_readers = _readers()
    languages = SelectMultipleField(
        _("Working languages"),
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )
    more_language_1 = SelectField(_("Another language"))
    more_language_2 = SelectField(_("Another language"))
    more_language_3 = SelectField(_("Another language"))
    languages_readers = _readers()
    description_es = _area(_("Description in Spanish"), DESCRIPTION_LENGTH, "4")
    description_en = _area(_("Description in English"), DESCRIPTION_LENGTH, "4")
    description_readers = _readers()
    website = URLField(
        _("Website"),
        validators=[Optional(), _at_most(WEBSITE_LENGTH)],
        filters=[clean_line],
        render_kw={"autocomplete": "off", "inputmode": "url", "autocapitalize": "off"},
    )
    website_readers = _readers()
    legal_form = RadioField(_("Legal form"), default=LegalForm.UNINCORPORATED.value)
    legal_form_readers = _readers()
    funders = _area(_("Who funds you"), DISCLOSURE_LENGTH, "3")
    funders_readers = _readers()
    affiliations = _area(_("What else you belong to"), DISCLOSURE_LENGTH, "3")
    affiliations_readers = _readers()

    def readers_of(self, field: EntryField) -> SelectField:
        """Return the list in which is chosen who may read a field."""
        chosen: SelectField = self[f"{field.value}_readers"]
        return chosen


class OthersEntryForm(EntryForm):
    """An entry that organizers make for an organization."""

    source = RadioField(_("How it comes here"), validators=[DataRequired(_("Choose one."))])


class PlaceForm(Form):
    """Look a municipality up by its name: a GET form."""

    class Meta:
        """Nothing changes by it."""

        csrf = False

    origin_state = SelectField(_("State in Mexico"), validate_choice=False)
    origin = _line(_("Municipality"), NAME_LENGTH, spellcheck="false")
    municipality = RadioField(_("Which one?"), validate_choice=False)


class StatusForm(Form):
    """How an organization is doing."""

    status = RadioField(_("How the organization is doing"), validators=[DataRequired(_("Choose one."))])


class RefuseForm(Form):
    """Why an entry is not accepted: a choice, so that nobody writes about people."""

    reason = RadioField(_("Why is it not accepted?"), validators=[DataRequired(_("Choose a reason."))])


class InviteForm(Form):
    """Who answers for an organization that others entered."""

    email = EmailField(
        _("Email address"),
        validators=EMAIL_RULES,
        filters=[clean_line],
        render_kw={"autocomplete": "off", "inputmode": "email", "autocapitalize": "off"},
    )
    language = RadioField(_("Language of the invitation"), validators=[DataRequired(_("Choose a language."))])


class InviteByCardForm(Form):
    """In which language somebody without email gets in by card."""

    card_language = RadioField(_("Language of the card"), validators=[DataRequired(_("Choose a language."))])
