"""Names of languages by their ISO 639-3 code, in the language of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from babel import Locale
from babel.core import get_global
from flask_babel import lazy_gettext as _

from conference.domain.places_of_origin import languages
from conference.web.locale import current_language

if TYPE_CHECKING:
    from flask import Flask
    from flask_babel.speaklater import LazyString

# Languages of the Pacific Northwest's communities of origin. Unicode names few of them; each variant is a
# language of its own in ISO 639-3, and is called after the town that speaks it.
NAMES: dict[str, LazyString] = {
    "amu": _("Amuzgo of Guerrero"),
    "azg": _("Amuzgo of San Pedro Amuzgos"),
    "chq": _("Chinantec of Quiotepec"),
    "cso": _("Chinantec of Sochiapam"),
    "ctp": _("Chatino of the western highlands"),
    "cux": _("Cuicatec of Tepeuxila"),
    "huv": _("Ombeayiüts (Huave) of San Mateo del Mar"),
    "ixc": _("Ixcatec"),
    "jmx": _("Mixtec of western Juxtlahuaca"),
    "mau": _("Mazatec of Huautla"),
    "mig": _("Mixtec of San Miguel el Grande"),
    "mis": _("Another language"),
    "mix": _("Mixtec of San Juan Mixtepec"),
    "mks": _("Mixtec of Silacayoápam"),
    "mxb": _("Mixtec of Tezoatlán"),
    "mxp": _("Ayuuk (Mixe) of Tlahuitoltepec"),
    "mxt": _("Mixtec of Jamiltepec"),
    "mxv": _("Mixtec of Metlatónoc"),
    "nah": _("Nahuatl"),
    "trc": _("Triqui of Copala"),
    "trq": _("Triqui of San Martín Itunyoso"),
    "vmc": _("Mixtec of Juxtlahuaca"),
    "xta": _("Mixtec of Alcozauca"),
    "xtn": _("Mixtec of northern Tlaxiaco"),
    "zaa": _("Zapotec of the Sierra de Juárez"),
    "zab": _("Zapotec of the western Tlacolula Valley"),
    "zai": _("Zapotec of the Isthmus"),
    "zpf": _("Zapotec of San Pedro Quiatoni"),
    "zpm": _("Zapotec of Mixtepec"),
    "zpu": _("Zapotec of Yalálag"),
}
# What speakers call their language among themselves, or in Oaxaca: the same words whatever the page speaks,
# and short, for a badge. Where no name is agreed upon it is the Spanish one of the whole group.
SHORT_NAMES: dict[str, str] = {
    "spa": "español",
    "eng": "English",
    **dict.fromkeys(("mix", "jmx", "mig", "mks", "mxb", "mxt", "mxv", "vmc", "xta", "xtn"), "tu’un savi"),
    "zai": "didxazá",
    "zab": "dizhsa",
    "zpu": "dilla xhon",
    **dict.fromkeys(("zap", "zaa", "zpf", "zpm"), "zapoteco"),
    **dict.fromkeys(("trc", "trq"), "triqui"),
    "mxp": "ayuuk",
    **dict.fromkeys(("chq", "cso"), "chinanteco"),
    "mau": "mazateco",
    "ctp": "chatino",
    "amu": "ñomndaa",
    "azg": "amuzgo",
    "cux": "cuicateco",
    "huv": "ombeayiüts",
    "ixc": "ixcateco",
    "nah": "náhuatl",
}
_SHORT_CODES = get_global("language_aliases")


def language_name(code: str) -> str:
    """Return the name of a language in the page's language; a code that nobody named stays a code."""
    if code in NAMES:
        return str(NAMES[code])
    named: str | None = Locale(current_language()).languages.get(_SHORT_CODES.get(code, code))
    return named or _in_catalogue(code) or code


def _in_catalogue(code: str) -> str | None:
    found = languages().get(code)
    if found is None:
        return None
    return found.spanish if current_language() == "es" else found.english


def name_on_badge(code: str) -> str:
    """Return the short name of a language for a badge; none for “another”, which would help nobody there."""
    return "" if code == "mis" else SHORT_NAMES.get(code, code)


def init_app(app: Flask) -> None:
    """Offer `language_name` to templates."""
    app.jinja_env.filters["language_name"] = language_name
    app.jinja_env.globals["language_name"] = language_name
