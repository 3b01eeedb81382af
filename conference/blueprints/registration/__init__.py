"""Registering, one's own tickets, and the page behind a ticket's secret link."""

from __future__ import annotations

from conference.blueprints.registration import change, claim, form, own, ticket
from conference.blueprints.registration.room import blueprint

__all__ = ["blueprint", "change", "claim", "form", "own", "ticket"]
