"""Tables, one file a noun. Importing this package registers them all."""

from __future__ import annotations

from conference.models.accounts import Account, RoleGrant, SignInCode
from conference.models.agreement import Agreement, Draft, Provision, ProvisionText
from conference.models.checkin import Presence, Scan
from conference.models.conference import Conference, Room, Track
from conference.models.credentials import Credential, Seat
from conference.models.directory import FederationMembership, Organization, Participation
from conference.models.mail import Message
from conference.models.program import CoChair, ProgramSession, SessionSpeaker, Speaker, TextFormat
from conference.models.registration import Consent, Registration
from conference.models.resolutions import Resolution
from conference.models.summaries import Summary, SummaryItem
from conference.models.voting import Ballot, Elector, Question

__all__ = [
    "Account",
    "Agreement",
    "Ballot",
    "CoChair",
    "Conference",
    "Consent",
    "Credential",
    "Draft",
    "Elector",
    "FederationMembership",
    "Message",
    "Organization",
    "Participation",
    "Presence",
    "ProgramSession",
    "Provision",
    "ProvisionText",
    "Question",
    "Registration",
    "Resolution",
    "RoleGrant",
    "Room",
    "Scan",
    "Seat",
    "SessionSpeaker",
    "SignInCode",
    "Speaker",
    "Summary",
    "SummaryItem",
    "TextFormat",
    "Track",
]
