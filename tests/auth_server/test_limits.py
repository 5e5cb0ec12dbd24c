"""The page of limits is what the code has; and no limit lets a stranger keep a customer out for good."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from argon2 import PasswordHasher

from auth_server import lockout
from auth_server.commands import limits
from auth_server.limit_settings import Limits
from auth_server.one_time_codes import Issued, Outcome, Purpose
from auth_server.settings import Settings, SettingsError

if TYPE_CHECKING:
    from conftest import Phone, World

ACCOUNT = "9999-9990"
PASSWORD = "Tseung7Kwan"


@pytest.fixture
def world(world: "World", monkeypatch: pytest.MonkeyPatch) -> "World":
    """A world with one customer; what a hash costs is not the point here."""
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(world.broker.passwords, "_hasher", cheap)
    monkeypatch.setattr(world.broker.passwords, "_no_hash", cheap.hash("of nobody"))
    world.customer(password=None)
    with world.broker.database.writing() as tx:
        tx.exec_driver_sql(
            "UPDATE accounts SET password_hash = ?, password_changed_at = ?",
            (world.broker.passwords.hash_password(PASSWORD), world.clock.at),
        )
    return world


def test_the_page_of_limits_is_what_the_code_has() -> None:
    page = Path(__file__).parents[2] / "docs" / "limits.md"
    assert page.read_text(encoding="utf-8") == limits.page(), "type: python -m auth_server limits > docs/limits.md"


def test_every_limit_says_what_is_seen_of_it_and_how_it_ends() -> None:
    told = {limit.setting.removeprefix("AUTH_SERVER_").lower(): limit for limit in limits.limits()}
    assert set(told) == set(Limits.model_fields)
    assert (told["code_tries"].default, told["password_life_seconds"].default) == ("5", "90 d")
    counted = {name for name, field in Settings.model_fields.items() if field.annotation is int and name != "port"}
    assert counted == set(told)  # no limit hides among the other settings


@pytest.mark.parametrize("value", ["0", "-1", "101", "1e2", "５"])
def test_a_count_of_tries_is_from_1_to_100(settings: dict[str, str], value: str) -> None:
    with pytest.raises(SettingsError, match="AUTH_SERVER_TOKEN_TRIES"):
        Settings.read({**settings, "AUTH_SERVER_TOKEN_TRIES": value})


def log_in_on_the_web(world: "World", password: str = PASSWORD, *, account: str = ACCOUNT) -> bool:
    begin = world.broker.web.logins.begin
    return begin(world.broker.database, account, password, service=None, address="198.51.100.7") is not None


def test_a_hundred_wrong_passwords_of_a_stranger_do_not_keep_the_owner_of_the_phone_out(
    world: "World", new_phone: "Callable[..., Phone]"
) -> None:
    phone = new_phone()
    phone.be_bound()
    for number in range(100):
        assert not log_in_on_the_web(world, f"Wrong{number:05d}")
    assert not log_in_on_the_web(world)  # the web is closed for a quarter of an hour
    stranger = new_phone()
    assert stranger.log_in().status_code == 429
    assert phone.log_in().json()["state"] == "logged-in"


def test_the_lock_of_the_web_ends_by_itself_and_with_a_new_password(world: "World") -> None:
    for number in range(10):
        assert not log_in_on_the_web(world, f"Wrong{number:05d}")
    assert not log_in_on_the_web(world)
    world.clock.advance(15 * 60)
    assert log_in_on_the_web(world)
    for number in range(10):
        assert not log_in_on_the_web(world, f"Wrong{number:05d}")
    with world.broker.database.writing() as tx:
        lockout.forgive_account(tx, ACCOUNT)
    assert log_in_on_the_web(world)


def test_no_spelling_of_an_account_number_has_a_count_of_its_own(world: "World") -> None:
    spellings = ["9999-9990", "99999990", " 9999-9990", "9999 9990", "9999-9990 "]
    for number in range(10):
        assert not log_in_on_the_web(world, "Wrong12345", account=spellings[number % len(spellings)])
    assert not any(log_in_on_the_web(world, account=spelling) for spelling in spellings)


def test_wrong_passwords_lock_no_codes_and_wrong_codes_no_passwords(
    world: "World", new_phone: "Callable[..., Phone]"
) -> None:
    phone = new_phone()
    phone.be_bound()
    for number in range(20):
        log_in_on_the_web(world, f"Wrong{number:05d}")
    about = {"purpose": Purpose.LOGIN, "account": ACCOUNT}
    with world.broker.database.writing() as tx:
        codes, tokens = world.broker.one_time_codes, world.broker.soft_tokens
        issued = codes.issue(tx, **about, transaction="t", channel="sms")
        assert isinstance(issued, Issued)
        assert codes.accept(tx, **about, transaction="t", text=issued.code) is Outcome.ACCEPTED
        for _ in range(51):
            codes.accept(tx, **about, transaction="u", text="000000")
        world.clock.advance(3600)
        issued = codes.issue(tx, **about, transaction="v", channel="sms")
        assert isinstance(issued, Issued)
        assert codes.accept(tx, **about, transaction="v", text=issued.code) is Outcome.LOCKED
        # The token is counted apart, and so is the password.
        assert tokens.accept_code(tx, ACCOUNT, phone.code(steps=0)) is Outcome.ACCEPTED
    assert log_in_on_the_web(world)
    world.clock.advance(24 * 3600)
    with world.broker.database.writing() as tx:
        issued = codes.issue(tx, **about, transaction="w", channel="sms")
        assert isinstance(issued, Issued)
        assert codes.accept(tx, **about, transaction="w", text=issued.code) is Outcome.ACCEPTED


def test_a_new_login_and_a_new_code_do_not_begin_a_new_count_of_wrong_codes(world: "World") -> None:
    about = {"purpose": Purpose.LOGIN, "account": ACCOUNT}
    evaluated = 0
    with world.broker.database.writing() as tx:
        for login in range(40):
            issued = world.broker.one_time_codes.issue(tx, **about, transaction=f"{login}", channel="sms")
            world.clock.advance(721)  # as fast as codes can be had
            if isinstance(issued, Issued):
                world.clock.advance(-721)
                wrong = "000000" if issued.code != "000000" else "000001"
                for _ in range(4):
                    outcome = world.broker.one_time_codes.accept(tx, **about, transaction=f"{login}", text=wrong)
                    evaluated += outcome is Outcome.WRONG
                world.clock.advance(721)
    assert evaluated == 50


def test_keys_in_a_file_are_one_a_line_the_one_in_use_first(settings: dict[str, str], tmp_path: Path) -> None:
    del settings["AUTH_SERVER_MASTER_KEY"]
    file = tmp_path / "master.key"
    file.touch(mode=0o600)
    keys = [bytes([number]) * 32 for number in (2, 1, 0)]
    file.write_text("".join(f"{base64.urlsafe_b64encode(key).decode()}\n" for key in keys))
    read = Settings.read({**settings, "AUTH_SERVER_MASTER_KEY_FILE": str(file)})
    assert [key.get_secret_value() for key in (read.master_key, *read.old_master_keys)] == keys
    file.write_text("")
    with pytest.raises(SettingsError, match="AUTH_SERVER_MASTER_KEY must be 32 bytes in base64url"):
        Settings.read({**settings, "AUTH_SERVER_MASTER_KEY_FILE": str(file)})
