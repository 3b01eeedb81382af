"""A question's life in a conference, and how its votes are taken."""

from __future__ import annotations

from enum import StrEnum


class VotingMethod(StrEnum):
    """In a roll call each organization's vote is published, never the person's name."""

    ROLL_CALL = "roll_call"


class QuestionState(StrEnum):
    """Nothing is deleted: a mistaken vote is annulled with a reason, and a new question put."""

    OPEN = "open"
    CLOSED = "closed"
    ANNULLED = "annulled"


class BindingStatus(StrEnum):
    """Every published document says which of the three it is."""

    INFORMATIVE = "informative"
    RECOMMENDATION = "recommendation"
    BINDING = "binding"
