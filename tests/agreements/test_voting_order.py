import pytest

from agreements import Outcome
from agreements.adoption import adopt
from agreements.amendments import Add, AmendmentProblem, InvalidAmendment, Position
from agreements.collision import Colliding
from agreements.fates import Fate, Status, fates
from agreements.voting_order import Vote, VoteOn, voting_order, words_changed
from tests.agreements.bylaws import BYLAWS, add, amendment, delete, move, provision, retitle, rewrite

SEVEN = amendment("A", rewrite("size", "El comité tiene siete personas."))
NINE = amendment("B", rewrite("size", "El comité tiene nueve personas de cada parte."))
NONE = amendment("C", delete("size"))
SAME = amendment("D", *SEVEN.operations)
FUND = amendment("E", rewrite("fund", "Las dos partes crean un fondo común de becas."))
TITLE = amendment("F", retitle("Convenio", "Pact"))
LAST = amendment("G", rewrite("dues", "Cada club aporta doscientos pesos."))
WITH_SEVEN = adopt(BYLAWS, SEVEN.operations)
ELECTED = amendment(
    "A-1", rewrite("size", "El comité tiene siete personas electas.", draft=WITH_SEVEN), amends="A"
)
CHOSEN = amendment(
    "A-2", rewrite("size", "El comité tiene siete personas de buena fe.", draft=WITH_SEVEN), amends="A"
)
TEACHERS = amendment(
    "A-3", rewrite("size", "El comité docente tiene siete personas.", draft=WITH_SEVEN), amends="A"
)


def order(*amendments, **options):
    steps = voting_order(BYLAWS, amendments, **options)
    return " ".join("=".join(step.names) or step.subject.value for step in steps)


def test_steps_say_what_is_put_to_the_vote():
    assert voting_order(BYLAWS, [SEVEN, SAME], provisions=["size"]) == (
        Vote(VoteOn.AMENDMENT, ("A", "D")),
        Vote(VoteOn.PROVISION, ("size",)),
        Vote(VoteOn.WHOLE),
    )


def test_without_amendments_only_the_text_is_voted_on():
    assert order() == "whole"
    assert order(provisions=["dues", "fund", "size"]) == "fund size dues whole"


def test_amendments_come_before_the_provision_they_change_and_follow_the_draft():
    assert order(LAST, SEVEN, TITLE, FUND) == "E A G F whole"
    assert (
        order(LAST, SEVEN, TITLE, FUND, provisions=["dues", "size", "fund"]) == "E fund A size G dues F whole"
    )
    assert order(LAST, SEVEN, provisions=["fund", "committee"]) == "fund committee A G whole"


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (add("n", None, None), "X fund committee size dues whole"),
        (add("n", "committee", None), "fund X committee size dues whole"),
        (add("n", "committee", "size"), "fund committee X size dues whole"),
        (add("n", None, "dues"), "fund committee size X dues whole"),
        (move("dues", None, None), "fund committee size X dues whole"),
    ],
)
def test_what_is_added_or_moved_has_its_turn_where_it_touches_the_text(operation, expected):
    assert order(amendment("X", operation), provisions=["fund", "committee", "size", "dues"]) == expected


def test_an_amendment_of_several_provisions_comes_before_the_first():
    wide = amendment("X", *LAST.operations, *FUND.operations)
    assert order(SEVEN, wide, provisions=["fund", "size", "dues"]) == "X fund A size dues whole"


def test_of_rivals_the_furthest_removed_is_first_as_the_chair_ranks_them():
    assert order(SEVEN, NINE, NONE) == "C B A whole"  # 11 words out, 4 in; 5; 2
    assert order(SEVEN, NINE, NONE, ranking=["A", "B"]) == "A B C whole"
    assert order(SEVEN, NINE, NONE, ranking=["B"]) == "B C A whole"
    assert order(SEVEN, NINE, NONE, ranking=["B", "A", "B"]) == "B A C whole"


def test_rivals_stay_together_where_the_first_of_them_is():
    both = amendment("X", *LAST.operations, *SEVEN.operations)
    dues = amendment("Y", rewrite("dues", "Cada club aporta mil pesos."))
    assert order(dues, FUND, both, NINE) == "E B X Y whole"


