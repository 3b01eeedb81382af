"""Questions, their frozen electorate, and the ballots cast."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from agreements import Chamber, Choice, Outcome, Rule
from conference.domain.voting import QuestionState, VotingMethod
from conference.extensions import Model
from conference.models.columns import Json, Moment, one_of


class Question(Model):
    """What is put to the vote. Rule, electorate and exact text are frozen into it when it opens."""

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("conference_id", "number"),
        Index(
            "uq_question_open_provision",
            "conference_id",
            "provision_key",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_at_a_time"),
        CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)", name="closed_with_an_outcome"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conference_id: Mapped[int] = mapped_column(ForeignKey("conference.id", ondelete="CASCADE"))
    number: Mapped[int]
    sitting_id: Mapped[int] = mapped_column(ForeignKey("program_session.id"))
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    provision_key: Mapped[str] = mapped_column(String(120))
    provision_number: Mapped[str] = mapped_column(String(20))
    rule: Mapped[Rule] = mapped_column(one_of(Rule))
    method: Mapped[VotingMethod] = mapped_column(one_of(VotingMethod))
    state: Mapped[QuestionState] = mapped_column(one_of(QuestionState))
    # {"es": {"heading": …, "body": …}, …}: the exact words voted on, and their hash.
    texts: Mapped[dict[str, dict[str, str]]] = mapped_column(Json)
    text_hash: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime] = mapped_column(Moment)
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    outcome: Mapped[Outcome | None] = mapped_column(one_of(Outcome))
    # Per chamber, frozen at closing: counts, seats present at opening and closing, arithmetic.
    record: Mapped[dict[str, Any] | None] = mapped_column(Json)


class Elector(Model):
    """A seat entitled to vote on one question, as it stood when the question opened."""

    __tablename__ = "elector"
    __table_args__ = (
        UniqueConstraint("question_id", "seat_id"),
        CheckConstraint("votes >= 1", name="votes_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), index=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    # The name under which the vote is published for good.
    organization_name: Mapped[str] = mapped_column(String(200))
    chamber: Mapped[Chamber] = mapped_column(one_of(Chamber))
    votes: Mapped[int]
    # The credential whose holder may cast; empty while the seat has none accepted.
    credential_id: Mapped[int | None] = mapped_column(ForeignKey("credential.id"))
    # The seat that casts for this one by proxy; empty where it casts for itself.
    proxy_seat_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id"))
    present_at_opening: Mapped[bool]


class Ballot(Model):
    """One vote of one seat on one question. The constraint, not a lock, refuses the second."""

    __tablename__ = "ballot"
    __table_args__ = (
        UniqueConstraint("elector_id", "unit"),
        CheckConstraint("unit >= 1", name="unit_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), index=True)
    elector_id: Mapped[int] = mapped_column(ForeignKey("elector.id", ondelete="CASCADE"))
    unit: Mapped[int]
    choice: Mapped[Choice] = mapped_column(one_of(Choice))
    cast_at: Mapped[datetime] = mapped_column(Moment)
