"""Passkeys end to end, short of a browser: whatever is wrong with an answer, it opens nothing."""

from __future__ import annotations

import json
import secrets
from copy import deepcopy
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from conference.domain.accounts import Role
from conference.domain.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from conference.domain.mail import MessageKind
from conference.domain.passkeys import RelyingParty, user_handle
from conference.models import Account, Authenticator, Challenge, Message, Passkey, RecoveryCode, SignIn
from conference.queries.passkeys import passkeys_of
from conference.queries.second_factors import has_second_factor
from conference.services.accounts import Words
from conference.services.challenges import Answered
from conference.services.passkey_proofs import (
    begin_confirming,
    begin_signing_in,
    confirm_by_passkey,
    sign_in_by_passkey,
)
from conference.services.passkeys import add_passkey, begin_adding, remove_passkey
from tests.authenticators import Phone
from tests.factories import NOW, grant, make_account, make_conference, make_sign_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any

    from sqlalchemy.orm import Session

    Json = dict[str, Any]

SITE = RelyingParty("localhost", "http://localhost")
KEY = b"the server's key for passkeys"


def letter(language: str) -> Words:
    return Words(language, "asunto", "cuerpo")


def to_add(session: Session, account: Account, now: datetime = NOW) -> Json:
    challenge = secrets.token_bytes(32)
    return begin_adding(session, account_id=account.id, site=SITE, key=KEY, challenge=challenge, now=now)


def add(session: Session, account: Account, answer: Json, now: datetime = NOW) -> Answered:
    return add_passkey(session, account_id=account.id, answer=answer, site=SITE, letter=letter, now=now)


def added(session: Session, account: Account, phone: Phone | None = None) -> Phone:
    """Add a passkey of the phone to the account, and return the phone."""
    phone = phone or Phone()
    add(session, account, phone.make(to_add(session, account)))
    return phone


def to_sign_in(session: Session, now: datetime = NOW) -> Json:
    return begin_signing_in(session, site=SITE, challenge=secrets.token_bytes(32), now=now)


def to_confirm(session: Session, account: Account, now: datetime = NOW) -> Json:
    challenge = secrets.token_bytes(32)
    return begin_confirming(session, account_id=account.id, site=SITE, challenge=challenge, now=now)


def sign_in(session: Session, answer: Json, now: datetime = NOW) -> Answered:
    return sign_in_by_passkey(session, answer=answer, site=SITE, now=now)


def confirm(session: Session, account: Account, answer: Json, now: datetime = NOW) -> Answered:
    return confirm_by_passkey(session, account_id=account.id, answer=answer, site=SITE, now=now)


def count_of(session: Session, account_id: int) -> int:
    return len(passkeys_of(session, account_id=account_id))


def refusal(act: Callable[[], object]) -> tuple[type[DomainError], str]:
    """Return how an act was refused."""
    with pytest.raises(DomainError) as refused:
        act()
    return type(refused.value), refused.value.code


REFUSED = (Forbidden, "passkey_refused")
OVER = (Conflict, "challenge_over")
UNREADABLE = (Invalid, "passkey_unreadable")


def challenges(session: Session) -> list[Challenge]:
    return list(session.scalars(select(Challenge)))


# -- adding --------------------------------------------------------------------------------------------


def test_a_phone_is_asked_for_a_passkey_that_it_finds_by_itself_and_that_names_nobody(
    session: Session,
) -> None:
    account = make_account(session, email="secreta@example.org")
    options = to_add(session, account)
    phone = added(session, account)
    again = to_add(session, account)

    assert options["rp"] == {"id": "localhost", "name": "Asamblea"}
    assert base64url_to_bytes(options["user"]["id"]) == user_handle(account.id, key=KEY)
    assert options["user"]["name"] == options["user"]["displayName"]
    assert "secreta" not in json.dumps(options)
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "preferred",
    }
    assert [known["id"] for known in again["excludeCredentials"]] == [bytes_to_base64url(phone.credential)]
    assert options["excludeCredentials"] == []


