"""The demonstration's mailbox: a folder of mails, the newest first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app, make_response
from markupsafe import Markup, escape

from conference.domain.errors import NotFound

if TYPE_CHECKING:
    from flask import Response

# The full stop after an address is not part of it.
_ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)]")
_NAME = re.compile(r"[0-9A-Za-z-]+")
# A mail brings its own styles and nothing else: no script runs, nothing is fetched, and what it shows is of
# no origin, so that it could neither read our cookies nor send a form.
SEALED = "sandbox allow-top-navigation; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as the mailbox shows it."""

    name: str
    recipient: str
    subject: str
    date: str
    body: str
    html: str

    @property
    def linked(self) -> Markup:
        """Return the body with its addresses as links."""
        pieces, end = [], 0
        for match in _ADDRESS.finditer(self.body):
            pieces += [escape(self.body[end : match.start()]), _anchor(match.group())]
            end = match.end()
        return Markup("").join([*pieces, escape(self.body[end:])])


def _anchor(address: str) -> Markup:
    return Markup('<a href="{0}">{0}</a>').format(address)


def _read(path: Path) -> Mail:
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    forms = {}
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        forms[kind] = part.get_content() if part is not None else ""
    return Mail(
        path.stem, str(mail["To"]), str(mail["Subject"]), str(mail["Date"]), forms["plain"], forms["html"]
    )


def _folder() -> Path:
    return Path(current_app.config["MAIL_SERVER"].removeprefix("file://"))


def mails(limit: int = 50) -> tuple[Mail, ...]:
    """Return the newest mails of the folder that MAIL_SERVER names."""
    folder = _folder()
    newest = sorted(folder.glob("*.eml"), reverse=True)[:limit] if folder.is_dir() else []
    return tuple(_read(path) for path in newest)


def sealed_html(name: str) -> Response:
    """Answer with the HTML form of one mail as a mail program shows it, sealed off from our pages."""
    path = _folder() / f"{name}.eml"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise NotFound("page_not_found")
    response = make_response(_read(path).html)
    response.headers["Content-Security-Policy"] = SEALED
    return response
