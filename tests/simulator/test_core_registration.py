"""The registration code and the QR code that carries it: typing errors and forgeries are caught on the phone."""

import base64
import string
from contextlib import suppress
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.securities.keys import DeviceKeys
from simulator.securities.registration_code import (
    WrongCharacter,
    WrongChecksum,
    WrongLength,
    crc16_arc,
    read_registration_code,
)
from simulator.securities.registration_qr import (
    NotARegistrationQr,
    NotSignedByServer,
    OfAnotherServer,
    OfAnotherVersion,
    read_registration_qr,
)
from simulator.strict_json import to_base64url

ALPHABET = string.ascii_uppercase + "234567"
ORIGIN = "https://broker.example:8443"

codes = st.binary(min_size=10, max_size=10).map(
    lambda data: base64.b32encode(data + crc16_arc(data).to_bytes(2, "big")).decode().rstrip("=")
)


def test_the_check_value_of_crc_16_arc():
    # docs/phone-api.md: the check value of 123456789 is 0xBB3D.
    assert crc16_arc(b"123456789") == 0xBB3D
    assert crc16_arc(b"") == 0


def test_a_code_worked_out_by_hand():
    # Ten zero bytes have the checksum 0, twelve zero bytes are twenty A in base32.
    assert read_registration_code("aaaaa-aaaaa-aaaaa-aaaaa") == "A" * 20


@given(codes)
def test_a_code_is_read_however_it_is_typed(code):
    typed = "-".join(code[at : at + 5] for at in range(0, 20, 5))
    for spelling in (code, typed, typed.lower(), typed.replace("-", " "), f"\n {typed}\t", typed.replace("O", "0")):
        assert read_registration_code(spelling) == code
    assert read_registration_code(typed.replace("I", "1")) == code


@given(codes, st.integers(0, 19), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_caught(code, at, character):
    typed = code[:at] + character + code[at + 1 :]
    if typed != code:
        with pytest.raises(WrongChecksum):
            read_registration_code(typed)


@given(codes, st.integers(0, 18))
def test_every_two_neighbours_in_each_others_place_are_caught(code, at):
    typed = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    if typed != code:
        with pytest.raises(WrongChecksum):
            read_registration_code(typed)


@pytest.mark.parametrize("typed", ["", "-", "A" * 19, "A" * 21, "AAAAA-AAAAA"])
def test_another_length_is_told_as_such(typed):
    with pytest.raises(WrongLength):
        read_registration_code(typed)


@pytest.mark.parametrize("character", [*"89!_=.,ÀＡ註٣ßı\u00a0\u2011"])
def test_a_character_that_no_code_has_is_told_as_such(character):
    with pytest.raises(WrongCharacter):
        read_registration_code("A" * 19 + character)


@given(st.text(max_size=30))
def test_whatever_is_typed_is_read_or_refused_in_one_of_three_ways(text):
    with suppress(WrongLength, WrongCharacter, WrongChecksum):
        assert len(read_registration_code(text)) == 20


@pytest.fixture(scope="module")
def server() -> DeviceKeys:
    return DeviceKeys.make()


def _signed(server: DeviceKeys, text: str) -> str:
    return f"{text}&s={to_base64url(server.sign(text.encode()))}"


def _read(server: DeviceKeys, text: str) -> str:
    return read_registration_qr(text, origin=ORIGIN, key_id="key-1", public_key=server.public_key)


@pytest.fixture
def good() -> str:
    return f"TWOFOLD1?c={'A' * 20}&u={quote(ORIGIN, safe='')}&k=key-1"


def test_a_code_signed_by_the_server_is_read(server, good):
    assert _read(server, _signed(server, good)) == "A" * 20


def test_every_touched_character_is_refused(server, good):
    text = _signed(server, good)
    for at, character in enumerate(text):
        touched = text[:at] + ("B" if character != "B" else "C") + text[at + 1 :]
        with pytest.raises((NotARegistrationQr, NotSignedByServer, OfAnotherServer, OfAnotherVersion)):
            _read(server, touched)


def test_each_kind_of_wrong_code_has_its_own_error(server, good):
    stranger = DeviceKeys.make()
    cases = {
        _signed(stranger, good): NotSignedByServer,
        _signed(server, good.replace("key-1", "key-2")): NotSignedByServer,
        f"{good}&s=": NotARegistrationQr,
        f"{good}&s=AAAA": NotSignedByServer,
        good: NotARegistrationQr,
        _signed(server, good.replace("broker", "evil")): OfAnotherServer,
        _signed(server, good.replace("https", "http")): OfAnotherServer,
        _signed(server, good.replace("broker", "%FF%FE")): OfAnotherServer,
        _signed(server, good.replace("TWOFOLD1", "TWOFOLD2")): OfAnotherVersion,
        _signed(server, good.replace("A" * 20, "A" * 19 + "Q")): NotARegistrationQr,
        _signed(server, good) + "\n": NotARegistrationQr,
        _signed(server, good) + "&x=1": NotARegistrationQr,
        "otpauth://totp/x?secret=AAAA": NotARegistrationQr,
        "https://broker.example/": NotARegistrationQr,
        "": NotARegistrationQr,
        "TWOFOLD": NotARegistrationQr,
    }
    for text, error in cases.items():
        with pytest.raises(error):
            _read(server, text)


def test_a_seed_is_nowhere_in_the_code(good):
    assert set(good.partition("?")[2].replace("=", "&").split("&")[::2]) == {"c", "u", "k"}
