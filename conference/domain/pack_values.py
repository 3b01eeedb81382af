"""A conference pack as values: what another coalition needs to hold the same conference, and no people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agreements import Chamber, Draft, Rule
from agreements.frozen import FrozenMapping
from conference.domain.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, time

    from conference.domain.directory import OrganizationKind, OrganizationStatus
    from conference.domain.places import Setting
    from conference.domain.program import SessionKind
    from conference.domain.registration import Category, ServiceKind

FORMAT = 1
CONFERENCE, ORGANIZATIONS, PROGRAM = "conference.toml", "organizations.csv", "program.toml"
# A pack may do without it: everybody may come then, and nothing is asked or offered.
REGISTRATION = "registration.toml"
MAXIMUM_BYTES = 8 * 1024 * 1024
# Both texts of the agreement bind alike; otherwise one language is named, which prevails.
EQUAL = "equal"

# A text by language; a language without words is not in it.
Text = FrozenMapping[str, str]
NO_TEXT: Text = FrozenMapping({})
NOTHING_DECIDED: FrozenMapping[Category, Setting] = FrozenMapping({})


def agreement_file(language: str) -> str:
    """Return the path of the agreement in one language inside the pack."""
    return f"agreement/{language}.md"


@dataclass(frozen=True, slots=True)
class PackProblem:
    """One thing that is wrong, or worth knowing: where (line 0: the file as a whole), a code, its data."""

    file: str
    line: int
    code: str
    data: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", FrozenMapping(self.data))


class PackErrors(Invalid):
    """The pack cannot be imported; `problems` has everything that is wrong, by file and line."""

    code = "pack_invalid"

    def __init__(self, problems: tuple[PackProblem, ...]) -> None:
        self.problems = problems
        super().__init__(count=len(problems))


@dataclass(frozen=True, slots=True)
class PackConference:
    """What `conference.toml` says of the conference itself."""

    slug: str
    languages: tuple[str, ...]
    time_zone: str
    first_day: date
    days: int
    name: Text
    sample: bool = False
    other_time_zone: str | None = None
    authenticity: str = EQUAL
    default_rule: Rule = Rule.SIMPLE
    tagline: Text = NO_TEXT
    about: Text = NO_TEXT
    city: Text = NO_TEXT
    venue_name: str = ""
    venue_address: str = ""


@dataclass(frozen=True, slots=True)
class PackLabel:
    """A room, or a track."""

    key: str
    name: Text


@dataclass(frozen=True, slots=True)
class PackOrganization:
    """One row of `organizations.csv`. `parents` are sorted; no votes: no seat."""

    key: str
    name: str
    kind: OrganizationKind
    side: Chamber
    status: OrganizationStatus
    municipality: str | None = None
    place: str = ""
    parents: tuple[str, ...] = ()
    votes: int | None = None
    languages: tuple[str, ...] = ()
    description: Text = NO_TEXT
    website: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class PackSession:
    """One `[[sessions]]` of `program.toml`; day counts from 1, start is the venue's wall clock."""

    key: str
    kind: SessionKind
    day: int
    start: time
    minutes: int
    title: Text
    sitting: bool = False
    room: str | None = None
    track: str | None = None
    spoken: tuple[str, ...] = ()
    subtitle: Text = NO_TEXT
    abstract: Text = NO_TEXT
    description: Text = NO_TEXT
    text_format: str = "markdown"
    cancelled: bool = False
    co_chairs: tuple[str, ...] = ()
    background: Text = NO_TEXT
    background_language: str | None = None
    guiding_questions: tuple[Text, ...] = ()
    proposed_outcomes: tuple[Text, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class PackQuestion:
    """One `[[questions]]` of `registration.toml`: choices only, never free text."""

    key: str
    label: Text
    choices: tuple[PackLabel, ...]
    several: bool = False


@dataclass(frozen=True, slots=True)
class PackService:
    """One `[[services]]`, offered beside the program; interpretation, and nothing else, has a language."""

    key: str
    kind: ServiceKind
    label: Text
    language: str | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class PackRegistration:
    """What `registration.toml` says; as it stands here where the pack has none.

    `places` names only categories about which something was decided.
    """

    capacity: int | None = None
    offer_hours: int = 48
    proxy_cap: int = 1
    places: FrozenMapping[Category, Setting] = NOTHING_DECIDED
    questions: tuple[PackQuestion, ...] = ()
    services: tuple[PackService, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """A whole conference. Packs are equal when they say the same, in whatever layout they were written."""

    conference: PackConference
    rooms: tuple[PackLabel, ...]
    tracks: tuple[PackLabel, ...]
    organizations: tuple[PackOrganization, ...]
    sessions: tuple[PackSession, ...]
    agreement: Draft
    registration: PackRegistration = PackRegistration()
    warnings: tuple[PackProblem, ...] = field(default=(), compare=False)
