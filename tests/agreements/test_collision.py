from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agreements import Draft, Kind, Provision
from agreements.adoption import adopt
from agreements.amendments import Amendment, AmendmentProblem, InvalidAmendment, Replace, Words, words_hashes
from agreements.collision import Colliding, Collision, apply, collisions, effects, identical
from agreements.contact import Contact, Touch, contacts
from agreements.difference import difference
from agreements.tabled import Tabled
from agreements.words import edited, edits, tokens
from tests.agreements.bylaws import (
    BYLAWS,
    add,
    amendment,
    both,
    delete,
    move,
    provision,
    retitle,
    rewrite,
)
from tests.agreements.editing import LANGUAGES, rewritten, written_drafts
from tests.timing import within

WORDS, PLACE, STRUCTURE = Touch.WORDS, Touch.PLACE, Touch.STRUCTURE
SEVEN = rewrite("size", "El comité tiene siete personas.")
NINE = rewrite("size", "El comité tiene nueve personas.")
NEVER = Replace("size", both(BYLAWS, "size"), {"es": None})


def touched(*pairs):
    return [(Touch(touch), key) for touch, key in pairs]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # words
        ([SEVEN], [NINE], [(WORDS, "size")]),
        ([SEVEN], [SEVEN], []),
        ([SEVEN], [rewrite("size", None, "The committee has seven people.")], []),
        ([SEVEN], [rewrite("size", "El comité electo tiene cinco personas.")], []),
        ([SEVEN], [rewrite("size", "El comité tiene siete personas electas.")], []),
        ([SEVEN], [rewrite("size", "El comité tiene ocho personas electas.")], [(WORDS, "size")]),
        ([SEVEN], [NEVER], [(WORDS, "size")]),
        ([NEVER], [NEVER], []),
        ([NEVER], [NEVER, delete("dues")], []),
        ([rewrite("committee", heading=("Mesa", "Board"))], [rewrite("committee", heading=("Mesa", "Panel"))],
         [(WORDS, "committee")]),
        ([rewrite("committee", heading=("Mesa", "Board"))], [rewrite("committee", "El comité decide.")],
         []),
        ([retitle("Convenio", "Agreement")], [retitle("Pacto", "Agreement")], [(WORDS, "agreement")]),
        ([retitle("Convenio", "Agreement")], [retitle("Acuerdo", "Pact")], []),
        # kinds
        ([rewrite("size", kind=Kind.ARTICLE)], [rewrite("size", kind=Kind.ANNEX)], [(STRUCTURE, "size")]),
        ([rewrite("size", kind=Kind.ARTICLE)], [rewrite("size", kind=Kind.ARTICLE)], []),
        ([rewrite("size", kind=Kind.ARTICLE)], [SEVEN], []),
        # places
        ([move("size", None, None)], [move("size", None, "dues")], [(PLACE, "size")]),
        ([move("size", None, None)], [move("size", None, None)], []),
        ([move("size", None, None)], [SEVEN], []),
        ([move("size", None, None)], [move("term", None, None)], [(PLACE, "size"), (PLACE, "term")]),
        ([add("n", None, "fund")], [add("m", None, "fund")], [(PLACE, "m"), (PLACE, "n")]),
        ([add("n", None, "fund")], [move("size", None, "fund")], [(PLACE, "n"), (PLACE, "size")]),
        ([add("n", None, "fund")], [move("fund", None, "dues")], [(PLACE, "n")]),
        ([add("n", None, "committee")], [move("fund", None, "dues")], []),
        ([add("n", "committee", None)], [move("committee", None, None)], []),
        ([move("fund", None, "dues"), add("n", None, "fund")], [move("fund", None, "dues")], []),
        # structure
        ([delete("committee")], [delete("committee")], []),
        ([delete("committee")], [delete("size")], [(STRUCTURE, "size")]),
        ([delete("committee")], [SEVEN], [(STRUCTURE, "size")]),
        ([delete("size")], [SEVEN], [(STRUCTURE, "size")]),
        ([delete("committee")], [move("size", None, None)], [(STRUCTURE, "size")]),
        ([delete("committee"), move("size", None, None)], [SEVEN], []),
        ([delete("committee"), move("size", None, None)], [delete("committee")], [(STRUCTURE, "size")]),
        ([delete("committee")], [move("dues", "committee", None)], [(STRUCTURE, "committee")]),
        ([delete("committee")], [add("n", "committee", "size")], [(STRUCTURE, "committee")]),
        ([delete("committee")], [add("n", None, "committee")], []),
        ([delete("term")], [add("n", "committee", "term")], []),
        ([delete("fund")], [delete("dues")], []),
        ([add("n", None, "fund")], [add("n", None, "fund")], []),
        ([add("n", None, "fund")], [add("n", None, "dues")], [(PLACE, "n")]),
        ([add("n", None, "fund")], [add("n", None, "fund", "Otra.")], [(STRUCTURE, "n")]),
        ([add("n", None, "fund", "", "", provision("in"))], [add("in", None, "dues", "", "")],
         [(STRUCTURE, "in")]),
        ([move("fund", "dues", None)], [move("dues", "fund", None)], [(STRUCTURE, "dues")]),
        ([move("committee", "dues", None)], [move("dues", "term", None)], [(STRUCTURE, "committee")]),
        # too deep only together
        (
            [move("committee", "dues", None)],
            [add("a", "size", None, "", "", provision("b", "", "", provision("c")))],
            [(STRUCTURE, "c")],
        ),
        ([move("committee", "dues", None)], [add("a", "size", None, "", "", provision("b"))], []),
    ],
)  # fmt: skip
def test_what_cannot_be_adopted_together(one, other, expected):
    first, second = amendment("A1", *one), amendment("A2", *other)
    if first.content_hash == second.content_hash:
        assert collisions(BYLAWS, [first, second]) == ()
        assert identical(BYLAWS, [first, second]) == (("A1", "A2"),)
    found = collisions(BYLAWS, [first, second])
    assert [(each.touch, each.key) for pair in found for each in pair.contacts] == expected
    assert collisions(BYLAWS, [second, first]) == found
    assert all((pair.first, pair.second) == ("A1", "A2") for pair in found)
    if not expected:
        assert apply(BYLAWS, [first, second]) == apply(BYLAWS, [second, first])
        return
    with pytest.raises(Colliding) as refused:
        apply(BYLAWS, [first, second])
    assert refused.value.collisions == found
    assert refused.value.code is AmendmentProblem.COLLISION


