"""Cells of a table that a spreadsheet opens: none of them is a formula."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# A cell that begins so is a formula to a spreadsheet, which would run what somebody wrote as a name.
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(text: str) -> str:
    """Return the text as a cell that begins no formula: one that would has an apostrophe before it."""
    return f"'{text}" if text.startswith(_STARTS_FORMULA) else text


def csv_table(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows as CSV without formulas: UTF-8 with a byte order mark, lines ended by CR LF (RFC 4180)."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(map(safe_cell, row) for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()
