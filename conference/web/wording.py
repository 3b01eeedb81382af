"""The words for values of the domain: roles, rules, outcomes, errors. One table a vocabulary."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from flask_babel import gettext, lazy_gettext, ngettext

from agreements import Chamber, Choice, Outcome, Rule
from conference.domain.accounts import Role
from conference.domain.approvals import ApprovalState
from conference.domain.checkin import ScanOutcome
from conference.domain.credentials import Capacity, CredentialStatus, RejectionReason
from conference.domain.directory import OrganizationKind, OrganizationStatus
from conference.domain.jobs import JobKind, JobState
from conference.domain.mail import MessageKind
from conference.domain.program import SessionKind
from conference.domain.registration import (
    AccessNeed,
    Category,
    PhotoPreference,
    RefusalReason,
    RegistrationStatus,
    ServiceKind,
)
from conference.domain.sign_ins import SignInWay
from conference.domain.summaries import Section, SummaryStatus
from conference.domain.voting import BindingStatus, QuestionState, VotingMethod
from conference.exports.badges import Paper
from conference.web.directory_wording import DIRECTORY_WORDS
from conference.web.error_wording import ERRORS
from conference.web.retention_wording import RETENTION_WORDS

if TYPE_CHECKING:
    from flask import Flask

_ = lazy_gettext

_MINUTE, _HOUR = 60, 3600

# By type, since words of different vocabularies are equal as strings (the "no" of a ballot, of a photo).
WORDS: dict[type[StrEnum], dict[str, str]] = {
    **RETENTION_WORDS,
    **DIRECTORY_WORDS,
    Role: {
        Role.ORGANIZER: _("Organizer"),
        Role.SECRETARIAT: _("Secretariat"),
        Role.CREDENTIALS_COMMITTEE: _("Credentials committee"),
        Role.CHAIR: _("Chair"),
        Role.RAPPORTEUR: _("Rapporteur"),
        Role.DOOR_VOLUNTEER: _("Door volunteer"),
        Role.SERVICE_LEAD: _("Service lead"),
        Role.ORGANIZATION_LEAD: _("Organization lead"),
        Role.DELEGATE: _("Delegate"),
        Role.OFFICIAL: _("Official"),
        Role.ATTENDEE: _("Attendee"),
    },
    Chamber: {
        Chamber.US: _("United States chamber"),
        Chamber.MX: _("Mexico chamber"),
    },
    Choice: {
        Choice.YES: _("Yes"),
        Choice.NO: _("No"),
        Choice.ABSTAIN: _("Abstain"),
    },
    Rule: {
        Rule.SIMPLE: _("Simple majority"),
        Rule.TWO_THIRDS: _("Two-thirds of votes cast"),
        Rule.THREE_QUARTERS: _("Three-quarters of votes cast"),
        Rule.PRESENT: _("Majority of those present"),
        Rule.ABSOLUTE: _("Absolute majority of entitled votes"),
        Rule.CONSENSUS: _("Consensus"),
    },
    Outcome: {
        Outcome.ADOPTED: _("Adopted"),
        Outcome.REJECTED: _("Rejected"),
        Outcome.CHAMBERS_DISAGREE: _("The chambers disagree"),
        Outcome.INQUORATE: _("No quorum"),
        Outcome.TIED: _("Tied"),
    },
    OrganizationKind: {
        OrganizationKind.HTA: _("Hometown association"),
        OrganizationKind.FEDERATION: _("Federation"),
        OrganizationKind.CONFEDERATION: _("Confederation"),
        OrganizationKind.COMMUNITY: _("Community organization"),
        OrganizationKind.GOVERNMENT_MUNICIPAL: _("Municipal government"),
        OrganizationKind.GOVERNMENT_STATE: _("State government"),
        OrganizationKind.GOVERNMENT_FEDERAL: _("Federal government"),
        OrganizationKind.ACADEMIC: _("Academic institution"),
    },
    OrganizationStatus: {
        OrganizationStatus.PROPOSED: _("Proposed"),
        OrganizationStatus.ACTIVE: _("Active"),
        OrganizationStatus.DORMANT: _("Dormant"),
        OrganizationStatus.DISSOLVED: _("Dissolved"),
    },
    SessionKind: {
        SessionKind.PLENARY: _("Plenary"),
        SessionKind.PANEL: _("Panel"),
        SessionKind.WORKSHOP: _("Workshop"),
        SessionKind.ROUNDTABLE: _("Roundtable"),
        SessionKind.TRAINING: _("Training"),
        SessionKind.CAUCUS: _("Caucus"),
        SessionKind.CEREMONY: _("Ceremony"),
        SessionKind.CULTURAL: _("Cultural event"),
        SessionKind.BREAK: _("Break"),
    },
    Category: {
        Category.DELEGATE: _("Delegate"),
        Category.ALTERNATE: _("Alternate"),
        Category.ATTENDEE: _("Attendee"),
        Category.OFFICIAL: _("Official"),
        Category.PRESS: _("Press"),
        Category.SPEAKER: _("Speaker"),
        Category.VOLUNTEER: _("Volunteer"),
    },
    PhotoPreference: {
        PhotoPreference.NO: _("No photos of me"),
        PhotoPreference.ASK: _("Ask me first"),
        PhotoPreference.YES: _("Photos are fine"),
    },
    RegistrationStatus: {
        RegistrationStatus.PENDING: _("Waiting for approval"),
        RegistrationStatus.WAITING: _("In line"),
        RegistrationStatus.OFFERED: _("A place is offered"),
        RegistrationStatus.CONFIRMED: _("Confirmed"),
        RegistrationStatus.REJECTED: _("Not approved"),
        RegistrationStatus.CANCELLED: _("Cancelled"),
    },
    RefusalReason: {
        RefusalReason.CATEGORY_DOES_NOT_FIT: _("They do not come in this capacity"),
        RefusalReason.ORGANIZATION_UNKNOWN: _("The organization does not know them"),
        RefusalReason.NO_PLACE: _("There is no place left"),
        RefusalReason.TWICE: _("Registered twice"),
    },
    AccessNeed: {
        AccessNeed.STEP_FREE: _("A way without steps"),
        AccessNeed.SEAT_IN_FRONT: _("A seat in front"),
        AccessNeed.SEAT_AT_AISLE: _("A seat at the aisle"),
        AccessNeed.SIGN_LANGUAGE_MX: _("Mexican Sign Language (LSM)"),
        AccessNeed.SIGN_LANGUAGE_US: _("American Sign Language (ASL)"),
        AccessNeed.CAPTIONS: _("Captions"),
        AccessNeed.LARGE_PRINT: _("Large print"),
        AccessNeed.READING_ALOUD: _("Having texts read aloud"),
        AccessNeed.COMPANION: _("A place for somebody who comes to help"),
        AccessNeed.QUIET_ROOM: _("A quiet room"),
        AccessNeed.VEGETARIAN: _("Vegetarian food"),
        AccessNeed.NO_GLUTEN: _("Food without gluten"),
    },
    ServiceKind: {
        ServiceKind.CHILDCARE: _("Childcare"),
        ServiceKind.INTERPRETATION: _("Interpretation"),
        ServiceKind.TRANSPORT: _("Transport"),
    },
    SignInWay: {
        SignInWay.EMAIL: _("By email"),
        SignInWay.PASSKEY: _("With a passkey"),
        SignInWay.CARD: _("With a card"),
        SignInWay.CONSOLE: _("With a link that the organizers gave"),
    },
    Capacity: {
        Capacity.DELEGATE: _("Delegate"),
        Capacity.ALTERNATE: _("Alternate"),
    },
    CredentialStatus: {
        CredentialStatus.PROPOSED: _("Waiting for the committee"),
        CredentialStatus.ACCEPTED: _("Accepted"),
        CredentialStatus.REJECTED: _("Not accepted"),
        CredentialStatus.WITHDRAWN: _("Withdrawn"),
    },
    RejectionReason: {
        RejectionReason.NOT_NAMED_BY_ORGANIZATION: _("The organization did not name this person"),
        RejectionReason.ALREADY_SEATED: _("The seat is already held"),
        RejectionReason.LETTER_MISSING: _("The organization's letter is missing"),
    },
    VotingMethod: {
        VotingMethod.ROLL_CALL: _("Roll call"),
    },
    QuestionState: {
        QuestionState.OPEN: _("Voting is open"),
        QuestionState.CLOSED: _("Closed"),
        QuestionState.ANNULLED: _("Annulled"),
    },
    BindingStatus: {
        BindingStatus.INFORMATIVE: _("Informative"),
        BindingStatus.RECOMMENDATION: _("Recommendation"),
        BindingStatus.BINDING: _("Binding"),
    },
    Section: {
        Section.OBSERVATION: _("Observations"),
        Section.AGREEMENT: _("Recurring themes and points of agreement"),
        Section.MEASURE: _("Measures proposed"),
    },
    SummaryStatus: {
        SummaryStatus.DRAFT: _("Draft"),
        SummaryStatus.PUBLISHED: _("Published"),
    },
    MessageKind: {
        MessageKind.SIGN_IN: _("Mails for signing in"),
        MessageKind.INVITATION: _("Invitations"),
        MessageKind.TICKET: _("Tickets"),
        MessageKind.NOTICE: _("Notices"),
        MessageKind.REMINDER: _("Reminders and messages from the organizers"),
    },
    ApprovalState: {
        ApprovalState.ASKED: _("Waiting for another organizer"),
        ApprovalState.APPROVED: _("Approved"),
        ApprovalState.REFUSED: _("Refused"),
        ApprovalState.USED: _("Used"),
        ApprovalState.EXPIRED: _("Too old"),
        ApprovalState.WITHDRAWN: _("Taken back"),
    },
    JobKind: {
        JobKind.EXPORT_PEOPLE: _("Export people"),
        JobKind.IMPORT_ORGANIZATIONS: _("Bring in organizations"),
        JobKind.IMPORT_PROGRAM: _("Bring in a program"),
        JobKind.PRINT_BADGES: _("Print badges"),
        JobKind.PURGE: _("Forget people in time"),
        JobKind.WRITE_TO_PEOPLE: _("Write to those who come"),
    },
    Paper: {
        Paper.LETTER: _("Sheets, US Letter: six badges of 4 × 3 inches"),
        Paper.A4: _("Sheets, A4: six badges of 4 × 3 inches"),
        Paper.LABEL_62X100: _("Label printer: 62 × 100 mm"),
        Paper.LABEL_4X6: _("Label printer: 4 × 6 inches"),
    },
    JobState: {
        JobState.QUEUED: _("Waiting"),
        JobState.RUNNING: _("At work"),
        JobState.DONE: _("Done"),
        JobState.FAILED: _("Did not work"),
    },
    ScanOutcome: {
        ScanOutcome.ADMITTED: _("Come in"),
        ScanOutcome.ALREADY_ADMITTED: _("Already inside"),
        ScanOutcome.UNKNOWN: _("We do not know this code"),
        ScanOutcome.OTHER_CONFERENCE: _("This ticket is for another conference"),
        ScanOutcome.CANCELLED: _("This ticket was cancelled"),
        ScanOutcome.NOT_CONFIRMED: _("This place is not confirmed"),
    },
}

TITLES = {
    403: _("You cannot do that here"),
    404: _("We could not find that page"),
    405: _("That is not how this page works"),
    409: _("Something changed in the meantime"),
    413: _("That is too large"),
    422: _("Something needs correcting"),
    429: _("Too many tries"),
    500: _("Something went wrong on our side"),
    503: _("Please try again in a moment"),
}


def word(value: StrEnum) -> str:
    """Return the reader's word for a value of the domain."""
    return str(WORDS[type(value)][value])