def test_a_collision_of_words_has_the_words():
    one = amendment("B", rewrite("fund", "Las dos partes crean una caja común de ayuda."))
    other = amendment("A", rewrite("fund", "Las dos partes crean un gran fondo común de ayuda."))
    expected = Contact(WORDS, "fund", "es", "un fondo", "un gran fondo", "una caja")
    assert collisions(BYLAWS, [one, other]) == (Collision("A", "B", (expected,)),)
    assert contacts(BYLAWS, one, other) == (expected.mirrored(),)
    assert expected.mirrored().mirrored() == expected
    assert contacts(BYLAWS, one, amendment("C", Replace("fund", both(BYLAWS, "fund"), {"es": None}))) == (
        Contact(
            WORDS,
            "fund",
            "es",
            BYLAWS.find("fund").body("es"),
            "Las dos partes crean una caja común de ayuda.",
            "",
        ),
    )


def test_insertions_at_one_point_collide_unless_they_are_the_same():
    one = amendment("A", rewrite("place", "Se reúne siempre en Oaxaca."))
    other = amendment("B", rewrite("place", "Se reúne hoy en Oaxaca."))
    assert collisions(BYLAWS, [one, other])[0].contacts == (
        Contact(WORDS, "place", "es", "", "siempre ", "hoy "),
    )


def test_identical_amendments_count_as_one():
    same = [amendment(name, SEVEN) for name in ("C", "A", "B")]
    other = amendment("D", NINE)
    assert identical(BYLAWS, [*same, other]) == (("C", "A", "B"),)
    found = collisions(BYLAWS, [*same, other])
    assert [(pair.first, pair.second) for pair in found] == [("A", "D")]
    assert apply(BYLAWS, same).find("size").body("es") == "El comité tiene siete personas."


