"""Rows for tests, with sensible defaults and data that could leak. Each call makes something new."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from agreements import Chamber, Draft, Kind, Provision, Rule
from conference import models
from conference.domain.accounts import link_digest
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.directory import OrganizationKind, OrganizationStatus
from conference.domain.program import SessionKind
from conference.domain.registration import Category, PhotoPreference, RegistrationStatus
from conference.domain.sign_ins import SignInWay
from conference.queries.sign_ins import signed_in

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.orm import Session

    from conference.domain.accounts import Role
    from conference.policies import Identity
    from tests.clients import CheckedClient

NOW = datetime(2026, 7, 11, 17, 0, tzinfo=UTC)
FIRST_DAY = date(2026, 7, 11)
# Pages go by the real clock, and nobody registers for what is over. This is not, whenever they are tried.
FAR_AHEAD = date(2097, 7, 11)
_numbers = count(1)


def _added(session: Session, row: Any) -> Any:
    session.add(row)
    session.flush()
    return row


def make_conference(session: Session, **values: Any) -> models.Conference:
    """A conference of two days in Salem, Oregon."""
    number = next(_numbers)
    defaults = {
        "slug": f"conferencia-{number}",
        "sample": False,
        "name": {"es": f"Conferencia {number}", "en": f"Conference {number}"},
        "tagline": {"es": "Dos orillas, un acuerdo", "en": "Two shores, one agreement"},
        "about": {},
        "city": {"es": "Salem, Oregón", "en": "Salem, Oregon"},
        "venue_name": "Salón Secreto",
        "venue_address": "Calle Reservada 7",
        "languages": ["es", "en"],
        "time_zone": "America/Los_Angeles",
        "other_time_zone": "America/Mexico_City",
        "first_day": FIRST_DAY,
        "days": 2,
        "default_rule": Rule.SIMPLE,
        "registration_open": True,
        "program_changed_at": NOW,
    }
    return _added(session, models.Conference(**defaults | values))


def make_room(session: Session, conference: models.Conference, **values: Any) -> models.Room:
    """A room."""
    number = next(_numbers)
    defaults = {
        "key": f"sala-{number}",
        "position": number,
        "name": {"es": f"Sala {number}", "en": f"Room {number}"},
    }
    return _added(session, models.Room(conference_id=conference.id, **defaults | values))


def make_session(session: Session, conference: models.Conference, **values: Any) -> models.ProgramSession:
    """A session of the program; a workshop at ten on the first day."""
    number = next(_numbers)
    defaults = {
        "key": f"sesion-{number}",
        "position": number,
        "kind": SessionKind.WORKSHOP,
        "sitting": False,
        "starts_local": datetime.combine(conference.first_day, time(10)),
        "minutes": 60,
        "spoken": ["spa"],
        "title": {"es": f"Taller {number}", "en": f"Workshop {number}"},
        "subtitle": {},
        "abstract": {"es": "Resumen", "en": "Abstract"},
        "description": {},
        "background": {},
        "guiding_questions": [],
        "proposed_outcomes": [],
        "links": [],
        "attachments": [],
        "external": {},
    }
    return _added(session, models.ProgramSession(conference_id=conference.id, **defaults | values))


def make_sitting(session: Session, conference: models.Conference, **values: Any) -> models.ProgramSession:
    """A plenary in which questions are put to the vote."""
    return make_session(session, conference, **{"kind": SessionKind.PLENARY, "sitting": True} | values)


def make_organization(
    session: Session, conference: models.Conference | None = None, **values: Any
) -> models.Organization:
    """A hometown association; takes part in the conference, if one is given."""
    number = next(_numbers)
    defaults = {
        "key": f"club-{number}",
        "name": f"Club San Juan Muestra {number}",
        "kind": OrganizationKind.HTA,
        "side": Chamber.US,
        "status": OrganizationStatus.ACTIVE,
        "place": "Salem, Oregon",
        "languages": ["spa"],
        "description": {},
    }
    organization = _added(session, models.Organization(**defaults | values))
    if conference is not None:
        position = next(_numbers)
        _added(
            session,
            models.Participation(
                conference_id=conference.id, organization_id=organization.id, position=position
            ),
        )
    return organization


def make_seat(
    session: Session,
    conference: models.Conference,
    *,
    chamber: Chamber = Chamber.US,
    votes: int = 1,
    organization: models.Organization | None = None,
) -> models.Seat:
    """A seat of an organization of that side."""
    organization = organization or make_organization(session, conference, side=chamber)
    return _added(
        session,
        models.Seat(
            conference_id=conference.id, organization_id=organization.id, chamber=chamber, votes=votes
        ),
    )


def make_account(session: Session, **values: Any) -> models.Account:
    """Somebody with an address that must never be shown to others."""
    number = next(_numbers)
    defaults = {"email": f"secreta-{number}@example.org", "language": "es", "created_at": NOW}
    return _added(session, models.Account(**defaults | values))


def grant(
    session: Session,
    conference: models.Conference,
    role: Role,
    *,
    account: models.Account | None = None,
    organization: models.Organization | None = None,
) -> models.Account:
    """An account that holds the role."""
    account = account or make_account(session)
    _added(
        session,
        models.RoleGrant(
            account_id=account.id,
            conference_id=conference.id,
            role=role,
            organization_id=None if organization is None else organization.id,
            granted_at=NOW,
        ),
    )
    return account


def make_registration(session: Session, conference: models.Conference, **values: Any) -> models.Registration:
    """Somebody registered, under a name that must never be shown to others."""
    number = next(_numbers)
    defaults = {
        "category": Category.ATTENDEE,
        "status": RegistrationStatus.CONFIRMED,
        "badge_name": f"Nombre Reservado {number}",
        "language": "es",
        "spoken": ["spa"],
        "photo_preference": PhotoPreference.NO,
        "token_digest": f"token-digest-{number}",
        "code_digest": f"code-digest-{number}",
        "ticket_nonce": f"{number:032x}",
        "registered_at": NOW,
    }
    return _added(session, models.Registration(conference_id=conference.id, **defaults | values))


def make_delegate(
    session: Session,
    conference: models.Conference,
    *,
    seat: models.Seat | None = None,
    chamber: Chamber = Chamber.US,
    present_in: models.ProgramSession | None = None,
) -> tuple[models.Account, models.Seat]:
    """Somebody with an accepted credential for a seat, in the sitting if one is given."""
    seat = seat or make_seat(session, conference, chamber=chamber)
    account = make_account(session)
    registration = make_registration(
        session,
        conference,
        account_id=account.id,
        organization_id=seat.organization_id,
        category=Category.DELEGATE,
    )
    credential = _added(
        session,
        models.Credential(
            seat_id=seat.id,
            registration_id=registration.id,
            capacity=Capacity.DELEGATE,
            status=CredentialStatus.ACCEPTED,
            attested_at=NOW - timedelta(days=2),
            decided_at=NOW - timedelta(days=1),
        ),
    )
    if present_in is not None:
        _added(
            session,
            models.Presence(
                session_id=present_in.id, seat_id=seat.id, credential_id=credential.id, arrived_at=NOW
            ),
        )
    return account, seat


SAMPLE_DRAFT = Draft(
    titles={"es": "Acuerdo", "en": "Agreement"},
    languages=("es", "en"),
    provisions=(
        Provision("preamble", Kind.PREAMBLE, {}, {"es": "Reunidas las partes,", "en": "The parties, met,"}),
        Provision(
            "purpose",
            Kind.ARTICLE,
            {"es": "Objeto", "en": "Purpose"},
            {},
            children=(
                Provision(
                    "purpose-coalition",
                    Kind.CLAUSE,
                    {},
                    {"es": "Se forma una coalición.", "en": "A coalition is formed."},
                ),
                Provision("only-spanish", Kind.CLAUSE, {}, {"es": "Falta la traducción."}),
            ),
        ),
    ),
)


def make_agreement(
    session: Session, conference: models.Conference, draft: Draft = SAMPLE_DRAFT
) -> models.Draft:
    """The conference's agreement with its first draft; one clause of it is in Spanish only."""
    agreement = _added(session, models.Agreement(conference_id=conference.id, authenticity="equal"))
    row = _added(
        session,
        models.Draft(
            agreement_id=agreement.id,
            number=1,
            title=dict(draft.titles),
            languages=list(draft.languages),
            content_hash=draft.content_hash,
            tabled_at=NOW,
        ),
    )
    for place in draft.walk():
        provision = _added(
            session,
            models.Provision(
                draft_id=row.id,
                key=place.provision.key,
                parent_key=place.parent_key,
                kind=place.provision.kind,
                position=place.position,
            ),
        )
        for language in sorted(place.provision.languages):
            session.add(
                models.ProvisionText(
                    provision_id=provision.id,
                    language=language,
                    heading=place.provision.heading(language),
                    body=place.provision.body(language),
                )
            )
    session.flush()
    return row


