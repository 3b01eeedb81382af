"""A letter as a mail: the same words as text and as simple HTML, in a form that nothing on the way changes.

For a server that signs (DKIM, relaxed/relaxed): `SIGNED` are the headers to sign. Each stands in a mail once
or not at all; the content is quoted-printable in lines of 76 letters, so that neither 7-bit servers nor
limits of length change a byte of what was signed. RFC 8058 asks for List-Unsubscribe and
List-Unsubscribe-Post to be among the signed ones. Nothing is fetched from anywhere, and nothing tracks.
"""

from __future__ import annotations

import re
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from email.policy import Policy

    from conference.services.mail import Letter

SIGNED = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
)


class _Verbatim(UnstructuredHeader, BaseHeader):
    """A header in one line: folding would encode a long address, which no program reads there."""

    def fold(self, *, policy: Policy) -> str:
        """Return the header as it stands in a mail."""
        return f"{self.name}: {self}{policy.linesep}"


class _Registry(HeaderRegistry):
    """Makes the class of each header once, not once a mail."""

    __getitem__ = cache(HeaderRegistry.__getitem__)


_HEADERS = _Registry()
_HEADERS.map_to_type("list-unsubscribe", _Verbatim)
# RFC 2045: no encoded line is longer.
_WIRE = SMTP.clone(max_line_length=76, header_factory=_HEADERS)
# Nothing that could begin a second address, a name or another header.
ONE_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@\x00-\x1f\x7f]+@[^\s<>()\[\],;:\\\"@\x00-\x1f\x7f]+")
# The full stop after an address is not part of it. A code to sign in is two groups of four digits, as
# `domain.accounts.shown_code` writes it; the others are two groups of four or five letters and digits.
_SPECIAL = re.compile(
    r"(?P<link>https?://[^\s<>\"]*[^\s<>\".,;:!?)])"
    r"|(?P<code>\b(?:[0-9]{4} [0-9]{4}|[0-9A-Z]{4}-[0-9A-Z]{4}|[0-9A-Z]{5}-[0-9A-Z]{5})\b)"
)
# No colour anywhere: the reader's program chooses them, for light and for dark.
_PAGE = (
    '<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    '<meta name="color-scheme" content="light dark">\n<title>{title}</title>\n</head>\n'
    '<body style="margin: 0 auto; padding: 16px; max-width: 34em; font-family: sans-serif; '
    'font-size: 18px; line-height: 1.5">\n{paragraphs}\n</body>\n</html>\n'
)
_CODE = (
    '<strong style="font-family: monospace; font-size: 28px; letter-spacing: 2px; white-space: nowrap">'
    "{code}</strong>"
)


def as_email(letter: Letter, *, sender: str, site: str, moment: datetime) -> EmailMessage:
    """Return the letter as a mail to its one recipient, sent by `sender` at `moment`.

    `site` is the address of the site ("https://asamblea.example.org"), for the link that ends such mails.
    Raises ValueError for a recipient that is more or other than one address.
    """
    if not ONE_ADDRESS.fullmatch(letter.recipient):
        raise ValueError("not one address")
    # No line end gets into a header, whoever wrote the subject.
    subject = " ".join(letter.subject.split())
    mail = EmailMessage(_WIRE)
    mail["From"] = sender
    mail["To"] = letter.recipient
    mail["Subject"] = subject
    mail["Date"] = format_datetime(moment)
    # The same cause gives the same id, so that a mail sent twice after a crash is shown once.
    mail["Message-ID"] = f"<{letter.reference}@{_domain(sender)}>"
    mail["Auto-Submitted"] = "auto-generated"
    if letter.unsubscribe:
        mail["List-Unsubscribe"] = f"<{site.rstrip('/')}{letter.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(letter.body, cte="quoted-printable")
    html = as_html(letter.body, title=subject, language=letter.language)
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    # Drawn from the cause, not at random: the same mail is the same bytes.
    mail.set_boundary(f"={letter.reference[:16]}=")
    mail["Content-Language"] = letter.language
    return mail


def envelope_sender(letter: Letter, *, sender: str, bounces: str) -> str:
    """Return the address to which servers return the mail: the sender's, or the mailbox for bounces.

    The mailbox `bounces@example.org` is told which mail it is: `bounces+<reference>@example.org`.
    """
    if not bounces:
        return parseaddr(sender)[1]
    mailbox, _at, domain = bounces.rpartition("@")
    return f"{mailbox}+{letter.reference}@{domain}"


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def as_html(text: str, *, title: str, language: str) -> str:
    """Return a plain text as simple HTML: paragraphs, links, and codes large enough to read off a phone."""
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if part.strip()]
    return _PAGE.format(
        language=escape(language),
        title=escape(title),
        paragraphs="\n".join(f"<p>{''.join(_marked(part))}</p>" for part in paragraphs),
    )


def _marked(paragraph: str) -> Iterator[str]:
    end = 0
    for found in _SPECIAL.finditer(paragraph):
        yield _broken(paragraph[end : found.start()])
        shown = escape(found.group())
        # A long address wraps on a phone instead of widening the page.
        link = f'<a href="{shown}" style="overflow-wrap: anywhere">{shown}</a>'
        yield link if found["link"] else _CODE.format(code=shown)
        end = found.end()
    yield _broken(paragraph[end:])


def _broken(text: str) -> str:
    return escape(text).replace("\n", "<br>\n")
