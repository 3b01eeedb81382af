"""How provisions are called: «Artículo 3», «Clause 3.1», the preamble; and what their texts still lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import force_locale
from flask_babel import gettext as _

from agreements import Kind, blocks
from conference.domain.agreement import Gap, GapKind
from conference.web.content import shown
from conference.web.languages import language_name
from conference.web.locale import NATIVE_NAMES, current_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flask import Flask

EQUAL = "equal"
# As many letters of a text as a line of a list has room for.
FIRST_WORDS = 70


def provision_name(kind: Kind, number: str, language: str | None = None) -> str:
    """Return what a provision is called in the reader's language, or in the one given."""
    if language is None:
        return _name(kind, number)
    with force_locale(language):
        return _name(kind, number)


def _name(kind: Kind, number: str) -> str:
    if not number:
        return _("Preamble")
    if kind is Kind.TITLE:
        return _("Title %(number)s", number=number)
    if kind is Kind.ARTICLE:
        return _("Article %(number)s", number=number)
    if kind is Kind.ANNEX:
        return _("Annex %(number)s", number=number)
    return _("Clause %(number)s", number=number)


def reference(number: str) -> str:
    """Return how a vote or a resolution names what it is about, of which it keeps only the number."""
    return _("Provision %(number)s", number=number) if number else _("Preamble")


def first_words(texts: Mapping[str, Mapping[str, str]]) -> str:
    """Return the heading of a provision, or how its text begins, in the reader's language if there is one."""
    heading = shown({language: text["heading"] for language, text in texts.items()})
    return heading.text or shortened(shown({language: text["body"] for language, text in texts.items()}).text)


def shortened(text: str) -> str:
    """Return the first line of a text, up to the end of a word."""
    line, _newline, rest = text.strip().partition("\n")
    if len(line) > FIRST_WORDS:
        line, rest = line[:FIRST_WORDS].rpartition(" ")[0] or line[:FIRST_WORDS], line[FIRST_WORDS:]
    return _("%(beginning)s…", beginning=line.rstrip(" ,;:.")) if rest else line


def reader_first(languages: Iterable[str]) -> list[str]:
    """Return the languages with the page's own before all others."""
    return sorted(languages, key=lambda language: language != current_language())


def native_name(language: str) -> str:
    """Return what a language calls itself; a code that nobody named stays a code."""
    return NATIVE_NAMES.get(language, language)


def gap_text(gap: Gap) -> str:
    """Return what a language lacks."""
    if gap.kind is GapKind.MISSING:
        return _("The text in %(language)s is missing.", language=language_name(gap.language))
    return _("The text in %(language)s is older than the other one.", language=language_name(gap.language))


def authenticity_text(authenticity: str) -> str:
    """Return which text counts where the languages differ."""
    if authenticity == EQUAL:
        return _("The texts in all languages are equally authentic.")
    return _(
        "Where the texts differ, the one in %(language)s prevails.", language=language_name(authenticity)
    )


def init_app(app: Flask) -> None:
    """Offer these to templates, as filters."""
    functions = (
        provision_name,
        reference,
        first_words,
        shortened,
        reader_first,
        native_name,
        gap_text,
        authenticity_text,
        blocks,
    )
    for function in functions:
        app.jinja_env.filters[function.__name__] = function
