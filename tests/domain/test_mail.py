"""The life of one message: what follows from what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from conference.domain.mail import (
    BACK_OFF,
    LEASE,
    NO_ANSWER,
    RETURNED_LIMIT,
    SPREAD,
    Delivery,
    MessageState,
    Outcome,
    after,
    handed_over,
    leased,
    pause,
    returned_reference,
    stop_link,
    stop_token,
)

NOW = datetime(2026, 7, 11, 17, tzinfo=UTC)
QUEUED = Delivery(MessageState.QUEUED, 0, NOW)
FIRST = leased(QUEUED, now=NOW)
GIVEN = handed_over(FIRST, now=NOW)
# The first words got no answer, and they are given once more.
AGAIN = handed_over(leased(GIVEN, now=NOW + LEASE), now=NOW + LEASE)
TROUBLE = "451"


def test_a_lease_counts_an_attempt_and_ends() -> None:
    assert replace(QUEUED, attempts=1, due_at=NOW + LEASE) == FIRST


def test_words_are_given_under_a_new_lease_and_the_second_time_is_counted() -> None:
    assert replace(FIRST, handed_at=NOW, trouble=NO_ANSWER) == GIVEN
    assert (GIVEN.repeats, AGAIN.repeats, AGAIN.due_at) == (0, 1, NOW + 2 * LEASE)


@pytest.mark.parametrize("before", [FIRST, GIVEN, AGAIN])
@pytest.mark.parametrize(
    ("outcome", "state"),
    [(Outcome.SENT, MessageState.SENT), (Outcome.UNKNOWN_RECIPIENT, MessageState.BOUNCED)],
)
def test_what_is_certain_for_good_ends_a_message(
    before: Delivery, outcome: Outcome, state: MessageState
) -> None:
    found = after(outcome, before, now=NOW, trouble=TROUBLE)
    assert (found.state, found.handed_at, found.due_at) == (state, None, NOW)


@pytest.mark.parametrize(
    ("outcome", "before", "handed", "repeats"),
    [
        (Outcome.UNREACHED, FIRST, False, 0),
        (Outcome.UNREACHED, leased(GIVEN, now=NOW + LEASE), True, 0),
        (Outcome.REFUSED, GIVEN, False, 0),
        # The second words were refused; whether the first were taken is as unknown as before.
        (Outcome.REFUSED, AGAIN, True, 0),
        (Outcome.UNANSWERED, GIVEN, True, 0),
    ],
)
def test_what_may_succeed_later_waits(outcome: Outcome, before: Delivery, handed: bool, repeats: int) -> None:
    found = after(outcome, before, now=NOW, trouble=TROUBLE)
    assert (found.state, found.trouble) == (MessageState.QUEUED, TROUBLE)
    assert (found.handed_at is not None, found.repeats) == (handed, repeats)
    assert found.due_at == NOW + BACK_OFF[before.attempts - 1]


def test_twice_without_an_answer_is_the_end_whoever_lived_to_tell() -> None:
    assert after(Outcome.UNANSWERED, AGAIN, now=NOW).state is MessageState.UNCERTAIN
    assert leased(AGAIN, now=NOW).state is MessageState.UNCERTAIN


def test_a_message_tried_by_hand_after_that_is_given_once_more() -> None:
    by_hand = replace(AGAIN, state=MessageState.QUEUED, attempts=0, trouble=None)
    given = handed_over(leased(by_hand, now=NOW), now=NOW)
    assert (given.state, given.attempts, given.repeats) == (MessageState.QUEUED, 1, 2)
    assert leased(given, now=NOW).state is MessageState.UNCERTAIN


def test_pauses_grow_and_spread_and_end() -> None:
    minutes = [pause(attempts, jitter=0.0).total_seconds() / 60 for attempts in range(1, 7)]
    assert minutes == [1, 5, 15, 60, 240, 720]
    assert pause(1, jitter=1.0) == timedelta(seconds=60 * (1 + SPREAD))
    last = replace(FIRST, attempts=len(BACK_OFF) + 1)
    assert after(Outcome.UNREACHED, last, now=NOW).state is MessageState.FAILED
    # Once it was given words without an answer: it may have arrived.
    maybe = replace(last, handed_at=NOW)
    assert after(Outcome.UNREACHED, maybe, now=NOW).state is MessageState.UNCERTAIN


def test_what_has_ceased_to_be_true_is_not_sent() -> None:
    code = replace(QUEUED, useless_after=NOW)
    assert leased(code, now=NOW).state is MessageState.QUEUED
    late = leased(code, now=NOW + timedelta(seconds=1))
    assert (late.state, late.attempts) == (MessageState.EXPIRED, 0)


# -- links and mails that come back ----------------------------------------------------------------

KEY = b"the server's key"
MARK = "0123456789abcdef" * 2


def test_a_link_to_stop_names_one_registration_and_one_reader() -> None:
    token = stop_token(57, email="Rosario@example.org", key=KEY)
    assert "rosario" not in token.lower()
    link = stop_link(token, key=KEY)
    assert (link.registration_id, link.is_for("rosario@example.org ", key=KEY)) == (57, True)
    for other in ("jesus@example.org", "", None):
        assert not link.is_for(other, key=KEY)


def test_no_part_of_a_link_to_stop_can_be_changed() -> None:
    token = stop_token(57, email="rosario@example.org", key=KEY)
    others = stop_token(57, email="jesus@example.org", key=KEY)
    assert stop_link(token, key=b"another key") is None
    assert stop_link(token.replace("57", "58", 1), key=KEY) is None
    number, _reader, mac = token.split(".")
    assert stop_link(".".join((number, others.split(".")[1], mac)), key=KEY) is None


@pytest.mark.parametrize(
    "token", ["", ".", "57", "57.", "57.x", "-1.x", "é.x", "٥٧.x", "057.x", "57.ñ", "9" * 5000 + ".x", "\x00"]
)
def test_a_link_that_is_none_of_ours_stops_nothing(token: str) -> None:
    assert stop_link(token, key=KEY) is None


def report(action: str) -> str:
    """Return a mail server's report about one of our mails."""
    return (
        "From: MAILER-DAEMON@example.net\r\nTo: rebotes@example.org\r\nIn-Reply-To: <x@example.org>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n"
        f"Final-Recipient: rfc822; ana@example.net\r\nAction: {action}\r\nStatus: 5.1.1\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: <{MARK}@example.org>\r\n\r\n--b--\r\n"
    )


