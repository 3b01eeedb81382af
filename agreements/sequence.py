"""What two sequences have in common: the longest part that kept its order, and runs of equal items."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

MOST_COMPARED = 1_000_000
"""Passages whose lengths multiply to more than this, and that share no unique word, count as rewritten."""

Run = tuple[int, int, int]
"""Where a run of equal items begins before and after, and how many there are."""


def out_of_order(expected: Sequence[str], found: Sequence[str]) -> list[str]:
    """The fewest items of `found` that have to move so that it stands in the expected order.

    Both hold the same items, each once.
    """
    ranks = {item: rank for rank, item in enumerate(expected)}
    kept = set(_longest_increasing([ranks[item] for item in found]))
    return [item for place, item in enumerate(found) if place not in kept]


def equal_runs(before: Sequence[str], after: Sequence[str], *, anchor: Callable[[str], bool]) -> list[Run]:
    """The runs that both have in common, in order, as a reader would find them.

    First what is equal at both ends; then the anchors, items that occur once on each side and that say
    something (`anchor`), as far as they kept their order; then, between two anchors, the longest equal runs.
    """
    runs: list[Run] = []
    waiting = [(0, len(before), 0, len(after))]
    while waiting:
        start, stop, start_after, stop_after = waiting.pop()
        head = _equal_at_start(before, after, (start, stop, start_after, stop_after))
        tail = _equal_at_end(before, after, (start + head, stop, start_after + head, stop_after))
        runs += [(start, start_after, head), (stop - tail, stop_after - tail, tail)]
        passage = (start + head, stop - tail, start_after + head, stop_after - tail)
        if anchors := _anchors(before, after, passage, anchor):
            waiting.extend(_between(anchors, passage))
            runs.extend((place, place_after, 1) for place, place_after in anchors)
        else:
            runs.extend(_longest_runs(before, after, passage))
    return _joined(runs)


Passage = tuple[int, int, int, int]


def _equal_at_start(before: Sequence[str], after: Sequence[str], passage: Passage) -> int:
    start, stop, start_after, stop_after = passage
    most = min(stop - start, stop_after - start_after)
    return next((n for n in range(most) if before[start + n] != after[start_after + n]), most)


def _equal_at_end(before: Sequence[str], after: Sequence[str], passage: Passage) -> int:
    start, stop, start_after, stop_after = passage
    most = min(stop - start, stop_after - start_after)
    return next((n for n in range(most) if before[stop - 1 - n] != after[stop_after - 1 - n]), most)


def _anchors(
    before: Sequence[str], after: Sequence[str], passage: Passage, anchor: Callable[[str], bool]
) -> list[tuple[int, int]]:
    start, stop, start_after, stop_after = passage
    unique, unique_after = (_unique(before, start, stop), _unique(after, start_after, stop_after))
    pairs = [
        (place, unique_after[item]) for item, place in unique.items() if item in unique_after and anchor(item)
    ]
    return [pairs[index] for index in _longest_increasing([place_after for _, place_after in pairs])]


def _unique(items: Sequence[str], start: int, stop: int) -> dict[str, int]:
    counted = Counter(items[start:stop])
    return {items[place]: place for place in range(start, stop) if counted[items[place]] == 1}


def _between(anchors: Iterable[tuple[int, int]], passage: Passage) -> Iterator[Passage]:
    start, stop, start_after, stop_after = passage
    for place, place_after in anchors:
        yield start, place, start_after, place_after
        start, start_after = place + 1, place_after + 1
    yield start, stop, start_after, stop_after


def _longest_runs(before: Sequence[str], after: Sequence[str], passage: Passage) -> Iterator[Run]:
    start, stop, start_after, stop_after = passage
    if (stop - start) * (stop_after - start_after) > MOST_COMPARED:
        return
    matcher = SequenceMatcher(None, before[start:stop], after[start_after:stop_after], autojunk=False)
    for found in matcher.get_matching_blocks():
        yield start + found.a, start_after + found.b, found.size


def _joined(runs: Iterable[Run]) -> list[Run]:
    """Runs in order, those that follow each other on both sides made one."""
    joined: list[Run] = []
    for place, place_after, length in sorted(run for run in runs if run[2]):
        if joined:
            last, last_after, last_length = joined[-1]
            if (last + last_length, last_after + last_length) == (place, place_after):
                joined[-1] = (last, last_after, last_length + length)
                continue
        joined.append((place, place_after, length))
    return joined


def _longest_increasing(ranks: Sequence[int]) -> list[int]:
    """The places of the longest increasing part (patience sorting); of several, the one that ends lowest."""
    tops: list[int] = []  # the lowest last rank of an increasing part of each length
    lengths: list[int] = []
    for rank in ranks:
        length = bisect_left(tops, rank)
        tops[length : length + 1] = [rank]
        lengths.append(length)
    chosen, wanted, last = [], len(tops) - 1, max(ranks, default=0) + 1
    for place in reversed(range(len(ranks))):
        if lengths[place] == wanted and ranks[place] < last:
            chosen.append(place)
            wanted, last = wanted - 1, ranks[place]
    return chosen[::-1]