def test_how_far_removed_is_counted_in_words():
    assert words_changed(BYLAWS, SEVEN) == 2
    assert words_changed(BYLAWS, NINE) == 5
    assert words_changed(BYLAWS, NONE) == 12
    assert words_changed(BYLAWS, TITLE) == 4
    assert words_changed(BYLAWS, amendment("X", move("size", None, None))) == 0
    assert words_changed(BYLAWS, amendment("X", rewrite("committee", heading=("Mesa", "Committee")))) == 2


def test_identical_amendments_are_one_vote():
    assert order(SEVEN, NINE, SAME) == "B A=D whole"
    assert order(SAME, NINE, SEVEN, ranking=["A"]) == "D=A B whole"


def test_amendments_to_an_amendment_come_right_before_it():
    assert order(ELECTED, NINE, SEVEN, CHOSEN, TEACHERS) == "B A-2 A-1 A-3 A whole"
    assert order(SEVEN, ELECTED, CHOSEN, ranking=["A-1", "A-2"]) == "A-1 A-2 A whole"


def test_a_rival_of_what_amends_it_is_a_rival():
    small = amendment("Z", rewrite("size", "El comité técnico tiene cinco personas."))
    assert order(FUND, small, SEVEN, TEACHERS, ranking=["Z"]) == "E Z A-3 A whole"
    assert order(small, SEVEN, provisions=["size"]) == "Z A size whole"


def test_an_unknown_provision_is_refused():
    with pytest.raises(InvalidAmendment) as refused:
        voting_order(BYLAWS, [], provisions=["ghost"])
    assert (refused.value.code, refused.value.key) == (AmendmentProblem.UNKNOWN_PROVISION, "ghost")


def test_what_is_new_stands_behind_what_it_follows():
    chain = amendment("L", add("one", None, "dues"), add("two", None, "one"), add("three", "two", None))
    assert order(chain, SEVEN, provisions=["fund", "size", "dues"]) == "fund A size L dues whole"
    inside = Add(provision("one", "", "", provision("in")), Position(None, "dues"))
    assert order(amendment("L", inside), SEVEN, provisions=["size"]) == "A size L whole"


def test_an_amendment_to_an_amendment_counts_where_it_touches_the_text():
    head = amendment("H", *LAST.operations)
    early = rewrite("fund", "Las dos partes crean un fondo.", draft=adopt(BYLAWS, head.operations))
    assert (
        order(head, amendment("H1", early, amends="H"), provisions=["fund", "dues"]) == "H1 H fund dues whole"
    )


def test_one_that_amends_what_is_new_goes_where_that_goes():
    head = amendment("H", Add(provision("one", "", "", provision("in", "Uno.")), Position(None, "dues")))
    inner = rewrite("in", "Dos.", draft=adopt(BYLAWS, head.operations))
    assert order(head, amendment("H1", inner, amends="H"), SEVEN, provisions=["size"]) == "A size H1 H whole"


def test_a_provision_is_voted_on_once():
    assert order(provisions=["size", "fund", "size"]) == "fund size whole"


def test_the_amendment_to_either_of_two_identical_amendments_comes_before_both():
    eight = rewrite("size", "El comité tiene ocho personas.", draft=WITH_SEVEN)
    assert order(SEVEN, SAME, amendment("D-1", eight, amends="D")) == "D-1 A=D whole"
    both = [amendment("D-1", eight, amends="D"), amendment("A-1", eight, amends="A")]
    assert order(SAME, SEVEN, *both) == "D-1=A-1 D=A whole"


def test_a_rank_given_twice_ranks_once():
    far = amendment("T", *NINE.operations)
    assert order(SEVEN, far, NONE, ranking=["A", "A", "T"]) == "A T C whole"


# -- fates --------------------------------------------------------------------------------------------

ADOPTED, REJECTED, TIED = Outcome.ADOPTED, Outcome.REJECTED, Outcome.TIED


def told(amendments, **results):
    found = fates(BYLAWS, amendments, {name.replace("_", "-"): outcome for name, outcome in results.items()})
    return {
        name: (fate.status.value, fate.because) if fate.because else fate.status.value
        for name, fate in found.items()
    }


