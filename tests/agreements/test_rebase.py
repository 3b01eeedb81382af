import pytest
from hypothesis import given

from agreements.adoption import adopt
from agreements.amendments import InvalidAmendment
from agreements.collision import Colliding, apply, collisions
from agreements.contact import Contact, Touch
from agreements.difference import difference
from agreements.rebase import Rebasing, Standing, rebase
from tests.agreements.bylaws import BYLAWS, add, amendment, delete, move, outline, rewrite
from tests.agreements.test_collision import two_amendments

GRANTS = "Las dos partes crean un fondo común de ayuda y becas."
FUND = amendment("A", rewrite("fund", GRANTS))
NEW = adopt(BYLAWS, FUND.operations)


def alone(adopted, other):
    (found,) = rebase(BYLAWS, adopted, [other])
    return found


def test_what_touches_nothing_is_carried_over_unchanged():
    other = amendment("B", rewrite("size", "El comité tiene siete personas."))
    assert alone([FUND], other) == Rebasing(Standing.REBASED, other)


def test_other_words_of_the_same_sentence_are_kept_on_both_sides():
    other = amendment("B", rewrite("fund", "Las tres partes crean un fondo común de ayuda."))
    found = alone([FUND], other)
    expected = rewrite("fund", "Las tres partes crean un fondo común de ayuda y becas.", draft=NEW)
    assert found == Rebasing(Standing.REBASED, amendment("B", expected))
    assert apply(NEW, [found.amendment]) == apply(BYLAWS, [FUND, other])


def test_the_same_words_need_a_rebase_and_say_which():
    other = amendment("B", rewrite("fund", "Las dos partes crean un fondo común de ayuda mutua."))
    expected = Contact(Touch.WORDS, "fund", "es", "", " mutua", " y becas")
    assert alone([FUND], other) == Rebasing(Standing.NEEDS_REBASE, other, (expected,))


@pytest.mark.parametrize(
    ("adopted", "other"),
    [
        ([FUND], amendment("B", *FUND.operations)),
        ([amendment("A", delete("size"))], amendment("B", delete("size"))),
        ([amendment("A", move("size", None, None))], amendment("B", move("size", None, None))),
        ([amendment("A", add("n", None, None))], amendment("B", add("n", None, None))),
    ],
)
def test_what_the_draft_already_does_is_satisfied(adopted, other):
    assert alone(adopted, other) == Rebasing(Standing.SATISFIED, other)


def test_only_what_is_left_to_do_is_carried_over():
    other = amendment("B", *FUND.operations, rewrite("size", "El comité tiene siete personas."))
    assert alone([FUND], other).amendment == amendment("B", other.operations[1])


@pytest.mark.parametrize(
    ("adopted", "operation", "expected"),
    [
        # what it was to follow has gone out: it follows what stood before that
        (delete("size"), add("n", "committee", "size"), "fund committee(n term place) dues"),
        (delete("term"), move("dues", "committee", "term"), "fund committee(size dues place)"),
        (add("n", None, "fund"), move("dues", None, None), "dues fund n committee(size term place)"),
        (
            move("committee", "fund", None),
            move("size", None, "fund"),
            "fund(committee(term place)) size dues",
        ),
    ],
)
def test_places_are_found_again(adopted, operation, expected):
    found = alone([amendment("A", adopted)], amendment("B", operation))
    assert found.standing is Standing.REBASED
    assert outline(apply(adopt(BYLAWS, [adopted]), [found.amendment])) == expected


def test_the_order_of_the_others_is_kept():
    others = [
        amendment("C", rewrite("size", "Siete.")),
        amendment("B", rewrite("fund", "Otra cosa.")),
        amendment("A", *FUND.operations),
    ]
    found = rebase(BYLAWS, [amendment("X", *FUND.operations)], others)
    assert [(one.amendment.name, one.standing) for one in found] == [
        ("C", Standing.REBASED),
        ("B", Standing.NEEDS_REBASE),
        ("A", Standing.SATISFIED),
    ]


def test_a_ring_of_three_needs_a_rebase():
    adopted = [
        amendment("A", move("fund", "committee", None)),
        amendment("B", move("committee", "dues", None)),
    ]
    other = amendment("C", move("dues", "fund", None))
    assert alone(adopted, other) == Rebasing(
        Standing.NEEDS_REBASE, other, (Contact(Touch.STRUCTURE, "committee"),)
    )


