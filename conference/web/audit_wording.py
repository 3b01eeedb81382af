"""The audit log in plain words: one sentence for each kind of entry, and what actors are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from agreements import Chamber
from conference.domain.accounts import Role
from conference.domain.audit import OPERATOR, PERSON, AuditKind
from conference.domain.credentials import Capacity
from conference.domain.registration import Category
from conference.domain.retention import HoldReason
from conference.web.wording import word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask_babel.speaklater import LazyString

SENTENCES: dict[AuditKind, LazyString] = {
    AuditKind.ROLE_GRANTED: lazy_gettext("%(actor)s gave a role: %(grant)s."),
    AuditKind.ROLE_REVOKED: lazy_gettext("%(actor)s withdrew a role: %(grant)s."),
    AuditKind.INVITATION_SENT: lazy_gettext("%(actor)s had an invitation sent to: %(grant)s."),
    AuditKind.CARD_ISSUED: lazy_gettext("%(actor)s issued card %(card)s."),
    AuditKind.CARD_REISSUED: lazy_gettext("%(actor)s issued card %(card)s in place of card %(replaces)s."),
    AuditKind.ROLE_CARD_ISSUED: lazy_gettext("%(actor)s printed card %(card)s for a role: %(grant)s."),
    AuditKind.ROLE_CARD_REISSUED: lazy_gettext(
        "%(actor)s printed card %(card)s in place of card %(replaces)s for a role: %(grant)s."
    ),
    AuditKind.CARD_REVOKED: lazy_gettext("%(actor)s took card %(card)s back."),
    AuditKind.EXPORT_ASKED: lazy_gettext("%(actor)s asked for an export of people (request %(request)s)."),
    AuditKind.EXPORT_WITHDRAWN: lazy_gettext(
        "%(actor)s took back request %(request)s for an export of people."
    ),
    AuditKind.EXPORT_APPROVED: lazy_gettext("%(actor)s approved the export of request %(request)s."),
    AuditKind.EXPORT_REFUSED: lazy_gettext("%(actor)s refused the export of request %(request)s."),
    AuditKind.EXPORT_USED: lazy_gettext("%(actor)s exported people, as request %(request)s allowed."),
    AuditKind.BADGES_PRINTED: lazy_gettext("%(actor)s had badges printed: %(count)s."),
    AuditKind.ORGANIZATIONS_IMPORTED: lazy_gettext(
        "%(actor)s brought a table of organizations in: %(added)s new, %(changed)s changed."
    ),
    AuditKind.FEDERATION_JOINED: lazy_gettext(
        "%(actor)s agreed: organization %(organization)s belongs to federation %(federation)s."
    ),
    AuditKind.FEDERATION_LEFT: lazy_gettext(
        "%(actor)s agreed: organization %(organization)s no longer belongs to federation %(federation)s."
    ),
    AuditKind.MANDATE_GIVEN: lazy_gettext(
        "%(actor)s recorded that organization %(organization)s gave its mandate to federation %(federation)s."
    ),
    AuditKind.MANDATE_REVOKED: lazy_gettext(
        "%(actor)s ended the mandate of organization %(organization)s to federation %(federation)s."
    ),
    AuditKind.CREDENTIAL_ACCEPTED: lazy_gettext("%(actor)s accepted a credential: %(seat)s."),
    AuditKind.CREDENTIAL_REJECTED: lazy_gettext("%(actor)s did not accept a credential: %(seat)s."),
    # Organizations by their number: one that was refused or has withdrawn is not named for ever.
    AuditKind.ORGANIZATION_ACCEPTED: lazy_gettext(
        "%(actor)s accepted entry %(organization)s of the directory."
    ),
    AuditKind.ORGANIZATION_REFUSED: lazy_gettext(
        "%(actor)s did not accept entry %(organization)s of the directory."
    ),
    AuditKind.ORGANIZATION_CLAIMED: lazy_gettext(
        "%(actor)s confirmed that entry %(organization)s of the directory is their organization."
    ),
    AuditKind.ORGANIZATION_WITHDRAWN: lazy_gettext(
        "%(actor)s took entry %(organization)s out of the directory."
    ),
    AuditKind.ORGANIZATION_RETURNED: lazy_gettext(
        "%(actor)s put entry %(organization)s back into the directory."
    ),
    AuditKind.ORGANIZATION_RENAMED: lazy_gettext(
        "%(actor)s changed the name of entry %(organization)s of the directory."
    ),
    AuditKind.ORGANIZATION_ERASED: lazy_gettext("%(actor)s erased entry %(organization)s of the directory."),
    AuditKind.PLACES_SET: lazy_gettext("%(actor)s changed how many may come: %(category)s."),
    AuditKind.REGISTRATION_OPENED: lazy_gettext("%(actor)s opened the registration."),
    AuditKind.REGISTRATION_CLOSED: lazy_gettext("%(actor)s closed the registration."),
    AuditKind.PROXY_CAP_SET: lazy_gettext(
        "%(actor)s decided how many other seats one delegate may vote for by proxy: %(count)s."
    ),
    AuditKind.ANSWERS_FORGOTTEN: lazy_gettext(
        "%(actor)s took a question out of the registration, and had what people answered to it erased."
    ),
    AuditKind.BOOKINGS_FORGOTTEN: lazy_gettext(
        "%(actor)s ended a service, and had the places that people had booked at it erased."
    ),
    AuditKind.TURN_CHANGED: lazy_gettext("%(actor)s changed a turn in the waiting list."),
    AuditKind.REGISTRATION_APPROVED: lazy_gettext("%(actor)s approved a registration."),
    AuditKind.REGISTRATION_REJECTED: lazy_gettext("%(actor)s did not approve a registration."),
    AuditKind.REGISTERED_AT_DESK: lazy_gettext("%(actor)s registered somebody at the desk."),
    AuditKind.LET_IN_OVER_CAPACITY: lazy_gettext(
        "%(actor)s registered somebody at the desk, though all places were taken."
    ),
    AuditKind.OFFER_TAKEN_AT_DESK: lazy_gettext(
        "%(actor)s took an offered place at the desk, for whoever it was offered to."
    ),
    AuditKind.TICKET_REISSUED: lazy_gettext("%(actor)s issued a new ticket for one that was lost."),
    AuditKind.PEOPLE_WRITTEN_TO: lazy_gettext("%(actor)s wrote to those who come: %(group)s."),
    AuditKind.FORGETTING_ASKED: lazy_gettext(
        "%(actor)s had everything erased at once whose time was over, in every conference of this server."
    ),
    AuditKind.HOLD_BEGUN: lazy_gettext("%(actor)s began a legal hold. %(reason)s."),
    AuditKind.HOLD_LIFTED: lazy_gettext("%(actor)s lifted the legal hold."),
    AuditKind.CREDENTIAL_ENDED: lazy_gettext("%(actor)s ended a credential: %(sits)s."),
    AuditKind.SEAT_SET: lazy_gettext("%(actor)s set the votes of a seat. %(seat)s: %(votes)s."),
    AuditKind.SUBSTITUTED: lazy_gettext("%(actor)s noted who sits from then on: %(sits)s."),
    AuditKind.LEFT_SITTING: lazy_gettext("%(actor)s noted who has left the sitting: %(seat)s."),
    AuditKind.LEAVING_TAKEN_BACK: lazy_gettext(
        "%(actor)s took back that somebody had left the sitting: %(seat)s."
    ),
    AuditKind.PROXY_GIVEN: lazy_gettext("%(actor)s noted a proxy: %(seat)s, held by %(holder)s."),
    AuditKind.PROXY_REVOKED: lazy_gettext("%(actor)s ended a proxy: %(seat)s, held by %(holder)s."),
    AuditKind.VOTING_OPENED: lazy_gettext("%(actor)s opened the voting on question %(question)s."),
    AuditKind.VOTING_CLOSED: lazy_gettext("%(actor)s closed the voting on question %(question)s."),
}
# Grants are counted, and called by their number: no entry knows a name.
GRANTS: dict[Role, LazyString] = {
    Role.ORGANIZER: lazy_gettext("Organizer %(number)s"),
    Role.SECRETARIAT: lazy_gettext("Secretariat %(number)s"),
    Role.CREDENTIALS_COMMITTEE: lazy_gettext("Credentials committee %(number)s"),
    Role.CHAIR: lazy_gettext("Chair %(number)s"),
    Role.RAPPORTEUR: lazy_gettext("Rapporteur %(number)s"),
    Role.DOOR_VOLUNTEER: lazy_gettext("Door volunteer %(number)s"),
    Role.SERVICE_LEAD: lazy_gettext("Service lead %(number)s"),
    Role.ORGANIZATION_LEAD: lazy_gettext("Organization lead %(number)s"),
    Role.OFFICIAL: lazy_gettext("Official %(number)s"),
}


_GRANTS_BY_NAME = {role.value: words for role, words in GRANTS.items()}
_HOLD_REASONS = {reason.value for reason in HoldReason}
_CATEGORIES = {category.value for category in Category}
_SIDES = {side.value for side in Chamber}
_SENTENCES_BY_NAME = {kind.value: words for kind, words in SENTENCES.items()}
# What sentences speak of, should an entry lack it.
_UNKNOWN = dict.fromkeys(
    (
        "added",
        "changed",
        "federation",
        "category",
        "reason",
        "organization",
        "grant",
        "card",
        "replaces",
        "request",
        "seat",
        "holder",
        "sits",
        "votes",
        "question",
    ),
    "?",
)


def pseudonym(name: str) -> str:
    """Return the reader's word for a pseudonym of the log ("organizer-2", "seat-12", "operator")."""
    if name == OPERATOR:
        return _("Whoever runs the server")
    if name == PERSON:
        return _("A person")
    kind, _hyphen, number = name.rpartition("-")
    if kind == "seat":
        return _("Seat %(number)s", number=number)
    if kind == Capacity.DELEGATE:
        return _("Delegate of seat %(number)s", number=number)
    if kind == Capacity.ALTERNATE:
        return _("Alternate of seat %(number)s", number=number)
    return str(_GRANTS_BY_NAME[kind]) % {"number": number} if kind in _GRANTS_BY_NAME else name


def _hold_reason(name: str) -> str:
    return word(HoldReason(name)) if name in _HOLD_REASONS else name


def _category(name: str) -> str:
    return word(Category(name)) if name in _CATEGORIES else _("everybody together")


def _group(event: Mapping[str, object]) -> str:
    side = event.get("side")
    return word(Chamber(str(side))) if side in _SIDES else _category(str(event.get("category")))


def audit_sentence(event: Mapping[str, object]) -> str:
    """Return an entry as a sentence; one of a kind that has none is named as it stands."""
    said = {name: pseudonym(value) if isinstance(value, str) else value for name, value in event.items()}
    if "category" in said:
        said["category"] = _category(str(said["category"]))
    said["group"] = _group(event)
    if "reason" in said:
        said["reason"] = _hold_reason(str(said["reason"]))
    words = _SENTENCES_BY_NAME.get(str(event["kind"]))
    if words is None:
        return _("%(actor)s: %(kind)s.", actor=said.get("actor", _("A person")), kind=event["kind"])
    return str(words) % {**_UNKNOWN, "actor": _("A person"), **said}
