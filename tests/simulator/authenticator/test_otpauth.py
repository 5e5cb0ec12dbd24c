"""`otpauth:` addresses: what is taken, and why the rest is not."""

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.authenticator.explained import EXPLAINED
from simulator.authenticator.otpauth import Algorithm, Fault, Key, Kind, OtpauthError, read_otpauth, read_secret

SECRET = "JBSWY3DPEHPK3PXP"
TOTP = f"otpauth://totp/chan?secret={SECRET}"


def test_the_key_uri_formats_own_example():
    # github.com/google/google-authenticator/wiki/Key-Uri-Format
    key = read_otpauth("otpauth://totp/Example:alice@google.com?secret=JBSWY3DPEHPK3PXP&issuer=Example")
    assert key == Key(kind=Kind.TOTP, issuer="Example", name="alice@google.com", secret=b"Hello!\xde\xad\xbe\xef")


def test_every_parameter_is_read():
    key = read_otpauth(
        "otpauth://totp/ACME%20Co:john@example.com?secret=HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ"
        "&issuer=ACME%20Co&algorithm=SHA512&digits=8&period=60&image=https%3A%2F%2Fexample.com"
    )
    assert (key.issuer, key.name) == ("ACME Co", "john@example.com")
    assert (key.algorithm, key.digits, key.period_seconds) == (Algorithm.SHA512, 8, 60)
    assert len(key.secret) == 20
    key = read_otpauth(f"OTPAUTH://HOTP/chan?counter=7&secret={SECRET}&algorithm=sha-256")
    assert (key.kind, key.counter, key.algorithm) == (Kind.HOTP, 7, Algorithm.SHA256)


def test_the_issuer_parameter_stands_above_the_labels():
    assert read_otpauth(f"otpauth://totp/Old:chan?secret={SECRET}&issuer=New").issuer == "New"
    assert read_otpauth(f"otpauth://totp/Old:chan?secret={SECRET}").issuer == "Old"
    assert read_otpauth(TOTP).issuer == ""


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("https://example.com", Fault.FOREIGN),
        ("otpauth:totp/chan", Fault.FOREIGN),
        ("", Fault.FOREIGN),
        ("otpauth-migration://offline?data=CjEK", Fault.MIGRATION),
        (f"otpauth://yaotp/chan?secret={SECRET}", Fault.KIND),
        (f"otpauth:///chan?secret={SECRET}", Fault.KIND),
        (f"otpauth://totp/?secret={SECRET}", Fault.NAME),
        (f"otpauth://totp/Example:?secret={SECRET}", Fault.NAME),
        (f"otpauth://totp/a%0Ab?secret={SECRET}", Fault.NAME),
        (f"otpauth://totp/a%E2%80%AEb?secret={SECRET}", Fault.NAME),
        (f"otpauth://totp/{'a' * 101}?secret={SECRET}", Fault.NAME),
        (f"otpauth://totp/a%FF?secret={SECRET}", Fault.DAMAGED),
        (f"otpauth://totp/a%2?secret={SECRET}", Fault.DAMAGED),
        (f"otpauth://totp/a\x07b?secret={SECRET}", Fault.DAMAGED),
        (f"otpauth://totp/a?secret={SECRET}&secret={SECRET}", Fault.DAMAGED),
        (f"otpauth://totp/a?secret={SECRET}&x={'y' * 2048}", Fault.DAMAGED),
        (f"otpauth://[/a?secret={SECRET}", Fault.DAMAGED),
        ("otpauth://totp/chan", Fault.NO_KEY),
        ("otpauth://totp/chan?secret=", Fault.NO_KEY),
        ("otpauth://totp/chan?secret=JBSWY3DPEHPK3PX0", Fault.KEY),
        ("otpauth://totp/chan?secret=JBSWY3DPEHPK3PXPA", Fault.KEY),
        ("otpauth://totp/chan?secret=%EF%BC%A1BSWY3DPEHPK3PXP", Fault.KEY),
        ("otpauth://totp/chan?secret=JBSWY3DP", Fault.WEAK),
        (f"otpauth://totp/chan?secret={'A' * 208}", Fault.LONG),
        (f"{TOTP}&algorithm=MD5", Fault.ALGORITHM),
        (f"{TOTP}&digits=5", Fault.DIGITS),
        (f"{TOTP}&digits=9", Fault.DIGITS),
        (f"{TOTP}&digits=%2B6", Fault.DIGITS),
        (f"{TOTP}&digits=%EF%BC%96", Fault.DIGITS),
        (f"{TOTP}&period=0", Fault.PERIOD),
        (f"{TOTP}&period=3601", Fault.PERIOD),
        (f"{TOTP}&period=30.5", Fault.PERIOD),
        (f"otpauth://hotp/chan?secret={SECRET}", Fault.COUNTER),
        (f"otpauth://hotp/chan?secret={SECRET}&counter=-1", Fault.COUNTER),
        (f"otpauth://hotp/chan?secret={SECRET}&counter=9223372036854775808", Fault.COUNTER),
    ],
)
def test_what_is_damaged_or_foreign_is_refused_for_its_reason(address, fault):
    with pytest.raises(OtpauthError) as refused:
        read_otpauth(address)
    assert refused.value.fault is fault
    assert SECRET not in str(refused.value)


@given(st.text(max_size=80))
def test_any_text_is_an_account_or_a_fault_and_never_an_accident(text):
    for address in (text, f"otpauth://totp/{text}", f"otpauth://totp/x?{text}", f"{TOTP}&{text}"):
        with suppress(OtpauthError):
            read_otpauth(address)


@given(st.binary(min_size=10, max_size=128))
def test_a_key_is_read_as_sites_print_it(secret):
    letters = base64.b32encode(secret).decode().rstrip("=")
    grouped = " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))
    assert read_secret(letters) == read_secret(grouped.lower()) == read_secret(grouped.replace(" ", "-")) == secret


def test_every_fault_is_explained():
    assert set(EXPLAINED) == set(Fault)
