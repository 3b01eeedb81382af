"""Who may sit in a seat: the organization names, the credentials committee accepts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from conference.domain.registration import Category


class Capacity(StrEnum):
    """The alternate acts when the delegate is absent."""

    DELEGATE = "delegate"
    ALTERNATE = "alternate"


class CredentialStatus(StrEnum):
    """Only an accepted credential lets a person vote."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class RejectionReason(StrEnum):
    """Why the committee did not accept; a choice, since free text invites notes about people."""

    NOT_NAMED_BY_ORGANIZATION = "not_named_by_organization"
    ALREADY_SEATED = "already_seated"
    LETTER_MISSING = "letter_missing"


# A credential that stands holds its seat, and its person: the database allows one of each.
STANDING = (CredentialStatus.PROPOSED, CredentialStatus.ACCEPTED)

# They come as guests of the organizations, and are named for no seat of theirs.
NEVER_NAMED = frozenset({Category.OFFICIAL, Category.PRESS})

# The version of the sentence that a lead ticks; other words are another version.
ATTESTATION_VERSION = 1


@dataclass(frozen=True, slots=True)
class Attestation:
    """The sentence by which a lead vouches that the organization named this person, as it was read."""

    version: int
    language: str


# More votes than any rules of procedure give one organization: a slip of the finger is caught.
MOST_VOTES = 99
