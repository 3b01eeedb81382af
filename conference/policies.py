"""Who may do what: permission → alternatives of predicates over an Identity. One readable map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from conference.domain.accounts import STAFF_ROLES, Role


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, in the conference asked about: built once per request, never a database row.

    `roles` are those in force in that conference, granted or earned (an accepted credential makes a
    delegate, a registration an attendee); `leads` are the organizations the person answers for, and
    `people_of` those of them whose people they know: of an office of a government they manage the entry only;
    `seat_ids` the seats whose accepted credential the person holds. `proved_at` is the last proof of who
    they are in this sign-in, `assured_at` the last second factor or passkey: staff need that one.
    """

    account_id: int | None = None
    conference_id: int | None = None
    roles: frozenset[Role] = frozenset()
    leads: frozenset[int] = frozenset()
    people_of: frozenset[int] = frozenset()
    seat_ids: frozenset[int] = frozenset()
    sign_in_id: int | None = None
    proved_at: datetime | None = None
    assured_at: datetime | None = None

    @property
    def signed_in(self) -> bool:
        return self.account_id is not None

    @property
    def is_staff(self) -> bool:
        return bool(self.roles & STAFF_ROLES)

    @property
    def usable_roles(self) -> frozenset[Role]:
        """The roles that can be used now: those of staff need a second factor or a passkey first."""
        return self.roles - STAFF_ROLES if self.assured_at is None else self.roles


STRANGER = Identity()

Predicate = Callable[[Identity], bool]


class Permission(StrEnum):
    """What a route may ask for; every route asks for exactly one."""

    READ_PUBLIC = "read_public"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    USE_DEMO = "use_demo"
    SET_UP = "set_up"
    SEE_ACCOUNT = "see_account"
    PROVE_ONESELF = "prove_oneself"
    MANAGE_KEYS = "manage_keys"
    SEE_NOW = "see_now"
    REGISTER = "register"
    HOLD_TICKET = "hold_ticket"
    STOP_MAILS = "stop_mails"
    GRANT_ROLES = "grant_roles"
    ISSUE_CARDS = "issue_cards"
    PRINT_CARDS = "print_cards"
    ASK_FOR_PEOPLE = "ask_for_people"
    EXPORT_PEOPLE = "export_people"
    SEE_MAIL = "see_mail"
    RUN_JOBS = "run_jobs"
    FORGET_NOW = "forget_now"
    SEE_JOBS = "see_jobs"
    SCAN_TICKETS = "scan_tickets"
    SEE_QUORUM = "see_quorum"
    SEE_CREDENTIALS = "see_credentials"
    NAME_DELEGATES = "name_delegates"
    ACCEPT_CREDENTIALS = "accept_credentials"
    OPEN_QUESTIONS = "open_questions"
    CAST_BALLOTS = "cast_ballots"
    WRITE_SUMMARIES = "write_summaries"
    ENTER_ORGANIZATIONS = "enter_organizations"
    MANAGE_ORGANIZATION = "manage_organization"
    MANAGE_DIRECTORY = "manage_directory"
    REGISTER_GROUPS = "register_groups"
    MANAGE_PLACES = "manage_places"
    RUN_DESK = "run_desk"
    SEE_COUNTS = "see_counts"
    SEE_NEEDS = "see_needs"
    PRINT_BADGES = "print_badges"
    WRITE_TO_PEOPLE = "write_to_people"
    GIVE_PROXIES = "give_proxies"
    RECORD_PROXIES = "record_proxies"
    HOLD_RECORDS = "hold_records"


def anyone(identity: Identity) -> bool:  # noqa: ARG001
    """Nobody is asked who they are: what everybody may read, and what a secret link opens by itself."""
    return True


def signed_in(identity: Identity) -> bool:
    """Somebody who is signed in, whichever way: by mail, passkey or card, or from the server's console."""
    return identity.signed_in


def has(*roles: Role) -> Predicate:
    """Return the predicate that holds for anybody who can use one of the roles now."""
    wanted = frozenset(roles)

    def holds(identity: Identity) -> bool:
        return bool(identity.usable_roles & wanted)

    return holds


def leads_an_organization(identity: Identity) -> bool:
    """Somebody who answers for at least one organization; which one is checked with the act."""
    return bool(identity.leads)


def answers_for_people(identity: Identity) -> bool:
    """Somebody who answers for an organization and knows its people: officials know nobody of theirs."""
    return bool(identity.people_of)


def credentialed_delegate(identity: Identity) -> bool:
    """Somebody who holds a seat by an accepted credential; only such people vote."""
    return bool(identity.seat_ids)


