import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements import MAXIMUM_DEPTH, Draft, Kind, Provision
from agreements.adoption import adopt, check
from agreements.amendments import (
    Add,
    AmendmentProblem,
    Delete,
    InvalidAmendment,
    Move,
    Position,
    Replace,
    Words,
)
from agreements.difference import difference, position_in, rewriting
from tests.agreements.bylaws import (
    BYLAWS,
    add,
    amendment,
    both,
    delete,
    move,
    outline,
    provision,
    retitle,
    rewrite,
)
from tests.agreements.editing import rewritten, written_drafts


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ([], "fund committee(size term place) dues"),
        ([delete("committee")], "fund dues"),
        ([delete("term")], "fund committee(size place) dues"),
        ([add("new", None, None)], "new fund committee(size term place) dues"),
        ([add("new", None, "dues")], "fund committee(size term place) dues new"),
        ([add("new", "committee", "size")], "fund committee(size new term place) dues"),
        ([add("new", "fund", None)], "fund(new) committee(size term place) dues"),
        ([add("new", None, None, "", "", provision("in", "", "", provision("deep")))],
         "new(in(deep)) fund committee(size term place) dues"),
        ([move("term", "committee", None)], "fund committee(term size place) dues"),
        ([move("size", "committee", "place")], "fund committee(term place size) dues"),
        ([move("committee", "dues", None)], "fund dues(committee(size term place))"),
        ([move("place", None, "fund")], "fund place committee(size term) dues"),
        # what follows something that is moved or added stands behind its new place
        ([move("size", None, None), add("new", None, "size")], "size new fund committee(term place) dues"),
        ([add("one", None, "fund"), add("two", None, "one")], "fund one two committee(size term place) dues"),
        # and behind the place of what goes out
        ([delete("term"), add("new", "committee", "term")], "fund committee(size new place) dues"),
        ([delete("committee"), add("new", None, "committee")], "fund new dues"),
        ([delete("committee"), move("size", None, "committee")], "fund size dues"),
        ([add("new", None, "fund", "", "", provision("in")), move("dues", "new", "in")],
         "fund new(in dues) committee(size term place)"),
        ([add("new", None, "fund", "", "", provision("in")), move("dues", "in", None)],
         "fund new(in(dues)) committee(size term place)"),
        # two provisions that change places
        ([move("fund", None, "committee"), move("dues", None, None)], "dues committee(size term place) fund"),
        ([move("term", "size", None), move("size", None, None)], "size(term) fund committee(place) dues"),
    ],
)  # fmt: skip
def test_provisions_come_and_go(operations, expected):
    assert outline(adopt(BYLAWS, operations)) == expected
    assert outline(adopt(BYLAWS, operations[::-1])) == expected
    if operations:
        check(BYLAWS, amendment("A1", *operations))


def test_words_are_replaced_in_the_languages_given():
    after = adopt(BYLAWS, [rewrite("size", "El comité tiene siete personas.")])
    assert after.find("size").body("es") == "El comité tiene siete personas."
    assert after.find("size").body("en") == "The committee has five people."
    assert after.find("term") is BYLAWS.find("term")
    assert after.parent == BYLAWS.content_hash
    assert after.titles == BYLAWS.titles


def test_headings_kinds_and_the_title_are_replaced():
    after = adopt(
        BYLAWS,
        [rewrite("committee", heading=("Mesa", "Board"), kind=Kind.TITLE), retitle("Convenio", "Pact")],
    )
    assert after.find("committee").heading("en") == "Board"
    assert after.find("committee").kind is Kind.TITLE
    assert outline(after) == outline(BYLAWS)
    assert after.titles == {"es": "Convenio", "en": "Pact"}


def test_a_language_can_end_and_begin():
    ended = adopt(BYLAWS, [Replace("size", both(BYLAWS, "size"), {"en": None})])
    assert ended.find("size").languages == {"es"}
    begun = adopt(ended, [Replace("size", both(ended, "size"), {"en": Words("", "Seven.")})])
    assert begun.find("size").body("en") == "Seven."


