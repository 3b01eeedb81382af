"""Reads `people.toml`: the sample people of the demonstration, and what they have done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agreements import Choice
from agreements.frozen import FrozenMapping
from conference.domain.accounts import Role
from conference.domain.credentials import CredentialStatus
from conference.domain.pack_reading import ISO_639_3, LANGUAGE, Report, Table, read_toml
from conference.domain.pack_values import PackErrors, Text
from conference.domain.registration import Category, PhotoPreference
from conference.domain.summaries import Section

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PEOPLE = "people.toml"

# The names under which `people.toml` lists the sections of a summary.
_SECTIONS = {
    "observations": Section.OBSERVATION,
    "agreements": Section.AGREEMENT,
    "measures": Section.MEASURE,
}


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """One of the cast (with an address to sign in with), or a delegate who fills a seat.

    Without a category the person is not registered, without a credential not named for a seat. `ballot` is
    what the person has voted on the question that is open.
    """

    key: str
    badge_name: str
    language: str
    email: str | None
    roles: tuple[Role, ...]
    organization: str | None
    category: Category | None
    credential: CredentialStatus | None
    present: bool
    photo_preference: PhotoPreference
    spoken: tuple[str, ...]
    ballot: Choice | None


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """A published summary, by the key of its session."""

    session: str
    sections: Mapping[Section, tuple[Text, ...]]


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample people, and what the demonstration shows as done already."""

    people: tuple[SamplePerson, ...]
    summaries: tuple[SampleSummary, ...]
    sitting: str
    adopted: tuple[str, ...]
    open_question: str

    @property
    def cast(self) -> tuple[SamplePerson, ...]:
        """Those who can sign in."""
        return tuple(person for person in self.people if person.email is not None)


def read_sample(content: bytes, *, languages: Sequence[str]) -> Sample:
    """Return the sample people of a pack in these languages; PackErrors with every problem."""
    report = Report()
    table = read_toml(PEOPLE, content, report)
    sample = None if table is None else _sample(table, languages)
    if report.problems or sample is None:
        raise PackErrors(tuple(report.problems))
    return sample


def _sample(table: Table, languages: Sequence[str]) -> Sample:
    people = tuple(_person(one) for one in table.tables("people"))
    summaries = tuple(_summary(one, languages) for one in table.tables("summaries"))
    done = table.table("demo", required=True)
    sample = Sample(
        people, summaries, done.slug("sitting"), done.strings("adopted"), done.slug("open_question")
    )
    done.finish()
    table.finish()
    return sample


def _person(table: Table) -> SamplePerson:
    category = table.word("category", Category, "unknown_kind", Category.ATTENDEE, required=False)
    credential = table.word(
        "credential", CredentialStatus, "unknown_status", CredentialStatus.WITHDRAWN, required=False
    )
    ballot = table.word("ballots", Choice, "unknown_kind", Choice.ABSTAIN, required=False)
    person = SamplePerson(
        key=table.text("key", required=True),
        badge_name=table.text("badge_name", required=True, maximum=80),
        language=table.text("language", required=True),
        email=table.text("email") or None,
        roles=table.listed("roles", Role),
        organization=table.text("organization") or None,
        category=category if table.has("category") else None,
        credential=credential if table.has("credential") else None,
        present=table.flag("present"),
        photo_preference=table.word(
            "photo_preference", PhotoPreference, "unknown_kind", PhotoPreference.NO, required=False
        ),
        spoken=table.codes("languages", ISO_639_3),
        ballot=ballot if table.has("ballots") else None,
    )
    if not LANGUAGE.fullmatch(person.language):
        table.problem("bad_language_code", "language", value=person.language)
    table.finish()
    return person


def _summary(table: Table, languages: Sequence[str]) -> SampleSummary:
    sections = {
        section: tuple(one.words(languages, markdown=False) for one in table.tables(name))
        for name, section in _SECTIONS.items()
    }
    summary = SampleSummary(table.slug("session", maximum=120), FrozenMapping(sections))
    table.finish()
    return summary
