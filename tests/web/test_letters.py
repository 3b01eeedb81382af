"""What every letter says on the outside: nothing."""

from __future__ import annotations

import inspect
import re
import typing
from datetime import date
from enum import StrEnum
from itertools import product
from typing import TYPE_CHECKING, Any

from conference.domain.accounts import sign_in_code
from conference.services.accounts import Words
from conference.web import letters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

# A letter with a parameter of another kind needs a sample of it here.
SAMPLES: dict[str, Any] = {
    "path": "/es/x",
    "code": sign_in_code(48210937),
    "minutes": 20,
    "first_day": date(2026, 7, 11),
}
TELLING = re.compile(
    "conferen|asamblea|assembl|organiz|club|federa|migra|oaxaca|coali|convenio|agreement|acuerdo"
    "|vot|delega|border|frontera",
    re.IGNORECASE,
)


def every_letter() -> Iterator[tuple[str, Words]]:
    """Write every letter of `web.letters` in both languages."""
    for name, write in inspect.getmembers(letters, inspect.isfunction):
        # What is only imported there may have hints that nobody can read.
        hints = typing.get_type_hints(write) if write.__module__ == letters.__name__ else {}
        if hints.pop("return", None) is Words:
            yield from ((name, words) for words in written(write, hints))


def written(write: Callable[..., Words], hints: dict[str, Any]) -> Iterator[Words]:
    """Write one letter with every value of its enumerations, in both languages."""
    choices = [("es", "en") if name == "language" else values_of(name, kind) for name, kind in hints.items()]
    for values in product(*choices):
        yield write(**dict(zip(hints, values, strict=True)))


def values_of(name: str, kind: Any) -> tuple[Any, ...]:
    """Return every value of an enumeration, else a sample."""
    if inspect.isclass(kind) and issubclass(kind, StrEnum):
        return tuple(kind)
    if kind is bool:
        return (True, False)
    return (SAMPLES.get(name, f"sample of {name}"),)


def test_no_subject_tells_whoever_looks_over_a_shoulder_what_it_is_about(app: Flask) -> None:
    with app.test_request_context("/es/"):
        found = list(every_letter())
    assert {name for name, _words in found} >= {"sign_in", "sign_in_unknown", "ticket"}
    telling = {
        (name, words.subject)
        for name, words in found
        if TELLING.search(words.subject) or not 0 < len(words.subject) <= 60
    }
    assert telling == set()


def test_every_letter_is_in_words_that_fit_a_phone(app: Flask) -> None:
    with app.test_request_context("/es/"):
        for name, words in every_letter():
            assert words.body.endswith("\n"), name
            assert len(words.body) < 1500, name
