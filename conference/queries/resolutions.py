"""Adopted texts, as officials and everybody else read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from conference.models import Question, Resolution

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from conference.domain.voting import BindingStatus


@dataclass(frozen=True, slots=True)
class ResolutionLine:
    """A resolution as a list shows it; `question_number` leads to the vote that adopted it."""

    number: int
    question_number: int
    provision_number: str
    texts: Mapping[str, Mapping[str, str]]
    text_hash: str
    binding_status: BindingStatus
    adopted_at: datetime


def _lines(conference_id: int) -> Select[Resolution, int, str]:
    return (
        select(Resolution, Question.number, Question.provision_number)
        .join(Question, Question.id == Resolution.question_id)
        .where(Resolution.conference_id == conference_id)
    )


def _line(row: Resolution, question_number: int, provision_number: str) -> ResolutionLine:
    return ResolutionLine(
        number=row.number,
        question_number=question_number,
        provision_number=provision_number,
        texts=row.texts,
        text_hash=row.text_hash,
        binding_status=row.binding_status,
        adopted_at=row.adopted_at,
    )


def latest_resolutions(session: Session, *, conference_id: int, limit: int) -> tuple[ResolutionLine, ...]:
    """Return the newest resolutions, the newest first."""
    rows = session.execute(_lines(conference_id).order_by(Resolution.number.desc()).limit(limit))
    return tuple(_line(*row) for row in rows)


def resolutions(session: Session, *, conference_id: int) -> tuple[ResolutionLine, ...]:
    """Return all resolutions of a conference in the order of their numbers."""
    rows = session.execute(_lines(conference_id).order_by(Resolution.number))
    return tuple(_line(*row) for row in rows)


def resolution(session: Session, *, conference_id: int, number: int) -> ResolutionLine | None:
    """Return one resolution, or None; what the vote was is the question's to tell."""
    row = session.execute(_lines(conference_id).where(Resolution.number == number)).first()
    return None if row is None else _line(*row)
