"""Paper: a template of ours and plain data become a PDF. What people wrote is data, and never markup."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conference.domain.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import typst

TEMPLATES = Path(__file__).parent / "typst"
FONTS = TEMPLATES / "fonts"
# Text that can be read aloud, in its order, with a name for every picture (ISO 14289-1).
ACCESSIBLE = "ua-1"


def can_typeset() -> bool:
    """Tell whether this server can make PDFs: the extra `pdf` brings typst."""
    return find_spec("typst") is not None


def pdf(template: str, data: Mapping[str, Any], *, made_at: datetime) -> bytes:
    """Return the PDF of a template ("badges") filled with JSON data; the same input gives the same bytes.

    It is PDF/UA-1, unless somebody's name has a letter that none of our fonts draws: such a document is
    tagged all the same, and takes that letter from the fonts of the machine, or draws an empty box for it.
    Raises Unavailable("typst_missing").
    """
    typst = _typst()
    made: bytes
    try:
        made = _compiled(template, data, made_at, pdf_standards=[ACCESSIBLE])
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        made = _compiled(template, data, made_at, every_font=True)
    return made


def pictures(template: str, data: Mapping[str, Any], *, made_at: datetime, ppi: float) -> list[bytes]:
    """Return the same document as one PNG a page, as a printer with `ppi` dots an inch would draw it."""
    made = _compiled(template, data, made_at, format="png", ppi=ppi)
    return made if isinstance(made, list) else [made]


def _compiled(
    template: str, data: Mapping[str, Any], made_at: datetime, *, every_font: bool = False, **options: Any
) -> Any:
    return _typst().compile(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=_fonts(every_font=every_font),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        # To the second: what is made twice in one moment is the same.
        timestamp=int(made_at.timestamp()),
        **options,
    )


@cache
def _fonts(*, every_font: bool) -> typst.Fonts:
    found: typst.Fonts = _typst().Fonts(
        include_system_fonts=every_font, include_embedded_fonts=every_font, font_paths=[FONTS]
    )
    return found


def _typst() -> Any:
    if not can_typeset():
        raise Unavailable("typst_missing")
    import typst  # noqa: PLC0415 - an extra: everything else works without it

    return typst
