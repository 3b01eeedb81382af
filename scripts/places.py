"""Write the catalogues of `conference/domain/catalogues/`: places of origin, languages, states.

They change once in some years, so they are kept with the code, and this is run by hand, in an environment of
its own:  pip install pycountry satcfdi && python scripts/places.py

Municipalities: INEGI's keys and names are facts published by Mexico for free use with attribution ("INEGI,
Catálogo Único de Claves de Áreas Geoestadísticas"); they are read from the tax administration's catalogue
c_Municipio, which uses the same keys, as the package `satcfdi` (MIT) carries it. That catalogue lags behind:
what was made or renamed since is listed below. Languages: codes and English names of ISO 639-3 as
`pycountry` (LGPL-2.1, data of Debian's iso-codes) carries them; Spanish names are made here.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pycountry
from satcfdi.catalogs import select_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CATALOGUES = Path(__file__).resolve().parent.parent / "conference" / "domain" / "catalogues"

# INEGI's key of each state, and what people call it.
STATES = {
    "AGU": ("01", "Aguascalientes"),
    "BCN": ("02", "Baja California"),
    "BCS": ("03", "Baja California Sur"),
    "CAM": ("04", "Campeche"),
    "COA": ("05", "Coahuila"),
    "COL": ("06", "Colima"),
    "CHP": ("07", "Chiapas"),
    "CHH": ("08", "Chihuahua"),
    "CMX": ("09", "Ciudad de México"),
    "DUR": ("10", "Durango"),
    "GUA": ("11", "Guanajuato"),
    "GRO": ("12", "Guerrero"),
    "HID": ("13", "Hidalgo"),
    "JAL": ("14", "Jalisco"),
    "MEX": ("15", "Estado de México"),
    "MIC": ("16", "Michoacán"),
    "MOR": ("17", "Morelos"),
    "NAY": ("18", "Nayarit"),
    "NLE": ("19", "Nuevo León"),
    "OAX": ("20", "Oaxaca"),
    "PUE": ("21", "Puebla"),
    "QUE": ("22", "Querétaro"),
    "ROO": ("23", "Quintana Roo"),
    "SLP": ("24", "San Luis Potosí"),
    "SIN": ("25", "Sinaloa"),
    "SON": ("26", "Sonora"),
    "TAB": ("27", "Tabasco"),
    "TAM": ("28", "Tamaulipas"),
    "TLA": ("29", "Tlaxcala"),
    "VER": ("30", "Veracruz"),
    "YUC": ("31", "Yucatán"),
    "ZAC": ("32", "Zacatecas"),
}
# The tax administration still knows Mexico City's boroughs under its former name, too.
FORMER = {"DIF": "CMX"}
# Made after the tax administration last looked.
MADE_SINCE = {
    "02006": "San Quintín",
    "02007": "San Felipe",
    "04012": "Seybaplaya",
    "04013": "Dzitbalché",
    "07125": "Honduras de la Sierra",
    "12082": "Las Vigas",
    "12083": "Ñuu Savi",
    "12084": "Santa Cruz del Rincón",
    "12085": "San Nicolás",
    "17034": "Coatetelco",
    "17035": "Xoxocotla",
    "17036": "Hueyapan",
    "24059": "Villa de Pozos",
    "25019": "Eldorado",
    "25020": "Juan José Ríos",
}
# Renamed since, or spelled by INEGI in another way; the name before stays known to a search.
RENAMED = {
    "07008": "Ángel Albino Corzo",
    "07017": "Cintalapa de Figueroa",
    "08008": "Batopilas de Manuel Gómez Morín",
    "08056": "Valle del Rosario",
    "11032": "San José de Iturbide",
    "12006": "Apaxtla de Castrejón",
    "17013": "Jonacatepec de Leandro Valle",
    "17032": "Zacualpan de Amilpas",
    "20038": "Villa Hidalgo Yalálag",
    "20124": "Heroica Villa de San Blas Atempa",
    "20238": "Heroico San Martín de los Cansecos",
    "20334": "Villa de Tututepec",
    "20459": "Villa de Santiago Chazumba",
    "20549": "Heroica Villa Tezoatlán de Segura y Luna, Cuna de la Independencia de Oaxaca",
    "21173": "Teteles de Ávila Castillo",
    "23008": "Playa del Carmen",
    "24001": "Ahualulco del Sonido 13",
    "26003": "Álamos",
    "26044": "Ónavas",
    "30105": "Medellín de Bravo",
    "31025": "Dzan",
    "31094": "Tixméhuac",
}
# The districts of Oaxaca that tell two places of the same name apart, by the number in the catalogue.
DISTRICTS = {"08": "Juxtlahuaca", "22": "Juquila", "26": "Miahuatlán"}
_DISTRICT = re.compile(r"(.+) -Dto\. (\d\d) -")


def municipalities() -> Iterator[tuple[str, ...]]:
    """Yield key, name, district where it is needed, and the name before."""
    found = dict.fromkeys(MADE_SINCE, "")
    for (number, state), name in select_all("C756_c_Municipio").items():
        state_key = STATES.get(FORMER.get(state, state))
        if state_key is not None:
            found[state_key[0] + number] = name
    for key in sorted(found):
        plain, district = found[key], ""
        if parts := _DISTRICT.fullmatch(plain):
            plain, district = parts[1], DISTRICTS[parts[2]]
        name = MADE_SINCE.get(key) or RENAMED.get(key) or plain
        yield key, name, district, "" if key in MADE_SINCE or name == plain else plain


# -- languages ---------------------------------------------------------------------------------------

# Families of Mexico whose varieties ISO 639-3 names one by one: English word → Spanish word, own name.
FAMILIES = {
    "Zapotec": ("zapoteco", ""),
    "Mixtec": ("mixteco", "tuꞌun savi"),
    "Chinantec": ("chinanteco", ""),
    "Mixe": ("mixe", "ayuujk"),
    "Mazatec": ("mazateco", ""),
    "Chatino": ("chatino", ""),
    "Triqui": ("triqui", ""),
    "Amuzgo": ("amuzgo", "ñomndaa"),
    "Nahuatl": ("náhuatl", "nahuatl"),
    "Zoque": ("zoque", ""),
    "Chontal": ("chontal", ""),
    "Cuicatec": ("cuicateco", "dibaku"),
    "Huave": ("huave", "ombeayiüts"),
    "Popoloca": ("popoloca", "ngiwa"),
    "Tepehua": ("tepehua", ""),
    "Tepehuan": ("tepehuán", ""),
    "Purepecha": ("purépecha", "pꞌurhépecha"),
    "Otomi": ("otomí", "hñähñu"),
    "Totonac": ("totonaco", "tutunakú"),
    "Mazahua": ("mazahua", "jñatjo"),
    "Tarahumara": ("tarahumara", "rarámuri"),
    "Cora": ("cora", "naáyeri"),
}
# Not of Mexico, or spoken by nobody any more.
OTHERS = {"xzp", "nci", "qvh", "yss", "sym", "msd", "emy"}
# Where the English name says a direction, or is no "Place Family".
SPANISH_PLACES = {
    "Central": "del centro",
    "Central Huasteca": "de la Huasteca central",
    "Central Puebla": "del centro de Puebla",
    "Eastern Durango": "del este de Durango",
    "Eastern Highland": "de la sierra oriental",
    "Eastern Huasteca": "de la Huasteca oriental",
    "El Alto": "de El Alto",
    "El Nayar": "de El Nayar",
    "Estado de México": "del Estado de México",
    "Highland": "de la sierra",
    "Highland Oaxaca": "de los altos de Oaxaca",
    "Highland Puebla": "de la sierra de Puebla",
    "Isthmus": "del Istmo",
    "Isthmus-Cosoleacaque": "del Istmo, Cosoleacaque",
    "Isthmus-Mecayapan": "del Istmo, Mecayapan",
    "Isthmus-Pajapan": "del Istmo, Pajapan",
    "Las Delicias": "de Las Delicias",
    "Lowland": "de la parte baja",
    "Lowland Oaxaca": "de la costa de Oaxaca",
    "Mezquital": "del Mezquital",
    "North Central": "del norte centro",
    "Northern": "del norte",
    "Northern Oaxaca": "del norte de Oaxaca",
    "Northern Puebla": "del norte de Puebla",
    "Northern Tlaxiaco": "del norte de Tlaxiaco",
    "Northwest Oaxaca": "del noroeste de Oaxaca",
    "Rincón": "del Rincón",
    "Sierra Negra": "de la Sierra Negra",
    "Sierra de Juárez": "de la Sierra Juárez",
    "Southeastern": "del sureste",
    "Southeastern Ixtlán": "del sureste de Ixtlán",
    "Southeastern Nochixtlán": "del sureste de Nochixtlán",
    "Southeastern Puebla": "del sureste de Puebla",
    "Southern Puebla": "del sur de Puebla",
    "Southern Rincon": "del sur del Rincón",
    "Southwestern": "del suroeste",
    "Southwestern Tlaxiaco": "del suroeste de Tlaxiaco",
    "Upper Necaxa": "del alto Necaxa",
    "Western": "del oeste",
    "Western Durango": "del oeste de Durango",
    "Western Highland": "de la sierra occidental",
    "Western Huasteca": "de la Huasteca occidental",
    "Western Juxtlahuaca": "del oeste de Juxtlahuaca",
    "Western Tlacolula Valley": "del valle occidental de Tlacolula",
}
# Languages outside of those families: Spanish, own name.
SINGLE = {
    "ctu": ("chol", "lakty'añ"),
    "eng": ("inglés", "English"),
    "hch": ("huichol", "wixárika"),
    "ixc": ("ixcateco", "xwja"),
    "mfy": ("mayo", "yorem nokki"),
    "coz": ("chocholteco", "ngigua"),
    "spa": ("español", "español"),
    "toj": ("tojolabal", "tojol-ab'al"),
    "tcf": ("tlapaneco (meꞌphaa) de Malinaltepec", "meꞌphaa"),
    "tpc": ("tlapaneco (meꞌphaa) de Azoyú", "meꞌphaa"),
    "tpl": ("tlapaneco (meꞌphaa) de Tlacoapa", "meꞌphaa"),
    "tpx": ("tlapaneco (meꞌphaa) de Acatepec", "meꞌphaa"),
    "tzh": ("tseltal", "bats'il k'op"),
    "tzo": ("tsotsil", "bats'i k'op"),
    "yaq": ("yaqui", "yoem noki"),
    "yua": ("maya yucateco", "maaya t'aan"),
    "mfs": ("lengua de señas mexicana", "LSM"),
    "ase": ("lengua de señas americana", "ASL"),
    "mam": ("mam", "qyool mam"),
    "kjb": ("kanjobal", "q'anjob'al"),
    "quc": ("quiché", "k'iche'"),
    "por": ("portugués", "português"),
    "fra": ("francés", "français"),
}
# How varieties call themselves where it is another name than their family's.
OWN_NAMES = {
    "zai": "diidxazá",
    "zab": "dizhsa",
    "zpu": "dilla xhon",
    "mix": "saꞌan savi",
    "azg": "jñondaa",
    "chd": "tsame",
    "clo": "tsome",
    "chf": "yokotꞌan",
    "trq": "nanj nïꞌïn",
    "mto": "ayöök",
    "mau": "énná",
    "ctp": "chaꞌcña",
}


def languages() -> Iterator[tuple[str, ...]]:
    """Yield code, English name, Spanish name, own name and family."""
    for one in pycountry.languages:
        code, english = one.alpha_3, one.name.replace(" De ", " de ").replace(" Del ", " del ")
        if code in SINGLE:
            yield code, english, *SINGLE[code], ""
            continue
        family = english.rsplit(" ", maxsplit=1)[-1]
        if family not in FAMILIES or code in OTHERS:
            continue
        spanish, own = FAMILIES[family]
        place = english.removesuffix(family).strip()
        where = SPANISH_PLACES.get(place) or (f"de {place}" if place else "")
        yield code, english, f"{spanish} {where}".strip(), OWN_NAMES.get(code, own), family


# -- states of the United States ---------------------------------------------------------------------

IN_SPANISH = {
    "DC": "Distrito de Columbia",
    "HI": "Hawái",
    "LA": "Luisiana",
    "MS": "Misisipi",
    "MO": "Misuri",
    "NC": "Carolina del Norte",
    "ND": "Dakota del Norte",
    "NH": "Nuevo Hampshire",
    "NJ": "Nueva Jersey",
    "NM": "Nuevo México",
    "NY": "Nueva York",
    "OR": "Oregón",
    "PA": "Pensilvania",
    "SC": "Carolina del Sur",
    "SD": "Dakota del Sur",
    "WV": "Virginia Occidental",
}


def us_states() -> Iterator[tuple[str, ...]]:
    """Yield code, English name and Spanish name of the states, the capital's district and Puerto Rico."""
    for one in sorted(pycountry.subdivisions.get(country_code="US"), key=lambda state: state.name):
        code = one.code.removeprefix("US-")
        if one.type != "Outlying area" or code == "PR":
            yield code, one.name, IN_SPANISH.get(code, one.name)


def write(name: str, rows: Iterable[tuple[str, ...]]) -> None:
    """Write a catalogue: one line an entry, its values between tabs."""
    lines = ["\t".join(row) for row in rows]
    (CATALOGUES / name).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    print(f"{name}: {len(lines)}")


def main() -> None:
    """Write all of them."""
    write("states.tsv", sorted(STATES.values()))
    write("municipalities.tsv", municipalities())
    write("languages.tsv", sorted(languages(), key=lambda row: (row[4], row[1])))
    write("us_states.tsv", us_states())


if __name__ == "__main__":
    main()
