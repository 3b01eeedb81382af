"""What every template may count on: the conference, who reads, the navigation, the other languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import current_app, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from conference.policies import Permission, may
from conference.web.access import current_identity
from conference.web.locale import current_conference, current_language, other_languages
from conference.web.pages import this_address
from conference.web.passkeys import passkeys_site
from conference.web.registration import registering
from conference.web.wording import word

if TYPE_CHECKING:
    from flask import Flask


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """One place to go from every page of a conference."""

    label: str
    href: str
    icon: str
    current: bool


def csrf_field() -> Markup:
    """Return the hidden field that every form carries."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def _item(label: str, endpoint: str, icon: str) -> NavigationItem:
    column = endpoint.split(".", maxsplit=1)[0]
    return NavigationItem(label, url_for(endpoint), icon, current=request.blueprint == column)


def navigation() -> list[NavigationItem]:
    """Return the conference's main pages; nothing outside of a conference."""
    if current_conference() is None:
        return []
    items = [
        _item(_("Program"), "program.days", "program"),
        _item(_("Agreement"), "agreement.text", "agreement"),
        _item(_("Votes"), "voting.questions", "vote"),
        _item(_("Resolutions"), "resolutions.listing", "resolution"),
        _item(_("Summaries"), "summaries.listing", "summary"),
        _item(_("Organizations"), "directory.listing", "organization"),
    ]
    if current_identity().signed_in:
        items.insert(0, _item(_("Now"), "now.page", "home"))
    return items


def _home_url() -> str:
    if current_conference() is None:
        return url_for("conference.home")
    return url_for("conference.front")


def _context() -> dict[str, Any]:
    # A ticket's address is a secret, and has no place in another address's query.
    secret = request.blueprint == "accounts" or "token" in (request.view_args or {})
    back = this_address() if request.method == "GET" and not secret else None
    return {
        "conference": current_conference(),
        "identity": current_identity(),
        "may": lambda permission: may(current_identity(), Permission(permission)),
        "lang": current_language(),
        "navigation": navigation(),
        "other_languages": other_languages(),
        "home_url": _home_url(),
        "sign_in_url": url_for("accounts.sign_in", lang=current_language(), next=back),
        "account_url": url_for("sign_ins.account", lang=current_language()),
        "sign_out_url": url_for("accounts.sign_out", lang=current_language()),
        "source_url": current_app.config["SOURCE_URL"],
        "demo": current_app.config["DEMO"],
    }


def init_app(app: Flask) -> None:
    """Put these names into every template."""
    app.context_processor(_context)
    app.jinja_env.globals.update(
        csrf_field=csrf_field, passkeys_site=passkeys_site, registering=registering, word=word
    )
