"""Groups that an organization registers together, and the line in which they wait for places."""

from __future__ import annotations

from conference.blueprints.parties import group, listing, names
from conference.blueprints.parties.room import blueprint

__all__ = ["blueprint", "group", "listing", "names"]
