"""What all forms share: text is NFC, trimmed, and free of control characters."""

from __future__ import annotations

import unicodedata

from flask_wtf import FlaskForm

from agreements import nfc


def clean_line(text: str | None) -> str | None:
    """Return a typed line in NFC, with inner runs of white space as one blank."""
    if text is None:
        return None
    normal = nfc(text)
    visible = "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in normal)
    return " ".join(visible.split())


def clean_text(text: str | None) -> str | None:
    """Return typed paragraphs in NFC, with line feeds for line ends, and without other control characters."""
    if text is None:
        return None
    normal = nfc(text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in normal if c == "\n" or unicodedata.category(c) != "Cc").strip()


class Form(FlaskForm):  # type: ignore[misc]
    """Every form of the house."""
