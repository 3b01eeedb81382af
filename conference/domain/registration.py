"""What a registration may say of a person: choices only, and as few of them as the weekend needs."""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from enum import StrEnum

from agreements import nfc
from conference.domain.errors import Invalid


class Category(StrEnum):
    """In which capacity a person comes."""

    DELEGATE = "delegate"
    ALTERNATE = "alternate"
    ATTENDEE = "attendee"
    OFFICIAL = "official"
    PRESS = "press"
    SPEAKER = "speaker"
    VOLUNTEER = "volunteer"


# They act for an organization, so they say for which.
ORGANIZATION_CATEGORIES = frozenset({Category.DELEGATE, Category.ALTERNATE})


class RegistrationStatus(StrEnum):
    """Where somebody's place stands. What was cancelled or rejected keeps its row, and forgets the person."""

    # Waits for an organizer's answer, where a category asks for one; the place is held meanwhile.
    PENDING = "pending"
    # In line for a place.
    WAITING = "waiting"
    # A place is held until a moment: it is theirs if they say so by then.
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


# These take up a place: nobody else is given it.
HOLDING = (RegistrationStatus.PENDING, RegistrationStatus.OFFERED, RegistrationStatus.CONFIRMED)
# These are over, and know nothing of the person any more.
OVER = (RegistrationStatus.REJECTED, RegistrationStatus.CANCELLED)


class RefusalReason(StrEnum):
    """Why an organizer did not approve; a choice, since free text invites notes about people."""

    CATEGORY_DOES_NOT_FIT = "category_does_not_fit"
    ORGANIZATION_UNKNOWN = "organization_unknown"
    NO_PLACE = "no_place"
    TWICE = "twice"


class AccessNeed(StrEnum):
    """What somebody needs to take part: codes for whoever prepares it, never a diagnosis."""

    STEP_FREE = "step_free"
    SEAT_IN_FRONT = "seat_in_front"
    SEAT_AT_AISLE = "seat_at_aisle"
    SIGN_LANGUAGE_MX = "sign_language_mx"
    SIGN_LANGUAGE_US = "sign_language_us"
    CAPTIONS = "captions"
    LARGE_PRINT = "large_print"
    READING_ALOUD = "reading_aloud"
    COMPANION = "companion"
    QUIET_ROOM = "quiet_room"
    VEGETARIAN = "vegetarian"
    NO_GLUTEN = "no_gluten"


class ServiceKind(StrEnum):
    """What a conference offers beside the program."""

    CHILDCARE = "childcare"
    INTERPRETATION = "interpretation"
    TRANSPORT = "transport"


class PhotoPreference(StrEnum):
    """Whether a person may be photographed; no, unless they said otherwise."""

    NO = "no"
    ASK = "ask"
    YES = "yes"


class Purpose(StrEnum):
    """What a person consents to, one box each, none ticked beforehand."""

    ATTEND = "attend"
    REMINDERS = "reminders"
    # What somebody needs may tell of their health: it is agreed to by itself, and gone sooner.
    NEEDS = "needs"


class ConsentGiver(StrEnum):
    """Whose word a consent is, and so in whose words it was given: each has versions of its own."""

    PERSON = "person"
    # Whoever leads the organization answers that a guest was asked; the guest has said nothing here.
    LEAD = "lead"


# Raised by one whenever the words of a consent change in any language.
CONSENT_VERSION = 2
LEAD_CONSENT_VERSION = 1

BADGE_NAME_LENGTH = 80
# What a registration says of a person is kept this long after the last day of the conference.
KEPT = timedelta(days=30)

COMMON_LANGUAGES = ("spa", "eng")
# Languages of Oaxaca by ISO 639-3, in the order of their families; "mis" is its code for one that has none.
LANGUAGES_OF_OAXACA = (
    *("zap", "zaa", "zab", "zai", "zpf", "zpm", "zpu"),
    *("mix", "jmx", "mig", "mks", "mxb", "mxt", "mxv", "vmc", "xta", "xtn"),
    *("trc", "trq", "mxp", "chq", "cso", "mau", "ctp", "amu", "azg", "cux", "huv", "ixc", "nah", "mis"),
)
SPOKEN_LANGUAGES = COMMON_LANGUAGES + LANGUAGES_OF_OAXACA


def kept_until(last_day: date, *, period: timedelta = KEPT) -> date:
    """Return the last day on which a conference still knows who came."""
    return last_day + period


def checked_badge_name(text: str) -> str:
    """Return the name as it stands on the badge: NFC, one line, any name that can be read.

    Raises Invalid where nothing readable is left or it is too long.
    """
    normal = nfc(text)
    # Cc and Cf: line breaks, and marks that turn the direction of what follows them on the badge.
    visible = "".join(" " if unicodedata.category(letter) in {"Cc", "Cf"} else letter for letter in normal)
    name = " ".join(visible.split())
    if not any(letter.isalnum() for letter in name):
        raise Invalid("badge_name_needed")
    if len(name) > BADGE_NAME_LENGTH:
        raise Invalid("badge_name_too_long", length=BADGE_NAME_LENGTH)
    return name


def checked_languages(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the languages in the order of the form, each once; Invalid for one that was not offered."""
    if not set(codes) <= set(SPOKEN_LANGUAGES):
        raise Invalid("language_unknown")
    return tuple(code for code in SPOKEN_LANGUAGES if code in codes)
