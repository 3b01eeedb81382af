from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import FrozenInstanceError, fields, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from agreements.checkpoint import (
    MOST_SIGNATURES,
    Checkpoint,
    CheckpointProblem,
    InvalidCheckpoint,
    PublicKey,
    Signature,
    SignedCheckpoint,
    parse_checkpoint,
    parse_key,
    sign_checkpoint,
    signed_by,
)

if TYPE_CHECKING:
    from collections.abc import Callable

# The key of the reference implementation's tests (golang.org/x/mod/sumdb/note).
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_SEED = b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]

# The example of c2sp.org/tlog-checkpoint.
SOFA = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+\
zyWE+xeMcTOAYQ8=
"""

ROOT = sha256(b"root").digest()
PRIVATE_KEY = Ed25519PrivateKey.from_private_bytes(sha256(b"the log").digest())
KEY = PublicKey("oaxaca.example/2026", PRIVATE_KEY.public_key().public_bytes_raw())
CHECKPOINT = Checkpoint("oaxaca.example/2026", 27, ROOT)
WITNESS = Signature("witness.example", b"wit1", b"a signature of another kind")


def verify(public_key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def signed() -> SignedCheckpoint:
    return sign_checkpoint(CHECKPOINT, KEY, PRIVATE_KEY.sign)


def refusal_of(make: Callable[[], object]) -> tuple[CheckpointProblem, object]:
    with pytest.raises(InvalidCheckpoint) as refusal:
        make()
    assert refusal.value.args == (refusal.value.code, refusal.value.value)
    return refusal.value.code, refusal.value.value


# -- keys ---------------------------------------------------------------------------------------------


def test_a_key_is_published_as_in_the_reference_implementation() -> None:
    key = parse_key(PETER)
    assert key.name == "PeterNeumann"
    assert key.key == Ed25519PrivateKey.from_private_bytes(PETERS_SEED).public_key().public_bytes_raw()
    assert key.key_id.hex() == "c74f20a3"
    assert key.text == PETER


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a3+",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumanN+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        PETER + "\n",
        PETER + "=",
        PETER + "ñ",
    ],
)
def test_another_text_is_no_key(text: str) -> None:
    code, value = refusal_of(lambda: parse_key(text))
    assert code is CheckpointProblem.BAD_KEY
    assert value is not None


def test_a_key_without_a_name_is_no_key() -> None:
    assert refusal_of(lambda: parse_key(PETER.removeprefix("PeterNeumann"))) == (
        CheckpointProblem.BAD_NAME,
        "",
    )


@given(st.integers(0, len(PETER) - 1), st.integers(1, len(PETER)))
def test_a_part_of_a_key_is_no_key(start: int, length: int) -> None:
    part = PETER[start : start + length]
    if part != PETER:
        with pytest.raises(InvalidCheckpoint):
            parse_key(part)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_an_ed25519_key_has_32_bytes(size: int) -> None:
    assert refusal_of(lambda: PublicKey("log", bytes(size))) == (CheckpointProblem.BAD_KEY, bytes(size))


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\tb", "a\u00a0b", "a\u2028", "\x7f", "\ud800"])
def test_a_name_has_no_space_plus_or_control_character(name: str) -> None:
    expected = (CheckpointProblem.BAD_NAME, name)
    assert refusal_of(lambda: PublicKey(name, bytes(32))) == expected
    assert refusal_of(lambda: Checkpoint(name, 0, ROOT)) == expected
    assert refusal_of(lambda: Signature(name, b"four", b"signature")) == expected


# -- checkpoints --------------------------------------------------------------------------------------


def test_the_published_example_is_read_and_written() -> None:
    note = parse_checkpoint(SOFA)
    root = b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    assert note.checkpoint == Checkpoint("example.com/behind-the-sofa", 20852163, root)
    (signature,) = note.signatures
    assert (signature.name, signature.key_id.hex()) == ("example.com/behind-the-sofa", "033de0ae")
    assert len(signature.signature) == 64
    assert note.text == SOFA


def test_a_signed_checkpoint_is_a_note() -> None:
    assert signed().text == (
        "oaxaca.example/2026\n27\n"
        + b64encode(ROOT).decode()
        + "\n\n— oaxaca.example/2026 "
        + b64encode(KEY.key_id + PRIVATE_KEY.sign(CHECKPOINT.text.encode())).decode()
        + "\n"
    )
    assert parse_checkpoint(signed().text) == signed()


def test_sizes_are_any_that_a_ledger_can_have() -> None:
    greatest = 2**53 - 1
    for size in (0, 1, 10, greatest):
        note = sign_checkpoint(replace(CHECKPOINT, size=size), KEY, PRIVATE_KEY.sign)
        assert parse_checkpoint(note.text) == note
    for size in (-1, greatest + 1):
        assert refusal_of(lambda size=size: replace(CHECKPOINT, size=size)) == (  # type: ignore[misc]
            CheckpointProblem.BAD_SIZE,
            size,
        )


def test_a_root_is_a_hash() -> None:
    assert refusal_of(lambda: replace(CHECKPOINT, root=ROOT[1:])) == (CheckpointProblem.BAD_ROOT, ROOT[1:])


def test_witnesses_may_sign_too_up_to_a_limit() -> None:
    whole = replace(signed(), signatures=(*signed().signatures, *[WITNESS] * (MOST_SIGNATURES - 1)))
    assert len(whole.signatures) == 16
    assert parse_checkpoint(whole.text) == whole
    for signatures in ((), (*whole.signatures, WITNESS)):
        assert refusal_of(lambda given=signatures: replace(whole, signatures=given)) == (  # type: ignore[misc]
            CheckpointProblem.BAD_SIGNATURE,
            signatures,
        )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: "", CheckpointProblem.NOT_A_NOTE),
        (lambda text: text[:-1], CheckpointProblem.NOT_A_NOTE),
        (lambda text: text + "\n", CheckpointProblem.BAD_SIGNATURE),
        (lambda text: text.replace("\n\n", "\n"), CheckpointProblem.NOT_A_NOTE),
        (lambda text: text.split("\n\n")[0], CheckpointProblem.NOT_A_NOTE),
        (lambda text: text.split("\n\n")[0] + "\n\n", CheckpointProblem.NOT_A_NOTE),
        (lambda text: text.replace("\n\n", "\nextension\n\n"), CheckpointProblem.NOT_A_NOTE),
        (lambda text: text.replace("\n27\n", "\n"), CheckpointProblem.NOT_A_NOTE),
        (lambda text: text.replace("\n27\n", "\n027\n"), CheckpointProblem.BAD_SIZE),
        (lambda text: text.replace("\n27\n", "\n+27\n"), CheckpointProblem.BAD_SIZE),
        (lambda text: text.replace("\n27\n", "\n-27\n"), CheckpointProblem.BAD_SIZE),
        (lambda text: text.replace("\n27\n", "\n٢٧\n"), CheckpointProblem.BAD_SIZE),
        (lambda text: text.replace("\n27\n", "\n27 \n"), CheckpointProblem.BAD_SIZE),
        (lambda text: text.replace("\n27\n", "\n99999999999999999\n"), CheckpointProblem.BAD_SIZE),
        (lambda text: text.replace("\n27\n", "\n9007199254740992\n"), CheckpointProblem.BAD_SIZE),
        (lambda text: text.replace("=\n\n", "\n\n"), CheckpointProblem.BAD_ROOT),
        (lambda text: text.replace("=\n\n", "==\n\n"), CheckpointProblem.BAD_ROOT),
        (lambda text: text.replace("oaxaca.example/2026\n", " oaxaca.example\n"), CheckpointProblem.BAD_NAME),
        (lambda text: "\n" + text, CheckpointProblem.NOT_A_NOTE),
        (lambda text: text.replace("— ", "- "), CheckpointProblem.BAD_SIGNATURE),
        (lambda text: text.replace("— ", "—"), CheckpointProblem.BAD_SIGNATURE),
        (lambda text: text[:-1] + " \n", CheckpointProblem.BAD_SIGNATURE),
        (lambda text: text[:-3] + "\n", CheckpointProblem.BAD_SIGNATURE),
        (lambda text: text[:-1] + "\r\n", CheckpointProblem.BAD_SIGNATURE),
        (lambda text: text.split("— ")[0] + "— log AAAAAA==\n", CheckpointProblem.BAD_SIGNATURE),
        (lambda text: text.split("— ")[0] + "— log AAAA\n", CheckpointProblem.BAD_SIGNATURE),
        (lambda text: text.split("— ")[0] + "— log AAAAAAB=\n", CheckpointProblem.BAD_SIGNATURE),
    ],
)
def test_a_text_that_differs_in_anything_is_no_checkpoint(
    change: Callable[[str], str], code: CheckpointProblem
) -> None:
    altered = change(signed().text)
    assert altered != signed().text
    assert refusal_of(lambda: parse_checkpoint(altered))[0] is code


@given(st.text(alphabet="o0127AB+/=— \n\r\u2028é", max_size=12), st.data())
def test_whatever_is_read_is_written_as_it_was(inserted: str, data: st.DataObject) -> None:
    text = signed().text
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(start + 3, len(text))))
    altered = text[:start] + inserted + text[end:]
    try:
        note = parse_checkpoint(altered)
    except InvalidCheckpoint:
        return
    assert note.text == altered


def test_a_value_that_is_wrong_stands_with_the_problem() -> None:
    text = signed().text
    for old, new, value in (
        ("\n27\n", "\n027\n", "027"),
        ("=\n\n", "\n\n", b""),
        ("=\n\n", " =\n\n", b""),
        ("— ", "- ", text.split("\n")[-2].replace("— ", "- ")),
        (text[-8:], "\n", b""),
    ):
        assert refusal_of(lambda old=old, new=new: parse_checkpoint(text.replace(old, new)))[1] == value  # type: ignore[misc]
    assert refusal_of(lambda: parse_checkpoint("a\n1\n"))[1] == "a\n1\n"
    for other in ("log+00000000+AQ", PETER.replace("c74f20a3", "c74f20a4")):
        assert refusal_of(lambda other=other: parse_key(other))[1] == other  # type: ignore[misc]


def test_what_was_signed_never_changes() -> None:
    (signature,) = signed().signatures
    for made in (KEY, CHECKPOINT, signature, signed()):
        assert not hasattr(made, "__dict__")
        with pytest.raises(FrozenInstanceError):
            setattr(made, fields(made)[0].name, "other")
    problems = list(CheckpointProblem)
    assert [problem.value for problem in problems] == [problem.name.lower() for problem in problems]


# -- signing and verifying ----------------------------------------------------------------------------


def test_a_checkpoint_counts_if_its_log_signed_it() -> None:
    assert signed_by(signed(), KEY, verify) is True
    assert signed_by(replace(signed(), signatures=(WITNESS,)), KEY, verify) is False
    assert signed().signatures == (
        Signature(KEY.name, KEY.key_id, PRIVATE_KEY.sign(b"oaxaca.example/2026\n27\n%b\n" % b64encode(ROOT))),
    )


@pytest.mark.parametrize(
    "change",
    [{"size": 28}, {"root": sha256(b"other").digest()}, {"origin": "oaxaca.example/2027"}],
)
def test_a_signature_of_another_checkpoint_does_not_count(change: dict[str, Any]) -> None:
    assert not signed_by(replace(signed(), checkpoint=replace(CHECKPOINT, **change)), KEY, verify)


def test_other_keys_signatures_are_passed_over() -> None:
    (own,) = signed().signatures
    for others in ([WITNESS], [replace(own, name="other")], [replace(own, key_id=b"othe")]):
        assert not signed_by(replace(signed(), signatures=tuple(others)), KEY, verify)
        assert signed_by(replace(signed(), signatures=(*others, own)), KEY, verify)


def test_one_false_signature_under_the_name_and_key_id_spoils_the_note() -> None:
    (own,) = signed().signatures
    false = replace(own, signature=own.signature[::-1])
    assert not signed_by(replace(signed(), signatures=(own, false)), KEY, verify)
    assert not signed_by(replace(signed(), signatures=(false,)), KEY, verify)


def test_a_signature_says_by_which_key_it_was_made() -> None:
    (own,) = signed().signatures
    assert own.by(KEY)
    assert not replace(own, name="other").by(KEY)
    assert not replace(own, key_id=b"othe").by(KEY)


def test_a_log_signs_under_its_own_name_only() -> None:
    other = replace(KEY, name="other.example")
    assert refusal_of(lambda: sign_checkpoint(CHECKPOINT, other, PRIVATE_KEY.sign)) == (
        CheckpointProblem.BAD_NAME,
        "other.example",
    )


@pytest.mark.parametrize("size", [0, 63, 65])
def test_an_ed25519_signature_has_64_bytes(size: int) -> None:
    assert refusal_of(lambda: sign_checkpoint(CHECKPOINT, KEY, lambda _: bytes(size))) == (
        CheckpointProblem.BAD_SIGNATURE,
        bytes(size),
    )


@pytest.mark.parametrize(
    ("key_id", "signature"), [(b"thr", b"signature"), (b"fives", b"signature"), (b"four", b"")]
)
def test_a_signature_line_holds_a_key_id_and_something_more(key_id: bytes, signature: bytes) -> None:
    assert refusal_of(lambda: Signature("log", key_id, signature)) == (
        CheckpointProblem.BAD_SIGNATURE,
        key_id + signature,
    )
    assert Signature("log", b"four", b"s").text == "— log Zm91cnM=\n"
