"""The desk: finding a registration, approving it, registering whoever walks in, replacing a lost ticket."""

from __future__ import annotations

from conference.blueprints.desk import people, tickets, walking_in
from conference.blueprints.desk.room import blueprint

__all__ = ["blueprint", "people", "tickets", "walking_in"]
