"""Federations: who belongs to whom in a graph with several parents, and which side may do what. Pure.

Joining and leaving take both sides. Until the other has answered, a link stays as it was; a federation speaks
for a member only by the mandate that the member itself gave, and whoever parts ends it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from conference.domain.directory import Branch, MembershipSide, MembershipState, OrganizationKind, tree_below
from conference.domain.errors import Conflict

Node = TypeVar("Node", bound=Hashable)

# Offices and institutions have no members here: nobody is drawn under those who fund or govern them.
FEDERATED = frozenset({OrganizationKind.FEDERATION, OrganizationKind.CONFEDERATION})


class Act(StrEnum):
    """What one side of a link can do about it."""

    ASK_TO_JOIN = "ask-to-join"
    AGREE_TO_JOIN = "agree-to-join"
    REFUSE_TO_JOIN = "refuse-to-join"
    ASK_TO_LEAVE = "ask-to-leave"
    AGREE_TO_LEAVE = "agree-to-leave"
    REFUSE_TO_LEAVE = "refuse-to-leave"
    TAKE_BACK = "take-back"
    GIVE_MANDATE = "give-mandate"
    REVOKE_MANDATE = "revoke-mandate"


@dataclass(frozen=True, slots=True)
class Link:
    """Where a federation and a member stand with each other; `asked_by` waits for the other's answer."""

    state: MembershipState
    asked_by: MembershipSide | None = None
    mandated: bool = False


_ANSWERS = {
    MembershipState.JOINING: frozenset({Act.AGREE_TO_JOIN, Act.REFUSE_TO_JOIN}),
    MembershipState.LEAVING: frozenset({Act.AGREE_TO_LEAVE, Act.REFUSE_TO_LEAVE}),
}
ACTIVE = Link(MembershipState.ACTIVE)


def open_acts(link: Link | None, side: MembershipSide) -> frozenset[Act]:
    """Return what a side (the federation or the member) can do; None where the two have no link.

    Who asked can only take it back, and only the other answers. Mandates are the member's alone, who can
    revoke one at any time and needs nobody's consent to it.
    """
    if side is MembershipSide.OTHERS:
        return frozenset()
    if link is None:
        return frozenset({Act.ASK_TO_JOIN})
    return _acts_of_both(link, side) | (_acts_of_member(link) if side is MembershipSide.MEMBER else set())


def _acts_of_both(link: Link, side: MembershipSide) -> frozenset[Act]:
    if link.state is MembershipState.ACTIVE:
        return frozenset({Act.ASK_TO_LEAVE})
    return frozenset({Act.TAKE_BACK}) if link.asked_by is side else _ANSWERS[link.state]


def _acts_of_member(link: Link) -> frozenset[Act]:
    if link.mandated:
        return frozenset({Act.REVOKE_MANDATE})
    return frozenset({Act.GIVE_MANDATE} if link.state is MembershipState.ACTIVE else ())


def after(link: Link | None, side: MembershipSide, act: Act) -> Link | None:
    """Return where the two stand after an act of one side; None: they have no link any more.

    Of a link that others entered each side has to agree: the first to do so is the one who asks. Who asks to
    part ends the mandate. Raises Conflict("membership_changed") for an act that is not open to the side.
    """
    if act not in open_acts(link, side):
        raise Conflict("membership_changed")
    if link is None:
        return Link(MembershipState.JOINING, side)
    return _after(link, side, act)


def _after(link: Link, side: MembershipSide, act: Act) -> Link | None:
    if act is Act.AGREE_TO_JOIN and link.asked_by is MembershipSide.OTHERS:
        return replace(link, asked_by=side)
    ends_joining = act is Act.TAKE_BACK and link.state is MembershipState.JOINING
    if ends_joining or act in {Act.REFUSE_TO_JOIN, Act.AGREE_TO_LEAVE}:
        return None
    if act is Act.ASK_TO_LEAVE:
        return Link(MembershipState.LEAVING, side)
    if act in {Act.GIVE_MANDATE, Act.REVOKE_MANDATE}:
        return replace(link, mandated=act is Act.GIVE_MANDATE)
    return replace(link, state=MembershipState.ACTIVE, asked_by=None)


# -- the graph ---------------------------------------------------------------------------------------


def closed_cycle(links: Iterable[tuple[Node, Node]], parent: Node, member: Node) -> tuple[Node, ...]:
    """Return the chain by which the parent belongs to the member already, each to the next; else nothing.

    `links` are (parent, member). With such a chain the member cannot belong to the parent as well: that
    would be a circle, in which each would be above itself.
    """
    above: dict[Node, list[Node]] = {}
    for upper, lower in links:
        above.setdefault(lower, []).append(upper)
    came_from: dict[Node, Node | None] = {parent: None}
    waiting = deque([parent])
    while waiting:
        node = waiting.popleft()
        if node == member:
            return tuple(reversed(_chain(came_from, node)))
        for upper in above.get(node, ()):
            if upper not in came_from:
                came_from[upper] = node
                waiting.append(upper)
    return ()


def _chain(came_from: Mapping[Node, Node | None], node: Node) -> list[Node]:
    chain = [node]
    while (below := came_from[chain[-1]]) is not None:
        chain.append(below)
    return chain


def trees(
    nodes: Sequence[Node], links: Collection[tuple[Node, Node]], wanted: Collection[Node]
) -> tuple[Branch[Node], ...]:
    """Draw the graph from its tops down, in the order of `nodes`, as far as it leads to somebody wanted.

    Whoever is above somebody wanted is drawn with them, or nobody would see how they belong together; whoever
    has no link at all is not drawn. What is below a node is drawn once in each tree (see `tree_below`).
    """
    places = {node: place for place, node in enumerate(nodes)}
    known = [(upper, lower) for upper, lower in links if upper in places and lower in places]
    kept = _with_all_above(known, wanted)
    children: dict[Node, list[Node]] = {}
    for upper, lower in sorted(known, key=lambda link: places[link[1]]):
        if lower in kept:
            children.setdefault(upper, []).append(lower)
    linked = {node for link in known for node in link}
    below_others = {lower for _upper, lower in known}
    tops = [node for node in nodes if node in kept and node in linked and node not in below_others]
    return tuple(Branch(top, tree_below(top, children)) for top in tops)


def _with_all_above(links: Collection[tuple[Node, Node]], wanted: Collection[Node]) -> set[Node]:
    above: dict[Node, list[Node]] = {}
    for upper, lower in links:
        above.setdefault(lower, []).append(upper)
    kept = set(wanted)
    waiting = list(kept)
    while waiting:
        for upper in above.get(waiting.pop(), ()):
            if upper not in kept:
                kept.add(upper)
                waiting.append(upper)
    return kept
