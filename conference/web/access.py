"""Every view says which permission it asks for; who asks is known once per request."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from flask import g, session

from conference.domain.errors import Forbidden
from conference.extensions import db
from conference.policies import STRANGER, Identity, Permission, may
from conference.queries.accounts import identity as find_identity
from conference.web.locale import current_conference

if TYPE_CHECKING:
    from collections.abc import Callable

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")

ACCOUNT = "account"


class SignInNeeded(Forbidden):
    """Nobody is signed in, and somebody would have to be."""

    code = "sign_in_needed"


def current_identity() -> Identity:
    """Return who asks, in the conference of the page."""
    if "identity" not in g:
        g.identity = _identity()
    found: Identity = g.identity
    return found


def _identity() -> Identity:
    account_id = session.get(ACCOUNT)
    if account_id is None:
        return STRANGER
    conference = current_conference()
    return find_identity(
        db.session(), account_id=account_id, conference_id=None if conference is None else conference.id
    )


def required_account() -> int:
    """Return the account that is signed in; SignInNeeded if nobody is."""
    account_id = current_identity().account_id
    if account_id is None:
        raise SignInNeeded
    return account_id


def requires(
    permission: Permission,
) -> Callable[[Callable[Parameters, Answer]], Callable[Parameters, Answer]]:
    """Let only those through whom the permission's policy names."""

    def decorate(view: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
        @wraps(view)
        def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Answer:
            check(permission)
            return view(*args, **kwargs)

        # A test walks the URL map and fails on a view without it.
        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def check(permission: Permission) -> None:
    """Raise SignInNeeded or Forbidden unless whoever asks has the permission."""
    identity = current_identity()
    if may(identity, permission):
        return
    if not identity.signed_in:
        raise SignInNeeded
    raise Forbidden(permission=permission)
