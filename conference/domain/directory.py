"""What an organization is: its kind, its side of the agreement, and where it stands in its life."""

from __future__ import annotations

from enum import StrEnum


class OrganizationKind(StrEnum):
    """Associations join into federations, those into confederations; the others have voice only."""

    HTA = "hta"
    FEDERATION = "federation"
    CONFEDERATION = "confederation"
    COMMUNITY = "community"
    GOVERNMENT_MUNICIPAL = "government_municipal"
    GOVERNMENT_STATE = "government_state"
    GOVERNMENT_FEDERAL = "government_federal"
    ACADEMIC = "academic"


class OrganizationStatus(StrEnum):
    """Associations form and dissolve all the time; none is ever deleted."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    DORMANT = "dormant"
    DISSOLVED = "dissolved"
