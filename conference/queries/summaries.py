"""Summaries as pages show them: the list by day, and one with its sections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from conference.domain.program import SessionKind
from conference.domain.summaries import Section, SummaryStatus
from conference.domain.voting import BindingStatus
from conference.models import ProgramSession, Summary, SummaryItem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """A session and how far its summary is; `status` is None where nobody has begun one."""

    session_key: str
    kind: SessionKind
    title: Mapping[str, str]
    starts_local: datetime
    status: SummaryStatus | None
    published_at: datetime | None

    @property
    def day(self) -> date:
        return self.starts_local.date()


@dataclass(frozen=True, slots=True)
class SummaryView:
    """The summary of one session; revision 0 and no items where nobody has begun one."""

    session_key: str
    kind: SessionKind
    title: Mapping[str, str]
    starts_local: datetime
    status: SummaryStatus
    binding_status: BindingStatus
    revision: int
    published_at: datetime | None
    corrected_at: datetime | None
    sections: Mapping[Section, tuple[Mapping[str, str], ...]]

    @property
    def published(self) -> bool:
        return self.status is SummaryStatus.PUBLISHED

    def items(self, section: Section, language: str) -> tuple[str, ...]:
        """Return the items of a section that are written in the language."""
        return tuple(text[language] for text in self.sections[section] if language in text)


def summaries(session: Session, *, conference_id: int, drafts: bool) -> tuple[SummaryLine, ...]:
    """Return the published summaries in the order of the program.

    With `drafts` also those in progress, and the sessions that still wait for one (breaks and what was
    cancelled do not). One statement.
    """
    published = Summary.status == SummaryStatus.PUBLISHED
    expected = and_(ProgramSession.kind != SessionKind.BREAK, ProgramSession.cancelled.is_(False))
    rows = session.execute(
        select(
            ProgramSession.key,
            ProgramSession.kind,
            ProgramSession.title,
            ProgramSession.starts_local,
            Summary.status,
            Summary.published_at,
        )
        .outerjoin(Summary, Summary.session_id == ProgramSession.id)
        .where(
            ProgramSession.conference_id == conference_id,
            or_(Summary.id.is_not(None), expected) if drafts else published,
        )
        .order_by(ProgramSession.starts_local, ProgramSession.position, ProgramSession.id)
    )
    return tuple(SummaryLine(*row) for row in rows)


def summary(session: Session, *, conference_id: int, session_key: str) -> SummaryView | None:
    """Return the summary of a session, begun or not; None for no such session and for a break."""
    found = session.execute(
        select(ProgramSession, Summary)
        .outerjoin(Summary, Summary.session_id == ProgramSession.id)
        .where(
            ProgramSession.conference_id == conference_id,
            ProgramSession.key == session_key,
            ProgramSession.kind != SessionKind.BREAK,
        )
    ).one_or_none()
    if found is None:
        return None
    held, written = found
    return SummaryView(
        session_key=held.key,
        kind=held.kind,
        title=held.title,
        starts_local=held.starts_local,
        status=SummaryStatus.DRAFT if written is None else written.status,
        binding_status=BindingStatus.INFORMATIVE if written is None else written.binding_status,
        revision=0 if written is None else written.revision,
        published_at=None if written is None else written.published_at,
        corrected_at=None if written is None else _corrected_at(written),
        sections=_sections(session, None if written is None else written.id),
    )


def _corrected_at(row: Summary) -> datetime | None:
    if row.published_at is None or row.updated_at <= row.published_at:
        return None
    return row.updated_at


def _sections(session: Session, summary_id: int | None) -> Mapping[Section, tuple[Mapping[str, str], ...]]:
    rows = session.execute(
        select(SummaryItem.section, SummaryItem.text)
        .where(SummaryItem.summary_id == summary_id)
        .order_by(SummaryItem.section, SummaryItem.position)
    ).all()
    return {section: tuple(text for of, text in rows if of is section) for section in Section}
