"""An organization's entry in the directory: what it says of itself, and who answers for saying it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from conference.domain.directory import (
    EntryField,
    LegalForm,
    OrganizationKind,
    OrganizationStatus,
    Visibility,
    safe_website,
)
from conference.domain.errors import Conflict, Invalid
from conference.domain.places_of_origin import known_municipality, languages, us_states

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from agreements import Chamber

NAME_LENGTH = 200
DESCRIPTION_LENGTH = 1000
DISCLOSURE_LENGTH = 500
WEBSITE_LENGTH = 200
CITY_LENGTH = 80
# Whoever wants to enter more waits for an answer first.
MOST_WAITING = 3
# So long after a refusal an organization does not ask to come again: whoever answers is not worn down.
ASKED_ANEW_AFTER = timedelta(days=1)

GOVERNMENTS = frozenset(
    {
        OrganizationKind.GOVERNMENT_MUNICIPAL,
        OrganizationKind.GOVERNMENT_STATE,
        OrganizationKind.GOVERNMENT_FEDERAL,
    }
)
# Government and academia have voice and no vote; everybody else may hold a seat.
VOICE_ONLY = GOVERNMENTS | {OrganizationKind.ACADEMIC}
# An office takes part as a guest of the organizations: it is invited, it does not enter itself.
ENTERED_BY_THEMSELVES = tuple(kind for kind in OrganizationKind if kind not in GOVERNMENTS)
# What a listed organization says of its own life; the organizers answer proposals.
OWN_STATUSES = (OrganizationStatus.ACTIVE, OrganizationStatus.DORMANT, OrganizationStatus.DISSOLVED)


class EntryRefusal(StrEnum):
    """Why an entry is not accepted: choices, so that nobody writes about people."""

    LISTED_ALREADY = "listed_already"
    NOT_AN_ORGANIZATION = "not_an_organization"
    OTHER_PURPOSE = "other_purpose"
    INCOMPLETE = "incomplete"
    NOT_CONFIRMED = "not_confirmed"


@dataclass(frozen=True, slots=True)
class Entry:
    """What an organization says of itself, and who may read it."""

    name: str
    kind: OrganizationKind
    side: Chamber
    municipality: str | None = None
    us_state: str | None = None
    us_city: str = ""
    languages: tuple[str, ...] = ()
    description: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    website: str = ""
    legal_form: LegalForm = LegalForm.UNINCORPORATED
    funders: str = ""
    affiliations: str = ""
    visibility: Mapping[EntryField, Visibility] = field(default_factory=lambda: MappingProxyType({}))


def check_entry(entry: Entry, *, said_before: Collection[str] = ()) -> None:
    """Raise Invalid for what an entry cannot say: the code names the rule.

    `said_before` are languages that it named already, by whatever code. Codes: "organization_name_needed",
    "municipality_unknown", "us_state_unknown", "us_state_and_city", "entry_language_unknown",
    "website_unsafe".
    """
    if not entry.name:
        raise Invalid("organization_name_needed")
    if entry.municipality is not None and known_municipality(entry.municipality) is None:
        raise Invalid("municipality_unknown")
    if entry.us_state is not None and entry.us_state not in us_states():
        raise Invalid("us_state_unknown")
    # A state tells nobody where to look; a city without its state may be any of several.
    if (entry.us_state is None) != (not entry.us_city):
        raise Invalid("us_state_and_city")
    if unknown := [code for code in entry.languages if code not in languages() and code not in said_before]:
        raise Invalid("entry_language_unknown", language=unknown[0])
    if entry.website and safe_website(entry.website) is None:
        raise Invalid("website_unsafe")


def check_asked_anew(refused_at: datetime | None, *, now: datetime) -> None:
    """An organization that was refused asks to come again a day later at the earliest.

    Raises Conflict("asked_anew_too_soon") with the moment from which on it may.
    """
    if refused_at is not None and now < refused_at + ASKED_ANEW_AFTER:
        raise Conflict("asked_anew_too_soon", moment=refused_at + ASKED_ANEW_AFTER)
