"""What an organization is: its kind, its side of the agreement, and where it stands in its life."""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar
from urllib.parse import urlsplit

Node = TypeVar("Node", bound=Hashable)


class OrganizationKind(StrEnum):
    """Associations join into federations, those into confederations; the others have voice only."""

    HTA = "hta"
    FEDERATION = "federation"
    CONFEDERATION = "confederation"
    COMMUNITY = "community"
    GOVERNMENT_MUNICIPAL = "government_municipal"
    GOVERNMENT_STATE = "government_state"
    GOVERNMENT_FEDERAL = "government_federal"
    ACADEMIC = "academic"


class OrganizationStatus(StrEnum):
    """Associations form and dissolve all the time; none is ever deleted."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    DORMANT = "dormant"
    DISSOLVED = "dissolved"


class OrganizationSource(StrEnum):
    """Who put an organization into the directory; what others found waits until somebody of it claims it."""

    ENTERED = "entered"
    INVITED = "invited"
    FOUND = "found"


class LegalForm(StrEnum):
    """Most associations are not incorporated, and that is normal."""

    UNINCORPORATED = "unincorporated"
    US_NONPROFIT = "us_nonprofit"
    MX_CIVIL_ASSOCIATION = "mx_civil_association"
    PUBLIC = "public"
    OTHER = "other"


class Visibility(StrEnum):
    """Who may read a field of an entry; members are those who act for a listed organization."""

    PUBLIC = "public"
    MEMBERS = "members"
    PRIVATE = "private"


class EntryField(StrEnum):
    """What an organization decides about, field by field. Name, kind, side and status are always shown."""

    ORIGIN = "origin"
    DESTINATION = "destination"
    LANGUAGES = "languages"
    DESCRIPTION = "description"
    WEBSITE = "website"
    LEGAL_FORM = "legal_form"
    FUNDERS = "funders"
    AFFILIATIONS = "affiliations"


class Reader(StrEnum):
    """Who reads an entry: anybody, somebody who acts for a listed organization, or its own lead."""

    ANYBODY = "anybody"
    MEMBER = "member"
    OWN = "own"


# Where an organization decided nothing. The city where its people live is for those who act for a listed
# organization: "people of San Juan, in a town of 6,000" tells strangers where to look for them.
DEFAULT_VISIBILITY: Mapping[EntryField, Visibility] = MappingProxyType(
    {
        EntryField.ORIGIN: Visibility.PUBLIC,
        EntryField.DESTINATION: Visibility.MEMBERS,
        EntryField.LANGUAGES: Visibility.PUBLIC,
        EntryField.DESCRIPTION: Visibility.PUBLIC,
        EntryField.WEBSITE: Visibility.PUBLIC,
        EntryField.LEGAL_FORM: Visibility.MEMBERS,
        # Who pays for it is what others want to know of an organization that speaks for people.
        EntryField.FUNDERS: Visibility.PUBLIC,
        EntryField.AFFILIATIONS: Visibility.PUBLIC,
    }
)


def decided(visibility: Mapping[str, str]) -> Mapping[EntryField, Visibility]:
    """Return who may read each field, where `visibility` holds what was decided otherwise than the default.

    A word that nobody knows is read as private: what is not understood is not shown.
    """
    said = {field: visibility.get(field, DEFAULT_VISIBILITY[field]) for field in EntryField}
    known = set(Visibility)
    return {field: Visibility(word) if word in known else Visibility.PRIVATE for field, word in said.items()}


def visible_to(field: EntryField, visibility: Mapping[str, str], reader: Reader) -> bool:
    """Tell whether the reader may see a field of an entry (`visibility` as in `decided`)."""
    if reader is Reader.OWN:
        return True
    readers = decided(visibility)[field]
    return readers is Visibility.PUBLIC or (reader is Reader.MEMBER and readers is Visibility.MEMBERS)


def shown_fields(visibility: Mapping[str, str], reader: Reader) -> frozenset[EntryField]:
    """Return the fields of an entry that the reader may see."""
    return frozenset(field for field in EntryField if visible_to(field, visibility, reader))


def shown_destination(
    us_state: str | None, us_city: str, visibility: Mapping[str, str], reader: Reader
) -> tuple[str | None, str]:
    """Return the state and the city where an organization's people live, as far as the reader may know.

    A state is too large to look for anybody in it: everybody sees it, unless the organization keeps its
    destination to itself. The city is seen by those who may see the field.
    """
    if visible_to(EntryField.DESTINATION, visibility, reader):
        return us_state, us_city
    hidden = decided(visibility)[EntryField.DESTINATION] is Visibility.PRIVATE
    return (None if hidden else us_state), ""


class MembershipState(StrEnum):
    """Joining and leaving take both sides; until the other has agreed, things stay as they were."""

    JOINING = "joining"
    ACTIVE = "active"
    LEAVING = "leaving"


class MembershipSide(StrEnum):
    """Who asked: the federation, the organization that belongs to it, or others, whom both still answer."""

    PARENT = "parent"
    MEMBER = "member"
    OTHERS = "others"


class RecordSource(StrEnum):
    """How an organization's word was given: in the system by its lead, or on paper to the committee."""

    SYSTEM = "system"
    PAPER = "paper"


# Marks that languages of Oaxaca write as a glottal stop; who searches may leave them out.
_STOPS = "'’‘ʼʹꞌ`´"
# How deep a tree is drawn before it refers to a page of its own; federations have about four levels.
DRAWN_LEVELS = 8


def folded(text: str) -> str:
    """Return what two spellings of a name have in common: no case, no accents, no glottal stops."""
    letters = unicodedata.normalize("NFKD", "".join(letter for letter in text if letter not in _STOPS))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(plain.casefold().split())


def found_by(search: str, *texts: str) -> bool:
    """Tell whether every word of the search is in the texts, however either is spelled."""
    searched = folded(" ".join(texts))
    return all(word in searched for word in folded(search).split())


def safe_website(text: str) -> str | None:
    """Return the address if it is one of the web, else None: links run no scripts and open no files."""
    if any(letter.isspace() or unicodedata.category(letter) == "Cc" for letter in text):
        return None
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return None
    return text if parts.scheme.lower() in {"http", "https"} and host else None


@dataclass(frozen=True, slots=True)
class Branch(Generic[Node]):
    """A node of a drawn tree. `continued`: it has branches that are drawn above, or on its own page."""

    node: Node
    branches: tuple[Branch[Node], ...] = ()
    continued: bool = False


def tree_below(
    root: Node, children: Mapping[Node, Sequence[Node]], *, levels: int = DRAWN_LEVELS
) -> tuple[Branch[Node], ...]:
    """Return the branches under a node of a graph in which a node may have several parents.

    A node's own branches are drawn once, so that the tree is never longer than the graph has links; a
    cycle, which should not be there, ends where it comes round; nothing is drawn deeper than `levels`.
    """
    drawn = {root}

    def draw(node: Node, depth: int) -> Branch[Node]:
        below = children.get(node, ())
        if below and (node in drawn or depth == levels):
            return Branch(node, continued=True)
        drawn.add(node)
        return Branch(node, tuple(draw(child, depth + 1) for child in below))

    return tuple(draw(child, 1) for child in children.get(root, ()))
