"""One-time codes, held against the vectors of their RFCs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.domain.one_time_codes import (
    app_address,
    hotp,
    looks_like_app_code,
    looks_like_recovery_code,
    matching_step,
    recovery_digest,
    secret_text,
    shown_recovery_code,
    step_of,
)

# The secret of both RFCs' test vectors.
SECRET = b"12345678901234567890"
NOW = datetime(2026, 7, 11, 17, 0, 10, tzinfo=UTC)
STEP = timedelta(seconds=30)

RFC_4226_APPENDIX_D = [
    *("755224", "287082", "359152", "969429", "338314"),
    *("254676", "287922", "162583", "399871", "520489"),
]
# Seconds since 1970, the step in hexadecimal, the code of eight digits (SHA-1).
RFC_6238_APPENDIX_B = [
    (59, 0x1, "94287082"),
    (1111111109, 0x23523EC, "07081804"),
    (1111111111, 0x23523ED, "14050471"),
    (1234567890, 0x273EF07, "89005924"),
    (2000000000, 0x3F940AA, "69279037"),
    (20000000000, 0x27BC86AA, "65353130"),
]


def code_at(moment: datetime, secret: bytes = SECRET) -> str:
    return hotp(secret, step_of(moment))


def test_the_codes_of_a_counter_are_those_of_rfc_4226() -> None:
    assert [hotp(SECRET, counter) for counter in range(10)] == RFC_4226_APPENDIX_D


@pytest.mark.parametrize(("seconds", "step", "code"), RFC_6238_APPENDIX_B)
def test_the_codes_of_a_moment_are_those_of_rfc_6238(seconds: int, step: int, code: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert (step_of(moment), hotp(SECRET, step, digits=8)) == (step, code)


@pytest.mark.parametrize("beside", [-1, 0, 1])
def test_a_phone_whose_clock_is_thirty_seconds_off_is_understood(beside: int) -> None:
    moment = NOW + beside * STEP
    assert matching_step(SECRET, code_at(moment), now=NOW, after=0) == step_of(moment)


@pytest.mark.parametrize("beside", [-2, 2])
def test_a_phone_whose_clock_is_a_minute_off_is_not(beside: int) -> None:
    assert matching_step(SECRET, code_at(NOW + beside * STEP), now=NOW, after=0) is None


def test_a_code_used_is_used_and_so_is_every_earlier_one() -> None:
    used = step_of(NOW)
    codes = [code_at(NOW + beside * STEP) for beside in (-1, 0, 1)]
    taken = [matching_step(SECRET, code, now=NOW, after=used) for code in codes]
    assert taken == [None, None, used + 1]


def test_of_two_steps_that_happen_to_share_a_code_each_takes_it_once() -> None:
    first = 59061240
    moment = datetime.fromtimestamp((first + 1) * 30, UTC)
    assert (hotp(SECRET, first), hotp(SECRET, first + 1)) == ("963181", "963181")
    assert matching_step(SECRET, "963181", now=moment, after=first - 1) == first
    assert matching_step(SECRET, "963181", now=moment, after=first) == first + 1
    assert matching_step(SECRET, "963181", now=moment, after=first + 1) is None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "٣٣٣٣٣٣", "１２３４５６", "K7QM-2XWD"])
def test_what_is_not_six_digits_is_no_code_of_an_app(typed: str) -> None:
    assert looks_like_app_code(typed) is False
    assert matching_step(SECRET, typed, now=NOW, after=0) is None


@pytest.mark.parametrize("group", [(0, 6), (0, 3), (0, 2)])
def test_blanks_and_hyphens_do_not_matter(group: tuple[int, int]) -> None:
    code = code_at(NOW)
    typed = f" {code[: group[1]]} - {code[group[1] :]} "
    assert looks_like_app_code(typed) is True
    assert matching_step(SECRET, typed, now=NOW, after=0) == step_of(NOW)


@given(st.binary(min_size=20, max_size=20))
def test_an_app_reads_the_secret_that_is_shown_and_no_name(secret: bytes) -> None:
    address = urlsplit(app_address(secret))
    values = parse_qs(address.query)
    assert (address.scheme, address.netloc, address.path) == ("otpauth", "totp", "/Asamblea")
    assert values == {"secret": [secret_text(secret).replace(" ", "")], "issuer": ["Asamblea"]}
    groups = secret_text(secret).split(" ")
    assert [len(group) for group in groups] == [4] * 8


def test_the_secret_is_written_in_base_32() -> None:
    assert secret_text(SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"


def test_a_recovery_code_is_recognized_however_it_is_typed() -> None:
    shown = shown_recovery_code("K7QM2XWDPT")
    assert shown == "K7QM2-XWDPT"
    assert looks_like_recovery_code("k7qm2 xwdpt") is True
    assert looks_like_recovery_code("K7QM2-XWDP") is False
    key = bytes(32)
    assert recovery_digest(shown, account_id=1, key=key) == recovery_digest(
        "k7qm2 xwdpt", account_id=1, key=key
    )


def test_the_same_recovery_code_is_stored_otherwise_for_another_account_and_key() -> None:
    digests = {
        recovery_digest("K7QM2XWDPT", account_id=account_id, key=bytes([fill]) * 32)
        for account_id in (1, 2)
        for fill in (0, 1)
    }
    assert len(digests) == 4
