"""How organizations are found, linked to, and drawn in the trees of their federations."""

from __future__ import annotations

import pytest

from conference.domain.directory import Branch, folded, found_by, safe_website, tree_below


@pytest.mark.parametrize(
    ("search", "name"),
    [
        ("yalalag", "Club Yalálag"),
        ("YALÁLAG", "Club Yalálag"),
        ("ninez", "Niñez de Ixpantepec"),
        ("yuku tiyo o", "Ñuu Yuku Tiyo'o"),
        ("tiyoo", "Ñuu Yuku Tiyoʼo"),
        ("tindu  maria", "Club Santa María Tindú"),
        ("tindú", "Club Santa María Tindú"),
        ("", "anything"),
    ],
)
def test_a_search_finds_a_name_however_either_is_spelled(search, name):
    assert found_by(search, name)


@pytest.mark.parametrize("search", ["mixtepec salem", "tlaxiaco", "juan pedro"])
def test_every_word_of_a_search_must_be_found(search):
    assert not found_by(search, "Club San Juan Mixtepec", "Woodburn, Oregon")


def test_a_search_looks_through_all_the_texts_together():
    assert found_by("mixtepec woodburn", "Club San Juan Mixtepec", "Woodburn, Oregon")


def test_folding_leaves_other_scripts_and_signs_alone():
    assert folded("  Ndóʼo   TU'UN ") == "ndoo tuun"
    assert folded("協会 & 50%_") == "協会 & 50%_"


@pytest.mark.parametrize("text", ["https://example.org/a?b=c", "http://example.org", "HTTPS://example.org"])
def test_an_address_of_the_web_is_linked_to(text):
    assert safe_website(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        " https://example.org",
        "https://exam ple.org",
        "data:text/html,x",
        "//example.org",
        "example.org",
        "https://",
        "https:///path",
        "https://[broken",
        "ftp://example.org",
        "mailto:a@example.org",
    ],
)
def test_any_other_address_is_not(text):
    assert safe_website(text) is None


def test_a_tree_has_as_many_levels_as_the_federation():
    children = {"confederation": ["federation"], "federation": ["club", "committee"]}

    assert tree_below("confederation", children) == (
        Branch("federation", (Branch("club"), Branch("committee"))),
    )


def test_a_node_with_several_parents_stands_under_each_but_is_drawn_out_once():
    children = {"top": ["left", "right"], "left": ["shared"], "right": ["shared"], "shared": ["club"]}

    assert tree_below("top", children) == (
        Branch("left", (Branch("shared", (Branch("club"),)),)),
        Branch("right", (Branch("shared", continued=True),)),
    )


def test_a_club_of_two_federations_is_no_continued_branch():
    children = {"top": ["left", "right"], "left": ["club"], "right": ["club"]}

    assert tree_below("top", children) == (
        Branch("left", (Branch("club"),)),
        Branch("right", (Branch("club"),)),
    )


def test_a_cycle_ends_where_it_comes_round():
    children = {"a": ["b"], "b": ["c"], "c": ["a"]}

    assert tree_below("a", children) == (Branch("b", (Branch("c", (Branch("a", continued=True),)),)),)


def test_a_ladder_of_double_parents_is_not_drawn_exponentially():
    children = {f"{side}{n}": [f"a{n + 1}", f"b{n + 1}"] for n in range(40) for side in "ab"}

    def size(branches):
        return sum(1 + size(branch.branches) for branch in branches)

    assert size(tree_below("a0", children, levels=60)) == 2 * (1 + 2 * 39)


def test_a_long_chain_is_cut_where_a_page_of_its_own_goes_on():
    children = {n: [n + 1] for n in range(5000)}

    assert tree_below(0, children, levels=3) == (Branch(1, (Branch(2, (Branch(3, continued=True),)),)),)


def test_nobody_below_is_no_tree():
    assert tree_below("club", {"federation": ["club"]}) == ()
