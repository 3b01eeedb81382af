"""What was typed into a form that was refused comes back on its page, in the same browser."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from flask import Flask, current_app, g, request, session
from flask.globals import request_ctx
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from conference.domain.errors import TooMany
from conference.domain.kept_forms import (
    KEY_BYTES,
    KeptForm,
    as_text,
    from_text,
    kept_digest,
    packed,
    unpacked,
)
from conference.extensions import db, network_of
from conference.forms.base import TypedBefore
from conference.policies import Permission
from conference.queries.kept_forms import kept_form
from conference.services import kept_forms
from conference.web.clock import now
from conference.web.limits import allow
from conference.web.locale import as_written
from conference.web.pages import this_address, wants_fragment
from conference.web.sealing import open_once, seal_once
from conference.web.sign_ins import TYPED, account_of_cookie, current_sign_in

if TYPE_CHECKING:
    from flask import Response

# A vote is given anew, and no copy of it lies anywhere; nor one of a code that proves who somebody is. What
# else such forms ask for, an address at most, is typed again.
NEVER_KEPT = frozenset(
    {
        Permission.CAST_BALLOTS,
        Permission.PROVE_ONESELF,
        Permission.SIGN_IN,
        Permission.MANAGE_KEYS,
        Permission.SET_UP,
    }
)

# Bytes of a form of somebody who was never signed in here: a registration is far smaller. Summaries, which
# are long, are written by people who are or were signed in; the largest request bounds them.
LARGEST_OF_STRANGERS = 64 * 1024


def keep_form() -> bool:
    """Keep the fields of the refused POST for KEPT_FORM_LIFETIME; tell whether there was anything to keep.

    What another site has sent in somebody's name is not kept: it would wait there, filled in, to be sent.
    """
    page, fields = way_back(), _typed()
    if request.method != "POST" or page is None or not fields or not _from_a_page_of_ours():
        return False
    try:
        # Anybody can have something kept: not so much that the disk fills.
        allow("kept_form", network_of(request.remote_addr or "unknown"))
    except TooMany:
        return False
    content = packed(KeptForm(page, fields))
    if account_of_cookie() is None and len(content) > LARGEST_OF_STRANGERS:
        return False
    key, moment, lifetime = secrets.token_bytes(KEY_BYTES), now(), current_app.config["KEPT_FORM_LIFETIME"]
    sealed = seal_once(content, key=key)
    kept_forms.keep_form(
        db.session(), sealed=sealed, key_digest=kept_digest(key), lifetime=lifetime, now=moment
    )
    db.session.commit()
    session[TYPED] = {
        "key": as_text(key),
        "action": request.path,
        "account": account_of_cookie(),
        "until": int((moment + lifetime).timestamp()),
    }
    g.form_kept = True
    return True


def _typed() -> tuple[tuple[str, str], ...]:
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "permission", None) in NEVER_KEPT:
        return ()
    sent = request.form.items(multi=True)
    return tuple((name, value) for name, value in sent if not name.endswith("csrf_token"))


def _from_a_page_of_ours() -> bool:
    # The token of the form shows it; where that is what fails, the browser tells.
    return g.get("csrf_valid", False) or _referring() is not None


def _referring() -> str | None:
    """Return the address, here, of the page that the request came from; None where it came from elsewhere."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host:
        return None
    return as_written(unquote(parts.path)) + (f"?{parts.query}" if parts.query else "")


def way_back() -> str | None:
    """Return the page to come back to: the one asked for, or the one that the form or part was on."""
    whole = request.method == "GET" and not wants_fragment()
    candidates = [this_address()] if whole else [_referring(), this_address()]
    return next((address for address in candidates if address is not None and _leads_to(address)), None)


def way_back_in_address() -> str | None:
    """Return the page to come back to, unless its own address is a secret that no other may hold."""
    address = way_back()
    return None if address is None or "token" in _leads_to(address) else address


def _leads_to(address: str) -> dict[str, Any]:
    """Return what the address of a page names, its language at least; nothing where there is no page."""
    adapter = request_ctx.url_adapter
    try:
        _endpoint, values = adapter.match(unquote(urlsplit(address).path), "GET") if adapter else ("", {})
    except (HTTPException, RequestRedirect):
        return {}
    return dict(values)


def _offer() -> None:
    """Before a page: have its forms know what was typed into one of them before."""
    typed = session.get(TYPED)
    if not isinstance(typed, dict) or request.method != "GET" or request.endpoint in {None, "static"}:
        return
    key = from_text(typed.get("key"))
    if key is None or typed.get("until", 0) <= now().timestamp() or not _whose(typed.get("account")):
        return
    sealed = kept_form(db.session(), key_digest=kept_digest(key), now=now())
    opened = None if sealed is None else open_once(sealed, key=key)
    found = None if opened is None else unpacked(opened)
    if found is not None and found.page == this_address():
        g.typed_before = TypedBefore(MultiDict(found.fields))


def _whose(account_id: object) -> bool:
    """What somebody typed who was signed in is shown to them alone, not to who signs in after them."""
    if account_id is None:
        return True
    found = current_sign_in()
    return found is not None and found.identity.account_id == account_id


def _let_go(response: Response) -> Response:
    """After the form was sent after all, or too late: the key goes, and nobody can read the row any more."""
    typed = session.get(TYPED)
    if not isinstance(typed, dict) or g.get("form_kept"):
        return response
    sent = request.method == "POST" and request.path == typed.get("action") and response.status_code < 400  # noqa: PLR2004
    if sent or datetime.fromtimestamp(typed.get("until", 0), UTC) <= now():
        session.pop(TYPED)
    return response


def _typed_again() -> bool:
    """Tell whether a form of this page holds what was typed before."""
    typed: TypedBefore | None = g.get("typed_before")
    return typed is not None and typed.taken


def init_app(app: Flask) -> None:
    """Offer what was typed to the page that it was typed on, and let go of it when it was sent."""
    app.before_request(_offer)
    app.after_request(_let_go)
    app.context_processor(lambda: {"typed_again": _typed_again()})