@pytest.mark.parametrize(
    ("amendments", "results", "expected"),
    [
        ([SEVEN, NINE], {}, {"A": "pending", "B": "pending"}),
        ([SEVEN, NINE], {"A": ADOPTED}, {"A": "adopted", "B": ("lapsed", "A")}),
        ([SEVEN, NINE], {"A": REJECTED}, {"A": "rejected", "B": "pending"}),
        ([SEVEN, NINE], {"A": REJECTED, "B": ADOPTED}, {"A": "rejected", "B": "adopted"}),
        ([SEVEN, NINE], {"A": TIED}, {"A": "undecided", "B": "pending"}),
        ([SEVEN, NINE], {"A": Outcome.INQUORATE}, {"A": "undecided", "B": "pending"}),
        ([SEVEN, NINE], {"A": Outcome.CHAMBERS_DISAGREE}, {"A": "undecided", "B": "pending"}),
        ([SEVEN, NINE], {"A": TIED, "B": ADOPTED}, {"A": ("lapsed", "B"), "B": "adopted"}),
        ([SEVEN, FUND], {"A": ADOPTED}, {"A": "adopted", "E": "pending"}),
        ([SEVEN, NINE, NONE], {"C": ADOPTED}, {"A": ("lapsed", "C"), "B": ("lapsed", "C"), "C": "adopted"}),
        # identical amendments share what happens
        ([SEVEN, NINE, SAME], {"D": ADOPTED}, {"A": "adopted", "B": ("lapsed", "A"), "D": "adopted"}),
        ([SEVEN, NINE, SAME], {"A": REJECTED}, {"A": "rejected", "B": "pending", "D": "rejected"}),
        ([SEVEN, NINE, SAME], {"A": REJECTED, "D": REJECTED},
         {"A": "rejected", "B": "pending", "D": "rejected"}),
        ([NINE, SAME, SEVEN], {"B": ADOPTED}, {"B": "adopted", "D": ("lapsed", "B"), "A": ("lapsed", "B")}),
        # amendments to amendments
        ([SEVEN, ELECTED], {"A_1": ADOPTED}, {"A": "pending", "A-1": "adopted"}),
        ([SEVEN, ELECTED], {"A_1": ADOPTED, "A": ADOPTED}, {"A": "adopted", "A-1": "adopted"}),
        ([SEVEN, ELECTED], {"A_1": ADOPTED, "A": REJECTED}, {"A": "rejected", "A-1": ("fallen", "A")}),
        ([SEVEN, ELECTED], {"A_1": REJECTED, "A": REJECTED}, {"A": "rejected", "A-1": "rejected"}),
        ([SEVEN, ELECTED], {"A_1": REJECTED, "A": ADOPTED}, {"A": "adopted", "A-1": "rejected"}),
        ([ELECTED, SEVEN], {"A": ADOPTED}, {"A-1": ("fallen", "A"), "A": "adopted"}),
        ([ELECTED, SEVEN], {"A_1": TIED, "A": ADOPTED}, {"A-1": ("fallen", "A"), "A": "adopted"}),
        ([SEVEN, ELECTED], {"A": REJECTED}, {"A": "rejected", "A-1": ("fallen", "A")}),
        ([SEVEN, ELECTED], {"A": TIED}, {"A": "undecided", "A-1": "pending"}),
        ([SEVEN, ELECTED, NINE], {"B": ADOPTED, "A_1": ADOPTED},
         {"A": ("lapsed", "B"), "A-1": ("fallen", "A"), "B": "adopted"}),
        ([SEVEN, ELECTED, CHOSEN], {"A_1": ADOPTED},
         {"A": "pending", "A-1": "adopted", "A-2": ("lapsed", "A-1")}),
        ([SEVEN, ELECTED, TEACHERS], {"A_1": ADOPTED, "A_3": ADOPTED},
         {"A": "pending", "A-1": "adopted", "A-3": "adopted"}),
    ],
)  # fmt: skip
def test_what_became_of_each(amendments, results, expected):
    assert told(amendments, **results) == expected
    assert list(told(amendments, **results)) == [one.name for one in amendments]


