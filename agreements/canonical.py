"""One way to write a value down, so that whoever hashes it hashes the same bytes (RFC 8785)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"
Path: TypeAlias = "tuple[str | int, ...]"

GREATEST_INTEGER = 2**53 - 1
"""Integers beyond this, or below its negative, are not the same number to every reader (RFC 7493 §2.2)."""

MAXIMUM_NESTING = 64
"""The path to a value has this many keys and positions at most, so that no reader runs out of stack."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class ValueProblem(StrEnum):
    """Why a value has no canonical form, or bytes are not one."""

    UNKNOWN_TYPE = "unknown_type"  # a float too: two programs may write it differently
    KEY_IS_NOT_TEXT = "key_is_not_text"
    LONE_SURROGATE = "lone_surrogate"
    INTEGER_OUT_OF_RANGE = "integer_out_of_range"
    NESTED_TOO_DEEP = "nested_too_deep"
    NOT_CANONICAL = "not_canonical"


class InvalidValue(ValueError):
    """A value that cannot be written canonically: `code`, and `path` to it by keys and positions."""

    def __init__(self, code: ValueProblem, path: Path, value: object) -> None:
        self.code, self.path, self.value = code, path, value
        super().__init__(code, path, value)


def canonical(value: object) -> bytes:
    """Equal values have equal bytes: JSON without blanks, keys sorted by UTF-16 code units, UTF-8.

    Takes text, whole numbers within ±(2^53 − 1), true, false, null, lists (or tuples) and mappings with text
    keys; nothing else, and no floats. Raises InvalidValue. RFC 8785 §3.2.
    """
    return _ENCODER.encode(_plain(value, ())).encode()


def from_canonical(data: bytes) -> Json:
    """The value whose canonical bytes these are. Raises InvalidValue for any other bytes.

    So a key given twice, a blank, a capital in an escape or a float is refused, not repaired.
    """
    try:
        value: Json = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise InvalidValue(ValueProblem.NOT_CANONICAL, (), data) from error
    if canonical(value) != data:
        raise InvalidValue(ValueProblem.NOT_CANONICAL, (), data)
    return value


def _plain(value: object, path: Path) -> Json:
    """The value in built-in types, every object with its keys in order."""
    if len(path) > MAXIMUM_NESTING:
        raise InvalidValue(ValueProblem.NESTED_TOO_DEEP, path, value)
    if value is None:
        return value
    if isinstance(value, str):
        return _text(value, path)
    if isinstance(value, int):  # true and false, too
        return _integer(value, path)
    if isinstance(value, Mapping):
        return {key: _plain(value[key], (*path, key)) for key in sorted(_keys(value, path), key=_utf_16)}
    if isinstance(value, list | tuple):
        return [_plain(item, (*path, position)) for position, item in enumerate(value)]
    raise InvalidValue(ValueProblem.UNKNOWN_TYPE, path, value)


def _keys(value: Mapping[object, object], path: Path) -> list[str]:
    keys = []
    for key in value:
        if not isinstance(key, str):
            raise InvalidValue(ValueProblem.KEY_IS_NOT_TEXT, path, key)
        keys.append(_text(key, path))
    return keys


def _utf_16(key: str) -> bytes:
    """Big-endian code units compare as RFC 8785 §3.2.3 asks: a character beyond U+FFFF before U+E000."""
    return key.encode("utf-16-be")


def _text(value: str, path: Path) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidValue(ValueProblem.LONE_SURROGATE, path, value) from error
    return value


def _integer(value: int, path: Path) -> int:
    if not -GREATEST_INTEGER <= value <= GREATEST_INTEGER:
        raise InvalidValue(ValueProblem.INTEGER_OUT_OF_RANGE, path, value)
    return value
