"""What is never stored: no column and no form field asks for it. PRIVACY's list, held against the code."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from wtforms import EmailField, PasswordField, StringField, TextAreaField
from wtforms.fields.core import UnboundField

import conference.forms
from conference.domain.organization_file import file_columns as organization_columns
from conference.exports.open_data import table_columns as open_data_columns
from conference.extensions import Base
from conference.forms.base import Form
from conference.forms.registration import RegistrationForm
from conference.models import RegistrationQuestion
from conference.models.columns import Json
from tests.factories import make_conference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from tests.clients import CheckedClient

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
# Where people type freely, by module and form: each is named here, so that a new one is a decision.
FREE_TEXTS = {
    "accounts.CodeForm": {"email", "code"},
    "accounts.SignInForm": {"email"},
    "approvals.AskForm": {"reason"},
    "badges.AskBadgesForm": {"reason"},
    "cards.CardForm": {"code"},
    "cards.FindAgainForm": {"text"},
    "cards.FindForm": {"text"},
    "checkin.ScanForm": {"text"},
    # Whom the desk looks for: nothing of it is kept.
    "desk.SearchForm": {"text"},
    "desk.WalkInForm": {"badge_name"},
    "entries.InviteForm": {"email"},
    "parties.NamedByLeadForm": {"badge_name"},
    "registration.GuestForm": {"badge_name", "email"},
    "registration.NamedGuestForm": {"badge_name", "email"},
    "registration.RegistrationForm": {"badge_name", "email", "phone"},
    "registration.TicketForm": {"badge_name", "email", "phone"},
    "roles.GrantForm": {"email"},
    "second_factors.AppCodeForm": {"app_code"},
    "second_factors.MailedCodeForm": {"mailed_code"},
    "second_factors.RecoveryCodeForm": {"recovery_code"},
}
_OF_AN_ORGANIZATION = {
    *("name", "origin", "us_city", "website", "funders", "affiliations"),
    *("description_es", "description_en"),
}
# Of the conference and of organizations: words that are public, or go to everybody alike; keys and searches.
OF_NO_PERSON = {
    "directory.FilterForm": {"q"},
    "entries.EntryForm": _OF_AN_ORGANIZATION,
    "entries.NameForm": {"name"},
    "entries.OthersEntryForm": _OF_AN_ORGANIZATION,
    "entries.PlaceForm": {"origin"},
    "federations.MandatesForm": {"q"},
    "federations.SearchForm": {"q"},
    "jobs.ImportForm": {"slug"},
    "notices.NoticeForm": {"text_es", "text_en"},
    "places.NewServiceForm": {"label_es", "label_en"},
    "places.QuestionForm": {
        *("label_es", "label_en"),
        *(f"choice_{language}_{number}" for language in ("es", "en") for number in range(1, 11)),
    },
    "places.ServiceForm": {"label_es", "label_en"},
    # But for the address.
    "set_up.SetUpForm": {"name_es", "name_en", "city", "email"},
    "summaries.SummaryForm": {"agreement", "observation", "measure"},
}
# Columns that could hold anything: what each holds, so that a new one is a decision. Keys of languages, words
# of the conference and counts; of a person lists of codes alone.
LANGUAGE_CODES, CHOSEN_KEYS = "codes of languages", "keys of choices"
WORDS_OF_THE_CONFERENCE, SETTINGS, COUNTS = "words by language", "small settings", "counts and plain facts"
JSON_COLUMNS = {
    ("audit_head", "frontier"): "digests",
    **{("conference", name): WORDS_OF_THE_CONFERENCE for name in ("name", "tagline", "about", "city")},
    ("conference", "languages"): LANGUAGE_CODES,
    ("draft", "languages"): LANGUAGE_CODES,
    ("draft", "title"): WORDS_OF_THE_CONFERENCE,
    ("job", "parameters"): SETTINGS,
    ("job", "report"): COUNTS,
    ("offered_service", "label"): WORDS_OF_THE_CONFERENCE,
    ("organization", "description"): WORDS_OF_THE_CONFERENCE,
    ("organization", "languages"): LANGUAGE_CODES,
    ("organization", "visibility"): SETTINGS,
    ("program_session", "spoken"): LANGUAGE_CODES,
    **{
        ("program_session", name): WORDS_OF_THE_CONFERENCE
        for name in (
            *("title", "subtitle", "abstract", "description", "background", "guiding_questions"),
            *("proposed_outcomes", "links", "attachments", "external"),
        )
    },
    ("question", "record"): COUNTS,
    ("question", "texts"): WORDS_OF_THE_CONFERENCE,
    ("registration", "spoken"): LANGUAGE_CODES,
    ("registration_answer", "chosen"): CHOSEN_KEYS,
    ("registration_question", "choices"): WORDS_OF_THE_CONFERENCE,
    ("registration_question", "label"): WORDS_OF_THE_CONFERENCE,
    ("resolution", "texts"): WORDS_OF_THE_CONFERENCE,
    ("room", "name"): WORDS_OF_THE_CONFERENCE,
    ("summary_item", "text"): WORDS_OF_THE_CONFERENCE,
    ("track", "name"): WORDS_OF_THE_CONFERENCE,
}
# What no line of a log is made of, besides what is never stored.
NEVER_LOGGED = {
    *("email", "recipient", "phone", "badge_name", "contact_email", "contact_phone", "address", "user"),
    *("token", "code", "body", "subject", "form", "args", "values", "data", "json", "name", "reason"),
    *("cookies", "headers", "remote_addr", "query_string", "path", "url", "full_path"),
}
LOGGING = {"debug", "info", "warning", "error", "exception", "critical", "log"}
PACKAGE = Path(conference.forms.__path__[0]).parent
# What reads a value of a pack by its key.
PACK_READERS = {
    *("text", "word", "day", "number", "flag", "slug", "strings", "translated", "codes"),
    *("table", "tables", "listed", "matching", "has", "get"),
}


def forbidden(name: str) -> set[str]:
    """Return the words of the list that a name is made of, whole or between underscores."""
    parts = set(name.lower().split("_"))
    return {word for word in WORDS if word in parts or re.search(rf"(^|_){word}(_|$)", name.lower())}


def columns() -> Iterator[tuple[str, str]]:
    """Yield every column of every table."""
    return ((table.name, column.name) for table in Base.metadata.sorted_tables for column in table.columns)


def forms_below(form: type[Form]) -> Iterator[type[Form]]:
    """Yield every form that is made from a form, however far down."""
    for below in form.__subclasses__():
        yield below
        yield from forms_below(below)


def every_form() -> dict[str, type[Form]]:
    """Return every form of every module of `conference.forms`, by module and name."""
    for module in pkgutil.iter_modules(conference.forms.__path__, "conference.forms."):
        importlib.import_module(module.name)
    named = {
        f"{form.__module__.rpartition('.')[2]}.{form.__name__}": form
        for form in forms_below(Form)
        if form.__module__.startswith("conference.forms.")
    }
    return {name: form for name, form in named.items() if not name.startswith("dev.")}


def fields_of(form: type[Form]) -> dict[str, UnboundField]:
    """Return the fields that a form has, its own and those of what it is made from."""
    found = {name: getattr(form, name) for name in dir(form)}
    return {name: field for name, field in found.items() if isinstance(field, UnboundField)}


def typed_in(form: type[Form]) -> set[str]:
    """Return the fields of a form into which people type words."""
    return {
        name
        for name, unbound in fields_of(form).items()
        if issubclass(unbound.field_class, (StringField, EmailField, TextAreaField, PasswordField))
        and "Hidden" not in unbound.field_class.__name__
    }


def calls(*, of: set[str], under: Path = PACKAGE, modules: str = "**/*.py") -> Iterator[ast.Call]:
    """Yield every call of a method that has one of the names."""
    for module in sorted(under.glob(modules)):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in of:
                yield node


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
    typed = {name: fields for name, form in every_form().items() if (fields := typed_in(form))}
    assert typed == FREE_TEXTS | OF_NO_PERSON


def test_no_column_that_could_hold_anything_is_there_without_a_decision() -> None:
    found = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Json)
    }
    assert found == set(JSON_COLUMNS)


def test_of_a_registration_lists_of_codes_are_all_that_could_hold_anything() -> None:
    of_people = {table for table, column in columns() if column in {"registration_id", "ticket_nonce"}}
    assert {kind for (table, _), kind in JSON_COLUMNS.items() if table in of_people} == {
        LANGUAGE_CODES,
        CHOSEN_KEYS,
    }


def test_no_pack_has_a_key_for_what_is_never_stored() -> None:
    keys = {
        call.args[0].value
        for call in calls(of=PACK_READERS, under=PACKAGE / "domain", modules="pack*.py")
        if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    }
    assert {"badge_name", "votes", "photo_preference", "default_rule"} <= keys
    assert {key: forbidden(key) for key in keys if forbidden(key)} == {}
    tables = (*organization_columns(("es", "en")), *open_data_columns(("es", "en")))
    assert {column: forbidden(column) for column in tables if forbidden(column)} == {}


def names_in(call: ast.Call) -> set[str]:
    """Return the names of whatever a call is given, but for what only `where` sees of it."""
    given = [*call.args[1:], *(keyword.value for keyword in call.keywords)]
    found: set[str] = set()
    for node in given:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "where":
            continue
        for part in ast.walk(node):
            found |= {part.id} if isinstance(part, ast.Name) else set()
            found |= {part.attr} if isinstance(part, ast.Attribute) else set()
    return found


def test_no_line_of_a_log_is_made_of_anything_about_a_person() -> None:
    written = [
        call for call in calls(of=LOGGING) if "log" in ast.unparse(call.func).rpartition(".")[0].lower()
    ]
    assert len(written) > 10
    told = {
        ast.unparse(call): names_in(call) & NEVER_LOGGED | set().union(*map(forbidden, names_in(call)))
        for call in written
    }
    assert {line: names for line, names in told.items() if names} == {}
    # A text that is put together, or an error with its message, could hold anything.
    put_together = [
        ast.unparse(call)
        for call in written
        if not isinstance(call.args[0], (ast.Constant, ast.Name))
        or ast.unparse(call.func).endswith(".exception")
        or any(keyword.arg == "exc_info" for keyword in call.keywords)
    ]
    assert put_together == []


def test_a_registration_is_choices_besides_its_badge_name_and_how_to_reach_somebody() -> None:
    kinds = {name: unbound.field_class.__name__ for name, unbound in fields_of(RegistrationForm).items()}
    assert kinds == {
        "form_key": "HiddenField",
        "for_another": "HiddenField",
        "badge_name": "StringField",
        "category": "RadioField",
        "organization": "SelectField",
        "email": "EmailField",
        "phone": "TelField",
        "photo_preference": "RadioField",
        "spoken": "SelectMultipleField",
        "needs": "SelectMultipleField",
        "needs_agreed": "BooleanField",
        "attend": "BooleanField",
        "reminders": "BooleanField",
    }


def test_the_page_of_registering_takes_words_for_three_things_only(
    client: CheckedClient, session: Session
) -> None:
    conference = make_conference(session, slug="muestra", first_day=date(2099, 7, 11))
    label = {"es": "¿Qué come?", "en": "What do you eat?"}
    session.add(
        RegistrationQuestion(
            conference_id=conference.id,
            key="comida",
            position=1,
            label=label,
            choices=[{"key": "todo", "label": label}],
        )
    )
    page = BeautifulSoup(client.get("/es/muestra/register").text, "html5lib")
    chosen = {"checkbox", "radio", "hidden", "number", "submit"}
    typed = {
        str(field["name"])
        for field in page.select("form[action$='/register'] input, form[action$='/register'] textarea")
        if field.get("type", "text") not in chosen
    }
    assert typed == {"badge_name", "email", "phone"}
    assert "¿Qué come?" in page.text
