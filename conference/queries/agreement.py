"""The agreement as its readers see it: the current draft, and what has been decided of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from agreements import Kind, Place
from conference.domain.agreement import has_words
from conference.domain.voting import QuestionState
from conference.models import Question, Resolution
from conference.models.agreement import current_draft, restored

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from agreements import Outcome
    from conference.domain.agreement import Gap, TabledDraft

# What a table of contents lists.
HEADED = frozenset({Kind.TITLE, Kind.ARTICLE, Kind.ANNEX})


@dataclass(frozen=True, slots=True)
class PutQuestion:
    """A question put on a provision, and the resolution that came of it."""

    number: int
    state: QuestionState
    outcome: Outcome | None
    opened_at: datetime
    text_hash: str
    resolution_number: int | None


@dataclass(frozen=True, slots=True)
class ProvisionView:
    """A provision in its place, with its words in every language and its questions, oldest first."""

    key: str
    kind: Kind
    number: str
    depth: int
    parent_key: str | None
    headings: Mapping[str, str]
    bodies: Mapping[str, str]
    text_hash: str
    gaps: tuple[Gap, ...]
    votable: bool
    questions: tuple[PutQuestion, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.headings)

    @property
    def open_question(self) -> PutQuestion | None:
        """The question being voted on."""
        return next((one for one in self.questions if one.state is QuestionState.OPEN), None)

    @property
    def adopted(self) -> PutQuestion | None:
        """The question that adopted these very words."""
        return next(
            (one for one in self.questions if one.resolution_number and one.text_hash == self.text_hash), None
        )

    @property
    def last_outcome(self) -> PutQuestion | None:
        """The latest question with an outcome, whatever it was."""
        return next((one for one in reversed(self.questions) if one.outcome), None)

    def gap(self, language: str) -> Gap | None:
        """Return what holds a language back."""
        return next((gap for gap in self.gaps if gap.language == language), None)


@dataclass(frozen=True, slots=True)
class AgreementView:
    """The current draft in document order. `authenticity` is `equal`, or the language that prevails."""

    draft_number: int
    titles: Mapping[str, str]
    languages: tuple[str, ...]
    authenticity: str
    content_hash: str
    tabled_at: datetime
    provisions: tuple[ProvisionView, ...]

    def find(self, key: str) -> ProvisionView | None:
        """Return the provision with this key."""
        return next((provision for provision in self.provisions if provision.key == key), None)

    @property
    def contents(self) -> tuple[ProvisionView, ...]:
        """What a table of contents lists, in order."""
        return tuple(provision for provision in self.provisions if provision.kind in HEADED)


def agreement(session: Session, *, conference_id: int) -> AgreementView | None:
    """Return the agreement under discussion, or None while there is no draft. Three statements."""
    found = session.execute(current_draft(conference_id)).first()
    if found is None:
        return None
    draft, authenticity = found
    tabled = restored(session, draft)
    questions = _questions(session, conference_id)
    return AgreementView(
        draft_number=draft.number,
        titles=draft.title,
        languages=tuple(draft.languages),
        authenticity=authenticity,
        content_hash=draft.content_hash,
        tabled_at=draft.tabled_at,
        provisions=tuple(
            _provision(tabled, place, tuple(questions[place.provision.key])) for place in tabled.draft.walk()
        ),
    )


def _questions(session: Session, conference_id: int) -> Mapping[str, list[PutQuestion]]:
    rows = session.execute(
        select(
            Question.provision_key,
            Question.number,
            Question.state,
            Question.outcome,
            Question.opened_at,
            Question.text_hash,
            Resolution.number,
        )
        .outerjoin(Resolution, Resolution.question_id == Question.id)
        .where(Question.conference_id == conference_id)
        .order_by(Question.number)
    )
    by_key: dict[str, list[PutQuestion]] = defaultdict(list)
    for key, number, state, outcome, opened_at, text_hash, resolution in rows:
        by_key[key].append(PutQuestion(number, state, outcome, opened_at, text_hash, resolution))
    return by_key


def _provision(tabled: TabledDraft, place: Place, questions: tuple[PutQuestion, ...]) -> ProvisionView:
    provision = place.provision
    return ProvisionView(
        key=provision.key,
        kind=provision.kind,
        number=place.number,
        depth=place.depth,
        parent_key=place.parent_key,
        headings=provision.headings,
        bodies=provision.bodies,
        text_hash=provision.text_hash(),
        gaps=tabled.gaps(provision),
        votable=has_words(provision),
        questions=questions,
    )
