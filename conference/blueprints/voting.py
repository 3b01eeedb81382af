"""Questions put to the vote: opening, voting, following, closing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, flash, make_response, url_for
from flask_babel import gettext as _

from agreements import Choice, Rule
from conference.domain.errors import Conflict, DomainError, Invalid, NotFound
from conference.domain.voting import Refusal
from conference.extensions import db
from conference.forms.voting import SPLIT, BallotForm, OpenQuestionForm
from conference.policies import Permission, may
from conference.queries.agreement import agreement
from conference.queries.ballots import Standing, standings, voted_for_by_proxy
from conference.queries.voting import QuestionView, Turnout, roll_call, sittings, turnout
from conference.queries.voting import question as find_question
from conference.queries.voting import questions as all_questions
from conference.services.voting import cast_ballot, close_question, open_question
from conference.web.access import current_identity, required_account, requires
from conference.web.clock import now
from conference.web.errors import status_of
from conference.web.etag import etag_of
from conference.web.languages import language_name
from conference.web.live import up_to_date
from conference.web.locale import required_conference
from conference.web.pages import go, page, see, wants_fragment
from conference.web.question_choices import provision_choices, rule_choices, sitting_choices, today
from conference.web.transaction import begin_reads_lightly
from conference.web.wording import error_text, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug.wrappers import Response as BaseResponse

    from conference.domain.voting import Receipt

blueprint = Blueprint("voting", __name__)


@dataclass(frozen=True, slots=True)
class Paper:
    """A ballot on the page, for the own seat or by proxy. `problem` says why it was not recorded."""

    standing: Standing
    form: BallotForm | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a ballot that was not recorded, and for which seat it was; None for the own."""

    principal_id: int | None
    form: BallotForm | None = None
    problem: str | None = None


@blueprint.get("/<lang>/<slug>/votes")
@requires(Permission.READ_PUBLIC)
def questions() -> Response:
    """List the questions, open ones first; the chair can put another."""
    return _questions(_opening_form())


@blueprint.post("/<lang>/<slug>/votes")
@requires(Permission.OPEN_QUESTIONS)
def put() -> BaseResponse:
    """Open a question."""
    form = _opening_form()
    if form is None or not form.validate_on_submit():
        return _questions(form, 422)
    try:
        number = open_question(
            db.session(),
            conference_id=required_conference().id,
            sitting_id=int(form.sitting.data),
            provision_key=form.provision.data,
            rule=Rule(form.rule.data),
            by=required_account(),
            now=now(),
        )
    except (Conflict, Invalid) as refused:
        _read_again()
        form.form_errors = [_said(refused)]
        return _questions(form, status_of(refused))
    db.session.commit()
    flash(_("Question %(number)s is open.", number=number), "success")
    return go(url_for("voting.detail", number=number))


@blueprint.get("/<lang>/<slug>/votes/<int:number>")
@requires(Permission.READ_PUBLIC)
def detail(number: int) -> Response:
    """Show what is put to the vote, the reader's own ballot, and how far the voting has come."""
    return _detail(number)


@blueprint.post("/<lang>/<slug>/votes/<int:number>/ballot")
@requires(Permission.CAST_BALLOTS)
def cast(number: int) -> BaseResponse:
    """Vote for one's seat; the answer is the receipt."""
    return _vote(number, None)


@blueprint.post("/<lang>/<slug>/votes/<int:number>/ballot/<int:seat_id>")
@requires(Permission.CAST_BALLOTS)
def cast_by_proxy(number: int, seat_id: int) -> BaseResponse:
    """Vote for a seat that gave one's own its proxy, on a ballot of its own."""
    return _vote(number, seat_id)


def _vote(number: int, principal_id: int | None) -> BaseResponse:
    form = _ballot_form(principal_id, split=True)
    if not form.validate_on_submit():
        return _detail(number, Sent(principal_id, form), 422)
    try:
        receipt = _cast(number, principal_id, form.choices)
    except Invalid as refused:
        _read_again()
        form.choice.errors = [_said(refused)]
        return _detail(number, Sent(principal_id, form), 422)
    except DomainError as refused:
        _read_again()
        return _detail(number, Sent(principal_id, problem=_said(refused)), status_of(refused))
    if not wants_fragment():
        place = "ballot" if principal_id is None else f"ballot-{principal_id}"
        return see(url_for("voting.detail", number=number, _anchor=place))
    return _receipt(number, principal_id, receipt)


def _cast(number: int, principal_id: int | None, choices: Sequence[Choice]) -> Receipt:
    receipt = cast_ballot(
        db.session(),
        conference_id=required_conference().id,
        number=number,
        account_id=required_account(),
        choices=choices,
        now=now(),
        principal_id=principal_id,
    )
    db.session.commit()
    return receipt


def _receipt(number: int, principal_id: int | None, receipt: Receipt) -> Response:
    """Answer with what was recorded, without asking the database for it again."""
    cast = Standing(
        None, receipt.organization_name, receipt.chamber, len(receipt.choices), receipt, principal_id
    )
    paper, block = Paper(cast), "ballot" if principal_id is None else "proxy"
    response = page("voting/detail.html", block, number=number, is_open=True, own=paper, paper=paper)
    response.headers["HX-Trigger"] = "tally-changed"
    return response


