"""The cookie: which sign-in it speaks for, when it was last used, and how it is renewed."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Flask, current_app, g, request, session

from conference.domain.accounts import link_digest
from conference.domain.sign_ins import Limits, Standing, lasts, standing
from conference.extensions import db
from conference.queries.sign_ins import SignedIn, signed_in
from conference.services.sign_ins import begin_sign_in, prove, use_sign_in
from conference.web.clock import now
from conference.web.locale import current_conference
from conference.web.transaction import SAFE_METHODS

if TYPE_CHECKING:
    from datetime import timedelta

    from flask import Response

    from conference.domain.sign_ins import SignInWay

KEY = "sign_in"
GENERATION = "generation"
# Seconds since 1970 of the last use that the cookie knows of; written anew when it is older than REFRESH.
USED = "used"
REFRESH_SECONDS = 300
# What outlives a change of cookie: typed before signing in, read after it.
CARRIED = ("kept_form",)


def limits_of(*, staff: bool) -> Limits:
    """Return how long a sign-in lasts: staff are signed out sooner."""
    kind = "STAFF" if staff else "ATTENDEE"
    idle: timedelta = current_app.config[f"{kind}_SIGN_IN_IDLE"]
    absolute: timedelta = current_app.config[f"{kind}_SIGN_IN_LIFETIME"]
    return Limits(idle, absolute)


def begin_session(
    account_id: int, *, way: SignInWay, assured: bool = False, card_id: int | None = None
) -> None:
    """Sign the account in with this browser, under a new cookie; the caller commits."""
    key = secrets.token_urlsafe(32)
    begun = begin_sign_in(
        db.session(), account_id=account_id, key=key, way=way, assured=assured, card_id=card_id, now=now()
    )
    # Whatever an earlier, anonymous cookie held is not carried over, but what was typed.
    carried = {name: session[name] for name in CARRIED if name in session}
    session.clear()
    session.update(carried)
    session[KEY], session[GENERATION] = key, begun.generation
    # Whoever this cookie spoke for until now, it does no longer.
    g.sign_in = None
    _use()


def prove_session(sign_in_id: int, *, assured: bool) -> None:
    """Note a new proof, by a second factor or passkey where `assured`, and renew the cookie; commit."""
    session[GENERATION] = prove(db.session(), sign_in_id=sign_in_id, assured=assured, now=now())
    _use()


def end_session() -> None:
    """Forget, in this browser, who was signed in."""
    session.clear()


def _use() -> None:
    session[USED] = int(now().timestamp())
    session.permanent = True


def current_sign_in() -> SignedIn | None:
    """Return the sign-in that the request's cookie speaks for; None where it does for none (any more)."""
    if "sign_in" not in g:
        g.sign_in = _current()
    found: SignedIn | None = g.sign_in
    return found


def _current() -> SignedIn | None:
    key = session.get(KEY)
    if not isinstance(key, str):
        return None
    conference = current_conference()
    found = signed_in(
        db.session(),
        key_digest=link_digest(key),
        conference_id=None if conference is None else conference.id,
    )
    if found is None or not _speaks_for(found):
        g.sign_in_ended = True
        return None
    return _as_presented(found)


def _speaks_for(found: SignedIn) -> bool:
    moment = now()
    used_at = datetime.fromtimestamp(session.get(USED, 0), UTC)
    in_time = lasts(
        signed_in_at=found.signed_in_at, used_at=used_at, limits=limits_of(staff=found.staff), now=moment
    )
    return in_time and _standing(found) is not Standing.REFUSED


def _standing(found: SignedIn) -> Standing:
    return standing(
        presented=session.get(GENERATION, 0),
        generation=found.generation,
        confirmed_at=found.confirmed_at,
        now=now(),
    )


def _as_presented(found: SignedIn) -> SignedIn:
    """A cookie of the generation before signs in all the same, but carries no proof."""
    if _standing(found) is Standing.CURRENT:
        return found
    return found.without_proof()


def _renew() -> None:
    """Before an act: note the first of a generation, or begin the next one where rights have changed."""
    found = current_sign_in()
    if found is None or session.get(GENERATION) != found.generation:
        return
    if found.confirmed_at is None or found.rights_changed:
        # By itself and at once: what the view does may fail, and the cookie holds all the same.
        session[GENERATION] = use_sign_in(
            db.session(), sign_in_id=found.id, generation=found.generation, now=now()
        )
        db.session.commit()


def _keep_cookie(response: Response) -> Response:
    """Write the time of use, and a newer generation to a browser that has missed it; clear what has ended."""
    if g.get("sign_in_ended"):
        for name in (KEY, GENERATION, USED):
            session.pop(name, None)
        return response
    found: SignedIn | None = g.get("sign_in")
    if found is None or KEY not in session:
        return response
    if session.get(GENERATION, 0) < found.generation:
        session[GENERATION] = found.generation
    if now().timestamp() - session.get(USED, 0) > REFRESH_SECONDS:
        _use()
    return response


def init_app(app: Flask) -> None:
    """Renew sign-ins before acts, and cookies with answers."""

    @app.before_request
    def renew() -> None:
        if request.method not in SAFE_METHODS:
            _renew()

    app.after_request(_keep_cookie)
