"""The directory of the demonstration: places and disclosures, an entry that waits, one that was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from agreements import Chamber
from conference.domain.directory import (
    EntryField,
    LegalForm,
    OrganizationKind,
    OrganizationSource,
    Visibility,
)
from conference.domain.entries import Entry
from conference.domain.places_of_origin import us_states
from conference.models import Organization, Participation
from conference.services.directory import enter_for_others, enter_organization

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

WAITING = Entry(
    name="Club Tlaxiaco del Valle de Yakima",
    kind=OrganizationKind.HTA,
    side=Chamber.US,
    municipality="20397",
    us_state="WA",
    us_city="Yakima",
    languages=("spa", "xtn"),
    description={
        "es": "Familias de Tlaxiaco que organizan la calenda y una caja de ahorro.",
        "en": "Families from Tlaxiaco who hold the calenda and keep a savings fund.",
    },
    affiliations="Red de clubes oaxaqueños del Valle de Yakima (inventada)",
)
FOUND = Entry(
    name="Banda y Club San Andrés Lagunas",
    kind=OrganizationKind.HTA,
    side=Chamber.US,
    municipality="20093",
    us_state="OR",
    us_city="Hillsboro",
    languages=("spa",),
)
# The demonstration is the same each time.
_SUFFIX = "muestra"
# Disclosures of the pack's first organization, one of them for members only.
FUNDERS = "Cooperación de sus socias y socios; Fondo Dos Orillas (inventado)"
AFFILIATIONS = "Consejo de pueblos mixtecos (inventado)"


def populate_directory(session: Session, *, conference_id: int, lead: int, now: datetime) -> None:
    """Say of the sample organizations where their people live; let one wait, and one be found."""
    rows = session.scalars(
        select(Organization)
        .join(Participation, Participation.organization_id == Organization.id)
        .where(Participation.conference_id == conference_id)
        .order_by(Participation.position)
    ).all()
    codes = {names["en"]: code for code, names in us_states().items()}
    for row in rows:
        city, _comma, state = row.place.rpartition(", ")
        if city and state in codes:
            row.us_city, row.us_state = city, codes[state]
    if rows:
        rows[0].legal_form, rows[0].funders = LegalForm.US_NONPROFIT, FUNDERS
        rows[0].affiliations = AFFILIATIONS
        rows[0].visibility = {EntryField.AFFILIATIONS.value: Visibility.MEMBERS.value}
    enter_organization(session, conference_id=conference_id, entry=WAITING, suffix=_SUFFIX, by=lead, now=now)
    enter_for_others(session, entry=FOUND, source=OrganizationSource.FOUND, suffix=_SUFFIX)
