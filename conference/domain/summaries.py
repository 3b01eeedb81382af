"""What the rapporteur makes of one session: typed items in three sections."""

from __future__ import annotations

from enum import StrEnum


class Section(StrEnum):
    """The three sections of a workshop summary, in their order."""

    OBSERVATION = "observation"
    AGREEMENT = "agreement"
    MEASURE = "measure"


class SummaryStatus(StrEnum):
    """A draft is seen by rapporteurs only; a published summary by everybody."""

    DRAFT = "draft"
    PUBLISHED = "published"
