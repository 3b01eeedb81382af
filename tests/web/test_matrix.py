"""Every role against every route, as a page and as a fragment: the table below is the specification."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from agreements import Chamber, Rule
from conference import models
from conference.domain.accounts import STAFF_ROLES, Role
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.registration import Category, RegistrationStatus, ServiceKind
from conference.policies import FRESHLY_PROVED
from conference.services.voting import close_question, open_question
from tests.factories import (
    NOW,
    grant,
    make_account,
    make_agreement,
    make_conference,
    make_delegate,
    make_organization,
    make_registration,
    make_seat,
    make_session,
    make_sitting,
    sign_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from sqlalchemy.orm import Session
    from werkzeug.routing import Rule as Route
    from werkzeug.test import TestResponse

    from tests.clients import CheckedClient

STRANGER = "stranger"
PEOPLE = (STRANGER, *Role)
EVERYBODY = frozenset(PEOPLE)
SIGNED_IN = EVERYBODY - {STRANGER}
COUNTING = {Role.CHAIR, Role.SECRETARIAT, Role.CREDENTIALS_COMMITTEE, Role.ORGANIZER, Role.DELEGATE}
AT_THE_CARD_DESK = {Role.CREDENTIALS_COMMITTEE, Role.ORGANIZER}
AT_THE_DOOR = {Role.DOOR_VOLUNTEER, Role.CREDENTIALS_COMMITTEE, Role.ORGANIZER}

# A route that is not in this table fails the test: whoever adds one says here who may use it.
ALLOWED: dict[str, frozenset[str] | set[str]] = {
    "accounts.ask_for_code": EVERYBODY,
    "accounts.code": EVERYBODY,
    "accounts.link": EVERYBODY,
    "accounts.sign_in": EVERYBODY,
    "accounts.sign_out": EVERYBODY,
    "accounts.use_code": EVERYBODY,
    "accounts.use_link": EVERYBODY,
    "admissions.accept": {Role.ORGANIZER},
    "admissions.add": {Role.ORGANIZER},
    "admissions.ask_to_erase": {Role.ORGANIZER},
    "admissions.ask_to_refuse": {Role.ORGANIZER},
    "admissions.earlier": {Role.ORGANIZER},
    "admissions.erase": {Role.ORGANIZER},
    "admissions.invite": {Role.ORGANIZER},
    "admissions.invite_by_card": {Role.ORGANIZER},
    "admissions.listing": {Role.ORGANIZER},
    "admissions.refuse": {Role.ORGANIZER},
    "admissions.send": {Role.ORGANIZER},
    "admissions.send_invitation": {Role.ORGANIZER},
    "agreement.provision": EVERYBODY,
    "agreement.text": EVERYBODY,
    "approvals.answer": {Role.ORGANIZER},
    "approvals.ask": {Role.ORGANIZER},
    "approvals.listing": {Role.ORGANIZER},
    "approvals.start": {Role.ORGANIZER},
    "approvals.withdraw": {Role.ORGANIZER},
    "attendance.change_turn": {Role.ORGANIZER},
    "attendance.counts": {Role.ORGANIZER, Role.SECRETARIAT},
    "attendance.line": {Role.ORGANIZER},
    "attendance.needs": {Role.SERVICE_LEAD},
    "attendance.turn": {Role.ORGANIZER},
    "audit.download": EVERYBODY,
    "audit.log": EVERYBODY,
    "badges.answer": {Role.ORGANIZER},
    "badges.ask": {Role.ORGANIZER},
    "badges.listing": {Role.ORGANIZER},
    "badges.single": {Role.CREDENTIALS_COMMITTEE, Role.ORGANIZER},
    "badges.start": {Role.ORGANIZER},
    "badges.withdraw": {Role.ORGANIZER},
    "badges.ticket_pdf": EVERYBODY,
    "cards.card": EVERYBODY,
    "cards.desk": AT_THE_CARD_DESK,
    "cards.enter": EVERYBODY,
    "cards.find": AT_THE_CARD_DESK,
    "cards.find_again": AT_THE_CARD_DESK,
    "cards.issue": AT_THE_CARD_DESK,
    "cards.revoke": AT_THE_CARD_DESK,
    "cards.scan": EVERYBODY,
    "cards.use": EVERYBODY,
    "checkin.leave": AT_THE_DOOR,
    "checkin.door": AT_THE_DOOR,
    "checkin.leaving": AT_THE_DOOR,
    "checkin.scan": AT_THE_DOOR,
    "checkin.take_back": AT_THE_DOOR,
    "conference.front": EVERYBODY,
    "conference.health": EVERYBODY,
    "conference.home": EVERYBODY,
    "conference.root": EVERYBODY,
    "credentials.accept": {Role.CREDENTIALS_COMMITTEE},
    "credentials.end": {Role.CREDENTIALS_COMMITTEE},
    "credentials.ending": {Role.CREDENTIALS_COMMITTEE},
    "credentials.name": {Role.ORGANIZATION_LEAD},
    "credentials.overview": {Role.CREDENTIALS_COMMITTEE, Role.ORGANIZATION_LEAD},
    "credentials.quorum": COUNTING,
    "credentials.reject": {Role.CREDENTIALS_COMMITTEE},
    "credentials.roster": EVERYBODY,
    "credentials.withdraw": {Role.ORGANIZATION_LEAD},
    "desk.accept": AT_THE_CARD_DESK,
    "desk.approve": AT_THE_CARD_DESK,
    "desk.desk": AT_THE_CARD_DESK,
    "desk.find": AT_THE_CARD_DESK,
    "desk.pending": AT_THE_CARD_DESK,
    "desk.person": AT_THE_CARD_DESK,
    "desk.register": AT_THE_CARD_DESK,
    "desk.reissue": AT_THE_CARD_DESK,
    "desk.reject": AT_THE_CARD_DESK,
    "desk.ticket": AT_THE_CARD_DESK,
    "desk.walk_in": AT_THE_CARD_DESK,
    "directory.detail": EVERYBODY,
    "directory.listing": EVERYBODY,
    "directory.places": EVERYBODY,
    "entries.ask_again": SIGNED_IN,
    "entries.ask_to_withdraw": {Role.ORGANIZATION_LEAD},
    "entries.claim": {Role.ORGANIZATION_LEAD},
    "entries.come_back": {Role.ORGANIZATION_LEAD},
    "entries.enter": SIGNED_IN,
    "entries.entry": {Role.ORGANIZATION_LEAD},
    "entries.mine": {Role.ORGANIZATION_LEAD},
    "entries.save": {Role.ORGANIZATION_LEAD},
    "entries.send": SIGNED_IN,
    "entries.set_status": {Role.ORGANIZATION_LEAD},
    "entries.withdraw": {Role.ORGANIZATION_LEAD},
    "organization_names.ask": {Role.ORGANIZER},
    "organization_names.rename": {Role.ORGANIZER},
    "federations.ask": {Role.ORGANIZATION_LEAD},
    "federations.confirm": {Role.ORGANIZATION_LEAD},
    "federations.do": {Role.ORGANIZATION_LEAD},
    "federations.look": {Role.ORGANIZATION_LEAD},
    "federations.overview": {Role.ORGANIZATION_LEAD},
    "federations.paper": {Role.CREDENTIALS_COMMITTEE},
    "federations.record": {Role.CREDENTIALS_COMMITTEE},
    "federations.tree": EVERYBODY,
    "mail.overview": {Role.ORGANIZER},
    "mail.retry": {Role.ORGANIZER},
    "mail.stop": EVERYBODY,
    "mail.stopping": EVERYBODY,
    "jobs.detail": SIGNED_IN,
    "jobs.listing": {Role.ORGANIZER},
    "jobs.progress": SIGNED_IN,
    "jobs.result": SIGNED_IN,
    "jobs.start_import": {Role.ORGANIZER},
    "jobs.start_purge": {Role.ORGANIZER},
    "jobs.stop": SIGNED_IN,
    "notices.again": {Role.ORGANIZER},
    "notices.preview": {Role.ORGANIZER},
    "notices.send": {Role.ORGANIZER},
    "notices.write": {Role.ORGANIZER},
    "now.page": SIGNED_IN,
    "now.start": SIGNED_IN,
    "parties.accept": {Role.ORGANIZATION_LEAD},
    "parties.ask": {Role.ORGANIZATION_LEAD},
    "parties.ask_to_leave": {Role.ORGANIZATION_LEAD},
    "parties.ask_to_shrink": {Role.ORGANIZATION_LEAD},
    "parties.detail": {Role.ORGANIZATION_LEAD},
    "parties.keep_name": {Role.ORGANIZATION_LEAD},
    "parties.leave": {Role.ORGANIZATION_LEAD},
    "parties.line": {Role.ORGANIZATION_LEAD},
    "parties.listing": {Role.ORGANIZATION_LEAD},
    "parties.name": {Role.ORGANIZATION_LEAD},
    "parties.register": {Role.ORGANIZATION_LEAD},
    "parties.shrink": {Role.ORGANIZATION_LEAD},
    "parties.tickets": {Role.ORGANIZATION_LEAD},
    "open_data.about": EVERYBODY,
    "open_data.document": EVERYBODY,
    "open_data.table": EVERYBODY,
    "organization_import.confirm": {Role.ORGANIZER},
    "organization_import.empty_table": {Role.ORGANIZER},
    "organization_import.preview": {Role.ORGANIZER},
    "organization_import.send": {Role.ORGANIZER},
    "organization_import.table": {Role.ORGANIZER},
    "passkeys.add": SIGNED_IN,
    "passkeys.add_options": SIGNED_IN,
    "passkeys.confirm": SIGNED_IN,
    "passkeys.confirm_options": SIGNED_IN,
    "passkeys.listing": SIGNED_IN,
    "passkeys.remove": SIGNED_IN,
    "passkeys.sign_in": EVERYBODY,
    "passkeys.sign_in_options": EVERYBODY,
    "places.add_question": {Role.ORGANIZER},
    "places.add_service": {Role.ORGANIZER},
    "places.change_question": {Role.ORGANIZER},
    "places.change_service": {Role.ORGANIZER},
    "places.new_question": {Role.ORGANIZER},
    "places.new_service": {Role.ORGANIZER},
    "places.overview": {Role.ORGANIZER},
    "places.question": {Role.ORGANIZER},
    "places.raise_question": {Role.ORGANIZER},
    "places.raise_service": {Role.ORGANIZER},
    "places.remove_question": {Role.ORGANIZER},
    "places.remove_service": {Role.ORGANIZER},
    "places.removing_question": {Role.ORGANIZER},
    "places.removing_service": {Role.ORGANIZER},
    "places.save": {Role.ORGANIZER},
    "places.service": {Role.ORGANIZER},
    "program.calendar": EVERYBODY,
    "program.days": EVERYBODY,
    "program.detail": EVERYBODY,
    "program.session_calendar": EVERYBODY,
    "registration.accept": EVERYBODY,
    "proxies.ask_who_sits": {Role.CREDENTIALS_COMMITTEE},
    "proxies.exchange": {Role.CREDENTIALS_COMMITTEE},
    "proxies.give": {Role.ORGANIZATION_LEAD},
    "proxies.overview": {Role.CREDENTIALS_COMMITTEE, Role.ORGANIZATION_LEAD},
    "proxies.record_on_paper": {Role.CREDENTIALS_COMMITTEE},
    "proxies.record_revocation": {Role.CREDENTIALS_COMMITTEE},
    "proxies.revoke": {Role.ORGANIZATION_LEAD},
    "proxies.substitutions": {Role.CREDENTIALS_COMMITTEE},
    "registration.ask_to_cancel": EVERYBODY,
    "registration.ask_to_hand_over": EVERYBODY,
    "registration.ask_to_leave": EVERYBODY,
    "registration.calendar": EVERYBODY,
    "registration.cancel": EVERYBODY,
    "registration.change": EVERYBODY,
    "registration.hand_over": EVERYBODY,
    "registration.keep_name": EVERYBODY,
    "registration.leave": EVERYBODY,
    "registration.line": EVERYBODY,
    "registration.mine": SIGNED_IN,
    "registration.name": EVERYBODY,
    "registration.no_needs": EVERYBODY,
    "registration.no_reminders": EVERYBODY,
    "registration.reminders": EVERYBODY,
    "registration.pass_on": EVERYBODY,
    "registration.register": EVERYBODY,
    "registration.save_change": EVERYBODY,
    "registration.send": EVERYBODY,
    "registration.text": EVERYBODY,
    "registration.ticket": EVERYBODY,
    "resolutions.detail": EVERYBODY,
    "resolutions.listing": EVERYBODY,
    "retention.begin": {Role.ORGANIZER},
    "retention.forgetting": EVERYBODY,
    "retention.ask_to_lift": {Role.ORGANIZER},
    "retention.lift": {Role.ORGANIZER},
    "roles.ask_to_revoke": {Role.ORGANIZER},
    "roles.cardholder": {Role.ORGANIZER},
    "roles.grant": {Role.ORGANIZER},
    "roles.grant_by_card": {Role.ORGANIZER},
    "roles.listing": {Role.ORGANIZER},
    "roles.new_card": {Role.ORGANIZER},
    "roles.revoke": {Role.ORGANIZER},
    "roles.rights": EVERYBODY,
    "seats.cards": AT_THE_CARD_DESK,
    "seats.give": {Role.ORGANIZER},
    "seats.listing": {Role.ORGANIZER},
    "seats.print_cards": AT_THE_CARD_DESK,
    "seats.take_back": {Role.ORGANIZER},
    "second_factors.app": SIGNED_IN,
    "second_factors.begin": SIGNED_IN,
    "second_factors.confirm": SIGNED_IN,
    "second_factors.enable": SIGNED_IN,
    "second_factors.mail_code": SIGNED_IN,
    "second_factors.overview": SIGNED_IN,
    "second_factors.prove": SIGNED_IN,
    "second_factors.recovery": SIGNED_IN,
    "second_factors.remove": SIGNED_IN,
    "set_up.page": EVERYBODY,
    "set_up.set_up": EVERYBODY,
    "sign_ins.account": SIGNED_IN,
    "sign_ins.end": SIGNED_IN,
    "sign_ins.end_all": SIGNED_IN,
    "sign_ins.end_others": SIGNED_IN,
    "summaries.detail": EVERYBODY,
    "summaries.edit": {Role.RAPPORTEUR},
    "summaries.listing": EVERYBODY,
    "summaries.save": {Role.RAPPORTEUR},
    "voting.cast": {Role.DELEGATE},
    "voting.cast_by_proxy": {Role.DELEGATE},
    "voting.close": {Role.CHAIR},
    "voting.detail": EVERYBODY,
    "voting.live": EVERYBODY,
    "voting.put": {Role.CHAIR},
    "voting.questions": EVERYBODY,
}


@dataclass(frozen=True, slots=True)
class World:
    """A conference with one of everything, and one person a role."""

    people: dict[str, models.Account]
    values: dict[str, object]
    keys: dict[str, str]

    def address(self, app: Flask, route: Route) -> str:
        """Return an address of the route that leads to something that is there."""
        column = route.endpoint.split(".")[0]
        values = {name: self.values[name] for name in route.arguments if name != "key"}
        if "key" in route.arguments:
            values["key"] = self.keys[column]
        return app.url_map.bind("localhost").build(route.endpoint, values)


@pytest.fixture
def world(session: Session) -> World:
    """Two clubs with a seat each, a vote of the past and one that is open, a workshop with a proposal."""
    conference = make_conference(session, slug="muestra")
    sitting = make_sitting(session, conference, key="plenaria")
    make_session(session, conference, key="taller")
    make_agreement(session, conference)
    club = make_organization(session, conference, key="club-muestra")
    seat = make_seat(session, conference, organization=club)
    delegate, _ = make_delegate(session, conference, seat=seat, present_in=sitting)
    make_delegate(session, conference, chamber=Chamber.MX, present_in=sitting)
    people = {role: grant(session, conference, role) for role in Role if role not in EARNED}
    people[Role.ORGANIZATION_LEAD] = grant(session, conference, Role.ORGANIZATION_LEAD, organization=club)
    people[Role.DELEGATE] = delegate
    people[Role.ATTENDEE] = make_account(session)
    make_registration(session, conference, account_id=people[Role.ATTENDEE].id)
    named = make_registration(session, conference, organization_id=club.id, category=Category.ALTERNATE)
    credential = models.Credential(
        seat_id=seat.id,
        registration_id=named.id,
        capacity=Capacity.ALTERNATE,
        status=CredentialStatus.PROPOSED,
        attested_at=NOW,
    )
    session.add(credential)
    session.flush()
    numbers = _votes(session, conference, sitting, people[Role.CHAIR])
    asked, offered, waiting = _wishes(session, conference)
    granted = session.query(models.RoleGrant).filter_by(role=Role.OFFICIAL).one()
    values = {
        "lang": "es",
        "slug": "muestra",
        "number": numbers,
        "token": "unknown",
        "credential_id": credential.id,
        "seat_id": seat.id,
        "grant_id": granted.id,
        "passkey_id": 1,
        "approval_id": 1,
        "sign_in_id": 1,
        "side": "member",
        "other": "federacion",
        "act": "take-back",
        "organization_id": club.id,
        "question_id": asked,
        "service_id": offered,
        "party_id": waiting,
        "registration_id": named.id,
        "issued": "unknown",
    }
    return World(people, values, KEYS)


def _wishes(session: Session, conference: models.Conference) -> tuple[int, int, int]:
    """A question, a service, and somebody in line."""
    label = {"es": "Comida", "en": "Lunch"}
    choices = [{"key": key, "label": label} for key in ("yes", "no")]
    asked = models.RegistrationQuestion(
        conference_id=conference.id, key="comida", position=1, label=label, choices=choices
    )
    offered = models.OfferedService(
        conference_id=conference.id, key="camion", position=1, kind=ServiceKind.TRANSPORT, label=label
    )
    party = models.Party(conference_id=conference.id, category=Category.PRESS, size=1, waiting_since=NOW)
    session.add_all([asked, offered, party])
    session.flush()
    waiting = RegistrationStatus.WAITING
    make_registration(session, conference, category=Category.PRESS, status=waiting, party_id=party.id)
    return asked.id, offered.id, party.id


EARNED = {Role.ORGANIZATION_LEAD, Role.DELEGATE, Role.ATTENDEE}
KEYS = {
    "agreement": "purpose-coalition",
    "credentials": "club-muestra",
    "directory": "club-muestra",
    "entries": "club-muestra",
    "federations": "club-muestra",
    "jobs": "unknown",
    "organization_import": "unknown",
    "organization_names": "club-muestra",
    "program": "taller",
    "proxies": "club-muestra",
    "seats": "club-muestra",
    "summaries": "taller",
}


def _votes(
    session: Session, conference: models.Conference, sitting: models.ProgramSession, chair: models.Account
) -> int:
    for provision in ("preamble", "purpose-coalition"):
        number = open_question(
            session,
            conference_id=conference.id,
            sitting_id=sitting.id,
            provision_key=provision,
            rule=Rule.SIMPLE,
            by=chair.id,
            now=NOW,
        )
        if provision == "preamble":
            close_question(session, conference_id=conference.id, number=number, by=chair.id, now=NOW)
    return number


def routes(app: Flask) -> list[Route]:
    """Every route but files; those that sign out, or take a whole organization away, come last."""
    found = [route for route in app.url_map.iter_rules() if route.endpoint != "static"]
    last = {"accounts.sign_out", "entries.withdraw"}
    return sorted(found, key=lambda route: (route.endpoint in last, route.endpoint))


def test_the_table_names_every_route(app: Flask) -> None:
    assert sorted(ALLOWED) == sorted(route.endpoint for route in routes(app))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fragment", [False, True], ids=["page", "fragment"])
@pytest.mark.parametrize("person", PEOPLE)
def test_a_role_gets_where_the_table_says_and_nowhere_else(
    app: Flask, new_client: Callable[[], CheckedClient], world: World, person: str, fragment: bool
) -> None:
    reached = walk(app, new_client, world, person, fragment=fragment)
    assert reached == {endpoint for endpoint, people in ALLOWED.items() if person in people}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fragment", [False, True], ids=["page", "fragment"])
@pytest.mark.parametrize("person", sorted(STAFF_ROLES))
def test_staff_without_a_second_factor_get_where_everybody_gets_who_signed_in(
    app: Flask, new_client: Callable[[], CheckedClient], world: World, person: str, fragment: bool
) -> None:
    reached = walk(app, new_client, world, person, fragment=fragment, assured_at=None)
    assert reached == {endpoint for endpoint, people in ALLOWED.items() if people >= SIGNED_IN}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("person", sorted(set(PEOPLE) - {STRANGER}))
def test_dangerous_acts_ask_for_a_fresh_proof(
    app: Flask, new_client: Callable[[], CheckedClient], world: World, person: str
) -> None:
    earlier = datetime.now(UTC) - app.config["PROOF_LASTS"] - timedelta(seconds=1)
    reached = walk(app, new_client, world, person, proved_at=earlier, assured_at=earlier)
    allowed = {endpoint for endpoint, people in ALLOWED.items() if person in people}
    assert allowed - reached == {endpoint for endpoint in allowed if dangerous(app, endpoint)}
    assert reached <= allowed


def dangerous(app: Flask, endpoint: str) -> bool:
    """What shows a secret, or a POST of a permission that the map of rights says needs a fresh proof."""
    if endpoint == "second_factors.app":
        return True
    posts = {route.endpoint for route in routes(app) if "POST" in route.methods}
    return endpoint in posts and app.view_functions[endpoint].permission in FRESHLY_PROVED


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("person", [STRANGER, Role.ORGANIZER])
def test_no_route_answers_to_the_method_it_is_not_for(
    app: Flask, new_client: Callable[[], CheckedClient], world: World, person: str
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = new_client()
    if person != STRANGER:
        sign_in(client, world.people[person])
    methods: dict[str, set[str]] = {}
    for route in routes(app):
        methods.setdefault(world.address(app, route), set()).update(route.methods & {"GET", "POST"})
    others = [(address, {"GET", "POST"} - taken) for address, taken in methods.items()]
    answers = {
        (method, address): client.open(address, method=method).status_code
        for address, untaken in others
        for method in untaken
    }
    # Two addresses that only take a POST read, asked for by GET, like a conference that there is not.
    elsewhere = {("GET", "/es/confirm/mail"): 404, ("GET", "/es/sign-out"): 308}
    assert {where: status for where, status in answers.items() if status != 405} == elsewhere
    assert len(answers) > 20


def walk(
    app: Flask,
    new_client: Callable[[], CheckedClient],
    world: World,
    person: str,
    *,
    fragment: bool = False,
    **signed: object,
) -> set[str]:
    """Visit every route as the person, newly signed in after each act; return those that let them in."""
    # The token is a guard of its own, tested elsewhere; here it would hide who is let through.
    app.config["WTF_CSRF_ENABLED"] = False
    headers = {"HX-Request": "true"} if fragment else {}
    reached = set()
    client = None
    for route in routes(app):
        method = "POST" if "POST" in route.methods else "GET"
        if client is None:
            client = new_client()
            # Each page is read as HTML once, in the walk of those who are allowed to see it.
            client.reads_markup = not signed
            if person != STRANGER:
                sign_in(client, world.people[person], **signed)
        answer = client.open(world.address(app, route), method=method, headers=headers)
        assert answer.status_code < 500, route.endpoint
        if not refused(answer, person):
            reached.add(route.endpoint)
        if method == "POST":
            # Whatever the act did to the sign-in, the next page is seen by somebody who is signed in.
            client = None
    return reached


def refused(answer: TestResponse, person: str) -> bool:
    """A stranger is asked to sign in, staff to show a second factor; somebody without the role is told no."""
    target = answer.headers.get("HX-Redirect") or answer.headers.get("Location") or ""
    if person == STRANGER and answer.request.path.startswith("/es/confirm"):
        return urlsplit(target).path == "/es/sign-in"
    if answer.request.path.startswith(("/es/confirm", "/es/sign-in", "/es/sign-out")):
        # The pages where one proves oneself lead to themselves and to each other.
        return answer.status_code == 403 or (person == STRANGER and "next=" in target)
    asked = "/es/sign-in" if person == STRANGER else "/es/confirm"
    return answer.status_code == 403 or urlsplit(target).path == asked
