"""Exports of people: one organizer asks, another approves, and the first makes the file, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from conference.domain.accounts import Role
from conference.domain.approvals import ApprovalKind, ApprovalState
from conference.domain.jobs import JobKind
from conference.models import AccessCard, Approval, Job, RoleGrant
from conference.queries.approvals import requests_for
from tests.factories import grant, make_conference, make_delegate, make_registration, sign_in
from tests.forms import HTMX, form_of, send, submit

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session

    from conference.models import Conference
    from tests.clients import CheckedClient

ADDRESS = "/en/muestra/exports"
REASON = "Printing the badges on Friday"


@pytest.fixture
def conference(session: Session) -> Conference:
    return make_conference(session, slug="muestra")


@pytest.fixture
def organizer(
    app: Flask, session: Session, conference: Conference, new_client: Callable[[], CheckedClient]
) -> Callable[..., CheckedClient]:
    """Sign another organizer in; exports are switched on."""
    app.config["EXPORT_PEOPLE"] = True

    def enter(where: Conference = conference, role: Role = Role.ORGANIZER, **values: object) -> CheckedClient:
        client = new_client()
        sign_in(client, grant(session, where, role), **values)
        return client

    return enter


def states(session: Session) -> list[ApprovalState]:
    session.rollback()
    found = select(Approval.conference_id)
    return [
        request.state
        for conference_id in set(session.scalars(found))
        for request in requests_for(
            session, conference_id=conference_id, kind=ApprovalKind.EXPORT_PEOPLE, now=datetime.now(UTC)
        )
    ]


@pytest.mark.parametrize("headers", [None, HTMX])
def test_one_asks_another_approves_and_the_first_makes_the_file_once(
    session: Session, organizer: Callable[..., CheckedClient], headers: dict[str, str] | None
) -> None:
    ana, beto = organizer(), organizer()
    submit(ana, ADDRESS, to=ADDRESS, reason=REASON)
    assert not BeautifulSoup(ana.get(ADDRESS).text, "html5lib").select("form[action$='/answer']")
    page = beto.get(ADDRESS)
    assert REASON in page.text
    approve = BeautifulSoup(page.text, "html5lib").select("form[action$='/answer']")[0]
    send(beto, approve, headers=headers)
    assert states(session) == [ApprovalState.APPROVED]
    assert not BeautifulSoup(beto.get(ADDRESS).text, "html5lib").select("form[action$='/start']")
    start = form_of(ana.get(ADDRESS), "/start")
    started = send(ana, start, headers=headers)
    job = session.scalars(select(Job)).one()
    assert job.kind is JobKind.EXPORT_PEOPLE
    target = started.headers.get("HX-Redirect") or started.headers.get("Location")
    assert target == f"/en/jobs/{job.key}"
    again = send(ana, start, headers=headers)
    assert again.status_code == 409
    assert len(session.scalars(select(Job)).all()) == 1
    assert states(session) == [ApprovalState.USED]


def test_a_refusal_ends_it(session: Session, organizer: Callable[..., CheckedClient]) -> None:
    ana, beto = organizer(), organizer()
    submit(ana, ADDRESS, to=ADDRESS, reason=REASON)
    refuse = BeautifulSoup(beto.get(ADDRESS).text, "html5lib").select("form[action$='/answer']")[1]
    assert send(beto, refuse).status_code == 303
    assert states(session) == [ApprovalState.REFUSED]
    assert not BeautifulSoup(ana.get(ADDRESS).text, "html5lib").select("form[action$='/start']")


@pytest.mark.parametrize("headers", [None, HTMX])
def test_nobody_approves_their_own_request(
    session: Session, organizer: Callable[..., CheckedClient], headers: dict[str, str] | None
) -> None:
    ana = organizer()
    submit(ana, ADDRESS, to=ADDRESS, reason=REASON)
    number = session.scalars(select(Approval.id)).one()
    token = form_of(ana.get(ADDRESS), ADDRESS).select_one("[name=csrf_token]")
    assert token is not None
    data = {"csrf_token": token["value"], "answer": "approve"}
    answer = ana.post(f"{ADDRESS}/{number}/answer", data=data, headers=headers)
    assert answer.status_code == 403
    assert "another organizer answers" in answer.text
    assert states(session) == [ApprovalState.ASKED]


@pytest.mark.parametrize("headers", [None, HTMX])
def test_who_was_named_by_an_organizer_today_approves_nothing_yet(
    session: Session, organizer: Callable[..., CheckedClient], headers: dict[str, str] | None
) -> None:
    ana, beto = organizer(), organizer()
    first, second = session.scalars(select(RoleGrant).order_by(RoleGrant.id))
    second.granted_by_id, second.granted_at = first.account_id, datetime.now(UTC) - timedelta(hours=47)
    session.commit()
    page = submit(ana, ADDRESS, to=ADDRESS, reason=REASON)
    assert "less than 48 hours ago" in ana.get(ADDRESS).text
    approve = BeautifulSoup(beto.get(ADDRESS).text, "html5lib").select("form[action$='/answer']")[0]
    answer = send(beto, approve, headers=headers)
    assert (page.status_code, answer.status_code) == (303, 403)
    assert "One of you two was named by another organizer" in answer.text
    assert states(session) == [ApprovalState.ASKED]


@pytest.mark.parametrize("headers", [None, HTMX])
def test_what_was_approved_is_not_made_with_a_card_of_today(
    session: Session, organizer: Callable[..., CheckedClient], headers: dict[str, str] | None
) -> None:
    ana, beto = organizer(), organizer()
    submit(ana, ADDRESS, to=ADDRESS, reason=REASON)
    send(beto, BeautifulSoup(beto.get(ADDRESS).text, "html5lib").select("form[action$='/answer']")[0])
    start = form_of(ana.get(ADDRESS), "/start")
    held = session.scalars(select(RoleGrant).order_by(RoleGrant.id)).first()
    assert held is not None
    card = {"number": 1, "token_digest": "t", "code_digest": "c", "account_id": held.account_id}
    moments = {"issued_at": datetime.now(UTC) - timedelta(hours=47), "expires_at": datetime.now(UTC)}
    session.add(AccessCard(conference_id=held.conference_id, **card, **moments))
    session.commit()
    answer = send(ana, start, headers=headers)
    assert (answer.status_code, session.scalars(select(Job)).all()) == (403, [])
    assert "what was approved before cannot be used now" in answer.text
    assert states(session) == [ApprovalState.APPROVED]


@pytest.mark.parametrize(("reason", "kept"), [("", ""), ("   ", ""), ("x" * 301, "x" * 301)])
def test_a_reason_is_needed_and_is_short(
    session: Session, organizer: Callable[..., CheckedClient], reason: str, kept: str
) -> None:
    answer = submit(organizer(), ADDRESS, to=ADDRESS, reason=reason)
    field = BeautifulSoup(answer.text, "html5lib").select_one("#reason")
    assert answer.status_code == 422
    assert field is not None
    assert field.text.strip() == kept
    assert states(session) == []


def said_of(client: CheckedClient) -> tuple[str, str]:
    """Return what stands in the form that asks, and in the newest request."""
    page = BeautifulSoup(client.get(ADDRESS).text, "html5lib")
    form, cards = page.select_one("form[action$='/exports']"), page.select("#exports li.card")
    assert form is not None
    return form.text, cards[0].text if cards else ""


def test_a_sole_organizer_is_told_that_nobody_can_answer(organizer: Callable[..., CheckedClient]) -> None:
    ana = organizer()
    assert "There is no other organizer." in said_of(ana)[0]
    submit(ana, ADDRESS, to=ADDRESS, reason=REASON)
    assert "Nobody can approve it before it ends" in said_of(ana)[1]
    organizer()
    form, request = said_of(ana)
    assert "There is no other organizer." not in form
    assert "Another organizer answers until" in request


@pytest.mark.parametrize(
    ("hours", "again", "request_text"),
    [(1, True, "Nobody can approve it before it ends"), (25, False, "Another organizer can approve it from")],
)
def test_one_is_told_from_when_on_somebody_can_approve(
    session: Session,
    organizer: Callable[..., CheckedClient],
    hours: int,
    again: bool,
    request_text: str,
) -> None:
    ana, _beto = organizer(), organizer()
    first, second = session.scalars(select(RoleGrant).order_by(RoleGrant.id))
    second.granted_by_id, second.granted_at = first.account_id, datetime.now(UTC) - timedelta(hours=hours)
    session.commit()
    submit(ana, ADDRESS, to=ADDRESS, reason=REASON)
    form, request = said_of(ana)
    assert "It can be approved from" in form
    assert ("ask again nearer to that time" in form) is again
    assert request_text in request


@pytest.mark.parametrize("headers", [None, HTMX])
def test_whoever_asked_takes_it_back_and_nobody_else_does(
    session: Session, organizer: Callable[..., CheckedClient], headers: dict[str, str] | None
) -> None:
    ana, beto = organizer(), organizer()
    submit(ana, ADDRESS, to=ADDRESS, reason=REASON)
    number = session.scalars(select(Approval.id)).one()
    back = form_of(ana.get(ADDRESS), "/withdraw")
    page = BeautifulSoup(beto.get(ADDRESS).text, "html5lib")
    assert not page.select("form[action$='/withdraw']")
    token = page.select_one("form[action$='/exports'] [name=csrf_token]")
    assert token is not None
    foreign = beto.post(f"{ADDRESS}/{number}/withdraw", data={"csrf_token": token["value"]}, headers=headers)
    assert (foreign.status_code, states(session)) == (404, [ApprovalState.ASKED])
    assert send(ana, back, headers=headers).status_code in {200, 303}
    assert states(session) == [ApprovalState.WITHDRAWN]
    assert send(ana, back, headers=headers).status_code == 409
    submit(ana, ADDRESS, to=ADDRESS, reason=REASON)
    assert states(session) == [ApprovalState.ASKED, ApprovalState.WITHDRAWN]


@pytest.mark.parametrize("headers", [None, HTMX])
@pytest.mark.parametrize("who", [0, 1])
def test_what_is_approved_is_taken_back_by_whoever_asked_or_another_organizer(
    session: Session, organizer: Callable[..., CheckedClient], headers: dict[str, str] | None, who: int
) -> None:
    ana, beto = organizer(), organizer()
    submit(ana, ADDRESS, to=ADDRESS, reason=REASON)
    send(beto, BeautifulSoup(beto.get(ADDRESS).text, "html5lib").select("form[action$='/answer']")[0])
    start, back = form_of(ana.get(ADDRESS), "/start"), form_of((ana, beto)[who].get(ADDRESS), "/withdraw")
    assert send((ana, beto)[who], back, headers=headers).status_code in {200, 303}
    assert states(session) == [ApprovalState.WITHDRAWN]
    refused = send(ana, start, headers=headers)
    assert (refused.status_code, "This request was taken back." in refused.text) == (409, True)
    assert not BeautifulSoup(beto.get(ADDRESS).text, "html5lib").select("form[action$='/withdraw']")
    assert "took back request" in ana.get("/en/muestra/audit").text


def test_a_second_request_of_the_same_person_waits_for_the_first(
    session: Session, organizer: Callable[..., CheckedClient]
) -> None:
    ana = organizer()
    submit(ana, ADDRESS, to=ADDRESS, reason=REASON)
    again = submit(ana, ADDRESS, to=ADDRESS, reason="Otra vez")
    assert again.status_code == 409
    assert "Otra vez" in again.text
    assert states(session) == [ApprovalState.ASKED]


@pytest.mark.parametrize("act", ["", "/1/answer", "/1/start"])
def test_each_act_needs_a_fresh_proof(
    session: Session, organizer: Callable[..., CheckedClient], act: str
) -> None:
    long_ago = datetime.now(UTC) - timedelta(minutes=16)
    stale = organizer(proved_at=long_ago, assured_at=long_ago)
    token = form_of(stale.get(ADDRESS), ADDRESS).select_one("[name=csrf_token]")
    assert token is not None
    data = {"csrf_token": token["value"], "reason": REASON, "answer": "approve"}
    answer = stale.post(f"{ADDRESS}{act}", data=data)
    assert (answer.status_code, answer.location.split("?")[0]) == (303, "/en/confirm")
    assert states(session) == []


def test_where_the_operator_has_not_switched_exports_on_the_page_says_so_calmly(
    app: Flask, session: Session, organizer: Callable[..., CheckedClient]
) -> None:
    ana = organizer()
    token = form_of(ana.get(ADDRESS), ADDRESS).select_one("[name=csrf_token]")
    assert token is not None
    app.config["EXPORT_PEOPLE"] = False
    page = ana.get(ADDRESS)
    assert page.status_code == 200
    assert "has not switched exports of people on" in page.text
    assert not BeautifulSoup(page.text, "html5lib").select("main form")
    data = {"csrf_token": token["value"], "reason": REASON, "answer": "approve"}
    assert [ana.post(f"{ADDRESS}{act}", data=data).status_code for act in ("", "/1/answer", "/1/start")] == [
        409,
        409,
        409,
    ]
    assert states(session) == []


def test_others_get_nothing_of_it(
    session: Session,
    conference: Conference,
    organizer: Callable[..., CheckedClient],
    new_client: Callable[[], CheckedClient],
) -> None:
    make_registration(session, conference, badge_name="Lilia Secreta")
    ana = organizer()
    submit(ana, ADDRESS, to=ADDRESS, reason=REASON)
    number = session.scalars(select(Approval.id)).one()
    delegate = new_client()
    sign_in(delegate, make_delegate(session, conference)[0])
    others = [
        organizer(role=Role.OFFICIAL),
        organizer(role=Role.CREDENTIALS_COMMITTEE),
        organizer(make_conference(session)),
        organizer(assured_at=None),
        delegate,
        new_client(),
    ]
    answers = [
        answer
        for other in others
        for answer in (
            other.get(ADDRESS),
            other.get(ADDRESS, headers=HTMX),
            other.post(f"{ADDRESS}/{number}/answer", data={"answer": "approve"}),
        )
    ]
    assert [
        answer.status_code
        for answer in answers
        if answer.status_code == 200 and not answer.headers.get("HX-Redirect")
    ] == []
    assert [answer for answer in answers if REASON in answer.text or "Lilia" in answer.text] == []
    assert states(session) == [ApprovalState.ASKED]
