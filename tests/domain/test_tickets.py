"""A ticket round-trips; anything changed in it is refused, and it says nothing of a person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conference.domain import tickets
from conference.domain.tickets import ReadTicket, TicketFault, TicketRefused

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = b"k" * 32
OTHER_KEY = b"o" * 32
NONCE = "00112233445566778899aabbccddeeff"
# Tickets on people's phones must stay valid: these change only with VERSION.
KNOWN_TOKEN = "UOISLJDYC7N6CSRXI7ISDBDAXM"
KNOWN_TEXT = f"A1:OAXACA-NORTHWEST:{KNOWN_TOKEN}:37KA2JBBBUHKMSRXMWTSBAE7JQ"
KNOWN_CODE = "R9CY7-Y0S2Y"
KNOWN_BADGE = "B1:OAXACA-NORTHWEST:R9CY7Y0S2Y:Y6QRVOK7HG6LE5RT7L3YUBHX4U"
TOKEN = tickets.ticket_token(NONCE, key=KEY)
TEXT = tickets.ticket_text(TOKEN, conference="oaxaca-northwest", key=KEY)
CODE = tickets.ticket_code(TOKEN)
BADGE = tickets.badge_text(CODE, conference="oaxaca-northwest", key=KEY)
# What the two texts are worth: of a badge nobody reads more than the code.
READ = {TEXT: ReadTicket(token=TOKEN), BADGE: ReadTicket(code=CODE)}
BOTH = pytest.mark.parametrize("shown", [TEXT, BADGE], ids=["ticket", "badge"])

nonces = st.binary(min_size=16, max_size=16).map(bytes.hex)
slugs = st.from_regex(r"[a-z0-9]{1,12}(-[a-z0-9]{1,12}){0,4}", fullmatch=True)


def fault_of(text: str, *, conference: str = "oaxaca-northwest", key: bytes = KEY) -> TicketFault:
    with pytest.raises(TicketRefused) as refused:
        tickets.parse_ticket(text, conference=conference, keys=(key,))
    return refused.value.fault


@given(nonces, slugs)
def test_what_the_qr_says_leads_back_to_the_token(nonce: str, slug: str) -> None:
    token = tickets.ticket_token(nonce, key=KEY)
    text = tickets.ticket_text(token, conference=slug, key=KEY)
    assert tickets.parse_ticket(text, conference=slug, keys=(KEY,)) == ReadTicket(token=token)


@given(nonces, slugs)
def test_what_a_badge_says_leads_to_the_code_and_never_to_the_token(nonce: str, slug: str) -> None:
    token = tickets.ticket_token(nonce, key=KEY)
    code = tickets.ticket_code(token)
    text = tickets.badge_text(code, conference=slug, key=KEY)
    assert tickets.parse_ticket(text, conference=slug, keys=(OTHER_KEY, KEY)) == ReadTicket(code=code)
    assert re.fullmatch(r"B1:[A-Z0-9-]+:[0-9A-HJKMNP-TV-Z]{10}:[A-Z2-7]{26}", text)
    ticket = tickets.ticket_text(token, conference=slug, key=KEY)
    assert (token in text, ticket.rsplit(":", 1)[1] in text) == (False, False)
    # Nothing in it is taken for the secret of an address, nor for a typed code.
    assert [tickets.canonical_token(part) for part in text.split(":")[:3]] == [None] * 3
    assert tickets.canonical_ticket_code(text) is None


@given(nonces, slugs)
def test_the_qr_keeps_to_the_alphanumeric_alphabet(nonce: str, slug: str) -> None:
    text = tickets.ticket_text(tickets.ticket_token(nonce, key=KEY), conference=slug, key=KEY)
    assert re.fullmatch(r"A1:[A-Z0-9-]+:[A-Z2-7]{26}:[A-Z2-7]{26}", text)


def test_the_known_ticket_stays_what_it_is() -> None:
    shown_code = tickets.shown_ticket_code(tickets.ticket_code(TOKEN))
    assert (TOKEN, TEXT, shown_code, BADGE) == (KNOWN_TOKEN, KNOWN_TEXT, KNOWN_CODE, KNOWN_BADGE)


@BOTH
@given(st.integers(0, len(TEXT) - 1), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-:"))
def test_a_ticket_with_any_letter_changed_is_refused(shown: str, place: int, letter: str) -> None:
    assume(place < len(shown) and shown[place] != letter)
    forged = shown[:place] + letter + shown[place + 1 :]
    assert fault_of(forged) in {TicketFault.WRONG_FORM, TicketFault.WRONG_SIGNATURE}


@given(nonces)
def test_another_token_under_the_same_signature_is_refused(nonce: str) -> None:
    assume(nonce != NONCE)
    other = tickets.ticket_token(nonce, key=KEY)
    assert fault_of(TEXT.replace(TOKEN, other)) is TicketFault.WRONG_SIGNATURE
    assert fault_of(BADGE.replace(CODE, tickets.ticket_code(other))) is TicketFault.WRONG_SIGNATURE


def test_neither_signature_serves_for_the_other_text() -> None:
    of_ticket, of_badge = TEXT.rsplit(":", 1)[1], BADGE.rsplit(":", 1)[1]
    forged = [TEXT.replace(of_ticket, of_badge), BADGE.replace(of_badge, of_ticket)]
    assert [fault_of(text) for text in forged] == [TicketFault.WRONG_SIGNATURE] * 2
    relabelled = ["B1" + TEXT[2:], "A1" + BADGE[2:]]
    assert [fault_of(text) for text in relabelled] == [TicketFault.WRONG_FORM] * 2


@given(slugs)
def test_a_ticket_that_we_signed_for_another_conference_is_told_from_a_forgery(slug: str) -> None:
    assume(slug != "oaxaca-northwest")
    elsewhere = [
        tickets.ticket_text(TOKEN, conference=slug, key=KEY),
        tickets.badge_text(CODE, conference=slug, key=KEY),
    ]
    assert [fault_of(text) for text in elsewhere] == [TicketFault.OTHER_CONFERENCE] * 2
    relabelled = [text.replace("OAXACA-NORTHWEST", slug.upper()) for text in (TEXT, BADGE)]
    assert [fault_of(text) for text in relabelled] == [TicketFault.WRONG_SIGNATURE] * 2


@BOTH
def test_a_ticket_of_another_server_is_unknown(shown: str) -> None:
    assert fault_of(shown, key=OTHER_KEY) is TicketFault.WRONG_SIGNATURE


@given(st.text())
def test_any_other_text_has_the_wrong_form(text: str) -> None:
    assert fault_of(text) is TicketFault.WRONG_FORM


@BOTH
@pytest.mark.parametrize(
    "typed",
    [
        str.lower,
        " {}\r\n".format,
        str.swapcase,
        lambda text: text.replace(":", "Ñ").replace("-", "'"),
        lambda text: text.lower().replace(":", "ñ").replace("-", "'"),
    ],
)
def test_scanners_on_a_spanish_keyboard_or_with_caps_lock_are_understood(
    shown: str, typed: Callable[[str], str]
) -> None:
    read = tickets.parse_ticket(typed(shown), conference="oaxaca-northwest", keys=(KEY,))
    assert read == READ[shown]


@given(nonces)
def test_keys_and_nonces_determine_the_token(nonce: str) -> None:
    token = tickets.ticket_token(nonce, key=KEY)
    assert token == tickets.ticket_token(nonce, key=KEY)
    assert token != tickets.ticket_token(nonce, key=OTHER_KEY)
    assert nonce not in token.lower()


@given(nonces)
def test_a_token_is_read_from_an_address_in_either_case(nonce: str) -> None:
    token = tickets.ticket_token(nonce, key=KEY)
    assert tickets.canonical_token(token.lower()) == token


@pytest.mark.parametrize("text", ["", "A" * 25, "A" * 27, "1" * 26, "Ä" * 26, "A" * 25 + "\n"])
def test_other_texts_are_no_tokens(text: str) -> None:
    assert tickets.canonical_token(text) is None


def test_what_is_stored_of_a_token_is_its_digest() -> None:
    digest = tickets.token_digest(TOKEN)
    assert re.fullmatch(r"[0-9a-f]{64}", digest)
    assert TOKEN.lower() not in digest


def disguised(code: str) -> list[str]:
    return [
        code,
        code.lower(),
        tickets.shown_ticket_code(code),
        " ".join(code),
        f"  {code[:3]}–{code[3:]} ",
        code.replace("0", "O").replace("1", "I").replace("V", "U"),
        code.replace("0", "o").replace("1", "l").replace("V", "u"),
    ]


@given(nonces)
def test_a_code_is_understood_however_it_is_typed(nonce: str) -> None:
    code = tickets.ticket_code(tickets.ticket_token(nonce, key=KEY))
    assert {tickets.canonical_ticket_code(text) for text in disguised(code)} == {code}


@given(nonces)
def test_codes_are_ten_readable_letters_in_two_groups(nonce: str) -> None:
    shown = tickets.shown_ticket_code(tickets.ticket_code(tickets.ticket_token(nonce, key=KEY)))
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}", shown)


@pytest.mark.parametrize("text", ["", "ABCDEFGHJ", "ABCDEFGHJKM", "ABCDEFGHJÑ", "٣" * 10, TEXT, TOKEN, BADGE])
def test_other_texts_are_no_codes(text: str) -> None:
    assert tickets.canonical_ticket_code(text) is None


@given(nonces)
def test_the_digest_of_a_code_depends_on_the_key(nonce: str) -> None:
    code = tickets.ticket_code(tickets.ticket_token(nonce, key=KEY))
    digest = tickets.ticket_code_digest(code, key=KEY)
    assert re.fullmatch(r"[0-9a-f]{64}", digest)
    assert digest != tickets.ticket_code_digest(code, key=OTHER_KEY)
