"""Secrets show as aliases, and are found where they leaked."""

from pathlib import Path

import pytest

from harness.redaction import Redactor


def test_a_registered_secret_shows_as_a_stable_alias() -> None:
    redactor = Redactor()
    assert redactor.register("281704", "otp") == "‹otp#1›"
    assert redactor.register("990011", "otp") == "‹otp#2›"
    assert redactor.register("281704", "otp") == "‹otp#1›"
    assert redactor.redact("the code 281704, then 990011") == "the code ‹otp#1›, then ‹otp#2›"


def test_a_code_inside_a_longer_number_is_not_that_code() -> None:
    redactor = Redactor()
    redactor.register("281704", "otp")
    assert redactor.redact("12817045 and X281704Y") == "12817045 and X281704Y"


def test_the_longer_of_two_secrets_goes_first() -> None:
    redactor = Redactor()
    redactor.register("tokenvalue-0001", "token")
    redactor.register("http://localhost/iweb?token=tokenvalue-0001", "link")
    assert redactor.redact("see http://localhost/iweb?token=tokenvalue-0001.") == "see ‹link#1›."
    assert redactor.redact("tokenvalue-0001") == "‹token#1›"


def test_a_secret_is_hidden_as_it_stands_in_an_address_and_in_html() -> None:
    redactor = Redactor()
    redactor.register("a&b/c d", "password")
    assert redactor.redact("a%26b%2Fc%20d a&amp;b/c d") == "‹password#1› ‹password#1›"


def test_too_short_a_text_cannot_be_a_secret() -> None:
    with pytest.raises(ValueError, match="fewer than 4"):
        Redactor().register("123", "pin")


def test_nothing_is_hidden_before_anything_is_registered() -> None:
    assert Redactor().redact("281704") == "281704"


def test_a_leak_names_the_secret_by_its_alias_and_the_file(tmp_path: Path) -> None:
    redactor = Redactor()
    redactor.register("281704", "otp")
    leaky, clean, picture = tmp_path / "run.jsonl", tmp_path / "index.html", tmp_path / "page.png"
    leaky.write_text("code 281704 and again 281704")
    clean.write_text("code ‹otp#1›")
    picture.write_bytes(b"\x89PNG\xff\xfe")
    assert redactor.leaks([leaky, clean, picture]) == ("‹otp#1› in run.jsonl",)


def test_the_redactor_does_not_print_what_it_hides() -> None:
    redactor = Redactor()
    redactor.register("281704", "otp")
    assert "281704" not in repr(redactor)
