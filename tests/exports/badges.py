"""Badges for tests: people with tickets, and what a printer and a reader make of their sheets."""

from __future__ import annotations

import io
import re
import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import zxingcpp
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import ByteStringObject, ContentStream, TextStringObject

from conference.domain.registration import Category, PhotoPreference
from conference.domain.tickets import badge_text, ticket_code, ticket_token
from conference.exports.badges import Badge, BadgeWords

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pypdf import PageObject
    from pypdf.generic import DictionaryObject

MADE_AT = datetime(2026, 7, 1, 17, 0, tzinfo=UTC)
WORDS = BadgeWords(
    languages=("es", "en"),
    title="Gafetes · Badges",
    conference="Primera Conferencia Oaxaca–Noroeste del Pacífico",
    categories={
        Category.DELEGATE: ("Delegada o delegado", "Delegate"),
        Category.ALTERNATE: ("Suplente", "Alternate"),
        Category.ATTENDEE: ("Asistente", "Attendee"),
        Category.OFFICIAL: ("Funcionaria o funcionario", "Official"),
        Category.PRESS: ("Prensa", "Press"),
        Category.SPEAKER: ("Ponente", "Speaker"),
        Category.VOLUNTEER: ("Voluntariado", "Volunteer"),
    },
    photos={
        PhotoPreference.NO: ("Sin fotos mías", "No photos of me"),
        PhotoPreference.ASK: ("Pregúntenme antes", "Ask me first"),
        PhotoPreference.YES: ("Sí a las fotos", "Photos are fine"),
    },
    qr_label="Código QR del boleto · QR code of the ticket",
)


def make_badge(number: int = 1, **values: Any) -> Badge:
    """A badge of somebody, whose ticket is another for each number."""
    token = ticket_token(f"{number:032x}", key=b"key of the test")
    defaults = {
        "name": "Lilia",
        "organization": "Club San Juan Muestra",
        "category": list(Category)[number % len(Category)],
        "photo_preference": list(PhotoPreference)[number % len(PhotoPreference)],
        "spoken": ("español", "tu’un savi"),
        "ticket": badge_text(ticket_code(token), conference="oaxaca-northwest", key=b"key of the test"),
    }
    return Badge(**defaults | values)


def pages_of(pdf: bytes) -> PdfReader:
    """Return the document as a reader opens it."""
    return PdfReader(io.BytesIO(pdf))


def squeezed(text: str) -> str:
    """Return a text without what lines and breaks add: white space, and marks that nobody sees."""
    normal = unicodedata.normalize("NFC", text)
    return "".join(c for c in normal if not c.isspace() and unicodedata.category(c) not in {"Cf", "Cc"})


def text_of(pdf: bytes) -> str:
    """Return everything that the document says, squeezed.

    Letters with marks of their own are said by /ActualText, which pypdf's own extraction does not read.
    """
    reader = pages_of(pdf)
    return squeezed("".join(said for page in reader.pages for said in _said_on(page, reader)))


def _said_on(page: PageObject, reader: PdfReader) -> Iterator[str]:
    fonts = {name: _letters(font.get_object()) for name, font in page["/Resources"]["/Font"].items()}
    letters: dict[int, str] = {}
    spans: list[str | None] = []
    before = ""
    for operands, operator in ContentStream(page.get_contents(), reader).operations:
        if operator == b"Tf":
            letters = fonts[operands[0]]
        elif operator in {b"BDC", b"BMC"}:
            spans.append(_actual(operands))
            yield spans[-1] or ""
        elif operator == b"EMC":
            spans.pop()
        elif operator in {b"Tj", b"TJ"} and not any(spans):
            said = [letters[glyph] for glyph in _glyphs(operands[0])]
            yield from _once(said, before)
            before = said[-1]


def _actual(operands: list[Any]) -> str | None:
    described = operands[1] if len(operands) > 1 and isinstance(operands[1], dict) else {}
    return str(described["/ActualText"]) if "/ActualText" in described else None


def _once(said: list[str], before: str) -> Iterator[str]:
    """Leave out what a mark says that is drawn apart from its letter: the letter once more."""
    for each in said:
        if each != before or not any(map(unicodedata.combining, unicodedata.normalize("NFD", each))):
            yield each
        before = each


def _letters(font: DictionaryObject) -> dict[int, str]:
    """Return what each glyph of a font stands for."""
    table = font["/ToUnicode"].get_data().decode()
    pairs = re.findall(r"^<([0-9A-F]{4})> <([0-9A-F]+)>$", table, re.MULTILINE)
    return {int(glyph, 16): bytes.fromhex(said).decode("utf-16-be") for glyph, said in pairs}


def _glyphs(shown: object) -> Iterator[int]:
    for part in shown if isinstance(shown, list) else [shown]:
        if isinstance(part, TextStringObject | ByteStringObject):
            data = part.original_bytes if isinstance(part, TextStringObject) else bytes(part)
            yield from (int.from_bytes(data[at : at + 2]) for at in range(0, len(data), 2))


def codes_on(pictures: Iterable[bytes]) -> list[str]:
    """Return what every QR code on the pages says, in no order."""
    return [
        found.text
        for picture in pictures
        for found in zxingcpp.read_barcodes(
            Image.open(io.BytesIO(picture)).convert("L"), formats=zxingcpp.BarcodeFormat.QRCode
        )
    ]
