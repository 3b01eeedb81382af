"""No count of fewer than five is shown, nor can one be worked out from the total and the others."""

from __future__ import annotations

from functools import cache
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.domain.suppression import suppressed, suppressed_table

COUNTS = st.lists(st.integers(0, 12) | st.integers(0, 200), min_size=1, max_size=8)
# Small enough that every table which looks the same can be tried.
LEAST = 3
SHAPES = [(2, 2), (2, 3), (3, 2), (1, 3), (3, 1)]


def as_cells(counts: list[int]) -> dict[int, int]:
    return dict(enumerate(counts))


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        # Nothing is small: nothing is hidden.
        ([12, 7, 5], [12, 7, 5]),
        # One small count is the total less the others, so the smallest of them goes with it.
        ([12, 7, 2], [12, None, None]),
        # Two that are six together: neither can be known.
        ([12, 2, 4], [12, None, None]),
        # Two that are three together: they are a group of three.
        ([12, 9, 2, 1], [12, None, None, None]),
        # Two that are eight, both under five, can only be four and four.
        ([12, 9, 4, 4], [12, None, None, None]),
        # Zero tells as well.
        ([12, 7, 0], [12, None, None]),
        # Nobody: there is nothing to tell.
        ([0, 0, 0], [0, 0, 0]),
        # Few in all: nothing is said of how they are spread.
        ([1, 2, 0], [None, None, None]),
        # Two equally small ones go together, so that the order of the table tells nothing.
        ([7, 7, 12, 2], [None, None, 12, None]),
        # A single count is its total.
        ([4], [None]),
        ([5], [5]),
        ([], []),
    ],
)
def test_small_counts_go_with_their_complement(counts, shown):
    assert suppressed(as_cells(counts)) == as_cells(shown)


@given(COUNTS)
def test_nothing_below_five_is_shown_and_what_is_shown_is_true(counts):
    shown = suppressed(as_cells(counts))
    assert list(shown) == list(range(len(counts)))
    assert all(count is None or count == counts[key] for key, count in shown.items())
    assert all(count is None or count >= 5 for count in shown.values()) or not any(counts)


@given(COUNTS)
def test_the_hidden_counts_together_are_five_or_all_there_is(counts):
    shown = suppressed(as_cells(counts))
    hidden = [counts[key] for key, count in shown.items() if count is None]
    assert not hidden or sum(hidden) >= 5 or len(hidden) == len(counts)


@given(COUNTS, st.randoms())
def test_the_order_of_the_counts_does_not_matter(counts, random):
    order = list(range(len(counts)))
    random.shuffle(order)
    assert suppressed({key: counts[key] for key in order}) == suppressed(as_cells(counts))


@cache
def looks_alike(length: int, total: int) -> dict[tuple[int | None, ...], list[tuple[int, ...]]]:
    """Every row of counts with the total, by what is shown of it: all that who knows the rule knows."""
    found: dict[tuple[int | None, ...], list[tuple[int, ...]]] = {}
    for counts in product(range(total + 1), repeat=length):
        if sum(counts) == total:
            shown = tuple(suppressed(as_cells(list(counts)), least=LEAST).values())
            found.setdefault(shown, []).append(counts)
    return found


@pytest.mark.parametrize("length", [2, 3, 4])
@pytest.mark.parametrize("total", range(1, 15))
def test_who_knows_the_total_and_the_rule_cannot_tell_any_hidden_count(length, total):
    told = [
        (shown, place)
        for shown, alike in looks_alike(length, total).items()
        for place, count in enumerate(shown)
        if count is None and len({counts[place] for counts in alike}) == 1
    ]
    assert told == []


def as_table(values: tuple[int, ...], height: int, width: int) -> dict[tuple[str, int], int]:
    places = product("abc"[:height], range(width))
    return dict(zip(places, values, strict=True))


def everything_shown(values: tuple[int, ...], height: int, width: int) -> list[int | None]:
    """What is shown of the cells, then of the sums of the rows, then of those of the columns."""
    table = suppressed_table(as_table(values, height, width), least=LEAST)
    return [*table.cells.values(), *table.rows.values(), *table.columns.values()]


def of_table(values: tuple[int, ...], height: int, width: int) -> list[int]:
    rows = [sum(values[i * width : (i + 1) * width]) for i in range(height)]
    return [*values, *rows, *(sum(values[j::width]) for j in range(width))]


@cache
def tables(height: int, width: int, total: int) -> list[tuple[tuple[int, ...], list[int]]]:
    """Every table with the total, with its sums."""
    found = product(range(total + 1), repeat=height * width)
    return [(values, of_table(values, height, width)) for values in found if sum(values) == total]


def fits(shown: list[int | None], full: list[int]) -> bool:
    return all(seen is None or seen == count for seen, count in zip(shown, full, strict=True))