def test_edits_of_other_words_of_one_sentence_are_both_made():
    one = rewrite("fund", "Las dos partes crean un fondo común de ayuda y becas.")
    other = rewrite(
        "fund", "Las tres partes crean un fondo común de ayuda.", "Three parties create a common aid fund."
    )
    for operations in ([one, other], [other, one], [one, other, one]):
        after = adopt(BYLAWS, operations).find("fund")
        assert after.body("es") == "Las tres partes crean un fondo común de ayuda y becas."
        assert after.body("en") == "Three parties create a common aid fund."


FRENCH = Provision("n", Kind.CLAUSE, {"fr": ""}, {})
REWORDED = adopt(BYLAWS, [rewrite("size", "y", "y")])


@pytest.mark.parametrize(
    ("operations", "code", "key", "language"),
    [
        ([rewrite("size", "x", draft=REWORDED)], "words_changed", "size", "es"),
        ([rewrite("size", None, "x", draft=REWORDED)], "words_changed", "size", "en"),
        ([Replace("size", {}, {"en": Words("", "x")})], "words_changed", "size", "en"),
        ([Replace("size", both(BYLAWS, "term"), {}, Kind.ARTICLE)], "words_changed", "size", "es"),
        ([delete("committee", draft=REWORDED)], "words_changed", "committee", "es"),
        ([move("size", None, None, draft=REWORDED)], "words_changed", "size", "es"),
        ([Move("ghost", {}, Position(None, None))], "unknown_provision", "ghost", ""),
        ([Replace("ghost", {}, {"es": Words()})], "unknown_provision", "ghost", ""),
        ([Replace("size", {}, {"fr": Words()})], "unknown_language", "size", "fr"),
        ([Add(FRENCH, Position(None, None))], "unknown_language", "n", "fr"),
        ([add("Not a key", None, None)], "bad_key", "Not a key", ""),
        ([add("new", None, None, "", "", provision("in-"))], "bad_key", "in-", ""),
        ([add("size", None, None)], "key_taken", "size", ""),
        ([add("new", None, None, "", "", provision("size"))], "key_taken", "size", ""),
        ([add("new", None, None, "", "", provision("x")), add("x", None, "dues")], "key_taken", "x", ""),
        ([add("new", None, None, "", "", provision("x")), add("y", None, "dues", "", "", provision("x"))],
         "key_taken", "x", ""),
        ([add("x", None, "dues"), add("new", None, None, "", "", provision("x"))], "key_taken", "x", ""),
        ([rewrite("size", BYLAWS.find("size").body("es"))], "changes_nothing", "", ""),
        ([move("term", "committee", "size")], "changes_nothing", "", ""),
        ([add("new", "ghost", None)], "unknown_place", "new", ""),
        ([add("new", None, "ghost")], "unknown_place", "new", ""),
        ([add("new", None, "size")], "unknown_place", "new", ""),
        ([move("size", "committee", "dues")], "unknown_place", "size", ""),
        ([add("new", None, "size"), move("size", "dues", None)], "unknown_place", "new", ""),
        ([add("one", None, "two"), add("two", None, "one")], "unknown_place", "one", ""),
        ([add("one", None, "fund"), add("two", None, "fund")], "place_taken", "two", ""),
        ([move("committee", "size", None)], "inside_itself", "committee", ""),
        ([move("size", "size", None)], "inside_itself", "size", ""),
        ([move("fund", "dues", None), move("dues", "fund", None)], "inside_itself", "dues", ""),
        ([delete("committee"), rewrite("size", "x")], "in_deleted_provision", "size", ""),
        ([delete("committee"), add("new", "committee", None)], "in_deleted_provision", "new", ""),
        ([delete("committee"), move("dues", "term", None)], "in_deleted_provision", "dues", ""),
    ],
)  # fmt: skip
def test_what_does_not_stand_on_the_draft_is_refused(operations, code, key, language):
    with pytest.raises(InvalidAmendment) as refused:
        check(BYLAWS, amendment("A1", *operations))
    problem = refused.value
    assert (problem.code, problem.name, problem.key, problem.language) == (
        AmendmentProblem(code),
        "A1",
        key,
        language,
    )


