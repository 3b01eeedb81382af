"""A letter as a mail: what a recipient's program shows, and what a server can sign."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from conference.domain.accounts import shown_code, sign_in_code
from conference.exports.letter import SIGNED, as_email, as_html, envelope_sender
from tests.factories import NOW
from tests.letters import a_letter, made_reference

if TYPE_CHECKING:
    from email.message import EmailMessage

CODE = shown_code(sign_in_code(48210937))
SENDER = "Asamblea <asamblea@example.org>"
BODY = (
    "Hola:\n\nesta es la liga para entrar:\n\nhttps://asamblea.example.org/es/sign-in/link/abc?a=1&b=2\n\n"
    f"O escriba este código: {CODE}\nDe la puerta: 7KQ2M-XWD04.\n"
)
STOP = f"/es/mail/stop/57.{'0123456789abcdef' * 2}.{'0123456789abcdef' * 2}"


def mail(**values: Any) -> EmailMessage:
    return as_email(a_letter(**values), sender=SENDER, site="https://asamblea.example.org/", moment=NOW)


def wire(**values: Any) -> bytes:
    return mail(**values).as_bytes(policy=policy.SMTP)


def received(**values: Any) -> EmailMessage:
    return message_from_bytes(wire(**values), policy=policy.default)


def html(**values: Any) -> BeautifulSoup:
    part = received(**values).get_body(("html",))
    assert part is not None
    return BeautifulSoup(part.get_content(), "html5lib")


def test_a_mail_says_what_it_is_and_nothing_of_others() -> None:
    assert {name: str(value) for name, value in received().items()} == {
        "From": SENDER,
        "To": "ana@example.org",
        "Subject": "Su código",
        "Date": "Sat, 11 Jul 2026 17:00:00 +0000",
        # The same for the same cause, telling nobody what it was.
        "Message-ID": f"<{made_reference('sign-in-1')}@example.org>",
        "Auto-Submitted": "auto-generated",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="={made_reference("sign-in-1")[:16]}="',
        "Content-Language": "es",
    }


def test_both_forms_say_the_same() -> None:
    found = received(body=BODY)
    plain, rich = found.iter_parts()
    assert [part.get_content_type() for part in (plain, rich)] == ["text/plain", "text/html"]
    assert plain.get_content().replace("\r\n", "\n") == BODY
    shown = BeautifulSoup(rich.get_content(), "html5lib").body
    assert shown is not None
    assert " ".join(shown.get_text().split()) == " ".join(BODY.split())


def test_the_html_has_paragraphs_links_and_codes_and_brings_nothing_along() -> None:
    soup = html(body=BODY, subject="Su <código> & más", language="es")
    assert soup.html is not None
    assert (soup.html["lang"], soup.title and soup.title.text) == ("es", "Su <código> & más")
    assert len(soup.select("p")) == 4
    links = [(link["href"], link.text) for link in soup.select("a")]
    assert links == [("https://asamblea.example.org/es/sign-in/link/abc?a=1&b=2",) * 2]
    assert [code.text for code in soup.select("strong")] == [CODE, "7KQ2M-XWD04"]
    names = {tag.name for tag in soup.find_all(True)}
    assert names == {"html", "head", "meta", "title", "body", "p", "a", "strong", "br"}
    text = str(soup)
    assert not re.search(r"url\(|@import|src=|<link|<style|javascript:", text)
    # No colour is set, so none can be unreadable where the reader's program is dark.
    assert not re.search(r"(?<!-)color:|background", text)
    assert soup.select_one('meta[name="color-scheme"]')["content"] == "light dark"


@given(st.text(max_size=400))
def test_whatever_words_are_written_they_are_shown_and_never_run(words: str) -> None:
    soup = BeautifulSoup(as_html(words, title=words, language="es"), "html5lib")
    allowed = {"html", "head", "meta", "title", "body", "p", "a", "strong", "br"}
    assert {tag.name for tag in soup.find_all(True)} <= allowed
    assert all(link["href"].startswith(("http://", "https://")) for link in soup.select("a"))
    assert all(
        set(tag.attrs) <= {"style", "href", "lang", "charset", "name", "content"}
        for tag in soup.find_all(True)
    )


ONE_LINE = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=150)


@given(body=st.text(st.characters(exclude_categories=("Cs",)), max_size=3000), subject=ONE_LINE)
def test_nothing_on_the_way_has_to_encode_a_mail_anew(body: str, subject: str) -> None:
    sent = wire(body=body, subject=subject, unsubscribe=STOP)
    assert sent.isascii()
    head, content = sent.split(b"\r\n\r\n", 1)
    assert max(map(len, head.split(b"\r\n"))) <= 998
    assert max(map(len, content.split(b"\r\n"))) <= 76
    # Every line ends as SMTP wants it.
    assert b"\n" not in sent.replace(b"\r\n", b"") and b"\r" not in sent.replace(b"\r\n", b"")


def test_headers_to_sign_stand_once_in_one_order_and_the_same_mail_is_the_same_bytes() -> None:
    names = list(mail(unsubscribe=STOP).keys())
    assert sorted(names) == sorted(SIGNED)
    assert len(set(names)) == len(names)
    assert wire(body=BODY, unsubscribe=STOP) == wire(body=BODY, unsubscribe=STOP)
    assert wire(body=BODY) != wire(body=BODY, reference=made_reference("sign-in-2"))


def test_a_mail_that_can_be_ended_says_how_in_one_click() -> None:
    found = received(unsubscribe=STOP)
    assert found["List-Unsubscribe"] == f"<https://asamblea.example.org{STOP}>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"<https://asamblea.example.org{STOP}>".encode() in wire(unsubscribe=STOP)
    assert received()["List-Unsubscribe"] is None


@pytest.mark.parametrize(
    "subject",
    [
        "Hola\r\nBcc: otra@example.org",
        "Hola\nBcc: otra@example.org",
        "Hola\x0bBcc:\x85otra@example.org\u2028",
    ],
)
def test_a_subject_cannot_begin_another_header(subject: str) -> None:
    found = received(subject=subject)
    assert found["Bcc"] is None
    assert found["Subject"] == "Hola Bcc: otra@example.org"


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "ana",
        "ana@example.org\nBcc: otra@example.org",
        "ana@example.org, otra@example.org",
        "ana@example.org;otra@example.org",
        "Ana <ana@example.org>",
        "ana@example.org otra@example.org",
        "ana@example.org@example.net",
        "ana@example.org\x00",
    ],
)
def test_what_is_not_one_address_is_written_to_nobody(recipient: str) -> None:
    with pytest.raises(ValueError, match="not one address"):
        mail(recipient=recipient)


def test_what_comes_back_comes_to_the_mailbox_for_it_and_says_which_it_is() -> None:
    letter = a_letter()
    assert envelope_sender(letter, sender=SENDER, bounces="") == "asamblea@example.org"
    tagged = envelope_sender(letter, sender=SENDER, bounces="rebotes@correo.example.org")
    assert tagged == f"rebotes+{letter.reference}@correo.example.org"
