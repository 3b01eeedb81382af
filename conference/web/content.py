"""How content is shown: in the reader's language or visibly in another, sanitised, in the venue's time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import nh3
from babel.dates import (
    format_date,
    format_time,
    get_datetime_format,
    get_timezone_location,
    get_timezone_name,
)
from babel.numbers import format_decimal
from flask_babel import gettext as _
from markdown_it import MarkdownIt
from markupsafe import Markup

from conference.web.locale import current_language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False})
_TAGS = {"p", "br", "strong", "em", "b", "i", "ul", "ol", "li", "a", "blockquote", "code", "pre", "h3", "h4"}
_TAGS |= {"h5", "h6"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as it can be shown: `fallback` when it does not exist in the reader's language."""

    text: str
    lang: str
    fallback: bool

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)


def shown(texts: Mapping[str, str] | None, language: str | None = None) -> Shown:
    """Return the text in the language, or the first language it exists in, marked as such."""
    wanted = language or current_language()
    texts = texts or {}
    if texts.get(wanted):
        return Shown(texts[wanted], wanted, fallback=False)
    for code, text in texts.items():
        if text:
            return Shown(text, code, fallback=True)
    return Shown("", wanted, fallback=False)


def markdown(text: str) -> Markup:
    """Return Markdown as safe HTML; HTML in it is shown as text."""
    return safe_html(_MARKDOWN.render(text))


def safe_html(text: str) -> Markup:
    """Return the HTML with everything removed that is not plain prose."""
    clean = nh3.clean(text, tags=_TAGS, attributes={"a": {"href"}}, link_rel="noopener nofollow ugc")
    return Markup(clean)  # noqa: S704 - nh3 has just sanitised it


def long_date(day: date) -> str:
    """Return a day as it is said: «sábado 11 de julio de 2026»."""
    return format_date(day, "full", locale=current_language())


def short_date(day: date) -> str:
    """Return a day in short: «sáb 11 jul»."""
    pattern = "EEE d MMM" if current_language() == "es" else "EEE, MMM d"
    return format_date(day, pattern, locale=current_language())


def clock_time(moment: datetime, zone: str | None = None) -> str:
    """Return hour and minute; a naive moment is the venue's wall clock already."""
    if moment.tzinfo is not None and zone is not None:
        moment = moment.astimezone(ZoneInfo(zone))
    return format_clock(moment, current_language())


def format_clock(moment: datetime, language: str) -> str:
    """Return hour and minute; in Spanish the hour has two digits: “04:50” is no afternoon."""
    pattern = "HH:mm" if language == "es" else "short"
    return format_time(moment.replace(tzinfo=None), pattern, locale=language)


def day_and_time(moment: datetime, zone: str, language: str | None = None) -> str:
    """Return a moment in the given zone, to the minute: «11 jul 2026, 16:05»; in the page's language."""
    locale = language or current_language()
    local = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    pattern = get_datetime_format("medium", locale=locale)
    day, time = format_date(local, "medium", locale=locale), format_clock(local, locale)
    return str(pattern).replace("'", "").replace("{1}", day).replace("{0}", time)


def zone_name(zone: str, day: date) -> str:
    """Return the zone's name on that day with its city: «hora de verano del Pacífico (Los Ángeles)»."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone))
    name = get_timezone_name(noon, locale=current_language())
    city = get_timezone_location(zone, locale=current_language(), return_city=True)
    return f"{name} ({city})"


def people_count(count: int | None) -> str:
    """Return a count of people as `domain.suppression` lets it be shown: None may be few, or hide a few.

    Not “fewer than five”: of its complement that would be untrue, and where two are hidden it would tell
    them apart.
    """
    return _("not shown") if count is None else format_decimal(count, locale=current_language())


def init_app(app: Flask) -> None:
    """Offer these to templates, as filters and as functions."""
    dates = (long_date, short_date, clock_time, day_and_time, zone_name)
    for function in (shown, markdown, safe_html, people_count, *dates):
        app.jinja_env.filters[function.__name__] = function
        app.jinja_env.globals[function.__name__] = function