def test_a_language_that_two_amendments_begin_must_have_the_same_words():
    before = adopt(BYLAWS, [Replace("size", both(BYLAWS, "size"), {"en": None})])
    one, other, silent = (
        amendment(name, Replace("size", both(before, "size"), {"en": Words("", words)}))
        for name, words in (("A", "Seven."), ("B", "Nine."), ("C", ""))
    )
    assert [(pair.first, pair.second) for pair in collisions(before, [one, other, silent])] == [("A", "B")]
    assert apply(before, [silent, other]).find("size").body("en") == "Nine."


# -- amendments to amendments -------------------------------------------------------------------------

FUND = amendment("A", rewrite("fund", "Las dos partes crean un fondo común de ayuda y becas."))
WITH_FUND = adopt(BYLAWS, FUND.operations)


def to_fund(name, spanish):
    return amendment(name, rewrite("fund", spanish, draft=WITH_FUND), amends="A")


LARGE = to_fund("A-1", "Las dos partes crean un fondo común de ayuda y becas grandes.")
SMALL = to_fund("A-2", "Las dos partes crean un fondo común de ayuda y becas chicas.")
YEARLY = to_fund("A-3", "Las dos partes crean cada año un fondo común de ayuda y becas.")
THREE = amendment("B", rewrite("fund", "Las dos partes crean siempre un fondo común de ayuda."))
LOANS = amendment("C", rewrite("fund", "Las dos partes crean un fondo común de ayuda, no de becas."))


def pairs(*amendments):
    return [(one.first, one.second) for one in collisions(BYLAWS, amendments)]


def test_an_amendment_to_an_amendment_is_adopted_with_it():
    after = apply(BYLAWS, [YEARLY, LARGE, FUND]).find("fund")
    assert after.body("es") == "Las dos partes crean cada año un fondo común de ayuda y becas grandes."
    assert [one.name for one in effects(Tabled(BYLAWS, [YEARLY, FUND, SEVEN_ALONE]))] == ["A", "S"]


SEVEN_ALONE = amendment("S", SEVEN)


def test_an_amendment_and_what_amends_it_never_collide():
    assert pairs(FUND, LARGE, YEARLY) == []
    assert pairs(FUND, LARGE, SMALL) == [("A-1", "A-2")]


def test_what_amends_an_amendment_answers_for_what_it_adds():
    assert pairs(FUND, THREE) == []
    assert pairs(FUND, LARGE, THREE) == []
    assert pairs(FUND, YEARLY, THREE) == [("A-3", "B")]
    assert pairs(THREE, YEARLY, FUND) == [("A-3", "B")]
    assert pairs(FUND, LARGE, LOANS) == [("A", "C")]


def test_amendments_to_two_amendments_can_collide_with_each_other():
    with_three = adopt(BYLAWS, THREE.operations)
    every = "Las dos partes crean siempre un fondo solidario de ayuda."
    other = "Las dos partes crean un fondo mutuo de ayuda y becas."
    one = amendment("B-1", rewrite("fund", every, draft=with_three), amends="B")
    two = to_fund("A-4", other)
    assert pairs(FUND, THREE, one, two) == [("A-4", "B-1")]
    assert pairs(FUND, THREE, one, LARGE) == []


def test_an_amendment_to_an_amendment_may_undo_it():
    undone = to_fund("A-9", BYLAWS.find("fund").body("es"))
    assert apply(BYLAWS, [FUND, undone]) == BYLAWS
    assert effects(Tabled(BYLAWS, [FUND, undone])) == ()
    assert pairs(FUND, undone, THREE) == []


@pytest.mark.parametrize(
    ("amendments", "code", "name"),
    [
        ([FUND, amendment("A", SEVEN)], "repeated_name", "A"),
        ([LARGE], "unknown_amendment", "A-1"),
        ([FUND, LARGE, amendment("X", SEVEN, amends="A-1")], "third_degree", "X"),
        ([FUND, amendment("X", rewrite("fund", "Otra."), amends="A")], "words_changed", "X"),
    ],
)
def test_what_does_not_stand_is_refused_by_name(amendments, code, name):
    with pytest.raises(InvalidAmendment) as refused:
        apply(BYLAWS, amendments)
    assert (refused.value.code, refused.value.name) == (AmendmentProblem(code), name)


