"""Writes a conference pack in one canonical layout: exports of the same conference are the same bytes."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from agreements import render_markdown
from conference.domain.pack import (
    CONFERENCE,
    FORMAT,
    ORGANIZATIONS,
    PROGRAM,
    REGISTRATION,
    agreement_file,
    columns,
)
from conference.domain.registration import Category

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from conference.domain.pack import (
        Pack,
        PackConference,
        PackLabel,
        PackOrganization,
        PackQuestion,
        PackService,
        PackSession,
        Text,
    )
    from conference.domain.places import Setting

Value: TypeAlias = "str | int | bool | date | Sequence[Value] | Mapping[str, Value] | None"

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


def write_pack(pack: Pack) -> Mapping[str, bytes]:
    """Return the files of the pack by path inside its folder."""
    languages = pack.conference.languages
    texts = {
        CONFERENCE: _conference(pack),
        ORGANIZATIONS: _organizations(pack.organizations, languages),
        PROGRAM: "\n".join(_session(session, languages) for session in pack.sessions),
        REGISTRATION: _registration(pack),
        **{agreement_file(language): render_markdown(pack.agreement, language) for language in languages},
    }
    return {file: text.encode() for file, text in texts.items()}


# -- TOML, as much of it as packs need ---------------------------------------------------------------


def _escaped(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return _CONTROL.sub(lambda match: f"\\u{ord(match.group()):04X}", plain)


def _quoted(text: str) -> str:
    return '"' + _escaped(text).replace("\n", "\\n") + '"'


def _value(value: Value) -> str:
    """Return a value in one line; a list of tables has one table a line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, (int, date)):
        return str(value)
    if value is None:
        raise TypeError("TOML has no empty value")
    if hasattr(value, "items"):
        return "{ " + ", ".join(f"{key} = {_value(inner)}" for key, inner in value.items()) + " }"
    return _array(value)


def _array(values: Sequence[Value]) -> str:
    if values and hasattr(values[0], "items"):
        return "[\n" + "".join(f"  {_value(inner)},\n" for inner in values) + "]"
    return "[" + ", ".join(_value(inner) for inner in values) + "]"


def _pairs(pairs: Mapping[str, Value]) -> str:
    """Return the lines of a table; what is empty is left out."""
    return "".join(f"{key} = {_value(value)}\n" for key, value in pairs.items() if _says_something(value))


def _says_something(value: Value) -> bool:
    return value is not None and value is not False and (isinstance(value, (int, date)) or bool(value))


def _ordered(text: Text, languages: Iterable[str]) -> Mapping[str, str]:
    return {language: text[language] for language in languages if language in text}


# -- the files -----------------------------------------------------------------------------------------


def _conference(pack: Pack) -> str:
    conference = pack.conference
    return "\n".join(
        [
            _settings(conference),
            *_translated_tables(conference),
            *_labels("rooms", pack.rooms, conference.languages),
            *_labels("tracks", pack.tracks, conference.languages),
        ]
    )


def _settings(conference: PackConference) -> str:
    return _pairs(
        {
            "format": FORMAT,
            "slug": conference.slug,
            "sample": conference.sample,
            "languages": conference.languages,
            "time_zone": conference.time_zone,
            "other_time_zone": conference.other_time_zone,
            "first_day": conference.first_day,
            "days": conference.days,
            "authenticity": conference.authenticity,
            "default_rule": conference.default_rule.value,
        }
    )


def _translated_tables(conference: PackConference) -> Iterator[str]:
    for title in ("name", "tagline", "about", "city"):
        text = _ordered(getattr(conference, title), conference.languages)
        if text:
            yield f"[{title}]\n" + "".join(f"{key} = {_long(said)}\n" for key, said in text.items())
    if conference.venue_name or conference.venue_address:
        yield "[venue]\n" + _pairs({"name": conference.venue_name, "address": conference.venue_address})


def _long(text: str) -> str:
    return f'"""\n{_escaped(text)}\n"""' if "\n" in text else _quoted(text)


def _labels(table: str, labels: Iterable[PackLabel], languages: Sequence[str]) -> Iterator[str]:
    return _tables(table, ({"key": one.key, "name": _ordered(one.name, languages)} for one in labels))


def _session(session: PackSession, languages: Sequence[str]) -> str:
    def texts(found: Iterable[Text]) -> list[Mapping[str, str]]:
        return [_ordered(text, languages) for text in found]

    return "[[sessions]]\n" + _pairs(
        {
            "key": session.key,
            "kind": session.kind.value,
            "sitting": session.sitting,
            "cancelled": session.cancelled,
            "day": session.day,
            "start": session.start.isoformat("minutes"),
            "minutes": session.minutes,
            "room": session.room,
            "track": session.track,
            "spoken": session.spoken,
            "title": _ordered(session.title, languages),
            "subtitle": _ordered(session.subtitle, languages),
            "abstract": _ordered(session.abstract, languages),
            "description": _ordered(session.description, languages),
            "text_format": "" if session.text_format == "markdown" else session.text_format,
            "co_chairs": session.co_chairs,
            "background": _ordered(session.background, languages),
            "background_language": session.background_language,
            "guiding_questions": texts(session.guiding_questions),
            "proposed_outcomes": texts(session.proposed_outcomes),
        }
    )


def _registration(pack: Pack) -> str:
    decided, languages = pack.registration, pack.conference.languages
    numbers: Mapping[str, Value] = {
        "capacity": decided.capacity,
        "offer_hours": decided.offer_hours,
        "proxy_cap": decided.proxy_cap,
    }
    places = (
        _places(category, decided.places[category]) for category in Category if category in decided.places
    )
    return "\n".join(
        [
            _pairs(numbers),
            *_tables("places", places),
            *_tables("questions", (_question(one, languages) for one in decided.questions)),
            *_tables("services", (_service(one, languages) for one in decided.services)),
        ]
    )


def _places(category: Category, setting: Setting) -> Mapping[str, Value]:
    return {
        "category": category.value,
        "closed": not setting.open,
        "approval": setting.approval,
        "capacity": setting.capacity,
    }


def _question(question: PackQuestion, languages: Sequence[str]) -> Mapping[str, Value]:
    return {
        "key": question.key,
        "label": _ordered(question.label, languages),
        "several": question.several,
        "choices": [{"key": one.key, "label": _ordered(one.name, languages)} for one in question.choices],
    }


def _service(service: PackService, languages: Sequence[str]) -> Mapping[str, Value]:
    return {
        "key": service.key,
        "kind": service.kind.value,
        "language": service.language,
        "label": _ordered(service.label, languages),
        "capacity": service.capacity,
    }


def _tables(name: str, rows: Iterable[Mapping[str, Value]]) -> Iterator[str]:
    return (f"[[{name}]]\n{_pairs(row)}" for row in rows)


def _organizations(organizations: Iterable[PackOrganization], languages: Sequence[str]) -> str:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(columns(languages))
    writer.writerows(_row(organization, languages) for organization in organizations)
    return target.getvalue()


def _row(one: PackOrganization, languages: Iterable[str]) -> list[str]:
    return [
        one.key,
        one.name,
        one.kind.value,
        one.side.value,
        one.status.value,
        one.municipality or "",
        one.place,
        " ".join(one.parents),
        "" if one.votes is None else str(one.votes),
        " ".join(one.languages),
        *(one.description.get(language, "") for language in languages),
        one.website,
    ]
