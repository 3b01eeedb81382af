"""Publishing what was adopted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from conference.domain.voting import BindingStatus
from conference.models import Question, Resolution

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


def publish_resolution(
    session: Session,
    *,
    question: Question,
    binding_status: BindingStatus = BindingStatus.RECOMMENDATION,
    now: datetime,
) -> int:
    """Publish the text that a question adopted under the conference's next number, for good.

    A provision adopted by itself is a recommendation: the agreement binds its parties once they have adopted
    the whole of it and signed. Returns the number; that no two resolutions take it is the constraint's care,
    when the session is flushed.
    """
    last = session.scalar(
        select(func.max(Resolution.number)).where(Resolution.conference_id == question.conference_id)
    )
    resolution = Resolution(
        conference_id=question.conference_id,
        number=(last or 0) + 1,
        question_id=question.id,
        binding_status=binding_status,
        texts=question.texts,
        text_hash=question.text_hash,
        adopted_at=now,
    )
    session.add(resolution)
    return resolution.number
