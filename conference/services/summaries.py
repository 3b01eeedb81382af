"""Writing, publishing and correcting the summary of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.program import SessionKind
from conference.domain.summaries import Section, SummaryStatus, items_of, rewritten
from conference.domain.voting import BindingStatus
from conference.models import Conference, ProgramSession, Summary, SummaryItem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

Texts = dict[Section, list[dict[str, str]]]


def save_summary(
    session: Session,
    *,
    conference_id: int,
    session_key: str,
    language: str,
    sections: Mapping[Section, Sequence[str]],
    revision: int,
    by: int | None,  # noqa: ARG001 - a summary names nobody; every act is told who did it all the same
    now: datetime,
) -> int:
    """Replace what a summary says in one language; other languages keep their lines, matched by position.

    `sections` holds one item a line (a section left out is empty); `revision` is the one that was read, 0
    where there was none. Returns the new revision, or the same one where nothing is different. A published
    summary stays published: it has been corrected.

    Raises NotFound for no such session (breaks have no summary), Invalid for lines that cannot be kept and
    for emptying a published summary, Conflict where somebody saved since `revision` was read.
    """
    written = {section: items_of(section, sections.get(section, ())) for section in Section}
    session_id = _session_to_summarise(session, conference_id, session_key, language)
    summary = _locked(session, session_id)
    if revision != (0 if summary is None else summary.revision):
        raise Conflict("summary_changed")
    before = {} if summary is None else _texts(session, summary.id)
    after = {section: rewritten(before.get(section, []), language, written[section]) for section in Section}
    if all(after[section] == before.get(section, []) for section in Section):
        return revision
    summary = summary or _begun(session, session_id, now=now)
    if summary.status is SummaryStatus.PUBLISHED and not any(after.values()):
        raise Invalid("summary_empty")
    _replace_items(session, summary.id, after)
    summary.revision = revision + 1
    summary.updated_at = now
    session.flush()
    return summary.revision


def publish_summary(
    session: Session,
    *,
    conference_id: int,
    session_key: str,
    revision: int,
    by: int | None,  # noqa: ARG001 - as above
    now: datetime,
) -> int:
    """Show a summary to everybody, for good: from now on it is corrected, never withdrawn.

    Returns the new revision; publishing what is published changes nothing. Raises NotFound, Invalid for
    an empty summary, and Conflict where somebody saved since `revision` was read.
    """
    session_id = _session_to_summarise(session, conference_id, session_key)
    summary = _locked(session, session_id)
    if summary is None:
        raise Invalid("summary_empty")
    if summary.status is SummaryStatus.PUBLISHED:
        return summary.revision
    if summary.revision != revision:
        raise Conflict("summary_changed")
    if not _texts(session, summary.id):
        raise Invalid("summary_empty")
    summary.status = SummaryStatus.PUBLISHED
    summary.published_at = summary.updated_at = now
    # A form opened before must not correct, unawares, what everybody reads by now.
    summary.revision += 1
    session.flush()
    return summary.revision


def _session_to_summarise(
    session: Session, conference_id: int, session_key: str, language: str | None = None
) -> int:
    found = session.execute(
        select(ProgramSession.id, Conference.languages)
        .join(Conference, Conference.id == ProgramSession.conference_id)
        .where(
            ProgramSession.conference_id == conference_id,
            ProgramSession.key == session_key,
            ProgramSession.kind != SessionKind.BREAK,
        )
    ).one_or_none()
    if found is None:
        raise NotFound("summary_not_found")
    if language is not None and language not in found.languages:
        raise Invalid("summary_language")
    session_id: int = found.id
    return session_id


def _locked(session: Session, session_id: int) -> Summary | None:
    """Return the summary as it is now; whoever saves it next waits for this transaction."""
    query = select(Summary).where(Summary.session_id == session_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _begun(session: Session, session_id: int, *, now: datetime) -> Summary:
    summary = Summary(
        session_id=session_id,
        status=SummaryStatus.DRAFT,
        binding_status=BindingStatus.INFORMATIVE,
        revision=0,
        updated_at=now,
    )
    session.add(summary)
    try:
        session.flush()
    except IntegrityError as error:
        # Somebody else began it at the same moment: a session has one summary.
        raise Conflict("summary_changed") from error
    return summary


def _texts(session: Session, summary_id: int) -> Texts:
    texts: Texts = {}
    rows = session.execute(
        select(SummaryItem.section, SummaryItem.text)
        .where(SummaryItem.summary_id == summary_id)
        .order_by(SummaryItem.section, SummaryItem.position)
    )
    for section, text in rows:
        texts.setdefault(section, []).append(text)
    return texts


def _replace_items(session: Session, summary_id: int, texts: Texts) -> None:
    session.execute(delete(SummaryItem).where(SummaryItem.summary_id == summary_id))
    session.add_all(
        SummaryItem(summary_id=summary_id, section=section, position=position, text=text)
        for section in Section
        for position, text in enumerate(texts[section], start=1)
    )
