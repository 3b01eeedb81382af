"""Where passkeys belong, and what they are called."""

from __future__ import annotations

import pytest

from conference.domain.passkeys import RelyingParty, goes_backwards, label, relying_party, user_handle


@pytest.mark.parametrize(
    ("address", "host", "origin"),
    [
        ("https://asamblea.example.org", "asamblea.example.org", "https://asamblea.example.org"),
        ("https://Asamblea.Example.org:443/", "asamblea.example.org", "https://asamblea.example.org"),
        ("https://asamblea.example.org:8443", "asamblea.example.org", "https://asamblea.example.org:8443"),
        ("https://münchen.example", "xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example"),
        ("http://localhost:8000", "localhost", "http://localhost:8000"),
        ("http://localhost", "localhost", "http://localhost"),
    ],
)
def test_passkeys_belong_to_the_host_of_the_public_address_and_to_its_origin(
    address: str, host: str, origin: str
) -> None:
    assert relying_party(address) == RelyingParty(host, origin)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:8000",
        "https://192.0.2.7",
        "https://[2001:db8::1]:8443",
        "http://asamblea.example",
        "",
    ],
)
def test_an_ip_address_and_a_name_without_encryption_have_none(address: str) -> None:
    assert relying_party(address) is None


def test_a_handle_is_of_one_account_and_one_server_and_says_nothing() -> None:
    handles = {user_handle(account, key=key) for account in range(1, 51) for key in (b"one", b"other")}

    assert (len(handles), {len(handle) for handle in handles}) == (100, {32})
    assert user_handle(7, key=b"one") == user_handle(7, key=b"one")


def test_a_label_is_short_and_can_be_read_aloud() -> None:
    assert label(bytes([0, 1, 24, 25]) + b"unseen") == "Asamblea 23Z2"


@pytest.mark.parametrize(
    ("known", "presented", "backwards"),
    [(0, 0, False), (0, 1, False), (7, 8, False), (7, 7, True), (7, 6, True), (7, 0, True), (0, 4000, False)],
)
def test_a_counter_that_does_not_grow_was_copied(known: int, presented: int, *, backwards: bool) -> None:
    assert goes_backwards(known=known, presented=presented) is backwards