def test_nothing_nests_deeper_than_an_agreement_may():
    parents = [None, "committee", "size", "a", "b"]
    operations = [add(key, parent, None) for key, parent in zip("abc", parents[2:], strict=True)]
    assert outline(adopt(BYLAWS, operations)) == "fund committee(size(a(b(c))) term place) dues"
    assert len(parents) == MAXIMUM_DEPTH
    with pytest.raises(InvalidAmendment) as refused:
        check(BYLAWS, amendment("A1", *operations, add("d", "c", None)))
    assert (refused.value.code, refused.value.key) == (AmendmentProblem.TOO_DEEP, "d")


def test_the_difference_of_equal_drafts_is_none():
    assert difference(BYLAWS, adopt(BYLAWS, []), name="A1") is None
    assert rewriting(BYLAWS, BYLAWS, "size") is None


def test_drafts_in_other_languages_have_no_difference_that_is_an_amendment():
    with pytest.raises(InvalidAmendment) as refused:
        difference(BYLAWS, Draft({}, (), ("es",)), name="A1")
    assert (refused.value.code, refused.value.name) == (AmendmentProblem.DIFFERENT_LANGUAGES, "A1")


def test_the_difference_says_what_somebody_did():
    done = [
        retitle("Convenio", "Pact"),
        rewrite("size", "El comité tiene siete personas."),
        rewrite("term", kind=Kind.ARTICLE, heading=("", "")),
        move("place", None, None),
        delete("dues"),
        add("new", "committee", "size", "Nueva.", "New.", provision("in")),
    ]
    found = difference(BYLAWS, adopt(BYLAWS, done), name="A1", amends="A0")
    done[2] = Replace("term", both(BYLAWS, "term"), {}, Kind.ARTICLE)
    assert set(found.operations) == set(done)
    assert (found.name, found.amends) == ("A1", "A0")


def test_a_new_provision_takes_in_old_ones_by_moving_them():
    after = adopt(BYLAWS, [add("new", None, None, "", "", provision("in")), move("dues", "new", "in")])
    found = difference(BYLAWS, after, name="A1")
    assert [(type(one).__name__, one.key) for one in found.operations] == [("Add", "new"), ("Move", "dues")]


def test_a_position_is_behind_the_sibling_before():
    assert position_in(BYLAWS, "fund") == Position(None, None)
    assert position_in(BYLAWS, "dues") == Position(None, "committee")
    assert position_in(BYLAWS, "term") == Position("committee", "size")
    with pytest.raises(InvalidAmendment) as refused:
        position_in(BYLAWS, "ghost")
    assert (refused.value.code, refused.value.key) == (AmendmentProblem.UNKNOWN_PROVISION, "ghost")


@given(st.data())
def test_adopting_the_difference_makes_one_draft_the_other(data):
    before = data.draw(written_drafts())
    after = data.draw(rewritten(before))
    found = difference(before, after, name="A1")
    if found is None:
        assert before == after
        return
    check(before, found)
    assert adopt(before, found.operations) == after
    assert adopt(before, found.operations[::-1]).content_hash == after.content_hash


@pytest.mark.parametrize(
    ("operations", "code", "key"),
    [
        # what `check` and `collisions` would have found first
        ([move("size", "committee", None), move("size", "committee", "size")], "repeated_operation", "size"),
        ([move("size", None, None), move("size", None, "dues")], "repeated_operation", "size"),
        ([rewrite("size", "El comité tiene siete personas."), rewrite("size", "El comité tiene tres.")],
         "collision", "size"),
        ([retitle("Convenio", "Pact"), retitle("Pacto", "Pact")], "collision", "agreement"),
        ([Delete("ghost", {})], "unknown_provision", "ghost"),
        ([Replace("ghost", {}, {"es": Words()})], "unknown_provision", "ghost"),
        ([Move("ghost", {}, Position(None, None))], "unknown_provision", "ghost"),
    ],
)  # fmt: skip
def test_operations_without_a_result_are_refused(operations, code, key):
    with pytest.raises(InvalidAmendment) as refused:
        adopt(BYLAWS, operations)
    assert (refused.value.code, refused.value.key) == (AmendmentProblem(code), key)


def test_the_same_move_said_twice_is_one():
    said = move("size", None, None)
    other = Move("size", {"es": said.against["es"]}, said.position)
    assert adopt(BYLAWS, [said, other]) == adopt(BYLAWS, [said])