def test_a_report_brings_back_what_failed_and_not_what_is_late() -> None:
    assert returned_reference(report("failed")) == MARK
    assert returned_reference(report("Failed")) == MARK
    assert [returned_reference(report(action)) for action in ("delayed", "delivered", "relayed", "")] == [
        None
    ] * 4


@pytest.mark.parametrize(
    "mail",
    [
        f"To: rebotes+{MARK}@example.org\n\nNo such user.\n",
        f"Subject: failure notice\n\nHi. This is the program.\n\nMessage-ID: <{MARK}@example.org>\n",
        f"X-Failed-Recipients: a@example.net\nReferences: <{MARK}@example.org>\n\nNo such user.\n",
        f"Delivered-To: REBOTES+{MARK.upper()}@EXAMPLE.ORG\n\nno\n".replace(MARK.upper(), MARK),
    ],
)
def test_older_servers_return_mails_in_words_of_their_own(mail: str) -> None:
    assert returned_reference(mail) == MARK


@pytest.mark.parametrize(
    "mail",
    [
        # Somebody is on holiday, or thanks us: nothing came back.
        f"To: rebotes+{MARK}@example.org\nIn-Reply-To: <{MARK}@example.org>\n\nI am away.\n",
        f"References: <{MARK}@example.org>\nAuto-Submitted: auto-replied\n\nI am away.\n",
        "",
        "\x00\xff" * 1000,
        "To: rebotes+abc@example.org\n\n",
        ("Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n") * 5000,
        "x" * RETURNED_LIMIT + f"<{MARK}@example.org>",
    ],
)
def test_what_brings_nothing_of_ours_back_counts_for_nothing(mail: str) -> None:
    assert returned_reference(mail) is None
