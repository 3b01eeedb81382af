"""Tables, one file a noun. Importing this package registers them all."""

from __future__ import annotations

from conference.models.accounts import Account, RoleGrant, SignInCode
from conference.models.agreement import Agreement, Draft, Provision, ProvisionText
from conference.models.approvals import Approval
from conference.models.audit import AuditEntry, AuditHead
from conference.models.cards import AccessCard
from conference.models.checkin import DoorTotal, Presence, Scan
from conference.models.conference import Conference, Room, Track
from conference.models.credentials import Credential, Proxy, Seat
from conference.models.directory import FederationMembership, Organization, Participation
from conference.models.jobs import Job
from conference.models.mail import Message
from conference.models.passkeys import Challenge, Passkey
from conference.models.program import CoChair, ProgramSession, SessionSpeaker, Speaker, TextFormat
from conference.models.registration import (
    Consent,
    OfferedService,
    Party,
    Places,
    Registration,
    RegistrationAnswer,
    RegistrationNeed,
    RegistrationQuestion,
    ServiceBooking,
)
from conference.models.resolutions import Resolution
from conference.models.retention import LegalHold
from conference.models.second_factors import Authenticator, RecoveryCode
from conference.models.set_up import SetUp
from conference.models.sign_ins import KeptForm, SignIn
from conference.models.summaries import Summary, SummaryItem
from conference.models.voting import Ballot, Elector, Question

__all__ = [
    "AccessCard",
    "Account",
    "Agreement",
    "Approval",
    "AuditEntry",
    "AuditHead",
    "Authenticator",
    "Ballot",
    "Challenge",
    "CoChair",
    "Conference",
    "Consent",
    "Credential",
    "DoorTotal",
    "Draft",
    "Elector",
    "FederationMembership",
    "Job",
    "KeptForm",
    "LegalHold",
    "Message",
    "OfferedService",
    "Organization",
    "Participation",
    "Party",
    "Passkey",
    "Places",
    "Presence",
    "ProgramSession",
    "Provision",
    "ProvisionText",
    "Proxy",
    "Question",
    "RecoveryCode",
    "Registration",
    "RegistrationAnswer",
    "RegistrationNeed",
    "RegistrationQuestion",
    "Resolution",
    "RoleGrant",
    "Room",
    "Scan",
    "Seat",
    "ServiceBooking",
    "SessionSpeaker",
    "SetUp",
    "SignIn",
    "SignInCode",
    "Speaker",
    "Summary",
    "SummaryItem",
    "TextFormat",
    "Track",
]