def test_a_ring_of_three_is_told():
    ring = [
        amendment("A", move("fund", "committee", None)),
        amendment("B", move("committee", "dues", None)),
        amendment("C", move("dues", "fund", None)),
        SEVEN_ALONE,
    ]
    assert collisions(BYLAWS, ring) == ()
    with pytest.raises(Colliding) as refused:
        apply(BYLAWS, ring)
    found = [(one.first, one.second, one.contacts) for one in refused.value.collisions]
    contact = (Contact(STRUCTURE, "committee"),)
    assert found == [("A", "B", contact), ("A", "C", contact), ("B", "C", contact)]


def test_a_family_can_collide_as_a_whole():
    base = adopt(BYLAWS, [rewrite("dues", "uno dos tres cuatro cinco")])
    head = amendment("A", rewrite("dues", "uno dos tres cuatro cinco seis", draft=base))
    text = adopt(base, head.operations)
    first = amendment("A-1", rewrite("dues", "x y tres cuatro cinco seis", draft=text), amends="A")
    second = amendment("A-2", rewrite("dues", "uno dos tres v w seis", draft=text), amends="A")
    other = amendment("B", rewrite("dues", "uno dos TRES cuatro cinco", draft=base))
    family = [head, first, second, other]
    assert collisions(base, family) == ()
    with pytest.raises(Colliding) as refused:
        apply(base, family)
    assert [(one.first, one.second) for one in refused.value.collisions] == [("A", "B")]


# -- laws ---------------------------------------------------------------------------------------------


@st.composite
def two_amendments(draw):
    draft = draw(written_drafts(most=8))
    one = difference(draft, draw(rewritten(draft, "m", 2, 1)), name="A")
    other = difference(draft, draw(rewritten(draft, draw(st.sampled_from("mn")), 2, 1)), name="B")
    assume(one and other)
    return draft, one, other


@given(two_amendments())
def test_collisions_are_symmetric_and_the_rest_can_be_adopted_in_any_order(drawn):
    draft, one, other = drawn
    found = collisions(draft, [one, other])
    assert collisions(draft, [other, one]) == found
    assert set(contacts(draft, other, one)) == {each.mirrored() for each in contacts(draft, one, other)}
    if not found:
        assert apply(draft, [one, other]) == apply(draft, [other, one])


@given(two_amendments())
def test_adopting_an_amendment_twice_is_adopting_it_once(drawn):
    draft, one, _ = drawn
    again = Amendment("Z", one.operations)
    assert apply(draft, [one, again]) == apply(draft, [one]) == adopt(draft, one.operations)


@given(two_amendments())
def test_every_word_is_accounted_for(drawn):
    """What one puts in and takes out, and what the other does, the same edit once: nothing else."""
    draft, one, other = drawn
    assume(not collisions(draft, [one, other]))
    after, of_one, of_other = (apply(draft, each) for each in ([one, other], [one], [other]))
    for place in after.walk():
        key = place.provision.key
        if draft.find(key) is None:
            assert place.provision.bodies == (of_one.find(key) or of_other.find(key)).bodies
            continue
        for language in LANGUAGES:
            old, mine, theirs, now = (
                each.find(key).body(language) for each in (draft, of_one, of_other, after)
            )
            shared = [edit for edit in edits(old, mine) if edit in edits(old, theirs)]
            once = Counter(tokens(edited(old, shared)))
            assert Counter(tokens(now)) + once == Counter(tokens(mine)) + Counter(tokens(theirs))
    assert {each.provision.key for each in after.walk()} == (
        {each.provision.key for each in of_one.walk()} & {each.provision.key for each in of_other.walk()}
    ) | {key for each in (of_one, of_other) for key in _keys(each) - _keys(draft)}


def _keys(draft):
    return {place.provision.key for place in draft.walk()}


# -- what took more than two --------------------------------------------------------------------------


def row(keys, name="", base=None, amends=None):
    """A draft of these articles, or the amendment that makes it of another."""
    made = Draft({"es": ""}, [provision_of(key) for key in keys.split()], ("es",))
    return difference(base, made, name=name, amends=amends) if base else made


def provision_of(key):
    return Provision(key, Kind.ARTICLE, {"es": ""}, {"es": key})


