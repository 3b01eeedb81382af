"""Counts of people: none is shown, or can be worked out, of fewer than five. Pure.

A count that is not shown is None, whatever the reason: because fewer than five are in it, or because it would
give away one that is (its complement). Nobody outside is told which, so the words for None say “not shown”.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

Key = TypeVar("Key")
Row = TypeVar("Row")
Column = TypeVar("Column")

# The smallest number of people that a count of them is shown of.
LEAST = 5


@dataclass(frozen=True, slots=True)
class Table(Generic[Row, Column]):
    """Counts along two axes as they may be shown, with the sums of rows and columns that may be."""

    cells: Mapping[tuple[Row, Column], int | None]
    rows: Mapping[Row, int | None]
    columns: Mapping[Column, int | None]
    total: int


def suppressed(counts: Mapping[Key, int], *, least: int = LEAST) -> Mapping[Key, int | None]:
    """Hide every count below `least`, and the smallest of the others where the hidden could be worked out.

    The reader is taken to know the total and this rule. A zero is hidden too: it tells of everybody in the
    group that they are not among these. Only where there is nobody at all is every count shown, as zero.
    The hidden counts together are a count of people as well, so they are never fewer than `least` unless
    they are all there is. Equal counts are hidden together: then any exchange of the hidden values would
    look the same, and none of them is certain. A count that stands alone is its total: show neither below
    `least`.
    """
    if not any(counts.values()):
        return dict(counts)
    hidden = {key for key, count in counts.items() if count < least}
    others = [count for key, count in counts.items() if key not in hidden]
    if others and _tells([counts[key] for key in hidden], least):
        hidden |= {key for key, count in counts.items() if count == min(others)}
    return {key: None if key in hidden else count for key, count in counts.items()}


def suppressed_table(counts: Mapping[tuple[Row, Column], int], *, least: int = LEAST) -> Table[Row, Column]:
    """Hide cells and sums along two axes until none of the hidden can be worked out from what is shown.

    A pair that is missing counts zero. The total of all is always taken to be known, and of a table of one
    row or one column the sums along it: they are totals, and its cells. Deterministic: among the shown
    the smallest is hidden next, then the first; sums of rows and columns last.
    """
    grid = _Grid(counts, least)
    hidden: set[_Place] = set()
    if grid.height == 1 or grid.width == 1:
        hidden = grid.small_in_line()
    elif grid.total:
        found = grid.small()
        while found:
            hidden |= found
            found = set().union(*(grid.beside(place, hidden) for place in grid.told(hidden)))
    return grid.shown(hidden)


def _tells(hidden: Collection[int], least: int) -> bool:
    """Whether counts of which the sum is known give themselves away, or are too few people together.

    All as large as hidden counts can be is as good as said: two that are fours, of eight.
    """
    if not hidden:
        return False
    return len(hidden) == 1 or sum(hidden) < least or sum(hidden) == len(hidden) * (least - 1)


_Place = tuple[int, int]


class _Grid(Generic[Row, Column]):
    """A table with a last row and a last column for the sums; places are pairs of numbers."""

    def __init__(self, counts: Mapping[tuple[Row, Column], int], least: int) -> None:
        self.least = least
        self.rows = list(dict.fromkeys(row for row, _column in counts))
        self.columns = list(dict.fromkeys(column for _row, column in counts))
        self.height, self.width = len(self.rows), len(self.columns)
        self.total = sum(counts.values())
        pairs = product(enumerate(self.rows), enumerate(self.columns))
        self.cells = {(i, j): counts.get((row, column), 0) for (i, row), (j, column) in pairs}
        self.values = dict(self.cells)
        for i, j in self._row_sums():
            self.values[i, j] = sum(value for place, value in self.cells.items() if place[0] == i)
        for i, j in self._column_sums():
            self.values[i, j] = sum(value for place, value in self.cells.items() if place[1] == j)

    def _is_sum(self, place: _Place) -> bool:
        return place[0] == self.height or place[1] == self.width

    def small(self) -> set[_Place]:
        """Return every cell of too few, and the sums that are hidden as counts along one axis are."""
        cells = {place for place, value in self.values.items() if value < self.least and place in self.cells}
        return cells | self._small_along(self._row_sums()) | self._small_along(self._column_sums())

    def small_in_line(self) -> set[_Place]:
        """Return what is hidden of a single row or column: counts along one axis, and their sums."""
        cells = self._small_along(list(self.cells))
        return cells | {(self.height, j) if self.height == 1 else (i, self.width) for i, j in cells}

    def _small_along(self, places: Collection[_Place]) -> set[_Place]:
        shown = suppressed({place: self.values[place] for place in places}, least=self.least)
        return {place for place, value in shown.items() if value is None}

    def _row_sums(self) -> list[_Place]:
        return [(i, self.width) for i in range(self.height)]

    def _column_sums(self) -> list[_Place]:
        return [(self.height, j) for j in range(self.width)]

    def told(self, hidden: set[_Place]) -> set[_Place]:
        """Return the hidden places that can be worked out, or are in a line that gives itself away."""
        told_by_lines = {
            place for line in self._lines(hidden) if self._gives_away(line, hidden) for place in hidden & line
        }
        return told_by_lines | {place for place in hidden if not self._may_vary(place, hidden)}

    def _lines(self, hidden: set[_Place]) -> Iterator[set[_Place]]:
        for i in range(self.height):
            yield {(i, j) for j in range(self.width + 1)}
        for j in range(self.width):
            yield {(i, j) for i in range(self.height + 1)}
        yield from self._left_of_total(hidden)

    def _left_of_total(self, hidden: set[_Place]) -> Iterator[set[_Place]]:
        """Yield what can be taken from the total: of all rows whose sum is hidden, together, and of columns.

        From the total the sums that are shown are taken, and the cells that are shown where the sum is not.
        """
        of_rows = {(i, j) for i, j in self.cells if (i, self.width) in hidden} | set(
            self._row_sums()
        ) - hidden
        of_columns = {(i, j) for i, j in self.cells if (self.height, j) in hidden}
        of_columns |= set(self._column_sums()) - hidden
        for line in (of_rows, of_columns):
            # Where all of them are hidden, only the total itself is told.
            if sum(self.values[place] for place in line & hidden) < self.total:
                yield line

    def _gives_away(self, line: set[_Place], hidden: set[_Place]) -> bool:
        found = hidden & line
        if any(map(self._is_sum, found)):
            # The sum is hidden too, so that nothing can be taken from it, but for it itself.
            return len(found) == 1
        return _tells([self.values[place] for place in found], self.least)

    def beside(self, place: _Place, hidden: set[_Place]) -> set[_Place]:
        """Return what is hidden next for a place: the smallest of a line that gives it away, or of all."""
        shown = sorted(
            (self._is_sum(other), self.values[other], other) for other in self.values if other not in hidden
        )
        lines = [line for line in self._lines(hidden) if place in line]
        told = [line for line in lines if self._gives_away(line, hidden)]
        # Where everything is hidden nothing is told, so that nobody asks for more.
        return {
            next(
                other
                for where in (told, lines, [set(self.values)])
                for _sum, _value, other in shown
                if any(other in line for line in where)
            )
        }

    def _may_vary(self, place: _Place, hidden: set[_Place]) -> bool:
        """Whether there is another table, no count in it below zero, that looks the same and differs here.

        In such a table some hidden counts are one more and others one less, in turn along a cycle of rows and
        columns; a sum moves against its cells.
        """
        row, column = place[0], self.height + 1 + place[1]
        steps: dict[int, list[int]] = {}
        for i, j in hidden - {place}:
            if self._rises((i, j)):
                steps.setdefault(i, []).append(self.height + 1 + j)
            if self._falls((i, j)):
                steps.setdefault(self.height + 1 + j, []).append(i)
        return (self._rises(place) and _reaches(steps, column, row)) or (
            self._falls(place) and _reaches(steps, row, column)
        )

    def _rises(self, place: _Place) -> bool:
        return self.values[place] > 0 if self._is_sum(place) else True

    def _falls(self, place: _Place) -> bool:
        return True if self._is_sum(place) else self.values[place] > 0

    def shown(self, hidden: set[_Place]) -> Table[Row, Column]:
        """Return the table with the hidden places as None."""
        left = {place: None if place in hidden else value for place, value in self.values.items()}
        pairs = product(enumerate(self.rows), enumerate(self.columns))
        return Table(
            cells={(row, column): left[i, j] for (i, row), (j, column) in pairs},
            rows={row: left[i, self.width] for i, row in enumerate(self.rows)},
            columns={column: left[self.height, j] for j, column in enumerate(self.columns)},
            total=self.total,
        )


def _reaches(steps: Mapping[int, Collection[int]], start: int, end: int) -> bool:
    seen, waiting = {start}, deque([start])
    while waiting:
        for following in steps.get(waiting.popleft(), ()):
            if following == end:
                return True
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return False
