"""A small agreement in two languages, and amendments of it as people write them."""

from __future__ import annotations

from agreements import Draft, Kind, Provision
from agreements.amendments import (
    Add,
    Amendment,
    Delete,
    Move,
    Position,
    Replace,
    Words,
    contents_hashes,
    words_hashes,
)

LANGUAGES = ("es", "en")


def provision(key, spanish="", english="", *children, kind=Kind.CLAUSE, heading=("", "")):
    headings = dict(zip(LANGUAGES, heading, strict=True))
    return Provision(key, kind, headings, {"es": spanish, "en": english}, children)


BYLAWS = Draft(
    {"es": "Acuerdo", "en": "Agreement"},
    (
        provision(
            "fund",
            "Las dos partes crean un fondo común de ayuda.",
            "Both parties create a common aid fund.",
            kind=Kind.ARTICLE,
        ),
        provision(
            "committee",
            "",
            "",
            provision("size", "El comité tiene cinco personas.", "The committee has five people."),
            provision("term", "Su encargo dura dos años.", "Its term is two years."),
            provision("place", "Se reúne en Oaxaca.", "It meets in Oaxaca."),
            kind=Kind.ARTICLE,
            heading=("Comité", "Committee"),
        ),
        provision(
            "dues", "Cada club aporta cien pesos.", "Each club pays one hundred pesos.", kind=Kind.ARTICLE
        ),
    ),
    LANGUAGES,
)


def both(draft, key):
    return words_hashes(draft, key, LANGUAGES)


def rewrite(key, spanish=None, english=None, *, draft=BYLAWS, heading=None, kind=None):
    """Replace the bodies given, and the headings given as (es, en)."""
    old = draft.find(key)
    bodies = {"es": spanish, "en": english}
    texts = {
        one: Words(
            heading[LANGUAGES.index(one)] if heading else old.heading(one),
            old.body(one) if bodies[one] is None else bodies[one],
        )
        for one in LANGUAGES
        if heading or bodies[one] is not None
    }
    return Replace(key, words_hashes(draft, key, texts or LANGUAGES), texts, kind)


def retitle(spanish, english):
    return Replace("agreement", both(BYLAWS, "agreement"), {"es": Words(spanish), "en": Words(english)})


def delete(key, *, draft=BYLAWS):
    return Delete(key, contents_hashes(draft, key))


def move(key, parent, after, *, draft=BYLAWS):
    return Move(key, both(draft, key), Position(parent, after))


def add(key, parent, after, spanish="Nueva.", english="New.", *children):
    return Add(provision(key, spanish, english, *children), Position(parent, after))


def amendment(name, *operations, amends=None):
    return Amendment(name, operations, amends)


def outline(draft, parent=None):
    """The keys as they are nested: "fund committee(size term place) dues"."""
    inside = ((one.key, outline(draft, one.key)) for one in draft.children(parent))
    return " ".join(f"{key}({children})" if children else key for key, children in inside)
