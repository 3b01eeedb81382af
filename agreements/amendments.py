"""What an amendment is: operations on the provisions of one draft, each tied to the words it found there."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from agreements.canonical import InvalidValue, canonical
from agreements.frozen import FrozenMapping
from agreements.text import AGREEMENT_KEY, MAXIMUM_DEPTH, Draft, Kind, Provision, provision_content
from agreements.wording import normalise_body, normalise_heading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from agreements.canonical import Json


class AmendmentProblem(StrEnum):
    """Why operations are no amendment, or why an amendment cannot be applied. `key` names the provision."""

    BAD_NAME = "bad_name"  # empty
    BAD_TEXT = "bad_text"  # a name, key or language with half a character in it
    NO_OPERATIONS = "no_operations"
    CHANGES_NOTHING = "changes_nothing"
    REPEATED_OPERATION = "repeated_operation"  # two of a sort for one provision, or deleted and changed too
    NOTHING_REPLACED = "nothing_replaced"
    AMENDS_ITSELF = "amends_itself"
    REPEATED_NAME = "repeated_name"
    UNKNOWN_AMENDMENT = "unknown_amendment"  # it amends one that is not among those given
    THIRD_DEGREE = "third_degree"  # it amends an amendment of an amendment
    DIFFERENT_LANGUAGES = "different_languages"
    UNKNOWN_LANGUAGE = "unknown_language"  # language
    UNKNOWN_PROVISION = "unknown_provision"
    MORE_THAN_A_TITLE = "more_than_a_title"  # the agreement's own heading has a title, and nothing else
    PLACE_TAKEN = "place_taken"  # two provisions are put right behind the same one
    UNKNOWN_PLACE = "unknown_place"  # the parent is not there, or what it should follow is not in that parent
    BAD_KEY = "bad_key"  # see `valid_key`
    KEY_TAKEN = "key_taken"
    WORDS_CHANGED = "words_changed"  # language: written against other words than the draft has
    INSIDE_ITSELF = "inside_itself"  # moved into what it contains
    TOO_DEEP = "too_deep"
    IN_DELETED_PROVISION = "in_deleted_provision"  # something is put or written into what is taken out
    COLLISION = "collision"  # see Colliding
    CONTRADICTORY_RESULTS = "contradictory_results"  # identical amendments, and not the same result
    BAD_DIVISION = "bad_division"  # the parts are not the whole, each piece once


class InvalidAmendment(ValueError):
    """`code` says what is wrong, `name` in which amendment, `key` in which provision, `language` in which."""

    def __init__(self, code: AmendmentProblem, name: str = "", key: str = "", language: str = "") -> None:
        self.code, self.name, self.key, self.language = code, name, key, language
        super().__init__(code, name, key, language)


@dataclass(frozen=True, slots=True)
class Words:
    """Heading and body of a provision in one language, normalised as a provision's are."""

    heading: str = ""
    body: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "heading", normalise_heading(self.heading))
        object.__setattr__(self, "body", normalise_body(self.body))


@dataclass(frozen=True, slots=True)
class Position:
    """Right behind the sibling `after_key`, or first (None), in `parent_key`, or at the top (None)."""

    parent_key: str | None
    after_key: str | None


@dataclass(frozen=True, slots=True)
class Add:
    """Put a new provision, with whatever is in it, in a place. Its keys must be new to the draft."""

    provision: Provision
    position: Position

    @property
    def key(self) -> str:
        """The new provision's key."""
        return self.provision.key


@dataclass(frozen=True, slots=True)
class Delete:
    """Take out a provision with whatever is in it. `against` has the hash of all those words by language."""

    key: str
    against: Mapping[str, str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "against", FrozenMapping(self.against))


@dataclass(frozen=True, slots=True)
class Replace:
    """Write a provision anew in some languages; the agreement's own key stands for its title.

    `texts` has the new words by language, None where it is no longer written in it; the languages left out
    stay as they are. `against` has the hash of the old words of each language in `texts`. `kind` if the
    provision becomes one of another kind.
    """

    key: str
    against: Mapping[str, str]
    texts: Mapping[str, Words | None]
    kind: Kind | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "against", FrozenMapping(self.against))
        object.__setattr__(self, "texts", FrozenMapping(self.texts))
        object.__setattr__(self, "kind", self.kind and Kind(self.kind))


@dataclass(frozen=True, slots=True)
class Move:
    """Put a provision, with whatever is in it, in another place. `against` has the hash of its words."""

    key: str
    against: Mapping[str, str]
    position: Position

    def __post_init__(self) -> None:
        object.__setattr__(self, "against", FrozenMapping(self.against))


Operation: TypeAlias = Add | Delete | Replace | Move