def make_sign_in(session: Session, account: models.Account, **values: Any) -> tuple[models.SignIn, str]:
    """Somebody signed in somewhere, and the key that the cookie there holds; by second factor, too."""
    key = f"key-of-a-cookie-{next(_numbers)}"
    moment = datetime.now(UTC)
    defaults = {
        "key_digest": link_digest(key),
        "way": SignInWay.EMAIL,
        "signed_in_at": moment,
        "proved_at": moment,
        "assured_at": moment,
        "confirmed_at": moment,
    }
    return _added(session, models.SignIn(account_id=account.id, **defaults | values)), key


def identity_of(
    session: Session, account: models.Account, conference: models.Conference | None = None
) -> Identity:
    """Who the account is in the conference, signed in by second factor."""
    _row, key = make_sign_in(session, account)
    found = signed_in(
        session, key_digest=link_digest(key), conference_id=None if conference is None else conference.id
    )
    assert found is not None
    return found.identity


def signed_cookie(app: Flask, session: Session, account: models.Account) -> str:
    """The value of the cookie of somebody who is signed in; commits, and leaves no transaction open."""
    account_id = account.id
    # What was read before must not hold up the writing.
    session.commit()
    row, key = make_sign_in(session, session.get_one(models.Account, account_id))
    content = {"sign_in": key, "generation": row.generation, "account": account_id}
    session.commit()
    content["used"] = int(datetime.now(UTC).timestamp())
    signer = app.session_interface.get_signing_serializer(app)
    assert signer is not None
    return str(signer.dumps(content | {"_permanent": True}))


def sign_in(client: CheckedClient, account: models.Account, **values: Any) -> models.SignIn:
    """Let the client be this account from now on, without the mails of a real sign-in.

    Staff have shown their second factor, unless `assured_at=None`.
    """
    if client.prepared is None:
        raise TypeError("a client that knows no session signs nobody in")
    row, key = make_sign_in(client.prepared, account, **values)
    client.prepared.commit()
    with client.session_transaction() as cookie:
        cookie["sign_in"], cookie["generation"], cookie["account"] = key, row.generation, account.id
        cookie["used"] = int(datetime.now(UTC).timestamp())
        cookie.permanent = True
    return row
