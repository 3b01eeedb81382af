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
    """A resolution as a list shows it."""

    number: int
    provision_number: str
    texts: Mapping[str, Mapping[str, str]]
    binding_status: BindingStatus
    adopted_at: datetime


def _lines(conference_id: int) -> Select[Resolution, str]:
    return (
        select(Resolution, Question.provision_number)
        .join(Question, Question.id == Resolution.question_id)
        .where(Resolution.conference_id == conference_id)
    )


def _line(row: Resolution, provision_number: str) -> ResolutionLine:
    return ResolutionLine(row.number, provision_number, row.texts, row.binding_status, row.adopted_at)


def latest_resolutions(session: Session, *, conference_id: int, limit: int) -> tuple[ResolutionLine, ...]:
    """Return the newest resolutions, the newest first."""
    rows = session.execute(_lines(conference_id).order_by(Resolution.number.desc()).limit(limit))
    return tuple(_line(row, number) for row, number in rows)


def resolutions(session: Session, *, conference_id: int) -> tuple[ResolutionLine, ...]:
    """Return all resolutions of a conference in the order of their numbers."""
    rows = session.execute(_lines(conference_id).order_by(Resolution.number))
    return tuple(_line(row, number) for row, number in rows)
