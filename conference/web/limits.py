"""How often something may be done: to an address, by an account. Networks are limited beside it, by route."""

from __future__ import annotations

import logging
import math
import time
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from flask import Flask, current_app, request
from limits import parse_many
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from conference.domain.errors import TooMany
from conference.extensions import limiter, network_of
from conference.web import lone_counter
from conference.web.sign_ins import current_sign_in
from conference.web.transaction import SAFE_METHODS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from limits import RateLimitItem

logger = logging.getLogger("asamblea.limits")

Answer = TypeVar("Answer")

# Seconds until a Redis that did not answer is asked again.
ASK_AGAIN = 10
# What to do about it, where "too often" alone would leave people guessing.
CODES = {
    "sign_in_address": "too_many_mails",
    "register_address": "too_many_tickets",
    "register_address_anywhere": "too_many_tickets",
    "wrong_code": "too_many_wrong_codes",
    "card": "too_many_cards",
    "desk_search": "too_many_searches",
}
# Leaving is never refused.
UNCOUNTED = frozenset({"accounts.sign_out", "sign_ins.end", "sign_ins.end_others", "sign_ins.end_all"})
EXTENSION = "limits"

_limits = cache(parse_many)


class Counters:
    """Counts where the configuration says: in this process, or in a Redis that all processes share.

    While Redis does not answer, each process counts for itself: that is logged once, and requests go on.
    """

    def __init__(self, address: str, options: Mapping[str, str]) -> None:
        self._storage = storage_from_string(address, **options)
        self._shared = FixedWindowRateLimiter(self._storage)
        self._own: FixedWindowRateLimiter | None = None
        self._away_until = 0.0

    def count(self, limit: RateLimitItem, *names: str) -> bool:
        """Count one more; tell whether it was within the limit."""
        return self._ask(lambda counter: counter.hit(limit, *names))

    def within(self, limit: RateLimitItem, *names: str) -> bool:
        """Tell whether one more would be within the limit."""
        return self._ask(lambda counter: counter.test(limit, *names))

    def free_at(self, limit: RateLimitItem, *names: str) -> float:
        """Return when the limit begins anew, in seconds since 1970."""
        return self._ask(lambda counter: counter.get_window_stats(limit, *names).reset_time)

    def _ask(self, question: Callable[[FixedWindowRateLimiter], Answer]) -> Answer:
        if time.monotonic() >= self._away_until:
            try:
                answer = question(self._shared)
            except self._storage.base_exceptions as error:
                self._went_away(error)
            else:
                self._came_back()
                return answer
        if self._own is None:
            self._own = FixedWindowRateLimiter(MemoryStorage())
        return question(self._own)

    def _went_away(self, error: BaseException) -> None:
        if not self._away_until:
            logger.warning(
                "Redis no responde (%s): cada proceso cuenta los límites por su cuenta. · "
                "Redis does not answer: each process counts the limits for itself.",
                type(error).__name__,
            )
        self._away_until = time.monotonic() + ASK_AGAIN

    def _came_back(self) -> None:
        if self._away_until:
            logger.warning("Redis responde otra vez. · Redis answers again.")
            self._away_until = 0.0


def _counters() -> Counters:
    extensions = current_app.extensions
    if EXTENSION not in extensions:
        config = current_app.config
        extensions[EXTENSION] = Counters(config["RATELIMIT_STORAGE_URI"], config["RATELIMIT_STORAGE_OPTIONS"])
    counters: Counters = extensions[EXTENSION]
    return counters


def from_here(subject: str) -> str:
    """Return a subject that is counted apart for each network: nobody uses up what is an owner's."""
    return f"{subject}@{network_of(request.remote_addr or 'unknown')}"


def allow(kind: str, subject: str) -> None:
    """Count one more; TooMany(retry_after=seconds) where the setting LIMIT_<KIND> is used up.

    `subject` is an account's id, a keyed digest of an address (`from_here`: in one network), or a network:
    never an address itself. What is known and what is unknown are counted alike. Call it before the work: a
    refusal costs nothing then.
    """
    if current_app.config["RATELIMIT_ENABLED"]:
        _refuse(kind, subject, [limit for limit in _of(kind) if not _counters().count(limit, kind, subject)])


def check(kind: str, subject: str) -> None:
    """Raise what `allow` would raise, and count nothing: before a try of which only failures are counted."""
    if current_app.config["RATELIMIT_ENABLED"]:
        _refuse(kind, subject, [limit for limit in _of(kind) if not _counters().within(limit, kind, subject)])


def _of(kind: str) -> list[RateLimitItem]:
    return _limits(current_app.config[f"LIMIT_{kind.upper()}"])


def _refuse(kind: str, subject: str, used_up: list[RateLimitItem]) -> None:
    if not used_up:
        return
    free_at = max(_counters().free_at(limit, kind, subject) for limit in used_up)
    raise TooMany(CODES.get(kind, "too_many"), retry_after=_seconds_until(free_at))


def _seconds_until(moment: float) -> int:
    return max(1, math.ceil(moment - time.time()))


def seconds_left() -> int:
    """Return for how many seconds the network that this request came from is still refused."""
    refused = limiter.current_limit
    return 60 if refused is None else _seconds_until(refused.window.reset_time)


def _count_account() -> None:
    if request.method in SAFE_METHODS or request.endpoint in UNCOUNTED:
        return
    found = current_sign_in()
    if found is not None:
        allow("account", str(found.identity.account_id))


def init_app(app: Flask) -> None:
    """Count what each account does, and notice other processes that count for themselves."""
    lone_counter.init_app(app)
    app.before_request(_count_account)
