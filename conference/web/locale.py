"""Every page's language is in its address: `/es/…`, `/en/…`. Links keep it when they are shared."""

from __future__ import annotations

from string import printable
from typing import Any, NamedTuple
from urllib.parse import quote

from flask import Flask, current_app, g, has_request_context, request, url_for

from conference.domain.errors import NotFound
from conference.extensions import babel, db
from conference.queries.conference import ConferenceView, conference_by_slug

# What stands in a path as it is; everything else is percent-encoded.
IN_PATHS = "/:@!$&'()*+,;=~"
LARGEST_NUMBER = 2**31 - 1
NATIVE_NAMES = {"es": "Español", "en": "English"}


class OtherLanguage(NamedTuple):
    """A language the page can also be read in."""

    code: str
    name: str
    href: str


def current_language() -> str:
    """Return the page's language; outside of a page the best the reader's browser asks for."""
    languages: tuple[str, ...] = current_app.config["LANGUAGES"]
    if not has_request_context():
        return getattr(g, "language", languages[0])
    if "language" not in g:
        first = request.path.split("/", 2)[1]
        preferred = request.accept_languages.best_match(languages)
        g.language = first if first in languages else preferred or languages[0]
    language: str = g.language
    return language


def current_conference() -> ConferenceView | None:
    """Return the conference named in the address, if the page belongs to one."""
    found: ConferenceView | None = g.get("conference")
    return found


def required_conference() -> ConferenceView:
    """Return the conference named in the address; only for pages below one."""
    found: ConferenceView = g.conference
    return found


def enter_conference(slug: str) -> None:
    """Make a conference the page's own, where what the address opens belongs to it (a ticket)."""
    g.conference = conference_by_slug(db.session(), slug)
    # Who asks was found without a conference, where nobody has a role.
    g.pop("sign_in", None)


def as_written(path: str) -> str:
    """Return a path of ours as it stands in an address: a question mark in a key does not end it."""
    return quote(path, safe=IN_PATHS)


def other_languages() -> list[OtherLanguage]:
    """Return the same page in the other languages (its start page, where it only takes a POST)."""
    return [
        OtherLanguage(code, NATIVE_NAMES[code], _same_page(code))
        for code in current_app.config["LANGUAGES"]
        if code != current_language()
    ]


def _same_page(language: str) -> str:
    parts = request.path.split("/")
    if request.method in {"GET", "HEAD"} and parts[1] in current_app.config["LANGUAGES"]:
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        return as_written("/".join(["", language, *parts[2:]])) + query
    if request.endpoint is not None and current_conference() is not None:
        return url_for("conference.front", lang=language, slug=required_conference().slug)
    return url_for("conference.home", lang=language)


def _names_nothing(value: object) -> bool:
    """Tell whether no row can have this key or number: databases refuse to be asked for it at all."""
    return "\x00" in value if isinstance(value, str) else isinstance(value, int) and value > LARGEST_NUMBER


def row_number(text: str) -> int:
    """Read a row's number from a query; ValueError if no row can have it."""
    number = int(text)
    if not 0 < number <= LARGEST_NUMBER:
        raise ValueError(text)
    return number


def _encode_query() -> None:
    """Percent-encode what no browser sends: to read bytes that are no text would be a fault."""
    if not request.query_string.isascii():
        request.query_string = quote(request.query_string, safe=printable).encode()


def _pull(endpoint: str | None, values: dict[str, Any] | None) -> None:
    _encode_query()
    if values is None:
        return
    asked = request.args.values() if request.query_string else ()
    if any(map(_names_nothing, (*values.values(), *asked))):
        raise NotFound("page_not_found")
    language = values.pop("lang", None)
    if language is not None:
        if language not in current_app.config["LANGUAGES"]:
            raise NotFound("page_not_found")
        g.language = language
    if endpoint is not None and current_app.url_map.is_endpoint_expecting(endpoint, "slug"):
        g.conference_slug = values.pop("slug", None)


def _load_conference() -> None:
    slug = g.pop("conference_slug", None)
    if slug is None:
        return
    found = conference_by_slug(db.session(), slug)
    if found is None:
        raise NotFound("conference_not_found")
    g.conference = found


def _push(endpoint: str, values: dict[str, Any]) -> None:
    expects = current_app.url_map.is_endpoint_expecting
    if "lang" not in values and expects(endpoint, "lang"):
        values["lang"] = current_language()
    if "slug" not in values and expects(endpoint, "slug") and current_conference() is not None:
        values["slug"] = required_conference().slug


def init_app(app: Flask) -> None:
    """Take language and conference out of every address, and put them into every link."""
    babel.init_app(app, locale_selector=current_language, default_translation_directories="translations")
    app.url_value_preprocessor(_pull)
    app.url_defaults(_push)
    app.before_request(_load_conference)
