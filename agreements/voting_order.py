"""In what order amendments, provisions and the whole text are put to the vote."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from agreements.adoption import adopt
from agreements.amendments import Add, AmendmentProblem, InvalidAmendment, within
from agreements.collision import tabled_collisions
from agreements.comparison import compare
from agreements.tabled import Tabled
from agreements.text import AGREEMENT_KEY
from agreements.words import Mark, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from agreements.amendments import Amendment, Operation
    from agreements.tabled import Family
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
    groups = _Groups(Tabled(draft, amendments), ranking)
    waiting = sorted(groups.rivals(), key=groups.place)
    votes: list[Vote] = []
    for key in sorted(set(provisions), key=groups.place_of):
        while waiting and groups.place(waiting[0]) <= groups.places[key]:
            votes += groups.votes(waiting.pop(0))
        votes.append(Vote(VoteOn.PROVISION, (key,)))
    votes += [vote for rivals in waiting for vote in groups.votes(rivals)]
    return (*votes, Vote(VoteOn.WHOLE))


def words_changed(draft: Draft, amendment: Amendment) -> int:
    """How many words and signs an amendment takes out and puts in, in all languages; a move is none."""
    comparison = compare(draft, adopt(draft, amendment.operations))
    marked = [span for title in comparison.titles.values() for span in title]
    for provision in comparison.changes:
        marked += [span for words in provision.words.values() for span in (*words.heading, *words.body)]
    changed = (token for span in marked if span.mark is not Mark.KEPT for token in tokens(span.text))
    return sum(1 for token in changed if not token.isspace())


class _Groups:
    """Families gathered into rivals, with their places in the document."""

    def __init__(self, tabled: Tabled, ranking: Sequence[str]) -> None:
        self.tabled = tabled
        self.unranked = len(ranking)
        self.ranks = {name: rank for rank, name in reversed(list(enumerate(ranking)))}
        self.places = {place.provision.key: index for index, place in enumerate(tabled.draft.walk())}
        self.places[AGREEMENT_KEY] = len(self.places)

    def rivals(self) -> list[list[Family]]:
        """Families in groups: whoever collides, be it through a third."""
        group = {family.head.name: [family] for family in self.tabled.families}
        for collision in tabled_collisions(self.tabled):
            one, other = (
                group[self.tabled.family_of[name].head.name] for name in (collision.first, collision.second)
            )
            if one is not other:
                one += other
                group.update({family.head.name: one for family in other})
        return list({id(families): families for families in group.values()}.values())

    def place(self, rivals: Iterable[Family]) -> int:
        """The first provision that any of them touches, counted through the document."""
        return min(self._place(family) for family in rivals)

    def place_of(self, key: str) -> int:
        """Where a provision stands, counted through the document."""
        if key not in self.places:
            raise InvalidAmendment(AmendmentProblem.UNKNOWN_PROVISION, key=key)
        return self.places[key]

    def votes(self, rivals: Iterable[Family]) -> Iterator[Vote]:
        """The furthest removed first, each with the amendments to it right before it."""
        for family in sorted(rivals, key=lambda one: self._furthest_first(one.draft, one.head)):
            text = family.text
            members = sorted(family.members, key=lambda one: self._furthest_first(text, one))
            for amendment in (*members, family.head):
                yield Vote(VoteOn.AMENDMENT, self.tabled.alike[amendment.name])

    def _furthest_first(self, draft: Draft, amendment: Amendment) -> tuple[int, int]:
        ranks = [self.ranks.get(name, self.unranked) for name in self.tabled.alike[amendment.name]]
        return min(ranks), -words_changed(draft, amendment)

    def _place(self, family: Family) -> int:
        """Of what an amendment or one to it touches in the draft, the first; what is new stands behind it."""
        operations = [one for each in (family.head, *family.members) for one in each.operations]
        anchors = {key: anchor for one in operations for key, anchor in _anchors(one)}
        touched = (self._first_known(one.key, anchors) for one in operations)
        return min(touched)

    def _first_known(self, key: str | None, anchors: Mapping[str, str | None]) -> int:
        while key is not None and key not in self.places:
            key = anchors.get(key)
        return self.places[key] if key is not None else 0


def _anchors(operation: Operation) -> Iterator[tuple[str, str | None]]:
    """Each new provision with what it is put behind or into."""
    if isinstance(operation, Add):
        position = operation.position
        yield operation.key, position.after_key or position.parent_key
        for parent in within(operation.provision):
            yield from ((child.key, parent.key) for child in parent.children)
