"""What can go wrong, as values: a code and the data a reader needs. The words: `web/*error_wording.py`."""

from __future__ import annotations


class DomainError(Exception):
    """A rule said no. `code` names the rule; `data` fills the placeholders of its words."""

    code = "error"

    def __init__(self, code: str | None = None, **data: object) -> None:
        self.code = code or type(self).code
        self.data = data
        super().__init__(self.code, data)


class NotFound(DomainError):
    """The thing does not exist, or may not be known to exist by whoever asks."""

    code = "not_found"


class Forbidden(DomainError):
    """Whoever asks is known and may not do this."""

    code = "forbidden"


class Conflict(DomainError):
    """The state of things no longer allows it; looking again shows why."""

    code = "conflict"


class Invalid(DomainError):
    """What was given cannot be accepted as it is."""

    code = "invalid"


class TooMany(DomainError):
    """Too often in too short a time; `retry_after` gives the seconds to wait."""

    code = "too_many"


class Unavailable(DomainError):
    """The server cannot do it as it was set up; whoever runs it can change that."""

    code = "unavailable"