def test_a_passkey_is_kept_as_its_public_key_and_the_account_is_told(session: Session) -> None:
    account = make_account(session, language="en")
    stranger = make_account(session)
    phone = Phone(count=3)
    answered = add(session, account, phone.make(to_add(session, account)))

    kept = session.scalars(select(Passkey)).one()
    message = session.scalars(select(Message)).one()
    assert answered == Answered(account.id, assured=True)
    assert (kept.account_id, kept.credential, kept.uses) == (account.id, phone.credential, 3)
    assert (kept.added_at, kept.used_at) == (NOW, None)
    assert (message.recipient, message.language, message.kind) == (account.email, "en", MessageKind.NOTICE)
    assert message.conference_id is None
    assert (count_of(session, account.id), count_of(session, stranger.id)) == (1, 0)
    assert challenges(session) == []


def test_a_phone_that_did_not_ask_for_its_lock_is_known_as_such(session: Session) -> None:
    account = make_account(session)
    answer = Phone(locked=False).make(to_add(session, account))
    assert add(session, account, answer) == Answered(account.id, assured=False)


def test_an_account_without_an_address_gets_no_letter(session: Session) -> None:
    account = make_account(session, email=None)
    added(session, account)
    assert (count_of(session, account.id), session.scalars(select(Message)).all()) == (1, [])


@pytest.mark.parametrize(
    "phone",
    [
        Phone(origin="https://localhost.example"),
        Phone(origin="http://localhost:8000"),
        Phone(host="localhost.example"),
        Phone(credential=bytes(1024)),
    ],
    ids=["origin", "port", "host", "credential"],
)
def test_a_passkey_made_for_another_site_or_out_of_measure_is_not_kept(
    session: Session, phone: Phone
) -> None:
    account = make_account(session)
    options = to_add(session, account)
    assert refusal(lambda: add(session, account, phone.make(options))) == REFUSED
    assert (count_of(session, account.id), challenges(session)) == (0, [])