@dataclass(frozen=True, slots=True)
class Amendment:
    """Operations that are proposed, voted on and adopted together.

    `name` is how people call it ("A7"). One that amends another amendment names it in `amends` and is written
    against the draft as that one would leave it. The order of the operations means nothing. Raises
    InvalidAmendment for no operations, for two of a sort on one provision, for a provision that is deleted
    and changed as well, for a replacement of nothing, and for more than a title in the agreement's heading.
    """

    name: str
    operations: tuple[Operation, ...]
    amends: str | None = None
    _content_hash: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "operations", tuple(self.operations))
        self._check()
        object.__setattr__(self, "_content_hash", self._hash())

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) of what it says; the name and the order of its operations are no part of it."""
        return self._content_hash

    def _hash(self) -> str:
        try:
            canonical(self.name)
            content = sorted((operation_content(one) for one in self.operations), key=canonical)
            return hashlib.sha256(canonical({"amends": self.amends, "operations": content})).hexdigest()
        except InvalidValue as error:
            raise InvalidAmendment(AmendmentProblem.BAD_TEXT) from error

    def _check(self) -> None:
        if not self.name:
            raise InvalidAmendment(AmendmentProblem.BAD_NAME)
        if not self.operations:
            raise InvalidAmendment(AmendmentProblem.NO_OPERATIONS, self.name)
        if self.amends == self.name:
            raise InvalidAmendment(AmendmentProblem.AMENDS_ITSELF, self.name)
        deleted = {one.key for one in self.operations if isinstance(one, Delete)}
        kinds = Counter((type(one), one.key) for one in self.operations)
        for (sort, key), times in kinds.items():
            if times > 1 or (sort is not Delete and key in deleted):
                raise InvalidAmendment(AmendmentProblem.REPEATED_OPERATION, self.name, key)
        for one in self.operations:
            self._check_title(one)
            self._check_depth(one)
            if isinstance(one, Replace) and not one.texts and one.kind is None:
                raise InvalidAmendment(AmendmentProblem.NOTHING_REPLACED, self.name, one.key)

    def _check_depth(self, operation: Operation) -> None:
        level = [operation.provision] if isinstance(operation, Add) else []
        for _ in range(MAXIMUM_DEPTH):
            level = [child for provision in level for child in provision.children]
        if level:
            raise InvalidAmendment(AmendmentProblem.TOO_DEEP, self.name, operation.key)

    def _check_title(self, operation: Operation) -> None:
        if operation.key != AGREEMENT_KEY:
            return
        if not isinstance(operation, Replace):
            raise InvalidAmendment(AmendmentProblem.UNKNOWN_PROVISION, self.name, AGREEMENT_KEY)
        if operation.kind or any(words is None or words.body for words in operation.texts.values()):
            raise InvalidAmendment(AmendmentProblem.MORE_THAN_A_TITLE, self.name, AGREEMENT_KEY)


def words_of(draft: Draft, key: str, language: str) -> Words | None:
    """A provision's words in a language, None if it is not written in it; the agreement's are its title."""
    if key == AGREEMENT_KEY:
        return Words(draft.titles.get(language, ""))
    provision = draft.find(key)
    if provision is None or language not in provision.languages:
        return None
    return Words(provision.heading(language), provision.body(language))


def words_hashes(draft: Draft, key: str, languages: Iterable[str]) -> dict[str, str]:
    """What a Replace or a Move is tied to: SHA-256 (hex) of key, heading and body, by language.

    Raises InvalidAmendment for an unknown provision.
    """
    provision = Provision(key, Kind.TITLE, draft.titles, {}) if key == AGREEMENT_KEY else _found(draft, key)
    return {language: _words_hash([provision], language) for language in languages}


def contents_hashes(draft: Draft, key: str) -> dict[str, str]:
    """What a Delete is tied to: the same of the provision and whatever is in it, in all languages."""
    inside = list(within(_found(draft, key)))
    return {language: _words_hash(inside, language) for language in draft.languages}


def within(provision: Provision) -> Iterator[Provision]:
    """The provision and whatever is in it, in document order."""
    yield provision
    for child in provision.children:
        yield from within(child)


def _found(draft: Draft, key: str) -> Provision:
    provision = draft.find(key)
    if provision is None:
        raise InvalidAmendment(AmendmentProblem.UNKNOWN_PROVISION, key=key)
    return provision


def _words_hash(provisions: Iterable[Provision], language: str) -> str:
    words: list[Json] = [[one.key, one.heading(language), one.body(language)] for one in provisions]
    return hashlib.sha256(canonical(words)).hexdigest()


def operation_content(operation: Operation) -> dict[str, Json]:
    """An operation as JSON: what its hash is made of, and what files hold."""
    if isinstance(operation, Add):
        return {
            "add": provision_content(operation.provision),
            "position": _position_content(operation.position),
        }
    tied: dict[str, Json] = {"against": dict(operation.against)}
    if isinstance(operation, Delete):
        return tied | {"delete": operation.key}
    if isinstance(operation, Move):
        return tied | {"move": operation.key, "position": _position_content(operation.position)}
    texts: dict[str, Json] = {
        language: {"heading": words.heading, "body": words.body} if words else None
        for language, words in operation.texts.items()
    }
    return tied | {"replace": operation.key, "texts": texts, "kind": operation.kind and operation.kind.value}


def _position_content(position: Position) -> Json:
    return {"parent": position.parent_key, "after": position.after_key}
