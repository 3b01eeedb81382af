"""In what order amendments, provisions and the whole text are put to the vote."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from agreements.adoption import adopt
from agreements.amendments import Add, AmendmentProblem, InvalidAmendment
from agreements.collision import collisions, identical
from agreements.comparison import compare
from agreements.families import families
from agreements.text import AGREEMENT_KEY
from agreements.words import Mark, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agreements.amendments import Amendment, Operation
    from agreements.families import Family
    from agreements.text import Draft


class VoteOn(StrEnum):
    """What is put to the vote."""

    AMENDMENT = "amendment"
    PROVISION = "provision"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Vote:
    """One vote: on an amendment and those identical to it, on a provision (its key), or on the whole text."""

    subject: VoteOn
    names: tuple[str, ...] = ()


def voting_order(
    draft: Draft,
    amendments: Sequence[Amendment],
    *,
    ranking: Sequence[str] = (),
    provisions: Iterable[str] = (),
) -> tuple[Vote, ...]:
    """Amendments before the provisions they change, the furthest removed first, last the whole text.

    The chair ranks rivals, the furthest removed in substance first; those not ranked follow, by how many
    words they change. Amendments to an amendment come right before it, identical ones are one vote. Without
    rivals they follow the draft; the title comes last. `provisions` are the keys that are voted on one by
    one. United Nations General Assembly, rules of procedure, rule 90; Robert's Rules of Order, §12. Raises
    InvalidAmendment for what does not stand on the draft, an unknown key among it.
    """
    groups = _Groups(draft, amendments, ranking)
    waiting = sorted(groups.rivals(), key=groups.place)
    votes: list[Vote] = []
    for key in sorted(provisions, key=groups.place_of):
        while waiting and groups.place(waiting[0]) <= groups.places[key]:
            votes += groups.votes(waiting.pop(0))
        votes.append(Vote(VoteOn.PROVISION, (key,)))
    votes += [vote for rivals in waiting for vote in groups.votes(rivals)]
    return (*votes, Vote(VoteOn.WHOLE))


def words_changed(draft: Draft, amendment: Amendment) -> int:
    """How many words an amendment of the draft takes out and puts in, in all languages; a move is none."""
    comparison = compare(draft, adopt(draft, amendment.operations))
    marked = [span for title in comparison.titles.values() for span in title]
    for provision in comparison.changes:
        marked += [span for words in provision.words.values() for span in (*words.heading, *words.body)]
    changed = (token for span in marked if span.mark is not Mark.KEPT for token in tokens(span.text))
    return sum(1 for token in changed if not token.isspace())


class _Groups:
    """Amendments of one draft gathered into families and rivals, with their places in the document."""

    def __init__(self, draft: Draft, amendments: Sequence[Amendment], ranking: Sequence[str]) -> None:
        self.draft = draft
        self.ranks = {name: rank for rank, name in reversed(list(enumerate(ranking)))}
        self.alike = {name: names for names in identical(amendments) for name in names}
        self.families = {family.head.name: family for family in families(draft, amendments)}
        self.collisions = collisions(draft, amendments)
        self.places = {place.provision.key: index for index, place in enumerate(draft.walk())}
        self.places[AGREEMENT_KEY] = len(self.places)

    def rivals(self) -> list[list[Family]]:
        """Families in groups: whoever collides, be it through a third, and whoever is identical."""
        group = {name: {name} for name in self.families}
        pairs = [(one.first, one.second) for one in self.collisions]
        pairs += [(names[0], name) for names in set(self.alike.values()) for name in names]
        for first, second in pairs:
            one, other = group[self._head(first)], group[self._head(second)]
            if one is not other:
                one |= other
                group.update(dict.fromkeys(other, one))
        distinct = {id(names): names for names in group.values()}
        return [
            [self.families[name] for name in self.families if name in names] for names in distinct.values()
        ]

    def place(self, rivals: Iterable[Family]) -> int:
        """The first provision that any of them touches, counted through the document."""
        return min(self._place(one) for family in rivals for one in family.head.operations)

    def place_of(self, key: str) -> int:
        """Where a provision stands, counted through the document."""
        if key not in self.places:
            raise InvalidAmendment(AmendmentProblem.UNKNOWN_PROVISION, key=key)
        return self.places[key]

    def votes(self, rivals: Iterable[Family]) -> Iterator[Vote]:
        """The furthest removed first, each with the amendments to it right before it."""
        done: set[str] = set()
        for family in sorted(rivals, key=lambda one: self._furthest_first(self.draft, one.head)):
            text = family.text(self.draft)
            members = sorted(family.members, key=lambda one: self._furthest_first(text, one))
            for amendment in (*members, family.head):
                names = self.alike.get(amendment.name, (amendment.name,))
                if not done & set(names):
                    yield Vote(VoteOn.AMENDMENT, names)
                done.update(names)

    def _head(self, name: str) -> str:
        owners = (
            head for head, family in self.families.items() for one in family.members if one.name == name
        )
        return next(owners, name)

    def _furthest_first(self, draft: Draft, amendment: Amendment) -> tuple[int, int]:
        unranked = len(self.ranks)
        return self.ranks.get(amendment.name, unranked), -words_changed(draft, amendment)

    def _place(self, operation: Operation) -> int:
        if not isinstance(operation, Add):
            return self.places[operation.key]
        position = operation.position
        return self.places.get(position.after_key or position.parent_key or "", 0)
