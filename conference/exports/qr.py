"""Draws a text as a QR code in SVG, to stand inside a page: no style, no script, and it has a name."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import MODE_8BIT_BYTE, MODE_ALPHA_NUM, QRData

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# White around the code, in modules: scanners need it, whatever the colour of the page.
QUIET_ZONE = 4
MASK_ON_PAPER = 3


def qr_svg(text: str, *, label: str) -> str:
    """Return the SVG of a text in QR's alphanumeric alphabet (ValueError otherwise), called `label`.

    Error correction M survives a crease or a thumb; the SVG has no size of its own and takes its element's.
    """
    return _svg(QRData(text.encode(), mode=MODE_ALPHA_NUM), label)


def link_qr_svg(address: str, *, label: str) -> str:
    """Return the SVG of an address, whose small letters cost more room; otherwise as `qr_svg`."""
    return _svg(QRData(address.encode(), mode=MODE_8BIT_BYTE), label)


def ticket_qr_picture(text: str) -> str:
    """Return an SVG file of a ticket's text for paper: the code alone, whose white edge the page gives.

    A name for it stands with the picture in the page. ValueError as `qr_svg`. The mask is always the same:
    of hundreds of codes, to try all eight of each would take most of the time, and tickets are random anyway.
    """
    matrix = _matrix(QRData(text.encode(), mode=MODE_ALPHA_NUM), border=0, mask=MASK_ON_PAPER)
    side = len(matrix)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<path d="{"".join(_runs(matrix))}"/></svg>'
    )


def _matrix(data: QRData, *, border: int, mask: int | None = None) -> Sequence[Sequence[bool]]:
    code = QRCode(error_correction=ERROR_CORRECT_M, border=border, mask_pattern=mask)
    code.add_data(data)
    matrix: Sequence[Sequence[bool]] = code.get_matrix()
    return matrix


def _svg(data: QRData, label: str) -> str:
    matrix = _matrix(data, border=QUIET_ZONE)
    path = "".join(_runs(matrix))
    side = len(matrix)
    return (
        f'<svg role="img" aria-label="{escape(label)}" viewBox="0 0 {side} {side}"'
        f' shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"></path>'
        f'<path d="{path}"></path></svg>'
    )


def _runs(matrix: Sequence[Sequence[bool]]) -> Iterator[str]:
    """Yield one rectangle for each run of dark modules in a row."""
    for y, row in enumerate(matrix):
        x = 0
        for dark, modules in groupby(row):
            width = len(list(modules))
            if dark:
                yield f"M{x} {y}h{width}v1h-{width}z"
            x += width
