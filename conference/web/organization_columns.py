"""What the columns of a table of organizations may hold, and the words that stand for their codes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import current_app
from flask_babel import force_locale
from flask_babel import lazy_gettext as _

from agreements import Chamber
from conference.domain.directory import LegalForm, OrganizationKind, OrganizationStatus, folded
from conference.domain.organization_columns import DESCRIPTION, heading
from conference.domain.organization_file import SOURCES, file_columns
from conference.domain.pack_organizations import REQUIRED
from conference.domain.places_of_origin import us_states
from conference.web.directory_wording import SIDES
from conference.web.locale import current_language
from conference.web.wording import word

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from enum import StrEnum

    from flask_babel.speaklater import LazyString

    from conference.domain.pack_values import PackProblem

CODES: dict[str, tuple[StrEnum, ...]] = {
    "kind": tuple(OrganizationKind),
    "side": tuple(Chamber),
    "status": tuple(OrganizationStatus),
    "legal_form": tuple(LegalForm),
    "source": SOURCES,
}
HOLDS: dict[str, LazyString] = {
    "key": _(
        "A short name for the address of its page: small letters without accents, digits and hyphens, "
        "such as club-yalalag."
    ),
    "name": _("What it is called."),
    "kind": _("What kind of organization it is, as one of these words or codes:"),
    "side": _("On which side it takes part, as one of these words or codes:"),
    "status": _("How it stands, as one of these words or codes:"),
    "municipality": _("Where its people come from: the INEGI key of the municipality, five digits."),
    "place": _("Where its people come from, in words, if you do not know the key of the municipality."),
    "parents": _("To which federations it belongs: their short names, separated by spaces."),
    "votes": _("Leave it empty: a seat is given once the organization has answered."),
    "languages": _("In which languages it works: their codes, separated by spaces, such as spa mix zap."),
    "website": _("The address of its page; it begins with https://"),
    "us_state": _("In which state its people live: its name, or two letters such as OR."),
    "us_city": _("In which city its people live. State and city go together."),
    "legal_form": _("How it is constituted, as one of these words or codes:"),
    "source": _("How you know of it, as one of these words or codes. Empty: you heard of it."),
    "funders": _("Who funds it."),
    "affiliations": _("What else it belongs to."),
}
DESCRIBES = _("What it does, in a few sentences in this language.")


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the page explains it; `words` are those that stand for a code, each with its code."""

    heading: str
    code: str
    needed: bool
    holds: LazyString
    words: tuple[tuple[str, str], ...]


def columns_explained(languages: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns of a table for a conference in these languages, as the reader calls them."""
    return tuple(
        Column(
            heading=heading(name, current_language()),
            code=name,
            needed=name in REQUIRED,
            holds=DESCRIBES if name.startswith(DESCRIPTION) else HOLDS[name],
            words=tuple((_shown(code), code.value) for code in CODES.get(name, ())),
        )
        for name in file_columns(languages)
    )


def words_for_codes() -> Mapping[str, Mapping[str, str]]:
    """Return by column what its codes are called on our pages, in all their languages, folded."""
    found: dict[str, dict[str, str]] = {name: {} for name in CODES}
    for language in current_app.config["LANGUAGES"]:
        with force_locale(language):
            for name, codes in CODES.items():
                found[name] |= {folded(_shown(code)): code.value for code in codes}
    for name, codes in CODES.items():
        found[name] |= {folded(code.value): code.value for code in codes}
    states = us_states().items()
    found["us_state"] = {folded(name): code for code, names in states for name in names.values()}
    return found


def in_readers_words(problem: PackProblem) -> PackProblem:
    """Return a problem of a table whose known codes are named as the page does: each word with its code."""
    column = problem.code.removeprefix("unknown_")
    if problem.code != f"unknown_{column}" or column not in CODES:
        return problem
    known = tuple(f"{_shown(code)} ({code.value})" for code in CODES[column])
    return replace(problem, data={**problem.data, "known": known})


def _shown(code: StrEnum) -> str:
    return str(SIDES[code]) if isinstance(code, Chamber) else word(code)
