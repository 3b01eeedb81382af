"""A small pack with everything in it, to be spoiled by tests."""

from __future__ import annotations

CONFERENCE = """\
format = 1
slug = "encuentro"
languages = ["es", "en"]
time_zone = "America/Los_Angeles"
other_time_zone = "America/Mexico_City"
first_day = 2026-07-11
days = 2
authenticity = "es"
default_rule = "two_thirds"

[name]
es = "Encuentro"
en = "Meeting"

[venue]
name = "Salón Ñuu"
address = "Calle 1"

[[rooms]]
key = "sala"
name = { es = "Sala", en = "Hall" }

[[tracks]]
key = "acuerdo"
name = { es = "Acuerdo" }
"""

ORGANIZATIONS = """\
key,name,kind,side,status,municipality,place,parents,votes,languages,description_es,description_en,website
club,Club San Juan,hta,us,active,20208,"Salem, Oregon",federacion,1,spa mix,"Un club,
de dos líneas",A club,https://example.org/club
comite,Comité San Juan,hta,mx,active,20208,San Juan,federacion,2,mix,,,
federacion,Federación,federation,us,active,,Salem,,,,,,
oficina,Oficina,government_municipal,mx,active,20208,San Juan,,,,,,
"""

PROGRAM = """\
# Comments may stand anywhere.
[[sessions]]
key = "mesa"
kind = "roundtable"
day = 1
start = "09:00"
minutes = 60
room = "sala"
title = { es = "Mesa", en = "Table" }
co_chairs = ["club", "comite"]
guiding_questions = [
  { es = "¿Qué?", en = "What?" },
  { es = "¿Cómo?" },
]

[[sessions]]
key = "votacion"
kind = "plenary"
sitting = true
day = 2
start = "10:00"
minutes = 60
room = "sala"
track = "acuerdo"
spoken = ["spa", "mix"]
title = { es = "Votación" }
abstract = { es = \"\"\"
Uno.

Dos.
\"\"\" }
"""

SPANISH = """\
# Acuerdo {#agreement}

## {#preamble .preamble}

Reunidas las partes,

## Objeto {#purpose .article}

### {#purpose-first .clause}

Se forma una coalición para:

a) uno
b) dos
"""

ENGLISH = """\
# Agreement {#agreement}

## {#preamble .preamble}

The parties, met,

## Purpose {#purpose .article}

### {#purpose-first .clause}

A coalition is formed to:

a) one
b) two
"""


REGISTRATION = """\
capacity = 250
offer_hours = 24

[[places]]
category = "press"
approval = true
capacity = 5

[[questions]]
key = "comida"
label = { es = "¿Qué come?" }
several = true
choices = [
  { key = "todo", label = { es = "De todo" } },
  { key = "sin-carne", label = { es = "Sin carne", en = "No meat" } },
]

[[services]]
key = "mixteco"
kind = "interpretation"
language = "mix"
label = { es = "Al mixteco" }
capacity = 30
"""


def small_pack() -> dict[str, str]:
    """Return the files as text, by their path in the folder."""
    return {
        "conference.toml": CONFERENCE,
        "organizations.csv": ORGANIZATIONS,
        "program.toml": PROGRAM,
        "registration.toml": REGISTRATION,
        "agreement/es.md": SPANISH,
        "agreement/en.md": ENGLISH,
    }


def small_files(**changes: tuple[str, str]) -> dict[str, bytes]:
    """Return the files with `file=(old, new)` replaced once; files by their name without an ending."""
    files = small_pack()
    for name, (old, new) in changes.items():
        path = next(path for path in files if path.endswith((f"{name}.toml", f"{name}.csv", f"/{name}.md")))
        assert files[path].count(old) >= 1, (path, old)
        files[path] = files[path].replace(old, new, 1)
    return {path: text.encode() for path, text in files.items()}
