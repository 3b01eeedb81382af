import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements import sequence
from agreements.sequence import equal_runs, out_of_order

letters = st.text(alphabet="abcd ", max_size=12)


@pytest.mark.parametrize(
    ("expected", "found", "moved"),
    [
        ("", "", ""),
        ("abc", "abc", ""),
        ("abc", "bca", "a"),
        ("abc", "cab", "c"),
        ("ab", "ba", "b"),  # of two that changed places, one is said to have moved
        ("abcdef", "bdacfe", "bdf"),
        ("abcd", "dcba", "dcb"),
    ],
)
def test_the_fewest_have_moved(expected, found, moved):
    assert "".join(out_of_order(expected, found)) == moved


@given(st.permutations("abcdefg"))
def test_what_did_not_move_is_in_order_and_no_more_could_stay(found):
    moved = out_of_order("abcdefg", found)
    kept = [item for item in found if item not in moved]
    assert kept == sorted(kept)
    lengths = []
    for place, item in enumerate(found):
        lengths.append(1 + max((lengths[other] for other in range(place) if found[other] < item), default=0))
    assert len(kept) == max(lengths)


@given(letters, letters)
def test_equal_runs_are_equal_in_order_and_as_long_as_can_be(before, after):
    runs = equal_runs(before, after, anchor=str.isalpha)
    end, end_after = 0, 0
    for place, place_after, length in runs:
        assert length > 0
        assert before[place : place + length] == after[place_after : place_after + length]
        assert place >= end
        assert place_after >= end_after
        assert (place, place_after) != (end, end_after) or (end, end_after) == (0, 0)
        end, end_after = place + length, place_after + length


@pytest.mark.parametrize(
    ("before", "after", "runs"),
    [
        ("", "", []),
        ("abc", "abc", [(0, 0, 3)]),
        ("abc", "xabc", [(0, 1, 3)]),
        ("abxcd", "abycd", [(0, 0, 2), (3, 3, 2)]),
        ("aXbbb", "YbbbaX", [(0, 4, 2)]),  # the anchor X counts, not the longer run
        ("X ab", "ab Y", [(2, 0, 2)]),  # a space is no anchor
        ("abab", "ba", [(1, 0, 2)]),
    ],
)
def test_anchors_come_before_long_runs(before, after, runs):
    assert equal_runs(before, after, anchor=str.isalpha) == runs


def test_what_is_everywhere_counts_too():
    before, after = "x" + "ab" * 150 + "y", "z" + "ba" * 150 + "w"
    runs = equal_runs(before, after, anchor=str.isspace)
    assert sum(length for *_, length in runs) == 299


def test_passages_are_compared_up_to_a_bound(monkeypatch):
    monkeypatch.setattr(sequence, "MOST_COMPARED", 12)
    assert equal_runs("xabc", "yac", anchor=str.isspace) == [(1, 1, 1), (3, 2, 1)]
    assert equal_runs("xaby", "zabw", anchor=str.isspace) == []
