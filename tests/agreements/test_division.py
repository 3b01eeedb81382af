import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agreements import Kind
from agreements.adoption import adopt
from agreements.amendments import AmendmentProblem, InvalidAmendment, Replace, Words
from agreements.collision import apply
from agreements.difference import difference
from agreements.division import divide, pieces
from tests.agreements.bylaws import BYLAWS, add, amendment, both, delete, move, rewrite
from tests.agreements.editing import rewritten, written_drafts

WIDE = amendment(
    "A7",
    rewrite(
        "fund",
        "Las tres partes crean un fondo común de ayuda y becas.",
        "Three parties create a common aid fund.",
    ),
    delete("dues"),
)


def test_the_pieces_are_passages_and_operations():
    found = [(one.operation.key, one.language, one.words, one.instead) for one in pieces(BYLAWS, WIDE)]
    assert found == [
        ("fund", "es", "dos", "tres"),
        ("fund", "es", "", " y becas"),
        ("fund", "en", "Both", "Three"),
        ("dues", "", "", ""),
    ]


def test_headings_come_before_bodies():
    one = amendment("A7", rewrite("committee", "El comité decide.", heading=("Mesa", "Committee")))
    assert [(piece.language, piece.words, piece.instead) for piece in pieces(BYLAWS, one)] == [
        ("es", "Comité", "Mesa"),
        ("es", "", "El comité decide."),
    ]


@pytest.mark.parametrize(
    ("operation", "languages"),
    [
        (rewrite("size", "El club tiene siete personas.", kind=Kind.ARTICLE), [""]),
        (Replace("size", both(BYLAWS, "size"), {"en": None}), ["en"]),
        (add("n", None, None), [""]),
    ],
)
def test_what_cannot_be_taken_apart_is_one_piece(operation, languages):
    found = pieces(BYLAWS, amendment("A7", operation))
    assert [one.language for one in found] == languages
    assert [(one.words, one.instead) for one in found] == [("", "")]


def test_a_language_that_begins_is_one_piece():
    before = adopt(BYLAWS, [Replace("size", both(BYLAWS, "size"), {"en": None})])
    begun = amendment("A7", Replace("size", both(before, "size"), {"en": Words("x", "Seven people.")}))
    assert [(one.language, one.words, one.instead) for one in pieces(before, begun)] == [("en", "", "")]


def test_a_passage_that_alone_would_read_as_another_keeps_all_together():
    before = adopt(BYLAWS, [rewrite("term", "uno dos tres\ncuatro")])
    change = amendment("A7", rewrite("term", "x dos\ncuatro", draft=before))
    assert [(one.words, one.instead) for one in pieces(before, change)] == [("uno", "x"), (" tres", "")]
    before = adopt(BYLAWS, [rewrite("term", " c\n,c")])
    change = amendment("A7", rewrite("term", ",,c ac\n,a", draft=before))
    assert [(one.language, one.words, one.instead) for one in pieces(before, change)] == [("es", "", "")]


def test_parts_are_voted_on_apart():
    spanish_and_english, grants, dues = divide(BYLAWS, WIDE, [[0, 2], [1], [3]])
    assert [one.name for one in (spanish_and_english, grants, dues)] == ["A7/1", "A7/2", "A7/3"]
    assert (
        apply(BYLAWS, [grants]).find("fund").body("es")
        == "Las dos partes crean un fondo común de ayuda y becas."
    )
    first = apply(BYLAWS, [spanish_and_english]).find("fund")
    assert first.body("es") == "Las tres partes crean un fondo común de ayuda."
    assert first.body("en") == "Three parties create a common aid fund."
    assert apply(BYLAWS, [spanish_and_english, grants, dues]) == apply(BYLAWS, [WIDE])


def test_one_part_is_the_whole():
    (whole,) = divide(BYLAWS, WIDE, [[3, 1, 0, 2]])
    assert whole.content_hash == WIDE.content_hash
    assert divide(BYLAWS, amendment("A", *WIDE.operations[1:], amends="B"), [[0]])[0].amends == "B"


@pytest.mark.parametrize(
    "parts", [[], [[0, 1, 2]], [[0, 1, 2, 3], [3]], [[0, 1, 2, 3], []], [[0, 1, 2, 4]], [[0, 1, 2, 3, 4]]]
)
def test_every_piece_is_in_one_part(parts):
    with pytest.raises(InvalidAmendment) as refused:
        divide(BYLAWS, WIDE, parts)
    assert (refused.value.code, refused.value.name) == (AmendmentProblem.BAD_DIVISION, "A7")


def test_a_part_must_stand_by_itself():
    chain = amendment("A7", add("one", None, "fund"), add("two", None, "one"))
    with pytest.raises(InvalidAmendment) as refused:
        divide(BYLAWS, chain, [[0], [1]])
    assert (refused.value.code, refused.value.name) == (AmendmentProblem.UNKNOWN_PLACE, "A7/2")
    with pytest.raises(InvalidAmendment) as refused:
        pieces(adopt(BYLAWS, [rewrite("fund", "Otra.")]), WIDE)
    assert refused.value.code is AmendmentProblem.WORDS_CHANGED


def test_parts_that_need_each_other_are_none():
    out = amendment("A7", move("size", None, None), delete("committee"))
    with pytest.raises(InvalidAmendment) as refused:
        divide(BYLAWS, out, [[0], [1]])
    assert (refused.value.code, refused.value.name) == (AmendmentProblem.BAD_DIVISION, "A7")


@given(st.data())
def test_all_parts_together_are_the_whole(data):
    before = data.draw(written_drafts())
    whole = difference(before, data.draw(rewritten(before)), name="A7")
    assume(whole)
    found = pieces(before, whole)
    numbers = data.draw(st.permutations(range(len(found))))
    cut = data.draw(st.integers(0, len(found)))
    try:
        parts = divide(before, whole, [part for part in (numbers[:cut], numbers[cut:]) if part])
    except InvalidAmendment as refused:
        assert refused.code in {
            AmendmentProblem.BAD_DIVISION,
            AmendmentProblem.UNKNOWN_PLACE,
            AmendmentProblem.IN_DELETED_PROVISION,
        }
        return
    assert apply(before, parts) == adopt(before, whole.operations)