BASE = row("p1 p2 p3 q1 q2 a c e z b d")
HEAD = row("p1 p2 p3 q1 q2 a c e z b d y", "A", BASE)
TEXT = adopt(BASE, HEAD.operations)
MOVERS = [
    HEAD,
    row("q1 q2 a c e z p1 p2 p3 b d y", "A-1", TEXT, "A"),
    row("p1 p2 p3 a c e z b d q1 q2 y", "A-2", TEXT, "A"),
    row("p1 p2 p3 q1 q2 a c e b d y", "A-3", TEXT, "A"),
    row("p1 p2 p3 q1 q2 c e a z b d", "B", BASE),
]


def test_a_family_that_moves_things_otherwise_as_a_whole_is_told():
    assert collisions(BASE, MOVERS) == ()
    with pytest.raises(Colliding) as refused:
        apply(BASE, MOVERS)
    assert {(one.first, one.second) for one in refused.value.collisions} == {("A", "B")}


def test_only_those_who_make_the_ring_are_named():
    ring = [
        amendment("A", move("fund", "committee", None)),
        amendment("B", move("committee", "dues", None)),
        amendment("C", move("dues", "fund", None)),
        amendment("D", add("n", "committee", "term")),
    ]
    with pytest.raises(Colliding) as refused:
        apply(BYLAWS, ring)
    assert [one.first + one.second for one in refused.value.collisions] == ["AB", "AC", "BC"]


SIZE = rewrite("size", "El comité tiene siete personas.")
EIGHT = rewrite("size", "El comité tiene ocho personas.", draft=adopt(BYLAWS, [SIZE]))


@pytest.mark.parametrize(("head", "member"), [("A", "A1"), ("B", "B1")])
def test_an_amendment_to_one_of_two_identical_amendments_amends_both(head, member):
    tabled = [amendment("A", SIZE), amendment("B", SIZE), amendment(member, EIGHT, amends=head)]
    assert collisions(BYLAWS, tabled) == ()
    assert apply(BYLAWS, tabled).find("size").body("es") == "El comité tiene ocho personas."
    assert identical(BYLAWS, tabled) == (("A", "B"),)


def test_amendments_to_identical_amendments_are_identical_if_they_do_the_same():
    tabled = [
        amendment("A", SIZE),
        amendment("B", SIZE),
        amendment("B1", EIGHT, amends="B"),
        amendment("A1", EIGHT, amends="A"),
    ]
    assert identical(BYLAWS, tabled) == (("A", "B"), ("B1", "A1"))


def test_identical_is_what_makes_the_same_draft_however_it_is_said():
    plain = amendment("A", SIZE)
    wordy = amendment("B", rewrite("size", "El comité tiene siete personas.", BYLAWS.find("size").body("en")))
    assert plain.content_hash != wordy.content_hash
    assert identical(BYLAWS, [plain, wordy]) == (("A", "B"),)
    assert collisions(BYLAWS, [plain, wordy]) == ()


def test_members_of_either_family_answer_for_what_they_add():
    with_three = adopt(BYLAWS, THREE.operations)
    yearly = rewrite("fund", "Las dos partes crean siempre un fondo común de ayuda mutua.", draft=with_three)
    late = amendment("B-1", yearly, amends="B")
    assert pairs(FUND, THREE, late) == [("A", "B-1")]
    assert pairs(THREE, late, FUND) == [("A", "B-1")]
    assert pairs(LOANS, FUND, LARGE) == [("A", "C")]


def test_many_amendments_with_amendments_to_them_are_compared_in_time():
    def unread(attempt):
        words = " ".join(f"palabra{number}-{attempt}" for number in range(40))
        draft = Draft(
            {"es": ""}, [Provision(f"p{n}", Kind.CLAUSE, {}, {"es": words}) for n in range(60)], ("es",)
        )
        tabled = []
        for number in range(30):
            once, twice = words.replace("palabra5", "cinco", 1), words.replace("palabra5", "cinco seis", 1)
            replaced = Replace(f"p{number}", hashes(draft, number), {"es": Words("", once)})
            head = amendment(f"A{number}", replaced)
            text = adopt(draft, head.operations)
            again = Replace(f"p{number}", hashes(text, number), {"es": Words("", twice)})
            tabled += [head, amendment(f"A{number}-1", again, amends=head.name)]
        return draft, tabled

    assert within(5, collisions, unread) == ()


def hashes(draft, number):
    return words_hashes(draft, f"p{number}", ["es"])
