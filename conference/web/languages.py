"""Names of languages by their ISO 639-3 code, in the language of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from babel import Locale
from babel.core import get_global
from flask_babel import lazy_gettext as _

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
_SHORT_CODES = get_global("language_aliases")


def language_name(code: str) -> str:
    """Return the name of a language in the page's language; a code that nobody named stays a code."""
    if code in NAMES:
        return str(NAMES[code])
    named: str | None = Locale(current_language()).languages.get(_SHORT_CODES.get(code, code))
    return named or code


def init_app(app: Flask) -> None:
    """Offer `language_name` to templates."""
    app.jinja_env.filters["language_name"] = language_name
    app.jinja_env.globals["language_name"] = language_name
