"""What is written down for everybody to read: acts of people who may do what others may not. Pure."""

from __future__ import annotations

from enum import StrEnum

OPERATOR = "operator"
"""Whoever acts on the server itself."""

PERSON = "person"
"""Whoever holds neither a staff role nor a seat."""


class AuditKind(StrEnum):
    """The kinds of entries that the log's page has a sentence for."""

    ROLE_GRANTED = "role_granted"
    ROLE_REVOKED = "role_revoked"
    INVITATION_SENT = "invitation_sent"
    CARD_ISSUED = "card_issued"
    CARD_REISSUED = "card_reissued"
    CARD_REVOKED = "card_revoked"
    EXPORT_ASKED = "export_asked"
    EXPORT_APPROVED = "export_approved"
    EXPORT_REFUSED = "export_refused"
    EXPORT_USED = "export_used"
    ORGANIZATION_ACCEPTED = "organization_accepted"
    ORGANIZATION_REFUSED = "organization_refused"
    ORGANIZATION_CLAIMED = "organization_claimed"
    ORGANIZATION_WITHDRAWN = "organization_withdrawn"
    ORGANIZATIONS_IMPORTED = "organizations_imported"
    FEDERATION_JOINED = "federation_joined"
    FEDERATION_LEFT = "federation_left"
    MANDATE_GIVEN = "mandate_given"
    MANDATE_REVOKED = "mandate_revoked"
    SEAT_SET = "seat_set"
    REGISTRATION_APPROVED = "registration_approved"
    REGISTRATION_REJECTED = "registration_rejected"
    PLACES_SET = "places_set"
    TURN_CHANGED = "turn_changed"
    TICKET_REISSUED = "ticket_reissued"
    BADGES_PRINTED = "badges_printed"
    PEOPLE_WRITTEN_TO = "people_written_to"
    CREDENTIAL_ACCEPTED = "credential_accepted"
    CREDENTIAL_REJECTED = "credential_rejected"
    SUBSTITUTED = "substituted"
    PROXY_GIVEN = "proxy_given"
    PROXY_REVOKED = "proxy_revoked"
    HOLD_BEGUN = "hold_begun"
    HOLD_LIFTED = "hold_lifted"
    VOTING_OPENED = "voting_opened"
    VOTING_CLOSED = "voting_closed"
