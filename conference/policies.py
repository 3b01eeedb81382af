"""Who may do what: permission → alternatives of predicates over an Identity. One readable map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from conference.domain.accounts import STAFF_ROLES, Role


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, in the conference asked about: built once per request, never a database row.

    `roles` are those in force in that conference, granted or earned (an accepted credential makes a
    delegate, a registration an attendee); `leads` are the organizations the person answers for;
    `seat_ids` the seats whose accepted credential the person holds.
    """

    account_id: int | None = None
    conference_id: int | None = None
    roles: frozenset[Role] = frozenset()
    leads: frozenset[int] = frozenset()
    seat_ids: frozenset[int] = frozenset()

    @property
    def signed_in(self) -> bool:
        return self.account_id is not None

    @property
    def is_staff(self) -> bool:
        return bool(self.roles & STAFF_ROLES)


STRANGER = Identity()

Predicate = Callable[[Identity], bool]


class Permission(StrEnum):
    """What a route may ask for; every route asks for exactly one."""

    READ_PUBLIC = "read_public"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    USE_DEMO = "use_demo"
    SEE_NOW = "see_now"
    REGISTER = "register"
    HOLD_TICKET = "hold_ticket"
    GRANT_ROLES = "grant_roles"
    SCAN_TICKETS = "scan_tickets"
    SEE_QUORUM = "see_quorum"
    SEE_CREDENTIALS = "see_credentials"
    NAME_DELEGATES = "name_delegates"
    ACCEPT_CREDENTIALS = "accept_credentials"
    OPEN_QUESTIONS = "open_questions"
    CAST_BALLOTS = "cast_ballots"
    WRITE_SUMMARIES = "write_summaries"


def anyone(identity: Identity) -> bool:  # noqa: ARG001
    """Nobody is asked who they are: what everybody may read, and what a secret link opens by itself."""
    return True


def signed_in(identity: Identity) -> bool:
    """Somebody who proved an address."""
    return identity.signed_in


def has(*roles: Role) -> Predicate:
    """Return the predicate that holds for anybody with one of the roles."""

    def holds(identity: Identity) -> bool:
        return bool(identity.roles & frozenset(roles))

    return holds


def leads_an_organization(identity: Identity) -> bool:
    """Somebody who answers for at least one organization; which one is checked with the act."""
    return bool(identity.leads)


def credentialed_delegate(identity: Identity) -> bool:
    """Somebody who holds a seat by an accepted credential; only such people vote."""
    return bool(identity.seat_ids)


POLICIES: dict[Permission, tuple[Predicate, ...]] = {
    Permission.READ_PUBLIC: (anyone,),
    Permission.SIGN_IN: (anyone,),
    Permission.SIGN_OUT: (anyone,),
    # The pages exist in the demonstration only.
    Permission.USE_DEMO: (anyone,),
    Permission.SEE_NOW: (signed_in,),
    Permission.REGISTER: (anyone,),
    # Whoever holds the ticket's secret link holds the ticket.
    Permission.HOLD_TICKET: (anyone,),
    Permission.GRANT_ROLES: (has(Role.ORGANIZER),),
    Permission.SCAN_TICKETS: (has(Role.DOOR_VOLUNTEER, Role.CREDENTIALS_COMMITTEE, Role.ORGANIZER),),
    Permission.SEE_QUORUM: (
        has(Role.CHAIR, Role.SECRETARIAT, Role.CREDENTIALS_COMMITTEE, Role.ORGANIZER),
        credentialed_delegate,
    ),
    # Each sees its own part: names are for the committee and, of its own people, for an organization's
    # lead. Organizers do not browse them.
    Permission.SEE_CREDENTIALS: (has(Role.CREDENTIALS_COMMITTEE), leads_an_organization),
    Permission.NAME_DELEGATES: (leads_an_organization,),
    Permission.ACCEPT_CREDENTIALS: (has(Role.CREDENTIALS_COMMITTEE),),
    Permission.OPEN_QUESTIONS: (has(Role.CHAIR),),
    Permission.CAST_BALLOTS: (credentialed_delegate,),
    Permission.WRITE_SUMMARIES: (has(Role.RAPPORTEUR),),
}


def may(identity: Identity, permission: Permission) -> bool:
    """Tell whether any alternative of the permission's policy holds."""
    return any(predicate(identity) for predicate in POLICIES[permission])
