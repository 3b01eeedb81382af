"""What a registration may say of a person: choices only, and as few of them as the weekend needs."""

from __future__ import annotations

from enum import StrEnum


class Category(StrEnum):
    """In which capacity a person comes."""

    DELEGATE = "delegate"
    ALTERNATE = "alternate"
    ATTENDEE = "attendee"
    OFFICIAL = "official"
    PRESS = "press"
    SPEAKER = "speaker"
    VOLUNTEER = "volunteer"


class RegistrationStatus(StrEnum):
    """A cancelled registration keeps its row, without what it knew of the person."""

    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class PhotoPreference(StrEnum):
    """Whether a person may be photographed; no, unless they said otherwise."""

    NO = "no"
    ASK = "ask"
    YES = "yes"


class Purpose(StrEnum):
    """What a person consents to, one box each, none ticked beforehand."""

    ATTEND = "attend"
    REMINDERS = "reminders"


# Raised by one whenever the words of a consent change in any language.
CONSENT_VERSION = 1