# -- amendments to amendments -------------------------------------------------------------------------

MORE = amendment("A-1", rewrite("fund", GRANTS.replace("becas", "becas grandes"), draft=NEW), amends="A")
RIVAL = amendment("A-2", rewrite("fund", GRANTS.replace("común", "solidario"), draft=NEW), amends="A")
PARTIES = amendment("P", rewrite("fund", "Las tres partes crean un fondo común de ayuda."))


def test_an_amendment_to_an_amendment_is_carried_over_with_it():
    new = apply(BYLAWS, [PARTIES])
    head, more = rebase(BYLAWS, [PARTIES], [FUND, MORE])
    assert [one.standing for one in (head, more)] == [Standing.REBASED] * 2
    assert more.amendment.amends == "A"
    assert apply(new, [head.amendment, more.amendment]) == apply(BYLAWS, [PARTIES, FUND, MORE])


def test_it_needs_a_rebase_if_that_does_or_if_it_does_itself():
    solid = amendment("S", rewrite("fund", "Las dos partes crean un fondo mutuo de ayuda."))
    head, more, rival = rebase(BYLAWS, [solid], [FUND, MORE, RIVAL])
    assert (head.standing, more.standing) == (Standing.REBASED, Standing.REBASED)
    contact = Contact(Touch.WORDS, "fund", "es", "común", "solidario", "mutuo")
    assert rival == Rebasing(Standing.NEEDS_REBASE, RIVAL, (contact,))
    loans = amendment("L", rewrite("fund", "Las dos partes crean un fondo común de ayuda y créditos."))
    head, more = rebase(BYLAWS, [loans], [FUND, MORE])
    assert head.standing is Standing.NEEDS_REBASE
    assert more == Rebasing(Standing.NEEDS_REBASE, MORE, head.contacts)


def test_where_the_draft_has_the_amended_words_it_becomes_an_amendment_of_the_draft():
    twin = amendment("T", *FUND.operations)
    more, head = rebase(BYLAWS, [twin], [MORE, FUND])
    assert head.standing is Standing.SATISFIED
    assert more.amendment == amendment("A-1", *MORE.operations)
    expected = "Las dos partes crean un fondo común de ayuda y becas grandes."
    assert apply(NEW, [more.amendment]).find("fund").body("es") == expected


def test_what_was_adopted_may_have_been_amended():
    with_more = apply(BYLAWS, [FUND, MORE])
    (found,) = rebase(BYLAWS, [FUND, MORE], [PARTIES])
    assert apply(with_more, [found.amendment]).find("fund").body("es") == (
        "Las tres partes crean un fondo común de ayuda y becas grandes."
    )


def test_a_new_draft_that_came_some_other_way_is_told_by_its_difference():
    conciliated = adopt(BYLAWS, [rewrite("size", "El comité tiene nueve personas."), add("n", None, "fund")])
    change = difference(BYLAWS, conciliated, name="conciliation")
    found = alone([change], PARTIES)
    assert (
        apply(conciliated, [found.amendment]).find("fund").body("es")
        == PARTIES.operations[0].texts["es"].body
    )


def test_amendments_that_collide_are_not_adopted():
    rivals = [FUND, amendment("B", rewrite("fund", "Otra cosa."))]
    with pytest.raises(Colliding):
        rebase(BYLAWS, rivals, [])
    with pytest.raises(InvalidAmendment):
        rebase(
            BYLAWS, [], [amendment("X", rewrite("size", "x", draft=adopt(BYLAWS, [rewrite("size", "y")])))]
        )
    assert rebase(BYLAWS, [FUND], []) == ()


@given(two_amendments())
def test_rebasing_is_adopting_together_and_never_drops_a_word(drawn):
    draft, one, other = drawn
    (found,) = rebase(draft, [one], [other])
    if collisions(draft, [one, other]):
        assert found.standing is Standing.NEEDS_REBASE
        assert found.amendment == other
        assert found.contacts
        return
    together = apply(draft, [one, other])
    if found.standing is Standing.SATISFIED:
        assert apply(draft, [one]) == together
    else:
        assert apply(apply(draft, [one]), [found.amendment]) == together