@pytest.mark.parametrize(("height", "width"), SHAPES)
@pytest.mark.parametrize("total", [1, 2, 3, 5, 6, 7])
def test_who_knows_the_total_cannot_tell_any_hidden_cell_or_sum_of_a_table(height, width, total):
    told = []
    every = tables(height, width, total)
    for values, _full in every[:: 1 if len(every) < 200 else 23]:
        shown = everything_shown(values, height, width)
        alike = [full for _values, full in every if fits(shown, full)]
        told += [
            (values, place)
            for place, seen in enumerate(shown)
            if seen is None and len({full[place] for full in alike}) == 1
        ]
    assert told == []


TABLES = st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(
    lambda shape: st.lists(
        st.integers(0, 9) | st.integers(0, 60), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]
    ).map(lambda values: {(n // shape[1], n % shape[1]): value for n, value in enumerate(values)})
)


@given(TABLES)
def test_a_table_shows_what_is_true_and_nothing_below_five(counts):
    table = suppressed_table(counts)
    assert table.total == sum(counts.values())
    assert set(table.cells) == set(counts)
    assert all(shown is None or shown == counts[place] for place, shown in table.cells.items())
    everything = [*table.cells.values(), *table.rows.values(), *table.columns.values()]
    one_line = 1 in {len(table.rows), len(table.columns)}
    assert all(shown is None or shown >= 5 for shown in everything) or table.total < 5 or one_line


@given(TABLES)
def test_no_line_of_a_table_gives_one_count_or_a_few_people_away(counts):
    table = suppressed_table(counts)
    lines = [(shown, lambda place, row=row: place[0] == row) for row, shown in table.rows.items()]
    lines += [(shown, lambda place, at=at: place[1] == at) for at, shown in table.columns.items()]
    for shown, is_in in lines:
        hidden = [counts[place] for place, seen in table.cells.items() if is_in(place) and seen is None]
        everything = all(table.cells[place] is None for place in table.cells if is_in(place))
        assert shown is None or not hidden or (len(hidden) > 1 and sum(hidden) >= 5) or everything


@given(TABLES)
def test_what_the_total_leaves_is_no_few_people_either(counts):
    table = suppressed_table(counts)
    for axis, sums in ((0, table.rows), (1, table.columns)):
        left = [place for place in counts if sums[place[axis]] is None]
        hidden = [counts[place] for place in left if table.cells[place] is None]
        # What a reader takes from the total: the sums that are shown, and the cells where the sum is not.
        assert sum(hidden) == table.total - sum(shown for shown in sums.values() if shown is not None) - sum(
            table.cells[place] or 0 for place in left
        )
        one_line = 1 in {len(table.rows), len(table.columns)}
        assert not hidden or sum(hidden) >= 5 or sum(hidden) == table.total or one_line


def test_a_few_people_among_many_of_one_cell_are_not_told_by_the_total():
    few = {("a", 1): 1, ("b", 0): 1, ("b", 1): 1, ("c", 0): 0, ("c", 1): 0}
    table = suppressed_table({("a", 0): 28, **few})
    assert table.total == 31
    assert {*table.cells.values(), *table.rows.values(), *table.columns.values()} == {None}


def test_a_table_without_small_counts_is_shown_whole():
    counts = {(row, column): 5 + column for row in "ab" for column in range(3)}
    table = suppressed_table(counts)
    assert (table.cells, table.rows) == (counts, {"a": 18, "b": 18})
    assert (table.columns, table.total) == ({0: 10, 1: 12, 2: 14}, 36)


def test_a_small_cell_goes_with_a_rectangle_of_others():
    counts = {("a", 0): 2, ("a", 1): 20, ("a", 2): 30, ("b", 0): 40, ("b", 1): 50, ("b", 2): 60}
    assert suppressed_table(counts).cells == {
        **dict.fromkeys([("a", 0), ("a", 1), ("b", 0), ("b", 1)]),
        ("a", 2): 30,
        ("b", 2): 60,
    }


def test_a_pair_that_is_missing_counts_as_nobody():
    table = suppressed_table({("a", 0): 30, ("b", 1): 40})
    assert set(table.cells) == {("a", 0), ("a", 1), ("b", 0), ("b", 1)}
    assert set(table.cells.values()) == {None}


def test_a_table_of_nobody_says_so():
    table = suppressed_table({("a", 0): 0, ("b", 0): 0})
    assert (table.cells, table.rows, table.columns) == (
        {("a", 0): 0, ("b", 0): 0},
        {"a": 0, "b": 0},
        {0: 0},
    )


def test_an_empty_table_is_empty():
    table = suppressed_table({})
    assert (table.cells, table.rows, table.columns, table.total) == ({}, {}, {}, 0)


def test_a_table_of_one_row_is_counts_along_one_axis():
    table = suppressed_table({("a", 0): 2, ("a", 1): 7, ("a", 2): 12})
    assert table.cells == {("a", 0): None, ("a", 1): None, ("a", 2): 12}
    assert (table.rows, table.columns) == ({"a": 21}, {0: None, 1: None, 2: 12})
