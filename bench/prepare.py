"""Fills the database before a run: a large program, and delegates in a sitting with questions open.

Run as `python -m bench.prepare ballots.jsonl DELEGATES QUESTIONS SESSIONS` with the environment of the
servers. Each line of the file is one ballot that may be cast once: the number of its question, its
delegate's cookie and token. Beside it VISITOR is written: cookie and token of somebody who may register.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import session as cookie_session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import insert, select

from agreements import Chamber, Draft, Kind, Provision, Rule
from bench.schedule import FIRST_DAY, ZONE, generated
from conference import create_app, models
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.directory import OrganizationKind, OrganizationStatus
from conference.domain.program import SessionKind
from conference.domain.registration import Category, PhotoPreference, RegistrationStatus
from conference.domain.sign_ins import SignInWay
from conference.extensions import db
from conference.services.program import import_schedule
from conference.services.voting import open_question
from conference.web.sign_ins import begin_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from sqlalchemy.orm import Session

NOW = datetime(2026, 7, 11, 17, 0, tzinfo=UTC)
PROGRAM_SLUG = "grande"
VOTING_SLUG = "votacion"
VISITOR = "visitor.json"


def fill(session: Session, *, delegates: int, questions: int, sessions: int) -> list[int]:
    """Make both conferences; return the accounts of the delegates."""
    import_schedule(
        session,
        schedule=generated(sessions),
        slug=PROGRAM_SLUG,
        languages=("es", "en"),
        text_language="es",
        now=NOW,
    )
    conference, sitting = _conference(session)
    accounts = _delegates(session, conference.id, sitting.id, delegates)
    _agreement(session, conference.id, questions)
    for number in range(1, questions + 1):
        open_question(
            session,
            conference_id=conference.id,
            sitting_id=sitting.id,
            provision_key=f"clause-{number}",
            rule=Rule.SIMPLE,
            by=accounts[0],
            now=NOW,
        )
    return accounts


def _conference(session: Session) -> tuple[models.Conference, models.ProgramSession]:
    conference = models.Conference(
        slug=VOTING_SLUG,
        name={"es": "Conferencia que vota", "en": "Conference that votes"},
        tagline={},
        about={},
        city={"es": "Salem, Oregón", "en": "Salem, Oregon"},
        languages=["es", "en"],
        time_zone=ZONE,
        other_time_zone="America/Mexico_City",
        first_day=FIRST_DAY,
        days=2,
        default_rule=Rule.SIMPLE,
        program_changed_at=NOW,
    )
    session.add(conference)
    session.flush()
    sitting = models.ProgramSession(
        conference_id=conference.id,
        key="plenaria",
        position=1,
        kind=SessionKind.PLENARY,
        sitting=True,
        starts_local=datetime.combine(FIRST_DAY, time(10)),
        minutes=120,
        spoken=["spa", "eng"],
        title={"es": "Plenaria", "en": "Plenary"},
        **{name: {} for name in ("subtitle", "abstract", "description", "background", "external")},
        **{name: [] for name in ("guiding_questions", "proposed_outcomes", "links", "attachments")},
    )
    session.add(sitting)
    session.flush()
    return conference, sitting


def _delegates(session: Session, conference_id: int, sitting_id: int, count: int) -> list[int]:
    """Seat that many delegates, half of them on each side, all of them in the room."""
    sides = [Chamber.US if index % 2 else Chamber.MX for index in range(count)]
    accounts = _inserted(
        session,
        models.Account,
        [
            {"email": f"delegate-{index}@example.org", "language": "es", "created_at": NOW}
            for index in range(count)
        ],
    )
    organizations = _inserted(
        session, models.Organization, [_organization(i, side) for i, side in enumerate(sides)]
    )
    pairs = list(zip(organizations, sides, strict=True))
    seats = _inserted(
        session,
        models.Seat,
        [
            {"conference_id": conference_id, "organization_id": organization, "chamber": side, "votes": 1}
            for organization, side in pairs
        ],
    )
    registrations = _inserted(
        session,
        models.Registration,
        [
            _registration(index, account, organization) | {"conference_id": conference_id}
            for index, (account, organization) in enumerate(zip(accounts, organizations, strict=True))
        ],
    )
    credentials = _inserted(
        session,
        models.Credential,
        [_credential(seat, registration) for seat, registration in zip(seats, registrations, strict=True)],
    )
    _inserted(
        session,
        models.Presence,
        [
            {"session_id": sitting_id, "seat_id": seat, "credential_id": credential, "arrived_at": NOW}
            for seat, credential in zip(seats, credentials, strict=True)
        ],
    )
    return accounts


def _inserted(session: Session, model: type[Any], rows: list[dict[str, Any]]) -> list[int]:
    known = set(session.scalars(select(model.id)))
    session.execute(insert(model), rows)
    return [one for one in session.scalars(select(model.id).order_by(model.id)) if one not in known]


def _organization(index: int, side: Chamber) -> dict[str, Any]:
    return {
        "key": f"club-{index}",
        "name": f"Club San Juan Muestra {index}",
        "kind": OrganizationKind.HTA,
        "side": side,
        "status": OrganizationStatus.ACTIVE,
        "place": "Salem, Oregon",
        "languages": ["spa"],
        "description": {},
    }


def _registration(index: int, account_id: int, organization_id: int) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "organization_id": organization_id,
        "category": Category.DELEGATE,
        "status": RegistrationStatus.CONFIRMED,
        "badge_name": f"Delegada {index}",
        "language": "es",
        "spoken": ["spa"],
        "photo_preference": PhotoPreference.NO,
        "token_digest": f"token-{index}",
        "code_digest": f"code-{index}",
        "ticket_nonce": f"{index:032x}",
        "registered_at": NOW,
    }


def _credential(seat_id: int, registration_id: int) -> dict[str, Any]:
    return {
        "seat_id": seat_id,
        "registration_id": registration_id,
        "capacity": Capacity.DELEGATE,
        "status": CredentialStatus.ACCEPTED,
        "attested_at": NOW - timedelta(days=2),
        "decided_at": NOW - timedelta(days=1),
    }


def _agreement(session: Session, conference_id: int, clauses: int) -> None:
    draft = Draft(
        titles={"es": "Acuerdo", "en": "Agreement"},
        languages=("es", "en"),
        provisions=tuple(_clause(number) for number in range(1, clauses + 1)),
    )
    agreement = models.Agreement(conference_id=conference_id, authenticity="equal")
    session.add(agreement)
    session.flush()
    tabled = models.Draft(
        agreement_id=agreement.id,
        number=1,
        title=dict(draft.titles),
        languages=list(draft.languages),
        content_hash=draft.content_hash,
        tabled_at=NOW,
    )
    session.add(tabled)
    session.flush()
    for place in draft.walk():
        row = models.Provision(
            draft_id=tabled.id, key=place.provision.key, kind=place.provision.kind, position=place.position
        )
        session.add(row)
        session.flush()
        for language in draft.languages:
            body = place.provision.body(language)
            session.add(models.ProvisionText(provision_id=row.id, language=language, heading="", body=body))
    session.flush()


def _clause(number: int) -> Provision:
    texts = {
        "es": f"Cláusula {number}. Las partes forman una coalición de clubes y comunidades de origen.",
        "en": f"Clause {number}. The parties form a coalition of clubs and home communities.",
    }
    return Provision(f"clause-{number}", Kind.CLAUSE, {}, texts)


def ballots(app: Flask, accounts: list[int], questions: int) -> Iterator[dict[str, Any]]:
    """Give every ballot, question by question, with the cookie and token of its signed-in delegate."""
    signed = [_signed_in(app, account) for account in accounts]
    for number in range(1, questions + 1):
        for cookie, token in signed:
            yield {"number": number, "cookie": cookie, "token": token}


def _signed_in(app: Flask, account_id: int) -> tuple[str, str]:
    with app.test_request_context("/"):
        begin_session(account_id, way=SignInWay.EMAIL)
        db.session.commit()
        return _cookie_and_token(app)


def _cookie_and_token(app: Flask) -> tuple[str, str]:
    token = generate_csrf()
    # Flask's own interface has it; the type of the attribute is the abstract one.
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps(dict(cookie_session))}", token


def visitor(app: Flask) -> dict[str, str]:
    """Return cookie and token of somebody who has opened the form for registering."""
    with app.test_request_context("/"):
        cookie, token = _cookie_and_token(app)
    return {"cookie": cookie, "token": token}


def main(path: str, delegates: str, questions: str, sessions: str) -> None:
    """Create the schema, fill it, and write the ballots that may be cast."""
    app = create_app()
    with app.app_context():
        db.create_all()
        accounts = fill(
            db.session(), delegates=int(delegates), questions=int(questions), sessions=int(sessions)
        )
        db.session.commit()
        db.session.remove()
    with Path(path).open("w") as file:
        for ballot in ballots(app, accounts, int(questions)):
            file.write(json.dumps(ballot) + "\n")
    Path(path).with_name(VISITOR).write_text(json.dumps(visitor(app)))


if __name__ == "__main__":
    main(*sys.argv[1:])
