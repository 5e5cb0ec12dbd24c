"""Login passwords: the rules of M4, one by one, and how they are kept."""

import re

import pytest

from auth_server.accounts import Account, read_account
from auth_server.passwords import PasswordRule, Passwords, _common_passwords

CHAN = Account(
    account="9999-9990", name="Chan Tai Man", email="chan.taiman@example.com", phone="+852 5555 0101", language="en"
)
PASSWORDS = Passwords({"new": bytes(32)})


def broken(password: str, previous_hash: str | None = None) -> list[PasswordRule]:
    return list(PASSWORDS.broken_rules(password, account=CHAN, previous_hash=previous_hash))


def test_the_rules_are_in_the_manuals_words() -> None:
    assert [rule.value for rule in PasswordRule][:5] == [
        "必須最少有8個字元",
        "字元必須是數字或英文字母",
        "包含最少一個英文字母",
        "包含最少一個數字",
        "不能與前1次密碼相同",
    ]


@pytest.mark.parametrize(
    ("password", "rules"),
    [
        ("Tseung7K", []),
        ("T" * 63 + "7", []),
        ("Tseung7", [PasswordRule.LENGTH]),
        ("TseungKwan", [PasswordRule.DIGIT]),
        ("84602751", [PasswordRule.LETTER]),
        ("Tseung7Kwan!", [PasswordRule.CHARACTERS]),
        ("Tseung7 Kwan", [PasswordRule.CHARACTERS]),
        ("Tseung7Kwan ", [PasswordRule.CHARACTERS]),
        ("Tseung7Kwan\n", [PasswordRule.CHARACTERS]),
        ("Tseung7Kwané", [PasswordRule.CHARACTERS]),
        ("Tseung7Kwan²", [PasswordRule.CHARACTERS]),
        ("Ｔseung7Kwan", [PasswordRule.CHARACTERS]),
        ("TseungKwan７", [PasswordRule.CHARACTERS, PasswordRule.DIGIT]),
        ("", [PasswordRule.LENGTH, PasswordRule.LETTER, PasswordRule.DIGIT]),
        ("T" * 64 + "7", [PasswordRule.TOO_LONG]),
        ("T7" * 500_000, [PasswordRule.TOO_LONG]),
        ("password1", [PasswordRule.COMMON]),
        ("PassWord1", [PasswordRule.COMMON]),
        ("abc12345", [PasswordRule.COMMON]),
        ("x99999990x", [PasswordRule.PERSONAL]),
        ("MyAnue2026", [PasswordRule.PERSONAL]),
        ("ChanTaiMan7", [PasswordRule.PERSONAL]),
    ],
)
def test_each_rule_is_enforced(password: str, rules: list[PasswordRule]) -> None:
    assert broken(password) == rules


def test_the_previous_password_is_refused_and_another_case_of_it_is_another_password() -> None:
    previous = PASSWORDS.hash_password("Tseung7Kwan")
    assert broken("Tseung7Kwan", previous) == [PasswordRule.PREVIOUS]
    assert broken("tseung7kwan", previous) == []


def test_a_password_is_taken_exactly_as_it_is() -> None:
    kept = PASSWORDS.hash_password("T" * 80 + "x")
    assert kept.startswith("new$argon2id$v=19$m=47104,t=1,p=1$")
    assert PASSWORDS.verify_password(kept, "T" * 80 + "x")
    for other in ["T" * 80 + "y", "T" * 80 + "X", "T" * 80 + "x ", "T" * 80, ""]:
        assert not PASSWORDS.verify_password(kept, other)


def test_nothing_is_the_password_of_an_account_without_one() -> None:
    for password in ["", "\x00", "Tseung7Kwan", "\ud800"]:
        assert not PASSWORDS.verify_password(None, password)
    assert not PASSWORDS.verify_password("not a hash", "Tseung7Kwan")


def test_a_hash_is_worth_nothing_without_the_servers_key() -> None:
    kept = PASSWORDS.hash_password("Tseung7Kwan")
    assert not Passwords({"new": bytes([1]) * 32}).verify_password(kept, "Tseung7Kwan")


@pytest.mark.parametrize("text", ["9999-9990", "99999990", " 9999 9990 ", "9999 - 9990"])
def test_an_account_number_has_one_spelling_inside(text: str) -> None:
    assert read_account(text) == "9999-9990"


@pytest.mark.parametrize(
    "text", ["", "9999-999", "9999-99900", "999-99990", "９９９９-９９９０", "9999-9990\n", "9999--9990"]
)
def test_what_is_no_account_number_is_none(text: str) -> None:
    assert read_account(text) is None


def test_the_list_of_common_passwords_has_three_thousand_that_the_other_rules_would_take() -> None:
    """ASVS 5.0, 6.2.4."""
    fit = [word for word in _common_passwords() if re.fullmatch("[a-z0-9]{8,64}", word) and not word.isalpha()]
    assert len([word for word in fit if not word.isdecimal()]) >= 3000