SMALL = amendment("Z", rewrite("size", "El comité técnico tiene cinco personas."))


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        # what only an amendment to it touches lapses once both are adopted, not before
        ({"A_3": ADOPTED}, {"A": "pending", "A-3": "adopted", "Z": "pending"}),
        ({"A": ADOPTED}, {"A": "adopted", "A-3": ("fallen", "A"), "Z": "pending"}),
        ({"A_3": ADOPTED, "A": ADOPTED}, {"A": "adopted", "A-3": "adopted", "Z": ("lapsed", "A-3")}),
        ({"Z": ADOPTED}, {"A": "pending", "A-3": ("lapsed", "Z"), "Z": "adopted"}),
        # an amendment with what was adopted to amend it
        ({"Z": ADOPTED, "A_3": ADOPTED}, {"A": ("lapsed", "Z"), "A-3": ("fallen", "A"), "Z": "adopted"}),
    ],
)
def test_a_rival_of_an_amendment_to_an_amendment(results, expected):
    assert told([SEVEN, TEACHERS, SMALL], **results) == expected


def test_three_that_cannot_stand_together_are_not_all_adopted():
    deep = [
        amendment("X", move("committee", "dues", None)),
        amendment("Y", add("a", "size", None, "", "", provision("b"))),
        amendment("Z", move("dues", "fund", None)),
    ]
    assert told(deep, X=ADOPTED, Y=ADOPTED) == {"X": "adopted", "Y": "adopted", "Z": "lapsed"}
    assert told(deep, X=ADOPTED) == {"X": "adopted", "Y": "pending", "Z": "pending"}
    with pytest.raises(Colliding):
        told(deep, X=ADOPTED, Y=ADOPTED, Z=ADOPTED)


def test_what_was_adopted_counts_as_it_was_amended():
    head = amendment("A", move("size", None, "dues"))
    out = amendment("A-1", delete("size", draft=adopt(BYLAWS, head.operations)), amends="A")
    other = amendment("C", add("n", "committee", "size"))
    assert told([head, out, other], A=ADOPTED)["C"] == ("lapsed", "A")
    assert told([head, out, other], A=ADOPTED, A_1=ADOPTED)["C"] == "pending"
    assert told([head, out, other], C=ADOPTED, A_1=ADOPTED)["A"] == "pending"


def test_an_amendment_undone_by_its_amendment_touches_nothing():
    undone = rewrite("size", BYLAWS.find("size").body("es"), draft=WITH_SEVEN)
    back = amendment("A-1", undone, amends="A")
    assert told([SEVEN, back, NINE], A=ADOPTED, A_1=ADOPTED) == {
        "A": "adopted",
        "A-1": "adopted",
        "B": "pending",
    }
    assert told([SEVEN, back, NINE], B=ADOPTED, A_1=ADOPTED)["A"] == "pending"


@pytest.mark.parametrize(
    ("amendments", "results", "pair"),
    [
        ([SEVEN, NINE], {"A": ADOPTED, "B": ADOPTED}, ("A", "B")),
        ([SEVEN, ELECTED, CHOSEN], {"A-1": ADOPTED, "A-2": ADOPTED}, ("A-1", "A-2")),
        ([SEVEN, TEACHERS, SMALL], {"A": ADOPTED, "A-3": ADOPTED, "Z": ADOPTED}, ("A", "Z")),
    ],
)
def test_two_rivals_cannot_both_be_adopted(amendments, results, pair):
    with pytest.raises(Colliding) as refused:
        fates(BYLAWS, amendments, results)
    assert [(one.first, one.second) for one in refused.value.collisions] == [pair]


def test_identical_amendments_cannot_have_two_results():
    with pytest.raises(InvalidAmendment) as refused:
        fates(BYLAWS, [SEVEN, SAME], {"A": ADOPTED, "D": REJECTED})
    assert (refused.value.code, refused.value.name) == (AmendmentProblem.CONTRADICTORY_RESULTS, "A")


def test_results_of_others_are_no_concern():
    assert fates(BYLAWS, [SEVEN], {"Q": ADOPTED}) == {"A": Fate(Status.PENDING)}
