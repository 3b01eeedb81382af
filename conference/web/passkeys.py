"""Whose passkeys this site asks for."""

from __future__ import annotations

from flask import current_app

from conference.domain.passkeys import RelyingParty, relying_party


def passkeys_site() -> RelyingParty | None:
    """Return whose passkeys this site asks for; None where its address can have none."""
    return relying_party(current_app.config["PUBLIC_URL"])
