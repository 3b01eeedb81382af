"""What places are called on a page: a municipality with its state, a city with its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from conference.domain.places_of_origin import known_municipality, states, us_states
from conference.web.locale import current_language

if TYPE_CHECKING:
    from flask import Flask


def municipality_name(key: str) -> str:
    """Return a municipality as people know it, with its district where there are two of the name."""
    found = known_municipality(key)
    if found is None:
        return _("Municipality %(key)s", key=key)
    if not found.district:
        return found.name
    return _("%(name)s (district of %(district)s)", name=found.name, district=found.district)


def origin_name(key: str) -> str:
    """Return a municipality with its state: "San Juan Mixtepec (district of Juxtlahuaca), Oaxaca"."""
    found = known_municipality(key)
    return municipality_name(key) if found is None else f"{municipality_name(key)}, {states()[found.state]}"


def us_state_name(code: str) -> str:
    """Return the name of a state of the United States in the page's language; an unknown code stays one."""
    return us_states().get(code, {}).get(current_language(), code)


def destination_name(city: str, state: str) -> str:
    """Return a city with its state, or the state alone where the city is not known."""
    return f"{city}, {us_state_name(state)}" if city else us_state_name(state)


def init_app(app: Flask) -> None:
    """Offer the names to templates."""
    app.jinja_env.filters["origin_name"] = origin_name
    app.jinja_env.filters["municipality_name"] = municipality_name
    app.jinja_env.globals["destination_name"] = destination_name
