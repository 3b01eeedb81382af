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
    CREDENTIAL_ACCEPTED = "credential_accepted"
    CREDENTIAL_REJECTED = "credential_rejected"
    VOTING_OPENED = "voting_opened"
    VOTING_CLOSED = "voting_closed"
