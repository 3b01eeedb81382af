"""What all forms share: text is NFC, trimmed, without control characters, and it is not lost."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import g, request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict

# Its stubs are of an earlier WTForms: that is said here, and the rest of the house takes it from here.
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import StopValidation

from agreements import nfc

__all__ = ["Form", "OptionalChoice", "SelectChoice", "TypedBefore", "clean_line", "clean_text"]

if TYPE_CHECKING:
    from wtforms import Field


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


class OptionalChoice:
    """Lets nothing be chosen; whatever is sent must be one of the choices, be it blank.

    `Optional` takes a blank for nothing, and with it whatever else is sent for the same field, unlooked at.
    """

    field_flags = {"optional": True}

    def __call__(self, form: FlaskForm, field: Field) -> None:  # noqa: ARG002 - as WTForms calls it
        """End the checks where nothing was sent."""
        if not field.raw_data:
            field.errors = []
            raise StopValidation


@dataclass(slots=True)
class TypedBefore:
    """What was typed into one of a page's forms and could not be taken then; `taken` once a form shows it."""

    fields: MultiDict[str, str]
    taken: bool = False

    def fits(self, names: set[str]) -> bool:
        """Tell whether a form has all the fields: another one of the page has others, or another prefix."""
        return not self.taken and set(self.fields) <= names


class Form(FlaskForm):  # type: ignore[misc]
    """Every form of the house. Shown by GET, it holds what was typed into it before, if that was kept."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """How the fields get what they show."""

        def wrap_formdata(self, form: Form, formdata: Any) -> Any:
            """Return what was sent; for a page that is only shown, what was typed there before."""
            # A form is filled in: what a script sends as JSON is none, whatever it looks like.
            as_json = request and request.is_json and not isinstance(formdata, MultiDict)
            given = None if as_json else super().wrap_formdata(form, formdata)
            before: TypedBefore | None = g.get("typed_before") if g and request else None
            if given is not None or before is None or request.method != "GET":
                return given
            if not before.fits({field.name for field in form}):
                return None
            before.taken = True
            return before.fields
