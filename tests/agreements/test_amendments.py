import pytest

from agreements import Kind
from agreements.adoption import adopt
from agreements.amendments import (
    Add,
    Amendment,
    AmendmentProblem,
    Delete,
    InvalidAmendment,
    Move,
    Position,
    Replace,
    Words,
    contents_hashes,
    within,
    words_hashes,
    words_of,
)
from tests.agreements.bylaws import (
    BYLAWS,
    LANGUAGES,
    add,
    amendment,
    both,
    delete,
    move,
    provision,
    rewrite,
)


@pytest.mark.parametrize(
    ("operations", "code", "key"),
    [
        ((), AmendmentProblem.NO_OPERATIONS, ""),
        ((rewrite("size", "Seis."), rewrite("size", "Siete.")), AmendmentProblem.REPEATED_OPERATION, "size"),
        ((delete("size"), rewrite("size", "Seis.")), AmendmentProblem.REPEATED_OPERATION, "size"),
        ((delete("size"), move("size", None, None)), AmendmentProblem.REPEATED_OPERATION, "size"),
        ((Replace("size", {}, {}),), AmendmentProblem.NOTHING_REPLACED, "size"),
        ((Delete("agreement", {}),), AmendmentProblem.UNKNOWN_PROVISION, "agreement"),
        ((Move("agreement", {}, Position(None, None)),), AmendmentProblem.UNKNOWN_PROVISION, "agreement"),
        ((Replace("agreement", {}, {"es": None}),), AmendmentProblem.MORE_THAN_A_TITLE, "agreement"),
        (
            (Replace("agreement", {}, {"es": Words("", "x")}),),
            AmendmentProblem.MORE_THAN_A_TITLE,
            "agreement",
        ),
        ((Replace("agreement", {}, {}, Kind.TITLE),), AmendmentProblem.MORE_THAN_A_TITLE, "agreement"),
    ],
)
def test_what_says_nothing_or_two_things_at_once_is_no_amendment(operations, code, key):
    with pytest.raises(InvalidAmendment) as refused:
        Amendment("A1", operations)
    assert (refused.value.code, refused.value.name, refused.value.key) == (code, "A1", key)


def test_an_amendment_does_not_amend_itself():
    with pytest.raises(InvalidAmendment) as refused:
        amendment("A1", delete("size"), amends="A1")
    assert refused.value.code is AmendmentProblem.AMENDS_ITSELF


def test_moving_and_rewriting_a_provision_are_two_operations():
    assert len(amendment("A1", move("size", None, None), rewrite("size", "Seis."))._content_hash) == 64


def test_amendments_are_identical_if_they_do_the_same():
    one = amendment("A1", rewrite("size", "Siete."), delete("dues"))
    assert one.content_hash == amendment("B9", delete("dues"), rewrite("size", "Siete. \r\n")).content_hash
    others = [
        amendment("A1", rewrite("size", "Siete.")),
        amendment("A1", rewrite("size", "Siete."), delete("dues"), amends="A0"),
        amendment("A1", rewrite("size", "Siete.", kind=Kind.ARTICLE), delete("dues")),
        amendment("A1", rewrite("size", "Siete."), move("dues", None, None)),
        amendment("A1", rewrite("size", "Siete."), move("dues", None, "fund")),
        amendment("A1", rewrite("size", "Siete."), move("dues", "fund", None)),
        amendment("A1", rewrite("size", None, "Siete."), delete("dues")),
        amendment("A1", rewrite("size", "Siete.", heading=("x", "")), delete("dues")),
        amendment("A1", Replace("size", both(BYLAWS, "size"), {"es": None}), delete("dues")),
        amendment("A1", Replace("size", {}, {"es": Words("", "Siete.")}), delete("dues")),
        amendment("A1", add("new", None, None)),
        amendment("A1", add("new", None, None, "Otra.")),
        amendment("A1", add("new", None, None, "Nueva.", "New.", provision("inside"))),
    ]
    assert len({one.content_hash, *(other.content_hash for other in others)}) == 14


def test_values_are_frozen_and_hashable():
    operations = (rewrite("size", "Siete."), delete("dues"), move("term", None, None), add("new", None, None))
    one, other = amendment("A1", *operations), amendment("A1", *list(operations))
    assert {one: "x"}[other] == "x"
    assert Amendment("A1", list(operations)).operations == operations


def test_words_are_normalised():
    assert Words(" Del\nobjeto ", "\nuno \r\ndos\n") == Words("Del objeto", "uno\ndos")


def test_a_provision_has_words_in_the_languages_it_is_written_in():
    assert words_of(BYLAWS, "committee", "en") == Words("Committee", "")
    assert words_of(BYLAWS, "committee", "fr") is None
    assert words_of(BYLAWS, "nothing", "es") is None
    assert words_of(BYLAWS, "agreement", "es") == Words("Acuerdo")
    assert words_of(BYLAWS, "agreement", "fr") == Words("")


def test_operations_are_tied_to_the_words_of_each_language():
    hashes = words_hashes(BYLAWS, "size", LANGUAGES)
    assert list(hashes) == ["es", "en"]
    assert len({*hashes.values(), *both(BYLAWS, "term").values(), *both(BYLAWS, "agreement").values()}) == 6
    with pytest.raises(InvalidAmendment) as refused:
        words_hashes(BYLAWS, "nothing", LANGUAGES)
    assert (refused.value.code, refused.value.key) == (AmendmentProblem.UNKNOWN_PROVISION, "nothing")


def test_a_deletion_is_tied_to_everything_that_goes_out():
    changed = rewrite("term", "Su encargo dura tres años.")
    later = adopt(BYLAWS, [changed])
    assert both(later, "committee") == both(BYLAWS, "committee")
    before, after = contents_hashes(BYLAWS, "committee"), contents_hashes(later, "committee")
    assert before["es"] != after["es"]
    assert before["en"] == after["en"]


def test_within_is_document_order():
    assert [one.key for one in within(BYLAWS.find("committee"))] == ["committee", "size", "term", "place"]


def _around(inner, depth):
    for number in range(depth - 1, 0, -1):
        inner = provision(f"p{number}", "", "", inner)
    return inner


@pytest.mark.parametrize("depth", [6, 40, 500])
def test_an_addition_nests_as_deep_as_an_agreement_and_no_deeper(depth):
    assert amendment("A1", Add(_around(provision("p5"), 5), Position(None, None))).name == "A1"
    with pytest.raises(InvalidAmendment) as refused:
        amendment("A1", Add(_around(provision(f"p{depth}"), depth), Position(None, None)))
    assert (refused.value.code, refused.value.key) == (AmendmentProblem.TOO_DEEP, "p1")


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: amendment("", delete("size")), AmendmentProblem.BAD_NAME),
        (lambda: amendment("A\ud800", delete("size")), AmendmentProblem.BAD_TEXT),
        (lambda: amendment("A1", delete("size"), amends="\ud800"), AmendmentProblem.BAD_TEXT),
        (lambda: amendment("A1", Delete("\ud800", {})), AmendmentProblem.BAD_TEXT),
        (lambda: amendment("A1", Move("size", {}, Position("\ud800", None))), AmendmentProblem.BAD_TEXT),
        (lambda: amendment("A1", Replace("size", {}, {"\ud800": Words()})), AmendmentProblem.BAD_TEXT),
    ],
)
def test_names_and_keys_are_text(make, code):
    with pytest.raises(InvalidAmendment) as refused:
        make()
    assert refused.value.code is code


def test_a_kind_may_be_given_by_its_value():
    assert Replace("size", {}, {}, "article") == Replace("size", {}, {}, Kind.ARTICLE)