def test_a_key_that_could_never_verify_anything_is_refused_at_once(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make_account(session)
    off_the_curve = {1: 2, 3: -7, -1: 1, -2: bytes(31) + b"\1", -3: bytes(31) + b"\1"}
    monkeypatch.setattr(Phone, "public_key", lambda _self: off_the_curve)
    answer = Phone().make(to_add(session, account))
    assert refusal(lambda: add(session, account, answer)) == REFUSED


def test_an_answer_to_a_challenge_for_somebody_else_or_something_else_adds_nothing(session: Session) -> None:
    account, other = make_account(session), make_account(session)
    phone = added(session, account)
    for_other = to_add(session, other)
    for_signing_in = to_sign_in(session) | {"user": for_other["user"]}
    for_confirming = to_confirm(session, account) | {"user": for_other["user"]}

    for options in (for_other, for_signing_in, for_confirming):
        answer = Phone().make(options)
        assert refusal(lambda answer=answer: add(session, account, answer)) == OVER
    assert count_of(session, account.id) == 1
    assert (count_of(session, other.id), challenges(session)) == (0, [])
    assert refusal(lambda: add(session, account, phone.get(to_sign_in(session)))) == UNREADABLE


def test_a_passkey_that_is_known_already_is_refused_alike_whosever_it_is(session: Session) -> None:
    account, other = make_account(session), make_account(session)
    phone = added(session, account)
    for person in (account, other):
        answer = Phone(credential=phone.credential).make(to_add(session, person))
        assert refusal(lambda person=person, answer=answer: add(session, person, answer)) == REFUSED
    assert (count_of(session, account.id), count_of(session, other.id)) == (1, 0)
    assert sign_in(session, phone.get(to_sign_in(session))).account_id == account.id


def test_an_account_has_ten_passkeys_at_most(session: Session) -> None:
    account, other = make_account(session), make_account(session)
    one_more = to_add(session, account)
    for _number in range(10):
        added(session, account)

    assert refusal(lambda: to_add(session, account)) == (Conflict, "too_many_passkeys")
    assert refusal(lambda: add(session, account, Phone().make(one_more))) == (Conflict, "too_many_passkeys")
    assert count_of(session, account.id) == 10
    assert to_add(session, other)["excludeCredentials"] == []


# -- removing ------------------------------------------------------------------------------------------


def held(session: Session, account: Account) -> list[int]:
    return [passkey.id for passkey in passkeys_of(session, account_id=account.id)]


def remove(
    session: Session,
    account: Account,
    passkey_id: int,
    now: datetime = NOW,
    *,
    sign_in_id: int | None = None,
) -> None:
    remove_passkey(
        session,
        account_id=account.id,
        sign_in_id=sign_in_id,
        passkey_id=passkey_id,
        letter=letter,
        now=now,
    )


def test_a_removed_passkey_opens_nothing_and_is_refused_as_an_unknown_one(session: Session) -> None:
    account = make_account(session)
    lost, kept = added(session, account), added(session, account)
    session.add(RecoveryCode(account_id=account.id, digest="of paper"))
    remove(session, account, held(session, account)[0])

    assert refusal(lambda: sign_in(session, lost.get(to_sign_in(session)))) == REFUSED
    assert refusal(lambda: sign_in(session, Phone().get(to_sign_in(session)))) == REFUSED
    assert sign_in(session, kept.get(to_sign_in(session))).account_id == account.id
    assert session.scalars(select(RecoveryCode.digest)).all() == ["of paper"]

    remove(session, account, held(session, account)[0])
    assert session.scalars(select(RecoveryCode.digest)).all() == []


def test_nobody_removes_the_passkey_of_somebody_else_nor_one_that_is_gone(session: Session) -> None:
    account, other = make_account(session), make_account(session)
    added(session, account)
    (passkey,) = held(session, account)
    missing = (NotFound, "passkey_not_found")

    assert refusal(lambda: remove(session, other, passkey)) == missing
    assert held(session, account) == [passkey]
    remove(session, account, passkey)
    assert refusal(lambda: remove(session, account, passkey)) == missing


def test_with_a_passkey_gone_other_browsers_prove_themselves_anew(session: Session) -> None:
    account, other = make_account(session), make_account(session)
    added(session, account)
    here, _there, another = (make_sign_in(session, person)[0] for person in (account, account, other))
    (lost,) = held(session, account)
    refusal(lambda: remove(session, other, lost, sign_in_id=another.id))
    assert standing(session) == [(True, False), (True, False), (True, False)]
    remove(session, account, lost, sign_in_id=here.id)
    assert standing(session) == [(True, False), (False, True), (True, False)]


def standing(session: Session) -> list[tuple[bool, bool]]:
    """Of each sign-in, whether its second factor counts, and whether its cookie is renewed."""
    rows = select(SignIn.assured_at.is_not(None), SignIn.rights_changed).order_by(SignIn.id)
    return [(bool(assured), bool(renewed)) for assured, renewed in session.execute(rows)]


def test_the_account_is_told_each_time_though_numbers_are_given_again(session: Session) -> None:
    account = make_account(session)
    for minute in range(3):
        moment = NOW + timedelta(minutes=minute)
        add(session, account, Phone().make(to_add(session, account, moment)), moment)
        remove(session, account, held(session, account)[0], moment)
    assert len(session.scalars(select(Message.key)).all()) == 6


def test_staff_keep_a_second_factor(session: Session) -> None:
    conference = make_conference(session)
    chair = grant(session, conference, Role.CHAIR)
    lead = grant(session, conference, Role.OFFICIAL)
    for account in (chair, lead):
        added(session, account)
    session.add(Authenticator(account_id=chair.id, sealed_secret=b"begun, and no more", begun_at=NOW))
    session.flush()
    (last,) = held(session, chair)
    stays = (Conflict, "last_passkey_of_staff")

    assert refusal(lambda: remove(session, chair, last)) == stays
    remove(session, lead, held(session, lead)[0])

    later = NOW + timedelta(minutes=1)
    add(session, chair, Phone().make(to_add(session, chair, later)), later)
    remove(session, chair, last)
    (last,) = held(session, chair)
    assert refusal(lambda: remove(session, chair, last)) == stays

    session.get_one(Authenticator, chair.id).confirmed_at = NOW
    remove(session, chair, last, later)
    assert (held(session, chair), held(session, lead)) == ([], [])


# -- signing in and confirming -------------------------------------------------------------------------


def test_a_passkey_signs_in_whose_it_is_without_an_address(session: Session) -> None:
    account, other = make_account(session), make_account(session)
    added(session, other)
    phone = added(session, account, Phone(count=0))
    options = to_sign_in(session)
    later = NOW + timedelta(minutes=4)

    assert (options["rpId"], options["allowCredentials"]) == ("localhost", [])
    assert options["userVerification"] == "preferred"
    assert sign_in(session, phone.get(options), later) == Answered(account.id, assured=True)
    (passkey,) = passkeys_of(session, account_id=account.id)
    assert (passkey.number, passkey.added_at, passkey.used_at) == (1, NOW, later)
    assert session.get_one(Passkey, passkey.id).uses == 1


def test_it_confirms_for_its_own_account_which_is_asked_for_its_own_passkeys(session: Session) -> None:
    account, other, without = (make_account(session) for _each in range(3))
    phones = [added(session, account), added(session, account)]
    foreign = added(session, other)
    options = to_confirm(session, account)

    allowed = [known["id"] for known in options["allowCredentials"]]
    assert allowed == [bytes_to_base64url(phone.credential) for phone in phones]
    assert confirm(session, account, phones[1].get(options)) == Answered(account.id, assured=True)
    answer = foreign.get(to_confirm(session, account))
    assert refusal(lambda: confirm(session, account, answer)) == REFUSED
    assert refusal(lambda: to_confirm(session, without)) == (NotFound, "no_passkey_yet")


def test_without_the_lock_a_passkey_proves_that_one_holds_it_and_no_more(session: Session) -> None:
    account = make_account(session)
    phone = added(session, account, Phone(locked=False))
    assert sign_in(session, phone.get(to_sign_in(session))) == Answered(account.id, assured=False)
    answer = phone.get(to_confirm(session, account))
    assert confirm(session, account, answer) == Answered(account.id, assured=False)
    assert has_second_factor(session, account_id=account.id) is False


def test_a_passkey_is_a_second_factor_once_its_lock_was_asked_for(session: Session) -> None:
    account = make_account(session)
    phone = added(session, account, Phone(locked=False))
    counts = []
    for locked in (False, True, False):
        phone.locked = locked
        sign_in(session, phone.get(to_sign_in(session)))
        counts.append(has_second_factor(session, account_id=account.id))
    assert counts == [False, True, True]


def test_of_staff_a_passkey_without_a_lock_stands_in_for_none(session: Session) -> None:
    chair = grant(session, make_conference(session), Role.CHAIR)
    added(session, chair)
    later = NOW + timedelta(minutes=1)
    add(session, chair, Phone(locked=False).make(to_add(session, chair, later)), later)
    locked, unlocked = held(session, chair)
    assert refusal(lambda: remove(session, chair, locked)) == (Conflict, "last_passkey_of_staff")
    remove(session, chair, unlocked)
    assert held(session, chair) == [locked]


def test_a_phone_that_names_no_account_or_an_older_handle_is_known_by_its_passkey(session: Session) -> None:
    account = make_account(session)
    phone = added(session, account)
    for handle in (b"", b"made with a secret that was replaced since"):
        phone.handle = handle
        assert sign_in(session, phone.get(to_sign_in(session))).account_id == account.id


def test_a_challenge_is_answered_once_even_by_a_wrong_answer(session: Session) -> None:
    account = make_account(session)
    phone = added(session, account)
    options = to_sign_in(session)
    answer = phone.get(options)

    sign_in(session, answer)
    assert refusal(lambda: sign_in(session, answer)) == OVER

    options = to_sign_in(session)
    phone.origin = "https://asamblea.example"
    assert refusal(lambda: sign_in(session, phone.get(options))) == REFUSED
    phone.origin = "http://localhost"
    assert refusal(lambda: sign_in(session, phone.get(options))) == OVER
    assert challenges(session) == []


def test_a_challenge_that_we_never_issued_is_answered_in_vain(session: Session) -> None:
    phone = added(session, make_account(session))
    drawn = {"challenge": bytes_to_base64url(secrets.token_bytes(32))}
    assert refusal(lambda: sign_in(session, phone.get(drawn))) == OVER


def test_a_challenge_lives_five_minutes_and_leaves_with_the_next(session: Session) -> None:
    account = make_account(session)
    phone = added(session, account)
    in_time, too_late = to_sign_in(session), to_sign_in(session)
    limit = NOW + timedelta(minutes=5)

    assert sign_in(session, phone.get(in_time), limit - timedelta(seconds=1)).account_id == account.id
    assert refusal(lambda: sign_in(session, phone.get(too_late), limit)) == OVER

    to_sign_in(session)
    to_sign_in(session, NOW + timedelta(minutes=1))
    to_sign_in(session, limit)
    assert sorted(challenge.expires_at for challenge in challenges(session)) == [
        limit + timedelta(minutes=1),
        limit + timedelta(minutes=5),
    ]


def test_a_challenge_of_another_ceremony_or_account_is_none(session: Session) -> None:
    account, other = make_account(session), make_account(session)
    phone = added(session, account)
    added(session, other)

    answer = phone.get(to_confirm(session, account))
    assert refusal(lambda: sign_in(session, answer)) == OVER
    answer = phone.get(to_sign_in(session))
    assert refusal(lambda: confirm(session, account, answer)) == OVER
    answer = phone.get(to_confirm(session, other))
    assert refusal(lambda: confirm(session, account, answer)) == OVER
    answer = phone.get(to_add(session, account))
    assert refusal(lambda: sign_in(session, answer)) == OVER
    assert challenges(session) == []


def test_only_the_digest_of_a_challenge_is_stored(session: Session) -> None:
    options = to_sign_in(session)
    (issued,) = challenges(session)
    assert len(base64url_to_bytes(options["challenge"])) == 32
    assert options["challenge"] not in issued.digest
    assert base64url_to_bytes(options["challenge"]).hex() != issued.digest


def wrong_signature(answer: Json) -> None:
    answer["response"]["signature"] = bytes_to_base64url(bytes(71))


def another_signature(answer: Json) -> None:
    answer["response"]["signature"] = Phone().get({"challenge": "AAAA"})["response"]["signature"]


def absent_user(answer: Json) -> None:
    data = bytearray(base64url_to_bytes(answer["response"]["authenticatorData"]))
    data[32] &= ~0x01
    answer["response"]["authenticatorData"] = bytes_to_base64url(bytes(data))


def claimed_lock(answer: Json) -> None:
    data = bytearray(base64url_to_bytes(answer["response"]["authenticatorData"]))
    data[32] |= 0x04
    answer["response"]["authenticatorData"] = bytes_to_base64url(bytes(data))


def other_credential(answer: Json) -> None:
    answer["id"] = bytes_to_base64url(bytes(32))


@pytest.mark.parametrize(
    "forge", [wrong_signature, another_signature, absent_user, claimed_lock, other_credential]
)
def test_what_the_passkey_did_not_sign_opens_nothing(session: Session, forge: Callable[[Json], None]) -> None:
    phone = added(session, make_account(session), Phone(locked=False))
    answer = phone.get(to_sign_in(session))
    forge(answer)
    assert refusal(lambda: sign_in(session, answer)) == REFUSED
    assert session.scalars(select(Passkey.used_at)).all() == [None]


@pytest.mark.parametrize(
    ("name", "value"),
    [("origin", "https://asamblea.example"), ("origin", "http://localhost:1"), ("host", "asamblea.example")],
)
def test_an_answer_given_to_another_site_opens_nothing_here(session: Session, name: str, value: str) -> None:
    phone = added(session, make_account(session))
    setattr(phone, name, value)
    assert refusal(lambda: sign_in(session, phone.get(to_sign_in(session)))) == REFUSED


@pytest.mark.parametrize("step", [0, -1, -3])
def test_a_counter_that_does_not_grow_gives_a_copy_away(session: Session, step: int) -> None:
    account = make_account(session)
    phone = added(session, account, Phone(count=5))
    sign_in(session, phone.get(to_sign_in(session)))
    phone.step = step

    copied = (Conflict, "passkey_copied")
    assert refusal(lambda: sign_in(session, phone.get(to_sign_in(session)))) == copied
    assert refusal(lambda: confirm(session, account, phone.get(to_confirm(session, account)))) == copied
    assert session.scalars(select(Passkey.uses)).one() == 6

    phone.count, phone.step = 6, 1
    forged = phone.get(to_sign_in(session))
    wrong_signature(forged)
    assert refusal(lambda: sign_in(session, forged)) == REFUSED
    assert session.scalars(select(Passkey.uses)).one() == 6


def test_a_phone_that_does_not_count_signs_in_again_and_again(session: Session) -> None:
    account = make_account(session)
    phone = added(session, account)
    for _time in range(3):
        assert sign_in(session, phone.get(to_sign_in(session))).account_id == account.id


SHAPES: list[Json] = [
    {},
    {"id": 1},
    {"response": "text"},
    {"id": "AA", "rawId": "AA", "type": "public-key", "response": {}},
    {
        "id": "á",
        "rawId": "á",
        "type": "public-key",
        "response": {"clientDataJSON": "á", "authenticatorData": "A", "signature": "A", "userHandle": "á"},
    },
    {
        "id": "AA",
        "rawId": "AA",
        "type": "public-key",
        "response": {
            "clientDataJSON": bytes_to_base64url(b"[" * 100_000),
            "authenticatorData": "AA",
            "signature": "AA",
            "attestationObject": "AA",
        },
    },
]


@pytest.mark.parametrize("answer", SHAPES)
def test_what_is_no_answer_at_all_is_said_to_be_none(session: Session, answer: Json) -> None:
    account = make_account(session)
    assert refusal(lambda: sign_in(session, answer)) == UNREADABLE
    assert refusal(lambda: add(session, account, answer)) == UNREADABLE


CHANGED = ("attestationObject", "authenticatorData", "signature")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_bytes_do_anything_but_being_refused(session: Session) -> None:
    account = make_account(session)
    phone = added(session, account)
    made, got = Phone().make(to_add(session, account)), phone.get(to_sign_in(session))
    # Real answers, given once; each try finds both challenges open again.
    session.commit()

    @settings(max_examples=150)
    @given(
        part=st.sampled_from(CHANGED),
        place=st.integers(0, 1000),
        length=st.integers(0, 40),
        bytes_=st.binary(min_size=1, max_size=40),
    )
    def changed_ones_are_refused(part: str, place: int, length: int, bytes_: bytes) -> None:
        making = part in made["response"]
        answer = deepcopy(made if making else got)
        genuine = base64url_to_bytes(answer["response"][part])
        start = place % len(genuine)
        content = genuine[:start] + bytes_ + genuine[start + length :]
        answer["response"][part] = bytes_to_base64url(content)
        try:
            add(session, account, answer) if making else sign_in(session, answer)
        except DomainError as refused:
            assert (type(refused), refused.code) in {REFUSED, UNREADABLE}
        else:
            # With attestation "none" a passkey's own bytes are anybody's; what signs in is signed.
            assert making or content == genuine
        finally:
            session.rollback()

    changed_ones_are_refused()