POLICIES: dict[Permission, tuple[Predicate, ...]] = {
    Permission.READ_PUBLIC: (anyone,),
    Permission.SIGN_IN: (anyone,),
    Permission.SIGN_OUT: (anyone,),
    # The pages exist in the demonstration only.
    Permission.USE_DEMO: (anyone,),
    # The token on the server's console opens it, once.
    Permission.SET_UP: (anyone,),
    Permission.SEE_ACCOUNT: (signed_in,),
    Permission.PROVE_ONESELF: (signed_in,),
    Permission.MANAGE_KEYS: (signed_in,),
    Permission.SEE_NOW: (signed_in,),
    Permission.REGISTER: (anyone,),
    # Whoever holds the ticket's secret link holds the ticket.
    Permission.HOLD_TICKET: (anyone,),
    # The link in the mail opens it.
    Permission.STOP_MAILS: (anyone,),
    Permission.GRANT_ROLES: (has(Role.ORGANIZER),),
    Permission.ISSUE_CARDS: (has(Role.CREDENTIALS_COMMITTEE, Role.ORGANIZER),),
    # Cards with which one votes: all that are wanting at once, or a delegate's at the desk.
    Permission.PRINT_CARDS: (has(Role.CREDENTIALS_COMMITTEE, Role.ORGANIZER),),
    # The list of who asked for exports, and why; the second organizer answers there.
    Permission.ASK_FOR_PEOPLE: (has(Role.ORGANIZER),),
    Permission.EXPORT_PEOPLE: (has(Role.ORGANIZER),),
    Permission.SEE_MAIL: (has(Role.ORGANIZER),),
    Permission.RUN_JOBS: (has(Role.ORGANIZER),),
    Permission.FORGET_NOW: (has(Role.ORGANIZER),),
    # Each sees what they asked for themselves.
    Permission.SEE_JOBS: (signed_in,),
    Permission.SCAN_TICKETS: (has(Role.DOOR_VOLUNTEER, Role.CREDENTIALS_COMMITTEE, Role.ORGANIZER),),
    Permission.SEE_QUORUM: (
        has(Role.CHAIR, Role.SECRETARIAT, Role.CREDENTIALS_COMMITTEE, Role.ORGANIZER),
        credentialed_delegate,
    ),
    # Each sees its own part: names are for the committee and, of its own people, for an organization's
    # lead. Organizers do not browse them.
    Permission.SEE_CREDENTIALS: (has(Role.CREDENTIALS_COMMITTEE), answers_for_people),
    Permission.NAME_DELEGATES: (answers_for_people,),
    Permission.ACCEPT_CREDENTIALS: (has(Role.CREDENTIALS_COMMITTEE),),
    Permission.OPEN_QUESTIONS: (has(Role.CHAIR),),
    Permission.CAST_BALLOTS: (credentialed_delegate,),
    Permission.WRITE_SUMMARIES: (has(Role.RAPPORTEUR),),
    Permission.ENTER_ORGANIZATIONS: (signed_in,),
    Permission.MANAGE_ORGANIZATION: (leads_an_organization,),
    Permission.MANAGE_DIRECTORY: (has(Role.ORGANIZER),),
    Permission.REGISTER_GROUPS: (answers_for_people,),
    Permission.MANAGE_PLACES: (has(Role.ORGANIZER),),
    # The desk sees a badge name, and whoever decides must see whom about. Nobody browses a list.
    Permission.RUN_DESK: (has(Role.CREDENTIALS_COMMITTEE, Role.ORGANIZER),),
    Permission.SEE_COUNTS: (has(Role.ORGANIZER, Role.SECRETARIAT),),
    # Only whoever prepares it, and for seven days after the last.
    Permission.SEE_NEEDS: (has(Role.SERVICE_LEAD),),
    # All names on one sheet are an export of people: another organizer approves it first.
    Permission.PRINT_BADGES: (has(Role.ORGANIZER),),
    Permission.WRITE_TO_PEOPLE: (has(Role.ORGANIZER),),
    Permission.GIVE_PROXIES: (answers_for_people,),
    Permission.RECORD_PROXIES: (has(Role.CREDENTIALS_COMMITTEE),),
    Permission.HOLD_RECORDS: (has(Role.ORGANIZER),),
}


# Acts (POST) that need a fresh proof of who acts: a borrowed phone left on a table must not do them.
FRESHLY_PROVED = frozenset(
    {
        Permission.MANAGE_KEYS,
        Permission.GRANT_ROLES,
        Permission.PRINT_CARDS,
        Permission.ASK_FOR_PEOPLE,
        Permission.EXPORT_PEOPLE,
        Permission.PRINT_BADGES,
        Permission.WRITE_TO_PEOPLE,
        Permission.FORGET_NOW,
        Permission.HOLD_RECORDS,
    }
)


def lacks_second_factor(identity: Identity, permission: Permission) -> bool:
    """Tell whether a second factor is all that keeps the person from what the permission allows."""
    assured = replace(identity, assured_at=datetime.max.replace(tzinfo=UTC))
    return not may(identity, permission) and may(assured, permission)


def last_proof(
    permission: Permission,
    *,
    staff: bool,
    second_factor: bool,
    proved_at: datetime | None,
    assured_at: datetime | None,
) -> datetime | None:
    """When the person gave the proof that counts for the permission: of staff only a second factor does.

    Keys are the exception: staff who have no second factor yet manage them as everybody else does, with
    whatever proved them last. Without that nobody could set the first one up, nor replace a lost phone.
    """
    shown = staff and (second_factor or permission is not Permission.MANAGE_KEYS)
    return assured_at if shown else proved_at


def may(identity: Identity, permission: Permission) -> bool:
    """Tell whether any alternative of the permission's policy holds."""
    return any(predicate(identity) for predicate in POLICIES[permission])


def roles_allowed(permission: Permission) -> frozenset[Role]:
    """Return the roles with which one has the permission, as the predicates themselves answer."""
    return frozenset(role for role in Role if may(somebody_with(role), permission))


def everybody_may(permission: Permission) -> bool:
    """Tell whether the permission asks nobody who they are."""
    return may(STRANGER, permission)


def everybody_signed_in_may(permission: Permission) -> bool:
    """Tell whether being signed in is enough."""
    return may(Identity(account_id=0), permission)


def somebody_with(role: Role) -> Identity:
    """Return somebody who holds one role, with what comes with it, and has shown a second factor."""
    led = frozenset({0} if role is Role.ORGANIZATION_LEAD else ())
    return Identity(
        account_id=0,
        conference_id=0,
        roles=frozenset({role}),
        leads=led,
        people_of=led,
        seat_ids=frozenset({0} if role is Role.DELEGATE else ()),
        assured_at=datetime.max.replace(tzinfo=UTC),
    )
