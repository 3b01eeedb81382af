"""Reads `registration.toml`: places, what is asked of everybody, and what is offered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreements.frozen import FrozenMapping
from conference.domain.pack_reading import ISO_639_3, Table
from conference.domain.pack_values import PackLabel, PackQuestion, PackRegistration, PackService
from conference.domain.places import MOST_OFFER_HOURS, MOST_PLACES, Setting
from conference.domain.proxies import MOST_PROXIES
from conference.domain.registration import Category, ServiceKind

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST_CHOICES = 2
_UNSAID = PackRegistration()


def read_registration(table: Table, languages: tuple[str, ...]) -> PackRegistration:
    """Return what the conference has decided about registering."""
    found = PackRegistration(
        capacity=table.number_or_none("capacity", least=0, most=MOST_PLACES),
        offer_hours=_or(
            table.number_or_none("offer_hours", least=1, most=MOST_OFFER_HOURS), _UNSAID.offer_hours
        ),
        proxy_cap=_or(table.number_or_none("proxy_cap", least=0, most=MOST_PROXIES), _UNSAID.proxy_cap),
        places=FrozenMapping(dict(_places(table))),
        questions=tuple(_question(one, languages) for one in _with_own_keys(table, "questions")),
        services=tuple(_service(one, languages) for one in _with_own_keys(table, "services")),
    )
    table.finish()
    return found


def _or(number: int | None, unsaid: int) -> int:
    return unsaid if number is None else number


def _with_own_keys(table: Table, key: str) -> Iterator[Table]:
    seen: set[str] = set()
    for one in table.tables(key):
        name = one.slug("key")
        if name in seen:
            one.problem("repeated_key", "key", key=name)
        seen.add(name)
        yield one


def _places(table: Table) -> Iterator[tuple[Category, Setting]]:
    seen: set[Category] = set()
    for one in table.tables("places"):
        category = one.word("category", Category, "unknown_category", Category.ATTENDEE)
        if category in seen:
            one.problem("repeated_value", "category", value=category)
        seen.add(category)
        setting = Setting(
            open=not one.flag("closed"),
            approval=one.flag("approval"),
            capacity=one.number_or_none("capacity", least=0, most=MOST_PLACES),
        )
        one.finish()
        if setting != Setting():
            yield category, setting


def _question(table: Table, languages: tuple[str, ...]) -> PackQuestion:
    label = table.translated("label", languages, required=True)
    choices: list[PackLabel] = []
    for one in _with_own_keys(table, "choices"):
        choices.append(PackLabel(one.slug("key"), one.translated("label", languages, required=True)))
        one.finish()
    if len(choices) < LEAST_CHOICES:
        table.problem("too_few_choices", "choices", least=LEAST_CHOICES)
    question = PackQuestion(table.slug("key"), label, tuple(choices), several=table.flag("several"))
    table.finish()
    return question


def _service(table: Table, languages: tuple[str, ...]) -> PackService:
    kind = table.word("kind", ServiceKind, "unknown_kind", ServiceKind.CHILDCARE)
    language = table.text("language") or None
    if language is not None and not ISO_639_3.fullmatch(language):
        table.problem("bad_language_code", "language", value=language)
    if (kind is ServiceKind.INTERPRETATION) != (language is not None):
        table.problem("language_of_interpretation", "language")
    service = PackService(
        key=table.slug("key"),
        kind=kind,
        label=table.translated("label", languages, required=True),
        language=language,
        capacity=table.number_or_none("capacity", least=0, most=MOST_PLACES),
    )
    table.finish()
    return service
