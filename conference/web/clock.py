"""Where the clock is read for whatever is decided or stored; services and domain are told the time."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return this moment, aware, in UTC."""
    return datetime.now(UTC)
