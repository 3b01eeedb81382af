"""What open data cover, and what each of their columns means, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext, lazy_gettext

if TYPE_CHECKING:
    from collections.abc import Iterable

_ = lazy_gettext

COLUMNS = {
    "key": _("Name in addresses; it stays the same"),
    "name": _("Name"),
    "kind": _("Kind: hta is a hometown association"),
    "side": _("Side of the agreement: us or mx"),
    "status": _("Status: proposed, active, dormant or dissolved"),
    "votes": _("Votes of its seat; empty: voice and no vote"),
    "federations": _("Keys of the federations that it belongs to"),
    "municipality": _("Municipality of origin: key of INEGI, five digits"),
    "municipality_name": _("Municipality of origin: name"),
    "origin_state": _("State of origin in Mexico"),
    "place": _("Place, where no municipality is given"),
    "us_state": _("State of the United States where its people live: two letters"),
    "us_city": _("City where its people live"),
    "languages": _("Working languages: codes of ISO 639-3"),
    "website": _("Website"),
    "legal_form": _("Legal form"),
    "funders": _("Who funds it"),
    "affiliations": _("What else it belongs to"),
}


def coverage() -> str:
    """Say what the data are not: a count of associations."""
    return gettext(
        "This lists only associations that chose to be listed, and of each only what it chose to publish. "
        "It is not a count of all associations: whoever is missing may exist all the same. No person is in "
        "these data."
    )


def columns_explained(columns: Iterable[str]) -> list[tuple[str, str]]:
    """Return each column with what it means."""
    return [(column, str(COLUMNS[column]) if column in COLUMNS else _described(column)) for column in columns]


def _described(column: str) -> str:
    return gettext("Description in the language %(language)s", language=column.removeprefix("description_"))
