"""Division of the question: an amendment voted on in parts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from agreements.adoption import adopt, check, merged_words
from agreements.amendments import (
    Amendment,
    AmendmentProblem,
    InvalidAmendment,
    Replace,
    Words,
    words_of,
)
from agreements.contact import contacts
from agreements.words import edited, edits, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agreements.amendments import Operation
    from agreements.text import Draft


@dataclass(frozen=True, slots=True)
class Piece:
    """The least that can be voted on apart: one operation, or one passage of a replacement in one language.

    `words` are those it takes out and `instead` those it puts in, where it is a passage.
    """

    operation: Operation
    language: str = ""
    words: str = ""
    instead: str = ""


def pieces(draft: Draft, amendment: Amendment) -> tuple[Piece, ...]:
    """What an amendment of the draft can be divided into, in the order of its operations and of the text.

    A replacement that gives a provision another kind, or begins or ends a language, is one piece.
    """
    check(draft, amendment)
    return tuple(piece for operation in amendment.operations for piece in _pieces(draft, operation))


def divide(draft: Draft, amendment: Amendment, parts: Sequence[Sequence[int]]) -> tuple[Amendment, ...]:
    """The amendment as several, voted on apart: each part gathers `pieces` by their numbers, from 0.

    The parts are named after the whole, "A7/1" and on. They do not collide, and adopting all of them does
    what the whole does. Whoever puts them to the vote sees to it that the languages of a part say the same.
    Robert's Rules of Order, 12th edition, §27. Raises InvalidAmendment unless every piece is in one part and
    each part can be adopted without the others.
    """
    found = pieces(draft, amendment)
    if sorted(number for part in parts for number in part) != list(range(len(found))) or not all(parts):
        raise InvalidAmendment(AmendmentProblem.BAD_DIVISION, amendment.name)
    divided = tuple(
        Amendment(
            f"{amendment.name}/{count}", _joined(draft, [found[number] for number in part]), amendment.amends
        )
        for count, part in enumerate(parts, start=1)
    )
    for part in divided:
        check(draft, part)
    touching = any(contacts(draft, one, other) for one, other in combinations(divided, 2))
    together = [operation for part in divided for operation in part.operations]
    if touching or adopt(draft, together) != adopt(draft, amendment.operations):
        raise InvalidAmendment(AmendmentProblem.BAD_DIVISION, amendment.name)
    return divided


def _pieces(draft: Draft, operation: Operation) -> Iterator[Piece]:
    if not isinstance(operation, Replace) or operation.kind:
        yield Piece(operation)
        return
    for language, new in operation.texts.items():
        old = words_of(draft, operation.key, language)
        whole = Replace(operation.key, {language: operation.against[language]}, {language: new})
        yield from _passages(whole, language, old, new) if old and new else [Piece(whole, language)]


def _passages(whole: Replace, language: str, old: Words, new: Words) -> list[Piece]:
    """One piece for each edit; the whole where an edit made alone would read as another.

    "a" put in beside "a" can be put in before or behind it: the edits of two parts might then touch.
    """
    changes = [(edit, True) for edit in edits(old.heading, new.heading)]
    changes += [(edit, False) for edit in edits(old.body, new.body)]
    found = []
    for edit, in_heading in changes:
        text, parts = (old.heading if in_heading else old.body), [edit]
        after = edited(text, parts)
        alone = Words(after, old.body) if in_heading else Words(old.heading, after)
        if edits(text, alone.heading if in_heading else alone.body) != (edit,):
            return [Piece(whole, language)]
        words = "".join(tokens(text)[edit.start : edit.stop])
        one = Replace(whole.key, whole.against, {language: alone})
        found.append(Piece(one, language, words, "".join(edit.words)))
    return found


def _joined(draft: Draft, chosen: Sequence[Piece]) -> tuple[Operation, ...]:
    """The operations of some pieces, those that replace words of the same provision made one."""
    operations = [piece.operation for piece in chosen]
    replacements: dict[str, list[Replace]] = {}
    for one in operations:
        if isinstance(one, Replace) and not one.kind:
            replacements.setdefault(one.key, []).append(one)
    others = [one for one in operations if not isinstance(one, Replace) or one.kind]
    return (*others, *(_merged(draft, key, ones) for key, ones in replacements.items()))


def _merged(draft: Draft, key: str, replacements: Sequence[Replace]) -> Replace:
    tied = {language: found for one in replacements for language, found in one.against.items()}
    texts = {language: merged_words(draft, key, language, replacements) for language in tied}
    return Replace(key, tied, texts)
