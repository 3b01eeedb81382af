"""Badges on paper: sheets to cut, and single labels. A badge says what helps others to meet its bearer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from conference.exports.qr import ticket_qr_picture
from conference.exports.typesetting import pdf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from conference.domain.registration import Category, PhotoPreference


class Paper(StrEnum):
    """What is printed on: a sheet holds six badges of 4 by 3 inches, a label one badge."""

    LETTER = "letter"
    A4 = "a4"
    LABEL_62X100 = "label_62x100"
    LABEL_4X6 = "label_4x6"


SHEETS = (Paper.LETTER, Paper.A4)
LABELS = (Paper.LABEL_62X100, Paper.LABEL_4X6)


@dataclass(frozen=True, slots=True)
class Badge:
    """What stands on one badge; `spoken` are names of languages.

    `ticket` is the text of its QR code, which everybody may read: `badge_text`, never a ticket's own.
    """

    name: str
    organization: str
    category: Category
    photo_preference: PhotoPreference
    spoken: tuple[str, ...]
    ticket: str

    @property
    def digest(self) -> str:
        """What changes with anything that stands on it; nobody guesses a name by it: the ticket is signed."""
        parts = (self.name, self.organization, self.category, self.photo_preference, *self.spoken)
        return hashlib.sha256("\x1f".join((self.ticket, *parts)).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class BadgeWords:
    """What all badges of a conference say, in each of its languages, the first of them first."""

    languages: tuple[str, ...]
    title: str
    conference: str
    categories: Mapping[Category, Sequence[str]]
    photos: Mapping[PhotoPreference, Sequence[str]]
    qr_label: str


def badges_pdf(badges: Sequence[Badge], *, words: BadgeWords, paper: Paper, made_at: datetime) -> bytes:
    """Return the badges as PDF, in their order; the document's own description names nobody.

    Category and photo preference are told by colour, shape and word. Names become smaller until they fit.
    Raises Unavailable("typst_missing").
    """
    return pdf("badges", badges_data(badges, words=words, paper=paper), made_at=made_at)


def badges_data(badges: Sequence[Badge], *, words: BadgeWords, paper: Paper) -> dict[str, Any]:
    """Return what the template is filled with, as plain values."""
    return {
        "paper": paper.value,
        "languages": list(words.languages),
        "title": words.title,
        "conference": words.conference,
        "categories": {category.value: list(said) for category, said in words.categories.items()},
        "photos": {preference.value: list(said) for preference, said in words.photos.items()},
        "qr_alt": words.qr_label,
        "badges": [_plain(badge) for badge in badges],
    }


def _plain(badge: Badge) -> dict[str, Any]:
    return {
        "name": badge.name,
        "organization": badge.organization,
        "category": badge.category.value,
        "photo": badge.photo_preference.value,
        "spoken": list(badge.spoken),
        "qr": ticket_qr_picture(badge.ticket),
    }
