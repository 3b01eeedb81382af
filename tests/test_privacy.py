"""What is never stored: no column and no form field asks for it. PRIVACY's list, held against the code."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import TYPE_CHECKING

import pytest
from wtforms import EmailField, PasswordField, StringField, TextAreaField
from wtforms.fields.core import UnboundField

import conference.forms
from conference.extensions import Base
from conference.forms.base import Form
from conference.forms.registration import RegistrationForm

if TYPE_CHECKING:
    from collections.abc import Iterator

NEVER = {
    "status of migration": "immigration migratory visa undocumented documented citizen citizenship",
    "nationality and birth": "nationality country birth birthday birthplace born age dob",
    "papers": "passport identity ine curp rfc ssn license consular matricula document documents papers",
    "home": "home residence street zip postcode postal neighborhood",
    "work": "employer employment occupation job salary income company",
    "the person": "gender sex ethnicity ethnic race religion orientation",
    "the body": "biometric fingerprint face selfie portrait disability",
    "where somebody is": "gps latitude longitude coordinates geolocation location",
    "family": "family spouse husband wife partner parent_name children relative sibling mother father",
    "money": "donation donations donor bank iban",
    "notes": "note notes remark remarks comment comments observation_of internal_note",
    "network": "ip ip_address remote_addr user_agent useragent device browser",
    "real names": "legal_name surname first_name last_name full_name real_name",
}
WORDS = {word for words in NEVER.values() for word in words.split()}
# Of the conference or of a device-free digest, not of a person.
ADDRESSES = {("conference", "venue_address"), ("sign_in_code", "address_digest")}
# Where people type freely: each is named here, so that a new one is a decision.
FREE_TEXTS = {
    "SignInForm": {"email"},
    "CodeForm": {"email", "code"},
    "GrantForm": {"email"},
    "AskForm": {"reason"},
    "RegistrationForm": {"badge_name", "email", "phone"},
    "TicketForm": {"badge_name"},
    "GuestForm": {"badge_name", "email"},
    "NamedByLeadForm": {"badge_name"},
    "ScanForm": {"text"},
    # Of the conference, but for the address.
    "SetUpForm": {"name_es", "name_en", "city", "email"},
    "CardForm": {"code"},
    "FindForm": {"text"},
    "AppCodeForm": {"app_code"},
    "RecoveryCodeForm": {"recovery_code"},
    "MailedCodeForm": {"mailed_code"},
}


def forbidden(name: str) -> set[str]:
    """Return the words of the list that a name is made of, whole or between underscores."""
    parts = set(name.lower().split("_"))
    return {word for word in WORDS if word in parts or re.search(rf"(^|_){word}(_|$)", name.lower())}


def columns() -> Iterator[tuple[str, str]]:
    """Yield every column of every table."""
    return ((table.name, column.name) for table in Base.metadata.sorted_tables for column in table.columns)


def every_form() -> dict[str, type[Form]]:
    """Return every form of every module of `conference.forms`."""
    for module in pkgutil.iter_modules(conference.forms.__path__, "conference.forms."):
        importlib.import_module(module.name)
    return {
        form.__name__: form for form in Form.__subclasses__() if form.__module__ != "conference.forms.dev"
    }


def fields_of(form: type[Form]) -> dict[str, UnboundField]:
    """Return the fields that a form declares."""
    return {name: field for name, field in vars(form).items() if isinstance(field, UnboundField)}


@pytest.mark.parametrize(
    "name", ["immigration_status", "country_of_birth", "employer", "user_agent", "notes"]
)
def test_the_list_finds_what_it_is_for(name: str) -> None:
    assert forbidden(name) != set()


def test_no_column_stores_what_is_never_stored() -> None:
    found = {(table, column): forbidden(column) for table, column in columns() if forbidden(column)}
    assert found == {}


def test_no_column_holds_an_address_of_a_person() -> None:
    assert {where for where in columns() if "address" in where[1].split("_")} == ADDRESSES


def test_no_form_asks_for_what_is_never_stored() -> None:
    found = {
        (form_name, field): forbidden(field)
        for form_name, form in every_form().items()
        for field in fields_of(form)
        if forbidden(field)
    }
    assert found == {}


def test_people_are_asked_for_free_text_where_it_was_decided_only() -> None:
    typed = {
        name: {
            field
            for field, unbound in fields_of(form).items()
            if issubclass(unbound.field_class, (StringField, EmailField, TextAreaField, PasswordField))
            and "Hidden" not in unbound.field_class.__name__
        }
        for name, form in every_form().items()
    }
    about_people = {name: typed[name] for name in FREE_TEXTS}
    assert about_people == FREE_TEXTS


def test_a_registration_is_choices_besides_its_badge_name_and_how_to_reach_somebody() -> None:
    kinds = {name: unbound.field_class.__name__ for name, unbound in fields_of(RegistrationForm).items()}
    assert kinds == {
        "form_key": "HiddenField",
        "badge_name": "StringField",
        "category": "RadioField",
        "organization": "SelectField",
        "email": "EmailField",
        "phone": "TelField",
        "photo_preference": "RadioField",
        "spoken": "SelectMultipleField",
        "needs": "SelectMultipleField",
        "attend": "BooleanField",
        "reminders": "BooleanField",
    }
