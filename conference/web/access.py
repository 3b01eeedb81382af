"""Every view says which permission it asks for; who asks is known once per request."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from flask import current_app, request

from conference.domain.errors import Forbidden
from conference.domain.sign_ins import proved_lately
from conference.extensions import db
from conference.policies import (
    FRESHLY_PROVED,
    STRANGER,
    Identity,
    Permission,
    lacks_second_factor,
    last_proof,
    may,
)
from conference.queries.second_factors import staff_and_second_factor
from conference.web.clock import now
from conference.web.sign_ins import current_sign_in, sign_in_ended
from conference.web.transaction import SAFE_METHODS

if TYPE_CHECKING:
    from collections.abc import Callable

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


# Open to strangers too, but what comes of it is not the same: who was signed in until now is told first.
AS_ONESELF = frozenset({Permission.REGISTER})


class SignInNeeded(Forbidden):
    """Nobody is signed in, and somebody would have to be."""

    code = "sign_in_needed"


class SecondFactorNeeded(Forbidden):
    """Who asks has the role, and has not shown a second factor in this sign-in."""

    code = "second_factor_needed"


class ProofNeeded(Forbidden):
    """The act is dangerous, and the last proof of who asks is too old for it."""

    code = "proof_needed"


def current_identity() -> Identity:
    """Return who asks, in the conference of the page."""
    found = current_sign_in()
    return STRANGER if found is None else found.identity


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
    """Raise the error that says what whoever asks lacks, unless they have the permission now."""
    identity = current_identity()
    if may(identity, permission):
        if request.method not in SAFE_METHODS:
            _check_act(identity, permission)
        return
    if not identity.signed_in:
        raise SignInNeeded
    if lacks_second_factor(identity, permission):
        raise SecondFactorNeeded
    raise Forbidden(permission=permission)


def _check_act(identity: Identity, permission: Permission) -> None:
    if permission in AS_ONESELF and sign_in_ended():
        raise SignInNeeded
    if permission in FRESHLY_PROVED and not freshly_proved(identity, permission):
        raise ProofNeeded


def freshly_proved(identity: Identity, permission: Permission, *, staff: bool = False) -> bool:
    """Tell whether the last proof of who asks is fresh enough for the permission's acts.

    One's own keys are managed outside of any conference, where nobody has a role: who holds one of staff's
    anywhere is staff there, by the grants in force now. `staff` tells what the caller knows besides.
    """
    if identity.account_id is None:
        return False
    holds, second_factor = staff_and_second_factor(db.session(), account_id=identity.account_id)
    is_staff = staff or holds or identity.is_staff
    proof = last_proof(
        permission,
        staff=is_staff,
        second_factor=is_staff and second_factor,
        proved_at=identity.proved_at,
        assured_at=identity.assured_at,
    )
    return proved_lately(proof, now=now(), within=current_app.config["PROOF_LASTS"])
