"""What organizers decide about registering: places per category, questions, and services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _

from conference.domain.errors import Conflict, Invalid, NotFound
from conference.domain.places import Setting
from conference.domain.registration import SPOKEN_LANGUAGES, Category, ServiceKind
from conference.extensions import db
from conference.forms.base import SelectChoice
from conference.forms.places import NewServiceForm, PlacesForm, QuestionForm, ServiceForm
from conference.policies import Permission
from conference.queries.registration_settings import (
    PlacesView,
    QuestionView,
    ServiceView,
    places_decided,
    questions_asked,
    services_offered,
)
from conference.services import offered_services, registration_questions
from conference.services.registration_questions import Choice
from conference.services.registration_settings import decide_places
from conference.web.access import required_account, requires
from conference.web.clock import now
from conference.web.languages import language_name
from conference.web.locale import required_conference
from conference.web.pages import go, page
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as BaseResponse

blueprint = Blueprint("places", __name__)

# What is decided of each category, a field each.
DECIDED = ("open", "approval", "capacity")


# -- places ----------------------------------------------------------------------------------------


def _overview(form: PlacesForm, status: int = 200) -> Response:
    conference_id = required_conference().id
    return page(
        "places/overview.html",
        "places",
        status=status,
        form=form,
        categories=tuple(Category),
        groups={f"{category}_{name}": word(category) for category in Category for name in DECIDED},
        questions=questions_asked(db.session(), conference_id=conference_id),
        services=services_offered(db.session(), conference_id=conference_id),
    )


@blueprint.get("/<lang>/<slug>/places")
@requires(Permission.MANAGE_PLACES)
def overview() -> Response:
    """Show what is decided, ready to be changed."""
    decided = places_decided(db.session(), conference_id=required_conference().id)
    return _overview(PlacesForm(data=_as_typed(decided)))


def _as_typed(decided: PlacesView) -> dict[str, object]:
    typed: dict[str, object] = {
        name: getattr(decided, name) for name in ("capacity", "offer_hours", "registration_open", "proxy_cap")
    }
    for category, rule in decided.categories.items():
        for name in DECIDED:
            typed[f"{category.value}_{name}"] = getattr(rule, name)
    return typed


@blueprint.post("/<lang>/<slug>/places")
@requires(Permission.MANAGE_PLACES)
def save() -> BaseResponse:
    """Decide how many places there are, and how one gets one."""
    form = PlacesForm()
    if not form.validate_on_submit():
        return _overview(form, 422)
    changed = decide_places(
        db.session(),
        conference_id=required_conference().id,
        categories={category: _decided(form, category) for category in Category},
        capacity=form.capacity.data,
        offer_hours=form.offer_hours.data or 1,
        registration_open=form.registration_open.data,
        proxy_cap=form.proxy_cap.data or 0,
        by=required_account(),
        now=now(),
    )
    db.session.commit()
    flash(_("Saved.") if changed else _("Nothing was changed."), "success")
    return go(url_for("places.overview"))


def _decided(form: PlacesForm, category: Category) -> Setting:
    typed = {name: form[f"{category.value}_{name}"].data for name in DECIDED}
    return Setting(**typed)


# -- questions -------------------------------------------------------------------------------------


def _question(question_id: int) -> QuestionView:
    asked = questions_asked(db.session(), conference_id=required_conference().id)
    found = next((question for question in asked if question.id == question_id), None)
    if found is None:
        raise NotFound("question_gone")
    return found


def _question_page(form: QuestionForm, question: QuestionView | None, status: int = 200) -> Response:
    groups = {
        field.name: _("Choice %(number)s", number=number)
        for number, fields in enumerate(form.rows(), start=1)
        for field in fields
    }
    return page("places/question.html", "form", status=status, form=form, question=question, groups=groups)


@blueprint.get("/<lang>/<slug>/places/questions/new")
@requires(Permission.MANAGE_PLACES)
def new_question() -> Response:
    """Ask for a question and its choices."""
    return _question_page(QuestionForm(), None)


@blueprint.post("/<lang>/<slug>/places/questions/new")
@requires(Permission.MANAGE_PLACES)
def add_question() -> BaseResponse:
    """Ask something more of everybody."""
    form = QuestionForm()
    if form.more.data:
        return _question_page(form, None)
    if not form.validate_on_submit():
        return _question_page(form, None, 422)
    try:
        registration_questions.add_question(
            db.session(),
            conference_id=required_conference().id,
            label=_label(form),
            choices=[words for _key, words in form.chosen()],
            several=form.several.data,
        )
    except Invalid as refusal:
        return _refused(form, None, refusal)
    db.session.commit()
    flash(_("The question is asked from now on."), "success")
    return go(url_for("places.overview"))


def _label(form: QuestionForm | ServiceForm | NewServiceForm) -> dict[str, str]:
    return {"es": form.label_es.data or "", "en": form.label_en.data or ""}


def _refused(form: QuestionForm, question: QuestionView | None, refusal: Conflict | Invalid) -> Response:
    db.session.rollback()
    form.form_errors.append(error_text(refusal.code, **refusal.data))
    return _question_page(form, question, 409 if isinstance(refusal, Conflict) else 422)


@blueprint.get("/<lang>/<slug>/places/questions/<int:question_id>")
@requires(Permission.MANAGE_PLACES)
def question(question_id: int) -> Response:
    """Show a question, ready to be changed."""
    found = _question(question_id)
    typed: dict[str, object] = {"several": found.several}
    typed |= {f"label_{language}": text for language, text in found.label.items()}
    for number, (key, label) in enumerate(found.choices, start=1):
        typed |= {f"key_{number}": key, f"choice_es_{number}": label.get("es", "")}
        typed[f"choice_en_{number}"] = label.get("en", "")
    return _question_page(QuestionForm(data=typed), found)


@blueprint.post("/<lang>/<slug>/places/questions/<int:question_id>")
@requires(Permission.MANAGE_PLACES)
def change_question(question_id: int) -> BaseResponse:
    """Word a question anew, and its choices."""
    found, form = _question(question_id), QuestionForm()
    if form.more.data:
        return _question_page(form, found)
    if not form.validate_on_submit():
        return _question_page(form, found, 422)
    try:
        registration_questions.change_question(
            db.session(),
            conference_id=required_conference().id,
            question_id=question_id,
            label=_label(form),
            choices=[Choice(key, words) for key, words in form.chosen()],
            several=form.several.data,
        )
    except (Conflict, Invalid) as refusal:
        return _refused(form, found, refusal)
    db.session.commit()
    flash(_("Saved."), "success")
    return go(url_for("places.overview"))


@blueprint.post("/<lang>/<slug>/places/questions/<int:question_id>/up")
@requires(Permission.MANAGE_PLACES)
def raise_question(question_id: int) -> BaseResponse:
    """Ask a question earlier."""
    registration_questions.raise_question(
        db.session(), conference_id=required_conference().id, question_id=question_id
    )
    db.session.commit()
    return go(url_for("places.overview", _anchor=f"question-{question_id}"))


@blueprint.get("/<lang>/<slug>/places/questions/<int:question_id>/remove")
@requires(Permission.MANAGE_PLACES)
def removing_question(question_id: int) -> Response:
    """Ask once more before a question is removed, and what people answered with it."""
    found = _question(question_id)
    return page("places/remove.html", what=found.label, lost=found.answered, kind="question")


@blueprint.post("/<lang>/<slug>/places/questions/<int:question_id>/remove")
@requires(Permission.MANAGE_PLACES)
def remove_question(question_id: int) -> BaseResponse:
    """Ask a question no more."""
    registration_questions.remove_question(
        db.session(),
        conference_id=required_conference().id,
        question_id=question_id,
        by=required_account(),
        now=now(),
        forget_answers=_confirmed(),
    )
    db.session.commit()
    flash(_("The question is asked no more."), "success")
    return go(url_for("places.overview"))


def _confirmed() -> bool:
    """Whether the page said that something people told would be forgotten: since then nobody is surprised."""
    return request.form.get("forget") == "yes"


# -- services --------------------------------------------------------------------------------------


def _service(service_id: int) -> ServiceView:
    offered = services_offered(db.session(), conference_id=required_conference().id)
    found = next((service for service in offered if service.id == service_id), None)
    if found is None:
        raise NotFound("service_gone")
    return found


def _new_service_form() -> NewServiceForm:
    form = NewServiceForm()
    form.kind.choices = [(kind.value, word(kind)) for kind in ServiceKind]
    named = sorted((language_name(code), code) for code in SPOKEN_LANGUAGES)
    form.language.choices = [SelectChoice("", _("None")), *(SelectChoice(code, name) for name, code in named)]
    return form


@blueprint.get("/<lang>/<slug>/places/services/new")
@requires(Permission.MANAGE_PLACES)
def new_service() -> Response:
    """Ask what is offered."""
    return page("places/service.html", "form", form=_new_service_form(), service=None)


@blueprint.post("/<lang>/<slug>/places/services/new")
@requires(Permission.MANAGE_PLACES)
def add_service() -> BaseResponse:
    """Offer something beside the program."""
    form = _new_service_form()
    if not form.validate_on_submit():
        return page("places/service.html", "form", status=422, form=form, service=None)
    try:
        offered_services.add_service(
            db.session(),
            conference_id=required_conference().id,
            kind=ServiceKind(form.kind.data),
            language=form.language.data or None,
            label=_label(form),
            capacity=form.capacity.data,
        )
    except Invalid as refusal:
        db.session.rollback()
        form.language.errors = [error_text(refusal.code)]
        return page("places/service.html", "form", status=422, form=form, service=None)
    db.session.commit()
    flash(_("It is offered from now on."), "success")
    return go(url_for("places.overview"))


@blueprint.get("/<lang>/<slug>/places/services/<int:service_id>")
@requires(Permission.MANAGE_PLACES)
def service(service_id: int) -> Response:
    """Show a service, ready to be changed."""
    found = _service(service_id)
    typed = {f"label_{language}": text for language, text in found.label.items()}
    form = ServiceForm(data={**typed, "capacity": found.capacity})
    return page("places/service.html", "form", form=form, service=found)


@blueprint.post("/<lang>/<slug>/places/services/<int:service_id>")
@requires(Permission.MANAGE_PLACES)
def change_service(service_id: int) -> BaseResponse:
    """Word a service anew, or change for how many there is room."""
    found, form = _service(service_id), ServiceForm()
    if not form.validate_on_submit():
        return page("places/service.html", "form", status=422, form=form, service=found)
    offered_services.change_service(
        db.session(),
        conference_id=required_conference().id,
        service_id=service_id,
        label=_label(form),
        capacity=form.capacity.data,
    )
    db.session.commit()
    flash(_("Saved."), "success")
    return go(url_for("places.overview"))


@blueprint.post("/<lang>/<slug>/places/services/<int:service_id>/up")
@requires(Permission.MANAGE_PLACES)
def raise_service(service_id: int) -> BaseResponse:
    """Name a service earlier."""
    offered_services.raise_service(
        db.session(), conference_id=required_conference().id, service_id=service_id
    )
    db.session.commit()
    return go(url_for("places.overview", _anchor=f"service-{service_id}"))


@blueprint.get("/<lang>/<slug>/places/services/<int:service_id>/remove")
@requires(Permission.MANAGE_PLACES)
def removing_service(service_id: int) -> Response:
    """Ask once more before a service is removed, and the places that people have booked at it."""
    found = _service(service_id)
    return page("places/remove.html", what=found.label, lost=found.booked, kind="service")


@blueprint.post("/<lang>/<slug>/places/services/<int:service_id>/remove")
@requires(Permission.MANAGE_PLACES)
def remove_service(service_id: int) -> BaseResponse:
    """Offer a service no more."""
    offered_services.remove_service(
        db.session(),
        conference_id=required_conference().id,
        service_id=service_id,
        by=required_account(),
        now=now(),
        forget_bookings=_confirmed(),
    )
    db.session.commit()
    flash(_("It is offered no more."), "success")
    return go(url_for("places.overview"))
