"""Column types that every table shares: moments in UTC, translated texts, closed lists of words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, DateTime, Dialect, Enum
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from enum import StrEnum

# A text in each language it exists in: {"es": "…", "en": "…"}.
Translations = dict[str, str]


class Moment(TypeDecorator[datetime]):
    """A moment, stored in UTC and always aware; a naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        # SQLite keeps no zone: there the naive value is UTC by this very rule.
        return value.astimezone(UTC).replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """A small JSON value that is replaced, never changed in place."""

    impl = JSON(none_as_null=True)
    cache_ok = True


def one_of(words: type[StrEnum]) -> Enum:
    """Return a text column that the database itself limits to the given words."""
    return Enum(
        words,
        native_enum=False,
        create_constraint=True,
        name=words.__name__.lower(),
        length=40,
        values_callable=lambda chosen: [word.value for word in chosen],
        validate_strings=True,
    )
