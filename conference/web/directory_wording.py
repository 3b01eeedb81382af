"""The words of the directory: who may read what, how an organization is constituted, why one is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _

from agreements import Chamber
from conference.domain.directory import EntryField, LegalForm, OrganizationSource, Visibility
from conference.domain.entries import EntryRefusal

if TYPE_CHECKING:
    from enum import StrEnum

    from flask_babel.speaklater import LazyString

SIDES: dict[Chamber, LazyString] = {
    Chamber.US: _("United States side"),
    Chamber.MX: _("Mexico side"),
}

DIRECTORY_WORDS: dict[type[StrEnum], dict[str, str]] = {
    LegalForm: {
        LegalForm.UNINCORPORATED: _("Not incorporated, like most"),
        LegalForm.US_NONPROFIT: _("Nonprofit organization in the United States"),
        LegalForm.MX_CIVIL_ASSOCIATION: _("Civil association (A.C.) in Mexico"),
        LegalForm.PUBLIC: _("Public institution"),
        LegalForm.OTHER: _("Another form"),
    },
    Visibility: {
        Visibility.PUBLIC: _("Everybody"),
        Visibility.MEMBERS: _("Only organizations listed here"),
        Visibility.PRIVATE: _("Only we"),
    },
    EntryField: {
        EntryField.ORIGIN: _("Place of origin"),
        EntryField.DESTINATION: _("Where our people live"),
        EntryField.LANGUAGES: _("Working languages"),
        EntryField.DESCRIPTION: _("Description"),
        EntryField.WEBSITE: _("Website"),
        EntryField.LEGAL_FORM: _("Legal form"),
        EntryField.FUNDERS: _("Who funds us"),
        EntryField.AFFILIATIONS: _("What else we belong to"),
    },
    OrganizationSource: {
        OrganizationSource.ENTERED: _("Entered itself"),
        OrganizationSource.INVITED: _("Invited"),
        OrganizationSource.FOUND: _("Found by us"),
    },
    EntryRefusal: {
        EntryRefusal.LISTED_ALREADY: _("The organization is listed already"),
        EntryRefusal.NOT_AN_ORGANIZATION: _("This is not an organization"),
        EntryRefusal.OTHER_PURPOSE: _("The organization has another purpose than this conference"),
        EntryRefusal.INCOMPLETE: _("The entry says too little to recognize the organization"),
        EntryRefusal.NOT_CONFIRMED: _("We could not confirm that you act for this organization"),
    },
}
