"""The benchmark's arithmetic, and that its harness measures what it says."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from bench import load, processor, servers, works
from bench.goals import Goal, goal_of, load_goals
from bench.measure import Bench, interleaved
from bench.verdict import Measured, Round, Verdict, exit_code, interval, judge, line

FLOOR = Goal(
    name="ballot/bare-insert",
    work="ballot",
    bare="insert",
    connections=32,
    measure="rate",
    bound=0.7,
    at_most=False,
)
P99 = replace(FLOOR, measure="p99", bound=0.2, at_most=True)
SIZE = replace(FLOOR, measure="kilobytes", bound=45.0, at_most=True)
FAILURES = replace(FLOOR, measure="failures", bound=0.0, at_most=True)
QUIET = Measured(rate=100.0, p50=10.0, p99=20.0, seconds=2.0, foreign=0.02)


def rounds(*rates: float, **values: float) -> list[Round]:
    """Return rounds in which our program gave these answers a second, and the bare one a hundred."""
    return [Round(work=replace(QUIET, rate=rate, **values), bare=QUIET) for rate in rates]


# -- arithmetic ------------------------------------------------------------------------------------


def test_the_value_is_the_median_of_the_rounds_ratios():
    found = judge(FLOOR, rounds(91.0, 104.0, 98.0, 97.0, 99.0))
    assert (found.verdict, found.value, found.low, found.high) == (Verdict.PASS, 0.98, 0.91, 1.04)


def test_the_line_says_verdict_value_bound_interval_and_foreign_work():
    found = judge(FLOOR, rounds(91.0, 104.0, 98.0, 97.0, 99.0))
    assert line(found) == "PASS ballot/bare-insert c=32 0.98 (floor 0.70) [0.91–1.04] foreign 0.02"


def test_the_line_puts_what_is_due_and_the_aim_beside_todays_floor():
    goal = replace(FLOOR, bound=0.05, due=0.7, aim=1.0)
    found = judge(goal, rounds(8.0, 8.2, 7.9))
    assert line(found).startswith(
        "PASS ballot/bare-insert c=32 0.08 (floor 0.05, due 0.70, aim 1.00) [0.079–"
    )
    assert found.misses_what_is_due


def test_a_value_on_the_floor_passes_and_one_below_it_fails():
    assert judge(FLOOR, rounds(70.0)).verdict is Verdict.PASS
    assert judge(FLOOR, rounds(69.9)).verdict is Verdict.FAIL


def test_a_latency_is_judged_from_above():
    slow = [Round(work=replace(QUIET, p99=5.0), bare=QUIET)]
    assert (judge(P99, slow).value, judge(P99, slow).verdict) == (0.25, Verdict.FAIL)
    assert judge(replace(P99, bound=0.25), slow).verdict is Verdict.PASS


def test_a_size_is_no_ratio():
    found = judge(SIZE, rounds(1.0, size=46 * 1024))
    assert (found.value, found.verdict) == (46.0, Verdict.FAIL)


def test_added_time_is_a_difference_of_processor_time():
    goal = replace(FLOOR, measure="added-cpu", bound=0.25, at_most=True)
    several = [Round(work=replace(QUIET, cpu=1.5 + n / 4), bare=replace(QUIET, cpu=1.5)) for n in range(3)]
    found = judge(goal, several)
    assert (found.verdict, found.value, found.high) == (Verdict.PASS, 0.25, 0.5)


def test_failures_of_all_rounds_are_counted_together():
    several = [*rounds(100.0), *rounds(100.0, failures=2), *rounds(100.0, failures=1)]
    assert (judge(FAILURES, several).value, judge(FAILURES, several).verdict) == (3.0, Verdict.FAIL)


def test_a_wrong_answer_fails_a_goal_however_fast_it_was_and_whoever_disturbed():
    found = judge(FLOOR, rounds(500.0, failures=1, foreign=1.5))
    assert (found.verdict, found.failures) == (Verdict.FAIL, 1)
    assert line(found).endswith("foreign 0.76 failures 1")


def test_more_than_a_quarter_core_of_others_decides_nothing():
    calm = rounds(50.0, foreign=0.48)
    assert (judge(FLOOR, calm).foreign, judge(FLOOR, calm).verdict) == (0.25, Verdict.FAIL)
    assert judge(FLOOR, rounds(50.0, foreign=0.50)).verdict is Verdict.DISTURBED
    assert judge(FLOOR, rounds(99.0, foreign=0.50)).verdict is Verdict.DISTURBED


def test_others_do_not_excuse_a_page_that_is_too_large():
    assert judge(SIZE, rounds(1.0, size=46 * 1024, foreign=2.0)).verdict is Verdict.FAIL


def test_the_processors_time_says_how_much_work_an_answer_was_without_waiting():
    found = judge(FLOOR, [Round(work=replace(QUIET, cpu=4.0), bare=replace(QUIET, cpu=1.0))])
    assert line(found).endswith("foreign 0.02 cpu 0.25")


def test_a_long_measurement_weighs_more_in_the_foreign_share():
    long, short = replace(QUIET, seconds=3.0, foreign=0.4), replace(QUIET, seconds=1.0, foreign=0.0)
    assert judge(FLOOR, [Round(work=long, bare=short)]).foreign == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("count", "expected"),
    # All n lie on one side of it with 2/2ⁿ: five rounds give 93.75 %, eight may leave out one at each end.
    [(1, (1, 1)), (5, (1, 5)), (7, (1, 7)), (8, (2, 7)), (11, (3, 9))],
)
def test_the_interval_holds_the_true_median_with_nine_tenths_where_there_are_rounds_enough(count, expected):
    assert interval([float(value) for value in range(count, 0, -1)]) == expected


def test_the_exit_code_tells_failed_disturbed_and_passed_apart():
    passed, failed = judge(FLOOR, rounds(90.0)), judge(FLOOR, rounds(10.0))
    disturbed = judge(FLOOR, rounds(90.0, foreign=2.0))
    assert [exit_code(found) for found in ([passed], [passed, disturbed], [failed, disturbed])] == [0, 75, 1]


# -- goals -----------------------------------------------------------------------------------------


def test_a_goal_has_exactly_one_bound_and_measures_what_is_known():
    table = {"name": "x", "work": "program", "bare": "rows", "connections": 1}
    assert goal_of(table | {"floor": 1}) == Goal(measure="rate", bound=1.0, at_most=False, **table)
    for wrong in ({}, {"floor": 1, "ceiling": 2}, {"floor": 1, "measure": "beauty"}):
        with pytest.raises(ValueError, match=r"^x: "):
            goal_of(table | wrong)


def test_no_goal_aims_at_less_than_is_due():
    goals = [goal for kind in ("sqlite", "postgresql") for goal in load_goals(kind)]
    assert len({(goal.database, goal.title, goal.connections) for goal in goals}) == len(goals) > 10
    for goal in goals:
        order = [value for value in (goal.due, goal.aim) if value is not None]
        assert order == sorted(order, reverse=goal.at_most), goal


# -- what the machine tells ------------------------------------------------------------------------


def test_busy_time_leaves_out_idleness_waiting_for_the_disk_and_guests():
    ticks = processor.busy_seconds("cpu  1 2 4 1000 1000 8 16 32 1000 1000\n") / processor.TICK
    assert ticks == pytest.approx(63)


def test_a_process_is_read_whatever_its_name():
    text = "7 (a) b) (c) S 3 7 7 0 -1 0 0 0 0 0 10 20 30 40 20 0 1 0 5 0 0"
    parent, seconds = processor.process_line(text)
    assert (parent, seconds / processor.TICK) == (3, pytest.approx(100))


def test_what_is_not_ours_is_foreign():
    before, after = processor.Reading(10.0, 100.0, 50.0), processor.Reading(12.0, 103.0, 52.0)
    assert processor.foreign_cores(before, after) == 0.5
    assert processor.foreign_cores(before, processor.Reading(12.0, 102.0, 52.01)) == 0.0


def test_a_quantile_is_one_of_the_values():
    ordered = [float(value) for value in range(1, 101)]
    assert [load.quantile(ordered, share) for share in (0.5, 0.99, 1.0)] == [51.0, 100.0, 100.0]


# -- the harness -----------------------------------------------------------------------------------


def test_the_harness_measures_the_bare_program(tmp_path):
    address = f"sqlite:///{tmp_path / 'bench.sqlite'}"
    settings = servers.environment(address, tmp_path, "no secret")
    with servers.serving(servers.ANCHOR, settings, tmp_path / "anchor.log") as server:
        bench = Bench({"anchor": server}, works.anchor_works())
        found = list(interleaved(bench, [("insert", "hello", 4)], rounds=1, seconds=0.3))
    [(number, pair, both)] = found
    assert (number, pair, both.work.failures, both.bare.failures) == (0, ("insert", "hello", 4), 0, 0)
    assert both.bare.rate > both.work.rate > 0
    assert both.work.p50 <= both.work.p99
    assert both.work.cpu > both.bare.cpu > 0
    assert both.bare.size == len("hello")
    with closing(sqlite3.connect(tmp_path / "bench.sqlite")) as connection:
        stored = connection.execute("SELECT count(*) FROM bare_ballot").fetchone()[0]
    assert stored == bench.statuses["insert"]["200"]


def test_a_server_that_does_not_start_says_why(tmp_path):
    settings = servers.environment("sqlite://", tmp_path, "no secret")
    with (
        pytest.raises(servers.NotServing, match=r"No module named 'bench\.nothing'"),
        servers.serving("bench.nothing:create()", settings, tmp_path / "nothing.log"),
    ):
        pytest.fail("it cannot serve")


def test_a_stock_gives_each_ballot_once(tmp_path):
    path = tmp_path / "ballots.jsonl"
    path.write_text("".join(f'{{"number": {n}, "cookie": "c={n}", "token": "t{n}"}}\n' for n in (1, 2, 3)))
    stock = works.Stock(path, "127.0.0.1")
    first = stock.take(2)
    assert [text.split()[1] for text in first] == [
        "/es/votacion/votes/1/ballot",
        "/es/votacion/votes/2/ballot",
    ]
    stock.position += 2
    assert [text.split()[1] for text in stock.take(2)] == ["/es/votacion/votes/3/ballot"]
    stock.position += 1
    with pytest.raises(works.StockEmpty):
        stock.take(1)
