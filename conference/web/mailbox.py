"""The demonstration's mailbox: a folder of mails, the newest first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from flask import current_app
from markupsafe import Markup, escape

# The full stop after an address is not part of it.
_ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)]")


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as the mailbox shows it."""

    name: str
    recipient: str
    subject: str
    date: str
    body: str

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
    body = mail.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    return Mail(path.stem, str(mail["To"]), str(mail["Subject"]), str(mail["Date"]), text)


def mails(limit: int = 50) -> tuple[Mail, ...]:
    """Return the newest mails of the folder that MAIL_SERVER names."""
    folder = Path(current_app.config["MAIL_SERVER"].removeprefix("file://"))
    newest = sorted(folder.glob("*.eml"), reverse=True)[:limit] if folder.is_dir() else []
    return tuple(_read(path) for path in newest)
