"""Secrets at rest: what opens a seal, and what does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth_server.encoding import fields, from_base64url, to_base64url
from auth_server.sealing import Mac, MasterKey, Seal, SealBrokenError

SEAL = Seal(bytes(32))


@given(st.binary(max_size=100))
def test_what_was_sealed_opens_in_its_place(plain: bytes) -> None:
    assert SEAL.unseal(SEAL.seal(plain, "soft_tokens", "a"), "soft_tokens", "a") == plain


def test_a_seal_copied_to_another_place_does_not_open() -> None:
    sealed = SEAL.seal(b"seed", "soft_tokens", "token-1", "9999-9990")
    for place in [("soft_tokens", "token-1", "9999-9991"), ("soft_tokens", "token-19999-9990"), ()]:
        with pytest.raises(SealBrokenError):
            SEAL.unseal(sealed, *place)


def test_a_seal_under_another_key_does_not_open() -> None:
    with pytest.raises(SealBrokenError):
        Seal(bytes([1]) * 32).unseal(SEAL.seal(b"seed"))


def test_a_seal_with_any_bit_changed_or_byte_missing_does_not_open() -> None:
    sealed = SEAL.seal(b"seed")
    for place in range(len(sealed)):
        with pytest.raises(SealBrokenError):
            SEAL.unseal(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :])
        with pytest.raises(SealBrokenError):
            SEAL.unseal(sealed[:place])


def test_the_same_secret_is_never_sealed_alike() -> None:
    assert len({SEAL.seal(b"seed") for _ in range(1000)}) == 1000


def test_each_purpose_has_its_own_key() -> None:
    master = MasterKey(bytes(32))
    assert master.derive("seal") == master.derive("seal")
    assert len({master.derive(purpose) for purpose in ("seal", "codes", "signing key")}) == 3
    assert master.derive("seal") != MasterKey(bytes([1]) * 32).derive("seal")


def test_no_two_lists_of_fields_read_alike() -> None:
    assert fields("ab", "c") != fields("a", "bc") != fields("abc")
    assert fields("a") == b"\x00\x00\x00\x01a"
    assert Mac(bytes(32)).of("ab", "c") != Mac(bytes(32)).of("a", "bc")


@given(st.binary(max_size=40))
def test_bytes_have_one_spelling(data: bytes) -> None:
    assert from_base64url(to_base64url(data)) == data


@pytest.mark.parametrize("text", ["A", "AB", "AA==", "AA\n", "A+/A", "ＡＡ", "AAAAA"])
def test_what_is_not_base64url_or_a_second_spelling_is_none(text: str) -> None:
    assert from_base64url(text) is None
