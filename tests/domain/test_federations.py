"""Which side may do what about a link, in every state; circles; trees over several levels and parents."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.domain.directory import Branch, MembershipSide, MembershipState
from conference.domain.errors import Conflict
from conference.domain.federations import (
    Act,
    Link,
    after,
    closed_cycle,
    open_acts,
    trees,
)

PARENT, MEMBER, OTHERS = MembershipSide
JOINING, ACTIVE, LEAVING = MembershipState
BOTH_ANSWER_JOINING = {Act.AGREE_TO_JOIN, Act.REFUSE_TO_JOIN}
BOTH_ANSWER_LEAVING = {Act.AGREE_TO_LEAVE, Act.REFUSE_TO_LEAVE}

# The link, and what the federation and the member can do about it: the whole table.
TABLE = [
    (None, {Act.ASK_TO_JOIN}, {Act.ASK_TO_JOIN}),
    (Link(JOINING, PARENT), {Act.TAKE_BACK}, BOTH_ANSWER_JOINING),
    (Link(JOINING, MEMBER), BOTH_ANSWER_JOINING, {Act.TAKE_BACK}),
    (Link(JOINING, OTHERS), BOTH_ANSWER_JOINING, BOTH_ANSWER_JOINING),
    (Link(ACTIVE), {Act.ASK_TO_LEAVE}, {Act.ASK_TO_LEAVE, Act.GIVE_MANDATE}),
    (Link(ACTIVE, mandated=True), {Act.ASK_TO_LEAVE}, {Act.ASK_TO_LEAVE, Act.REVOKE_MANDATE}),
    (Link(LEAVING, PARENT), {Act.TAKE_BACK}, BOTH_ANSWER_LEAVING),
    (Link(LEAVING, MEMBER), BOTH_ANSWER_LEAVING, {Act.TAKE_BACK}),
    (Link(LEAVING, OTHERS), BOTH_ANSWER_LEAVING, BOTH_ANSWER_LEAVING),
    (
        Link(LEAVING, MEMBER, mandated=True),
        BOTH_ANSWER_LEAVING,
        {Act.TAKE_BACK, Act.REVOKE_MANDATE},
    ),
]


@pytest.mark.parametrize(("link", "of_federation", "of_member"), TABLE)
def test_each_side_can_do_what_the_table_says(link, of_federation, of_member):
    assert open_acts(link, PARENT) == of_federation
    assert open_acts(link, MEMBER) == of_member
    assert open_acts(link, OTHERS) == set()


AFTERWARDS = [
    (None, MEMBER, Act.ASK_TO_JOIN, Link(JOINING, MEMBER)),
    (None, PARENT, Act.ASK_TO_JOIN, Link(JOINING, PARENT)),
    (Link(JOINING, MEMBER), PARENT, Act.AGREE_TO_JOIN, Link(ACTIVE)),
    (Link(JOINING, PARENT), MEMBER, Act.AGREE_TO_JOIN, Link(ACTIVE)),
    (Link(JOINING, OTHERS), MEMBER, Act.AGREE_TO_JOIN, Link(JOINING, MEMBER)),
    (Link(JOINING, OTHERS), PARENT, Act.AGREE_TO_JOIN, Link(JOINING, PARENT)),
    (Link(JOINING, OTHERS), MEMBER, Act.REFUSE_TO_JOIN, None),
    (Link(JOINING, MEMBER), PARENT, Act.REFUSE_TO_JOIN, None),
    (Link(JOINING, MEMBER), MEMBER, Act.TAKE_BACK, None),
    (Link(ACTIVE, mandated=True), MEMBER, Act.ASK_TO_LEAVE, Link(LEAVING, MEMBER)),
    (Link(ACTIVE, mandated=True), PARENT, Act.ASK_TO_LEAVE, Link(LEAVING, PARENT)),
    (Link(LEAVING, MEMBER), PARENT, Act.AGREE_TO_LEAVE, None),
    (Link(LEAVING, MEMBER), PARENT, Act.REFUSE_TO_LEAVE, Link(ACTIVE)),
    (Link(LEAVING, MEMBER), MEMBER, Act.TAKE_BACK, Link(ACTIVE)),
    (Link(ACTIVE), MEMBER, Act.GIVE_MANDATE, Link(ACTIVE, mandated=True)),
    (Link(ACTIVE, mandated=True), MEMBER, Act.REVOKE_MANDATE, Link(ACTIVE)),
    (Link(LEAVING, PARENT, mandated=True), MEMBER, Act.REVOKE_MANDATE, Link(LEAVING, PARENT)),
]


@pytest.mark.parametrize(("link", "side", "act", "then"), AFTERWARDS)
def test_an_act_changes_a_link_as_the_table_says(link, side, act, then):
    assert after(link, side, act) == then


@pytest.mark.parametrize(("link", "side"), [*product([row[0] for row in TABLE], MembershipSide)])
def test_what_is_not_open_to_a_side_is_refused(link, side):
    for act in set(Act) - open_acts(link, side):
        with pytest.raises(Conflict) as refusal:
            after(link, side, act)
        assert refusal.value.code == "membership_changed"


@given(st.lists(st.tuples(st.sampled_from([PARENT, MEMBER]), st.sampled_from(Act)), max_size=12))
def test_nobody_is_joined_or_mandated_without_an_act_of_both(acts):
    link, agreed = None, set()
    for side, act in acts:
        if act not in open_acts(link, side):
            continue
        link = after(link, side, act)
        agreed = agreed | {side} if link is not None else set()
        if link is not None and link.state is not JOINING:
            assert agreed == {PARENT, MEMBER}
        if link is not None and link.mandated:
            assert link.state is ACTIVE


# -- circles -----------------------------------------------------------------------------------------

# Parent, member: a confederation of confederations, five levels, and a club with two parents.
LINKS = [("mundo", "norte"), ("norte", "oregon"), ("oregon", "mixteca"), ("mixteca", "club"), ("sur", "club")]


@pytest.mark.parametrize(
    ("parent", "member", "chain"),
    [
        ("club", "mundo", ("club", "mixteca", "oregon", "norte", "mundo")),
        ("norte", "mundo", ("norte", "mundo")),
        ("club", "sur", ("club", "sur")),
        ("mundo", "mundo", ("mundo",)),
        ("mundo", "club", ()),
        ("sur", "mundo", ()),
        ("mixteca", "sur", ()),
        ("sur", "somebody new", ()),
    ],
)
def test_a_link_that_would_close_a_circle_is_found_with_the_chain(parent, member, chain):
    assert closed_cycle(LINKS, parent, member) == chain


def test_a_chain_is_the_shortest_where_there_are_several_and_old_circles_do_not_hang():
    links = [("b", "a"), ("c", "b"), ("c", "a"), ("x", "y"), ("y", "x"), ("x", "a")]
    assert closed_cycle(links, "a", "c") == ("a", "c")
    assert closed_cycle(links, "a", "z") == ()


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=25))
def test_a_graph_grown_by_the_rule_never_has_a_circle(wanted):
    links: list[tuple[int, int]] = []
    for parent, member in wanted:
        if not closed_cycle(links, parent, member):
            links.append((parent, member))
    above = {node: {parent for parent, member in links if member == node} for node in range(7)}
    # Whoever has nobody above goes; in a circle somebody would be left.
    while free := [node for node, upper in above.items() if not upper & set(above)]:
        for node in free:
            del above[node]
    assert above == {}


# -- trees -------------------------------------------------------------------------------------------


def test_trees_have_as_many_levels_as_the_graph_and_a_member_under_each_parent():
    nodes = ["club", "mixteca", "mundo", "norte", "oregon", "sola", "sur"]
    club = Branch("club")
    assert trees(nodes, LINKS, nodes) == (
        Branch("mundo", (Branch("norte", (Branch("oregon", (Branch("mixteca", (club,)),)),)),)),
        Branch("sur", (club,)),
    )


def test_a_tree_leads_to_those_wanted_and_shows_nobody_else_beside_them():
    links = [("top", "east"), ("top", "west"), ("east", "a"), ("east", "b"), ("west", "c")]
    nodes = ["a", "b", "c", "east", "top", "west"]
    assert trees(nodes, links, ["b"]) == (Branch("top", (Branch("east", (Branch("b"),)),)),)
    assert trees(nodes, links, ["east"]) == (Branch("top", (Branch("east"),)),)
    assert trees(nodes, links, []) == ()


def test_whoever_is_not_shown_takes_no_part_in_a_tree():
    links = [("hidden", "a"), ("a", "b"), ("b", "hidden member")]
    assert trees(["a", "b"], links, ["a", "b"]) == (Branch("a", (Branch("b"),)),)


def test_two_ways_down_to_the_same_club_draw_it_once_above_those_who_want_it():
    links = [("top", "east"), ("top", "west"), ("east", "club"), ("west", "club")]
    (top,) = trees(["club", "east", "top", "west"], links, ["club"])
    assert top == Branch("top", (Branch("east", (Branch("club"),)), Branch("west", (Branch("club"),))))
