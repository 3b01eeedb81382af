"""Amendments as JSON text, to send and to keep: what was written is what is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

from agreements.amendments import (
    Add,
    Amendment,
    Delete,
    Move,
    Position,
    Replace,
    Words,
    operation_content,
)
from agreements.text import Kind, Provision

if TYPE_CHECKING:
    from agreements.amendments import Operation

FORMAT = "amendment-1"

Value = TypeVar("Value")


class InvalidAmendmentFile(ValueError):
    """The text is no amendment; `path` leads to what is missing or of the wrong sort, from the outermost."""

    def __init__(self, path: tuple[str | int, ...]) -> None:
        self.path = path
        super().__init__(path)


def write_amendment(amendment: Amendment) -> str:
    """The amendment as JSON text, indented, ending in a line end."""
    content = {
        "format": FORMAT,
        "name": amendment.name,
        "amends": amendment.amends,
        "operations": [operation_content(one) for one in amendment.operations],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def read_amendment(text: str) -> Amendment:
    """The amendment that `write_amendment` wrote. Raises InvalidAmendmentFile and InvalidAmendment."""
    try:
        content = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise InvalidAmendmentFile(()) from error
    whole = _Node(content, ())
    if whole.member("format", str) != FORMAT:
        raise InvalidAmendmentFile(("format",))
    operations = tuple(_operation(node) for node in whole.items("operations"))
    return Amendment(whole.member("name", str), operations, whole.optional("amends", str))


def _once(members: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(members)) != len(members):
        raise ValueError
    return dict(members)


class _Node:
    """A JSON value, and the way to it."""

    def __init__(self, value: object, path: tuple[str | int, ...]) -> None:
        self.value, self.path = value, path

    def member(self, name: str, sort: type[Value]) -> Value:
        value = self.value.get(name) if isinstance(self.value, Mapping) else None
        if not isinstance(value, sort):
            raise InvalidAmendmentFile((*self.path, name))
        return value

    def optional(self, name: str, sort: type[Value]) -> Value | None:
        if isinstance(self.value, Mapping) and name in self.value and self.value[name] is None:
            return None
        return self.member(name, sort)

    def node(self, name: str) -> _Node:
        return _Node(self.member(name, dict), (*self.path, name))

    def items(self, name: str) -> list[_Node]:
        return [_Node(one, (*self.path, name, place)) for place, one in enumerate(self.member(name, list))]

    def texts(self, name: str) -> dict[str, str]:
        node = self.node(name)
        return {key: node.member(key, str) for key in self.member(name, dict)}

    def only(self, sorts: Mapping[str, set[str]]) -> str:
        """The one sort whose members these are, and no others."""
        members = set(self.value) if isinstance(self.value, Mapping) else set()
        for sort, expected in sorts.items():
            if members == expected:
                return sort
        raise InvalidAmendmentFile(self.path)


_MEMBERS = {
    "add": {"add", "position"},
    "delete": {"delete", "against"},
    "move": {"move", "against", "position"},
    "replace": {"replace", "against", "texts", "kind"},
}


def _operation(node: _Node) -> Operation:
    sort = node.only(_MEMBERS)
    if sort == "add":
        return Add(_provision(node.node("add")), _position(node))
    tied = node.texts("against")
    if sort == "delete":
        return Delete(node.member("delete", str), tied)
    if sort == "move":
        return Move(node.member("move", str), tied, _position(node))
    texts = {language: _words(node.node("texts"), language) for language in node.member("texts", dict)}
    kind = node.optional("kind", str)
    return Replace(node.member("replace", str), tied, texts, None if kind is None else _kind(node, kind))


def _words(texts: _Node, language: str) -> Words | None:
    if texts.optional(language, dict) is None:
        return None
    words = texts.node(language)
    return Words(words.member("heading", str), words.member("body", str))


def _position(node: _Node) -> Position:
    position = node.node("position")
    return Position(position.optional("parent", str), position.optional("after", str))


def _provision(node: _Node) -> Provision:
    return Provision(
        node.member("key", str),
        _kind(node, node.member("kind", str)),
        node.texts("headings"),
        node.texts("bodies"),
        tuple(_provision(child) for child in node.items("children")),
    )


def _kind(node: _Node, kind: str) -> Kind:
    if kind not in set(Kind):
        raise InvalidAmendmentFile((*node.path, "kind"))
    return Kind(kind)
