"""What the text of a QR code is for."""

import pytest

from simulator.scanning import Installation, OneTimePasswords, Registration, SomethingElse, what_is


@pytest.mark.parametrize(
    ("text", "app"),
    [
        ("TWOFOLD1?c=ABC", Registration),
        ("TWOFOLD2?anything", Registration),
        ("twofold1?c=ABC", SomethingElse),
        ("otpauth://totp/x?secret=A", OneTimePasswords),
        ("OTPAUTH://TOTP/x", OneTimePasswords),
        ("otpauth-migration://offline?data=x", OneTimePasswords),
        ("otpauthx://totp", SomethingElse),
        ("http://localhost:8000/iweb/app/android", Installation),
        ("https://broker.example/iweb/app/ios", Installation),
        ("https://broker.example/iweb/app/windows", SomethingElse),
        ("https://broker.example/iweb/app/ios?x=1", SomethingElse),
        ("https://evil@broker.example/iweb/app/ios", SomethingElse),
        ("https://broker.example:99999/iweb/app/ios", SomethingElse),
        ("ftp://broker.example/iweb/app/ios", SomethingElse),
        ("http:///iweb/app/ios", SomethingElse),
        ("http://[/iweb/app/ios", SomethingElse),
        ("https://broker.example/iweb/app/ios\n", SomethingElse),
        ("", SomethingElse),
    ],
)
def test_each_text_goes_to_the_app_that_it_is_for(text, app):
    assert isinstance(what_is(text), app)


def test_an_install_address_tells_host_and_version():
    assert what_is("http://localhost:8000/iweb/app/android") == Installation("localhost:8000", "android")
    assert what_is("https://broker.example/iweb/app/ios") == Installation("broker.example", "ios")


def test_what_may_be_a_secret_does_not_print():
    assert "SECRET" not in repr(what_is("otpauth://totp/x?secret=SECRET"))
    assert "SECRET" not in repr(what_is("TWOFOLD1?c=SECRET"))
