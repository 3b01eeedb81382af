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
from conference.services.sign_ins import begin_sign_in, end_sign_in, prove, use_sign_in
from conference.web.clock import now
from conference.web.live import asks_by_itself
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
# Whose sign-in it is. It opens nothing; it tells to whom belongs what was typed once the sign-in has ended.
ACCOUNT = "account"
# Set where a sign-in has ended by itself or from elsewhere, until somebody signs in.
ENDED = "sign_in_ended"
# What was typed before signing in and is read after it: {"account": whose, …}.
TYPED = "kept_form"


def limits_of(*, staff: bool) -> Limits:
    """Return how long a sign-in lasts: staff are signed out sooner."""
    kind = "STAFF" if staff else "ATTENDEE"
    idle: timedelta = current_app.config[f"{kind}_SIGN_IN_IDLE"]
    absolute: timedelta = current_app.config[f"{kind}_SIGN_IN_LIFETIME"]
    return Limits(idle, absolute)


def begin_session(
    account_id: int, *, way: SignInWay, assured: bool = False, card_id: int | None = None
) -> None:
    """Sign the account in with this browser, under a new cookie; the caller commits.

    Nothing of the cookie of before is carried over (it may have been planted), but what the same person, or
    nobody known, had typed. A sign-in that it still spoke for ends.
    """
    key = secrets.token_urlsafe(32)
    begun = begin_sign_in(
        db.session(), account_id=account_id, key=key, way=way, assured=assured, card_id=card_id, now=now()
    )
    # After the account is locked: whoever changes its rights locks it first, and its sign-ins then.
    _end_former()
    typed = session.get(TYPED)
    session.clear()
    if isinstance(typed, dict) and typed.get("account") in {None, account_id}:
        session[TYPED] = typed
    session[KEY], session[GENERATION], session[ACCOUNT] = key, begun.generation, account_id
    # Whoever this cookie spoke for until now, it does no longer.
    g.sign_in, g.sign_in_ended = None, False
    _use()


def _end_former() -> None:
    found = current_sign_in()
    if found is not None and found.identity.account_id is not None:
        end_sign_in(db.session(), account_id=found.identity.account_id, sign_in_id=found.id)


def prove_session(sign_in_id: int, *, assured: bool) -> None:
    """Note a new proof, by a second factor or passkey where `assured`, and renew the cookie; commit."""
    session[GENERATION] = prove(db.session(), sign_in_id=sign_in_id, assured=assured, now=now())
    # What is asked later in this request is answered as of now.
    g.pop("sign_in", None)
    _use()


def end_session() -> None:
    """Forget, in this browser, who was signed in and what was typed."""
    session.clear()
    g.sign_in, g.sign_in_ended = None, False


def _use() -> None:
    session[USED] = int(now().timestamp())
    session.permanent = True


def current_sign_in() -> SignedIn | None:
    """Return the sign-in that the request's cookie speaks for; None where it does for none (any more)."""
    if "sign_in" not in g:
        g.sign_in = _current()
    found: SignedIn | None = g.sign_in
    return found


def sign_in_ended() -> bool:
    """Tell whether the request came with the cookie of a sign-in that has ended."""
    current_sign_in()
    return bool(g.get("sign_in_ended"))


def told_of_end() -> bool:
    """Tell whether whoever asks was signed in here until now; told once, where the answer shows it."""
    ended = sign_in_ended() or ENDED in session
    session.pop(ENDED, None)
    g.told_of_end = ended
    return ended


def waits_for_sign_in() -> bool:
    """Tell whether something that was typed in this browser is kept until somebody signs in."""
    typed = session.get(TYPED)
    return isinstance(typed, dict) and bool(typed.get("until", 0) > now().timestamp())


def account_of_cookie() -> int | None:
    """Return whose sign-in the cookie is, or was until this request; it gives no rights."""
    account_id = session.get(ACCOUNT)
    return account_id if isinstance(account_id, int) else None


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
    if found is None or not _lasts(found):
        g.sign_in_ended = True
        return None
    match _standing(found):
        case Standing.CURRENT:
            return found
        case Standing.CATCHING_UP:
            # It is answered, and carries no proof. It is not brought up to date either: whoever copied it
            # would come along with every renewal, and with the proof for which it was renewed.
            return found.without_proof()
        case Standing.REFUSED:
            g.sign_in_ended = True
            return None


def _lasts(found: SignedIn) -> bool:
    used_at = datetime.fromtimestamp(session.get(USED, 0), UTC)
    limits = limits_of(staff=found.staff)
    return lasts(signed_in_at=found.signed_in_at, used_at=used_at, limits=limits, now=now())


def _standing(found: SignedIn) -> Standing:
    return standing(
        presented=session.get(GENERATION, 0),
        generation=found.generation,
        confirmed_at=found.confirmed_at,
        now=now(),
    )


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
    """Write the time of use now and then; clear what speaks for nobody any more, and say so once."""
    if g.get("sign_in_ended"):
        # Whose it was stays known until somebody signs in or out: what is typed from now on is still theirs.
        for name in (KEY, GENERATION, USED):
            session.pop(name, None)
        if not g.get("told_of_end"):
            session[ENDED] = True
    elif (
        g.get("sign_in") is not None
        and now().timestamp() - session.get(USED, 0) > REFRESH_SECONDS
        and not asks_by_itself()
    ):
        _use()
    return response


def init_app(app: Flask) -> None:
    """Renew sign-ins before acts, and cookies with answers."""

    @app.before_request
    def renew() -> None:
        if request.method not in SAFE_METHODS:
            _renew()

    app.after_request(_keep_cookie)
