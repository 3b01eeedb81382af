"""The first organizer, once: a page whose address is read on the server's console."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location
from flask import Blueprint, Response, current_app, flash, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from conference.domain.errors import NotFound
from conference.domain.set_up import TIME_ZONES, NewConference
from conference.domain.sign_ins import SignInWay
from conference.extensions import db, limiter
from conference.forms.base import SelectChoice
from conference.forms.set_up import NEW, SetUpForm
from conference.policies import Permission
from conference.queries.conference import conferences
from conference.queries.set_up import waits_for_set_up
from conference.services.set_up import set_up as set_up_house
from conference.web.access import requires
from conference.web.clock import now
from conference.web.content import shown
from conference.web.locale import current_language
from conference.web.pages import go, page
from conference.web.set_up import opens_set_up
from conference.web.sign_ins import begin_session

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("set_up", __name__)


def _require_open(token: str) -> None:
    """Once the house is set up every token is told so; before, a wrong one finds nothing, as any address."""
    if not waits_for_set_up(db.session()):
        raise NotFound("set_up_done")
    if not opens_set_up(token):
        raise NotFound("page_not_found")


def _form() -> SetUpForm:
    standing = [SelectChoice(str(one.id), shown(one.name).text) for one in conferences(db.session())]
    form = SetUpForm()
    form.conference.choices = [*standing, SelectChoice(NEW, _("A new conference"))]
    cities = sorted((_city_of(zone), zone) for zone in TIME_ZONES)
    # Nothing is chosen beforehand: a wrong clock would be wrong in every time of the program.
    form.time_zone.choices = [
        SelectChoice("", _("Choose…")),
        *(SelectChoice(zone, city) for city, zone in cities),
    ]
    # Whoever sets up is as far west as any venue: it may still be yesterday there.
    form.today = now().astimezone(ZoneInfo("Pacific/Honolulu")).date()
    if not standing:
        form.conference.data = NEW
    return form


def _city_of(zone: str) -> str:
    return get_timezone_location(zone, locale=get_locale(), return_city=True)


def _page(form: SetUpForm, token: str, status: int = 200) -> Response:
    return page("set_up/set_up.html", "form", status=status, form=form, token=token)


@blueprint.get("/<lang>/set-up/<token>", endpoint="page")
@limiter.limit(lambda: current_app.config["LIMIT_SIGN_IN"])
@requires(Permission.SET_UP)
def show(token: str) -> Response:
    """Ask for a conference and its first organizer."""
    _require_open(token)
    return _page(_form(), token)


@blueprint.post("/<lang>/set-up/<token>")
@limiter.limit(lambda: current_app.config["LIMIT_SIGN_IN"])
@requires(Permission.SET_UP)
def set_up(token: str) -> BaseResponse:
    """Name the first organizer, who is signed in with this and goes on to a second factor."""
    _require_open(token)
    form = _form()
    if not form.validate_on_submit():
        return _page(form, token, 422)
    organizer = set_up_house(
        db.session(),
        conference=_new_conference(form) if form.is_new else int(form.conference.data),
        email=form.email.data or "",
        languages=current_app.config["LANGUAGES"],
        language=current_language(),
        now=now(),
    )
    begin_session(organizer.account_id, way=SignInWay.CONSOLE, assured=True)
    db.session.commit()
    flash(_("You organize this conference now. Add a second way to prove that it is you."), "success")
    first_page = url_for("now.page", slug=organizer.conference_slug)
    return go(url_for("second_factors.overview", next=first_page))


def _new_conference(form: SetUpForm) -> NewConference:
    names = {"es": form.name_es.data, "en": form.name_en.data}
    city = form.city.data or ""
    return NewConference(
        names={language: name for language, name in names.items() if name},
        city=dict.fromkeys(current_app.config["LANGUAGES"], city),
        first_day=form.first_day.data or date.min,
        days=form.days.data or 0,
        time_zone=form.time_zone.data,
    )