def shown_name(badge_name: str, organization: str | None) -> str:
    """Return what a badge says; who is not named (yet) is a guest of their organization."""
    if badge_name or not organization:
        return badge_name or gettext("Guest")
    return gettext("Guest of %(organization)s", organization=organization)


# Where the status alone would mislead: nothing is forbidden or changed, something else is the matter.
TITLES_OF_CODES = {
    "csrf": _("Open this page again"),
    "link_wrong": _("This link no longer works"),
    "card_wrong": _("This card opens nothing"),
    "card_used": _("This card was used already"),
    "last_organizer": _("Somebody has to organize"),
    "card_for_oneself": _("Another organizer prints your card"),
    "card_of_last_organizer": _("Somebody has to organize"),
    "set_up_done": _("This page has done its work"),
}


def error_title(status: int, code: str = "") -> str:
    """Return the heading of an error page."""
    return str(TITLES_OF_CODES.get(code) or TITLES.get(status) or _("That did not work"))


def error_text(code: str, **data: object) -> str:
    """Return what happened and what to do; an unknown code gets the general words, never an exception."""
    text = ERRORS.get(code)
    if text is None:
        return gettext("That did not work. Please go back and try once more.")
    if "wait" not in data:
        data = {**data, "wait": waiting_time(data.get("retry_after"))}
    return gettext(text, **{name: _said(value) for name, value in data.items()})


def waiting_time(seconds: object) -> str:
    """Return how long to wait, in words, and never too short: minutes and hours are rounded up."""
    if not isinstance(seconds, int):
        return gettext("a few minutes")
    if seconds < _MINUTE:
        return ngettext("%(num)s second", "%(num)s seconds", seconds)
    if seconds <= _HOUR:
        return ngettext("%(num)s minute", "%(num)s minutes", -(-seconds // _MINUTE))
    return ngettext("%(num)s hour", "%(num)s hours", -(-seconds // _HOUR))


def _said(value: object) -> object:
    return word(value) if isinstance(value, StrEnum) and type(value) in WORDS else value


def init_app(app: Flask) -> None:
    """Offer `word` to templates."""
    app.jinja_env.filters["word"] = word
    app.jinja_env.globals["word"] = word
    app.jinja_env.globals["shown_name"] = shown_name
