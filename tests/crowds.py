"""A conference with n rows of everything that its pages list, written in bulk: 300 of each take no second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from agreements import Chamber
from conference import models
from conference.domain.accounts import Role
from conference.domain.approvals import ApprovalKind
from conference.domain.audit import AuditKind
from conference.domain.checkin import ScanOutcome
from conference.domain.credentials import Capacity, CredentialStatus
from conference.domain.directory import OrganizationKind, OrganizationSource, OrganizationStatus, RecordSource
from conference.domain.jobs import JobKind, JobState
from conference.domain.mail import MessageKind, MessageState
from conference.domain.registration import (
    AccessNeed,
    Category,
    PhotoPreference,
    Purpose,
    RegistrationStatus,
    ServiceKind,
)
from conference.domain.retention import HoldReason
from conference.domain.tickets import ticket_token, token_digest
from conference.services.audit import record
from tests.factories import NOW, grant, make_account, make_conference, make_organization, make_sitting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy.orm import Session

Row = Mapping[str, Any]

# Whoever organizes does it for the committee, the desk and the services, too.
STAFF = (Role.ORGANIZER, Role.CREDENTIALS_COMMITTEE, Role.SECRETARIAT, Role.SERVICE_LEAD)
LABEL = {"es": "Rótulo", "en": "Label"}
# Of each kind of organization, and of registration, the numbers of its rows begin after one of these.
LISTED, UNLINKED, FOUND, PROPOSED, ELSEWHERE = 0, 1000, 2000, 3000, 4000
DELEGATES, NAMED, ALTERNATES, ATTENDEES, PENDING, GUESTS, WAITING = 0, 1000, 2000, 3000, 4000, 5000, 6000
GROUP = FEDERATION = 9000


@dataclass(frozen=True, slots=True)
class Crowd:
    """The accounts that see its pages: of all staff, of a lead of all organizations, of all tickets."""

    conference: models.Conference
    staff: models.Account
    lead: models.Account
    person: models.Account
    key: bytes


def make_crowd(session: Session, size: int, *, key: bytes) -> Crowd:
    """A conference of which each list has `size` rows, in an empty database; `key` is that of its tickets."""
    conference = make_conference(
        session, slug="muestra", first_day=datetime.now(UTC).date() + timedelta(days=30)
    )
    staff, lead, person = (make_account(session) for _ in range(3))
    for role in STAFF:
        grant(session, conference, role, account=staff)
    make_organization(session, conference, id=FEDERATION, key="federacion", kind=OrganizationKind.FEDERATION)
    crowd = Crowd(conference, staff, lead, person, key)
    for write in (_organizations, _accounts, _wishes, _registrations, _seats, _work):
        write(session, crowd, range(1, size + 1))
    session.commit()
    return crowd


def _bulk(session: Session, model: type, numbers: Iterable[int], row: Callable[[int], Row]) -> None:
    session.execute(insert(model), [dict(row(number)) for number in numbers])


def _organizations(session: Session, crowd: Crowd, numbers: range) -> None:
    other = make_conference(session)
    kinds: dict[int, Row] = {
        LISTED: {},
        UNLINKED: {},
        FOUND: {"source": OrganizationSource.FOUND},
        PROPOSED: {"status": OrganizationStatus.PROPOSED},
        ELSEWHERE: {},
    }
    for first, values in kinds.items():
        _bulk(session, models.Organization, numbers, lambda each, first=first, values=values: {
            "id": first + each,
            "key": f"club-{first + each}",
            "name": f"Club {first + each}",
            "kind": OrganizationKind.HTA,
            "side": Chamber.US,
            "status": OrganizationStatus.ACTIVE,
            "source": OrganizationSource.ENTERED,
            "municipality": f"20{each:03}",
            "us_state": "OR",
            "us_city": "Salem",
            "languages": ["spa"],
            "description": {},
        } | values)  # fmt: skip
    for first, taken_part_in in (
        (LISTED, crowd.conference),
        (UNLINKED, crowd.conference),
        (ELSEWHERE, other),
    ):
        _bulk(session, models.Participation, numbers, lambda each, first=first, there=taken_part_in: {
            "conference_id": there.id, "organization_id": first + each, "position": first + each
        })  # fmt: skip
    _bulk(session, models.FederationMembership, numbers, lambda each: {
        "parent_id": FEDERATION, "member_id": each, "mandate": RecordSource.PAPER, "mandated_at": NOW
    })  # fmt: skip
    led = [*numbers, *(PROPOSED + each for each in numbers), FEDERATION]
    _bulk(session, models.RoleGrant, led, lambda each: {
        "account_id": crowd.lead.id,
        "conference_id": crowd.conference.id,
        "role": Role.ORGANIZATION_LEAD,
        "organization_id": each,
        "granted_at": NOW,
    })  # fmt: skip


def _accounts(session: Session, crowd: Crowd, numbers: range) -> None:
    def of(number: int) -> Row:
        return {"account_id": 1000 + number, "conference_id": crowd.conference.id}

    _bulk(session, models.Account, numbers, lambda each: {
        "id": 1000 + each, "email": f"persona-{each}@example.org", "language": "es", "created_at": NOW
    })  # fmt: skip
    _bulk(session, models.RoleGrant, numbers, lambda each: {
        **of(each), "role": Role.OFFICIAL, "organization_id": None, "granted_at": NOW
    })  # fmt: skip
    _bulk(session, models.AccessCard, numbers, lambda each: {
        **of(each),
        "number": each,
        "token_digest": f"token-{each}",
        "code_digest": f"code-{each}",
        "issued_at": NOW,
        "expires_at": NOW + timedelta(days=900),
    })  # fmt: skip


def _wishes(session: Session, crowd: Crowd, numbers: range) -> None:
    def of(number: int) -> Row:
        return {
            "id": number,
            "conference_id": crowd.conference.id,
            "key": f"rotulo-{number}",
            "position": number,
            "label": LABEL,
        }

    _bulk(session, models.RegistrationQuestion, numbers, lambda each: {
        **of(each), "choices": [{"key": "si", "label": LABEL}]
    })  # fmt: skip
    _bulk(session, models.OfferedService, numbers, lambda each: {**of(each), "kind": ServiceKind.TRANSPORT})


def _registrations(session: Session, crowd: Crowd, numbers: range) -> None:
    _bulk(session, models.Party, numbers, lambda each: {
        **_of_a_club(crowd, each), "id": each, "grouped": True, "size": 1, "waiting_since": NOW
    })  # fmt: skip
    _bulk(session, models.Party, [GROUP], lambda each: {
        **_of_a_club(crowd, 1), "id": each, "grouped": True, "size": len(numbers)
    })  # fmt: skip
    kinds: dict[int, Callable[[int], Row]] = {
        DELEGATES: lambda each: {"category": Category.DELEGATE, "account_id": 1000 + each},
        NAMED: lambda _: {"category": Category.DELEGATE},
        ALTERNATES: lambda _: {"category": Category.ALTERNATE},
        ATTENDEES: lambda _: {"account_id": crowd.person.id, "contact_email": crowd.person.email},
        PENDING: lambda _: {"status": RegistrationStatus.PENDING},
        GUESTS: lambda _: {"party_id": GROUP, "organization_id": 1, "badge_name": ""},
        WAITING: lambda each: {"party_id": each, "status": RegistrationStatus.WAITING},
    }
    for first, said in kinds.items():
        _bulk(session, models.Registration, numbers, lambda each, first=first, said=said: {
            **_registration(crowd, first + each, each), **said(each)
        })  # fmt: skip
    of_attendees = [ATTENDEES + each for each in numbers]
    _bulk(session, models.RegistrationNeed, of_attendees, lambda each: {
        "registration_id": each, "need": AccessNeed.CAPTIONS
    })  # fmt: skip
    _bulk(session, models.RegistrationAnswer, of_attendees, lambda each: {
        "registration_id": each, "question_id": each - ATTENDEES, "chosen": ["si"]
    })  # fmt: skip
    _bulk(session, models.ServiceBooking, of_attendees, lambda each: {
        "registration_id": each, "service_id": each - ATTENDEES
    })  # fmt: skip
    _bulk(session, models.Consent, of_attendees, lambda each: {
        "registration_id": each,
        "purpose": Purpose.REMINDERS,
        "text_version": 1,
        "language": "es",
        "given_at": NOW,
    })  # fmt: skip
    _bulk(session, models.Scan, of_attendees, lambda each: {
        "conference_id": crowd.conference.id,
        "door": "entrance",
        "registration_id": each,
        "outcome": ScanOutcome.ADMITTED,
        "scanned_at": NOW,
    })  # fmt: skip


def _of_a_club(crowd: Crowd, number: int) -> Row:
    return {
        "conference_id": crowd.conference.id,
        "organization_id": number,
        "category": Category.ATTENDEE,
    }


def _registration(crowd: Crowd, number: int, club: int) -> Row:
    return {
        **_of_a_club(crowd, club),
        "id": number,
        "account_id": None,
        "party_id": None,
        "contact_email": None,
        "status": RegistrationStatus.CONFIRMED,
        "badge_name": f"Nombre {number}",
        "language": "es",
        "spoken": ["spa"],
        "photo_preference": PhotoPreference.NO,
        "token_digest": token_digest(ticket_token(f"{number:032x}", key=crowd.key)),
        "code_digest": f"code-digest-{number}",
        "ticket_nonce": f"{number:032x}",
        "registered_at": NOW,
    }


def _seats(session: Session, crowd: Crowd, numbers: range) -> None:
    sitting = make_sitting(session, crowd.conference)
    _bulk(session, models.Seat, [*numbers, *(UNLINKED + each for each in numbers), FEDERATION], lambda each: {
        "id": each,
        "conference_id": crowd.conference.id,
        "organization_id": each,
        "chamber": Chamber.US,
        "votes": 1,
    })  # fmt: skip
    accepted, proposed = CredentialStatus.ACCEPTED, CredentialStatus.PROPOSED
    for first, seats, capacity, status in (
        (DELEGATES, LISTED, Capacity.DELEGATE, accepted),
        (ALTERNATES, LISTED, Capacity.ALTERNATE, accepted),
        (NAMED, UNLINKED, Capacity.DELEGATE, proposed),
    ):
        said = {"capacity": capacity, "status": status, "attested_at": NOW}
        said["decided_at"] = NOW if status is accepted else None
        _bulk(session, models.Credential, numbers, lambda each, first=first, seats=seats, said=said: {
            **said, "id": first + each, "seat_id": seats + each, "registration_id": first + each
        })  # fmt: skip
    _bulk(session, models.Proxy, numbers, lambda each: {
        "seat_id": each, "holder_seat_id": FEDERATION, "source": RecordSource.PAPER, "given_at": NOW
    })  # fmt: skip
    _bulk(session, models.Presence, numbers, lambda each: {
        "session_id": sitting.id, "seat_id": each, "credential_id": each, "arrived_at": NOW
    })  # fmt: skip


def _work(session: Session, crowd: Crowd, numbers: range) -> None:
    here, soon = {"conference_id": crowd.conference.id}, datetime.now(UTC) + timedelta(days=1)
    for kind in ApprovalKind:
        _bulk(session, models.Approval, numbers, lambda each, kind=kind: {
            **here,
            "kind": kind,
            "reason": f"Motivo {each}",
            "asked_by_id": crowd.lead.id,
            "asked_at": NOW,
            "expires_at": soon,
        })  # fmt: skip
    _bulk(session, models.Job, numbers, lambda each: {
        **here,
        "key": f"job-{each}",
        "kind": JobKind.PURGE,
        "asked_by_id": crowd.staff.id,
        "state": JobState.DONE,
        "parameters": {},
        "asked_at": NOW,
        "due_at": NOW,
        "ended_at": NOW,
        "report": {},
    })  # fmt: skip
    _bulk(session, models.Message, numbers, lambda each: {
        **here,
        "key": f"message-{each}",
        "kind": MessageKind.NOTICE,
        "recipient": f"persona-{each}@example.org",
        "language": "es",
        "subject": "Aviso",
        "body": "Aviso",
        "state": MessageState.FAILED,
        "queued_at": NOW,
        "due_at": NOW,
    })  # fmt: skip
    _bulk(session, models.LegalHold, numbers, lambda _: {
        **here, "reason": HoldReason.LEGAL_DEMAND, "begun_at": NOW, "lifted_at": NOW
    })  # fmt: skip
    for each in numbers:
        event = {"kind": AuditKind.ORGANIZATION_ACCEPTED.value, "organization": each}
        record(session, **here, actor="organizer-1", event=event, at=NOW)
