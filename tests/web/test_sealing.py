"""What is sealed is read with its own key alone, and not at all once it was changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference.domain.errors import Conflict
from conference.web.sealing import Seal, open_once, seal_once

KEY, OTHER = bytes(range(32)), bytes(32)


@given(st.binary())
def test_what_was_sealed_once_comes_back_with_its_key_and_no_other(content: bytes) -> None:
    sealed = seal_once(content, key=KEY)
    assert (open_once(sealed, key=KEY), open_once(sealed, key=OTHER)) == (content, None)


@given(st.binary(min_size=1, max_size=50), st.data())
def test_what_was_changed_opens_no_more(content: bytes, data: st.DataObject) -> None:
    sealed = bytearray(seal_once(content, key=KEY))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    assert open_once(bytes(sealed), key=KEY) is None


def test_the_server_opens_with_older_keys_and_seals_with_the_newest() -> None:
    sealed = Seal([OTHER], "authenticator", 7).close(b"secret")
    assert Seal([KEY, OTHER], "authenticator", 7).open(sealed) == b"secret"
    renewed = Seal([KEY, OTHER], "authenticator", 7).close(b"secret")
    assert Seal([KEY], "authenticator", 7).open(renewed) == b"secret"


@pytest.mark.parametrize(("purpose", "account_id"), [("authenticator", 8), ("other", 7)])
def test_nothing_opens_for_another_account_or_purpose(purpose: str, account_id: int) -> None:
    sealed = Seal([KEY], "authenticator", 7).close(b"secret")
    with pytest.raises(Conflict) as refused:
        Seal([KEY], purpose, account_id).open(sealed)
    assert refused.value.code == "seal_broken"