@blueprint.get("/<lang>/<slug>/votes/<int:number>/live")
@requires(Permission.READ_PUBLIC)
def live(number: int) -> BaseResponse:
    """Answer the open page's poll: how far the voting has come, nothing new, or: load the result."""
    if not wants_fragment():
        return see(url_for("voting.detail", number=number))
    question = _required(number)
    if not question.is_open:
        return make_response("", 200, {"HX-Refresh": "true", "Vary": "HX-Request"})
    so_far = turnout(db.session(), question_id=question.id)
    return up_to_date(_version(so_far)) or page("voting/detail.html", "live", **_live(question, so_far))


@blueprint.post("/<lang>/<slug>/votes/<int:number>/close")
@requires(Permission.OPEN_QUESTIONS)
def close(number: int) -> BaseResponse:
    """Close a question; the rules decide."""
    outcome = close_question(
        db.session(), conference_id=required_conference().id, number=number, by=required_account(), now=now()
    )
    db.session.commit()
    flash(_("Voting is closed: %(outcome)s.", outcome=word(outcome)), "success")
    return go(url_for("voting.detail", number=number))


def _required(number: int) -> QuestionView:
    found = find_question(db.session(), conference_id=required_conference().id, number=number)
    if found is None:
        raise NotFound("question_not_found")
    return found


def _read_again() -> None:
    """After a refusal: give up what was begun, and read without holding up anybody's ballot."""
    db.session.rollback()
    begin_reads_lightly()


def _questions(form: OpenQuestionForm | None, status: int = 200) -> Response:
    listed = all_questions(db.session(), conference_id=required_conference().id)
    return page("voting/questions.html", "opening", status=status, questions=listed, form=form)


def _opening_form() -> OpenQuestionForm | None:
    """Return the chair's form; None for everybody else, and while there is nothing to vote on."""
    conference = required_conference()
    if not may(current_identity(), Permission.OPEN_QUESTIONS):
        return None
    text = agreement(db.session(), conference_id=conference.id)
    places = sittings(db.session(), conference_id=conference.id, today=today(conference, now()))
    if text is None or not places:
        return None
    form = OpenQuestionForm(rule=conference.default_rule.value)
    form.sitting.choices = sitting_choices(places)
    form.provision.choices = provision_choices(text)
    form.rule.choices = rule_choices()
    return form


def _ballot_form(principal_id: int | None, *, split: bool) -> BallotForm:
    # Several ballots may stand on one page; each is filled in and corrected by itself.
    form = BallotForm(prefix="" if principal_id is None else f"seat-{principal_id}")
    form.choice.choices = _answers(split=split)
    return form


def _answers(*, split: bool) -> list[tuple[str, str]]:
    answers = [(choice.value, word(choice)) for choice in Choice]
    return [*answers, (SPLIT, _("Split the votes of this seat"))] if split else answers


def _detail(number: int, sent: Sent | None = None, status: int = 200) -> Response:
    question, identity = _required(number), current_identity()
    own, *proxies = _papers(standings(db.session(), question=question, account_id=identity.account_id), sent)
    so_far = turnout(db.session(), question_id=question.id) if question.is_open else ()
    roll = () if question.is_open else roll_call(db.session(), question_id=question.id)
    for_a_proxy = [paper for paper in proxies if sent and paper.standing.principal_id == sent.principal_id]
    return page(
        "voting/detail.html",
        "proxy" if for_a_proxy else "ballot",
        status=status,
        roll=roll,
        own=own,
        proxies=proxies,
        paper=for_a_proxy[0] if for_a_proxy else None,
        voted_for=_voted_for(question, own.standing),
        is_open=question.is_open,
        **_live(question, so_far),
    )


def _papers(places: Sequence[Standing], sent: Sent | None) -> list[Paper]:
    """Return a paper for each seat; what was sent and not recorded comes back on the one it was for."""
    known = {place.principal_id for place in places}
    back_on = sent.principal_id if sent and sent.principal_id in known else None
    return [_paper(place, sent if sent and place.principal_id == back_on else None) for place in places]


def _paper(place: Standing, sent: Sent | None) -> Paper:
    problem = sent.problem if sent else None
    if not place.may_vote:
        return Paper(place, None, problem)
    form = sent.form if sent else None
    if form is None:
        return Paper(place, _ballot_form(place.principal_id, split=place.votes > 1), problem)
    if place.votes == 1:
        # A refused ballot shows the answers that this seat has: one vote cannot be split.
        form.choice.choices = _answers(split=False)
    return Paper(place, form, problem)


def _voted_for(question: QuestionView, own: Standing) -> tuple[tuple[str, str], ...]:
    """Tell a delegate who does not vote that another's does, by proxy, for their organization."""
    seats = current_identity().seat_ids
    if own.refusal is not Refusal.NOT_AN_ELECTOR or not seats:
        return ()
    return voted_for_by_proxy(db.session(), question_id=question.id, seat_ids=seats)


def _live(question: QuestionView, so_far: Sequence[Turnout]) -> dict[str, Any]:
    return {
        "question": question,
        "number": question.number,
        "turnout": so_far,
        "version": _version(so_far),
    }


def _version(so_far: Sequence[Turnout]) -> str:
    return etag_of(*so_far)


def _said(refused: DomainError) -> str:
    data = dict(refused.data)
    if "language" in data:
        data["language"] = language_name(str(data["language"]))
    return error_text(refused.code, **data)
