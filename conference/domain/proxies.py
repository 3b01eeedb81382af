"""When a seat may lend its vote to another, in the words of this house; the rules are the core's. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreements.electorate import (
    Electorate,
    ElectorateCode,
    InvalidElectorate,
    Proxy,
    Seat,
    electorate_of,
    give,
)
from conference.domain.errors import Conflict, Invalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agreements import Chamber
    from conference.domain.errors import DomainError


# More than that in one hand is no longer an assembly.
MOST_PROXIES = 9


def standing_electorate(seats: Mapping[int, Chamber], proxies: Iterable[tuple[int, int]]) -> Electorate:
    """Return the seats of a conference with the proxies that stand: (principal, holder) by seat.

    A cap that was lowered later takes nothing back, so none is asked for here. How many votes a seat has
    means nothing to a proxy.
    """
    given = [Proxy(str(principal), str(holder)) for principal, holder in proxies]
    listed = [Seat(str(seat), chamber) for seat, chamber in seats.items()]
    return electorate_of(listed, given, proxy_cap=len(given) + 1)


def require_may_give(electorate: Electorate, *, principal: int, holder: int, cap: int) -> None:
    """A proxy stays in its chamber, is passed on to nobody, and a holder has no more of them than the cap.

    Who holds one gives none away, and who gave its own holds none. Raises NotFound("seat_not_found"),
    Invalid: "proxy_to_oneself", "proxy_to_other_chamber", Conflict: "proxy_given_already",
    "proxy_of_a_proxy", and "proxies_at_cap" with `cap`.
    """
    try:
        given = give(electorate, Proxy(str(principal), str(holder)))
    except InvalidElectorate as refused:
        raise _error_of(refused.problems[0].code) from refused
    if sum(held_by == str(holder) for held_by in given.proxies.values()) > cap:
        raise Conflict("proxies_at_cap", cap=cap)


def _error_of(code: ElectorateCode) -> DomainError:
    match code:
        case ElectorateCode.UNKNOWN_SEAT:
            return NotFound("seat_not_found")
        case ElectorateCode.OWN_PROXY:
            return Invalid("proxy_to_oneself")
        case ElectorateCode.OTHER_CHAMBER:
            return Invalid("proxy_to_other_chamber")
        case ElectorateCode.ALREADY_GIVEN:
            return Conflict("proxy_given_already")
    # One level: the holder gave its own away, or the principal holds another's.
    return Conflict("proxy_of_a_proxy")
