"""A PDF as a printer draws it: typst shows the pages of another document as pictures."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import typst
import zxingcpp
from PIL import Image

from tests.exports.badges import pages_of

if TYPE_CHECKING:
    from pathlib import Path

PPI = 150


def printed(pdf: bytes, folder: Path) -> list[Image.Image]:
    """Return the pages of a PDF in grey, `PPI` dots an inch; `folder` holds what is needed meanwhile."""
    (folder / "given.pdf").write_bytes(pdf)
    pages = "".join(
        f'#page(width: auto, height: auto, margin: 0mm, image("given.pdf", page: {number}))'
        for number in range(1, len(pages_of(pdf).pages) + 1)
    )
    (folder / "shown.typ").write_text(pages)
    made = typst.compile(folder / "shown.typ", root=folder, format="png", ppi=PPI)
    return [Image.open(io.BytesIO(png)).convert("L") for png in (made if isinstance(made, list) else [made])]


def codes_printed(pdf: bytes, folder: Path) -> list[str]:
    """Return what every code on the printed pages says."""
    return [code.text for page in printed(pdf, folder) for code in zxingcpp.read_barcodes(page)]
