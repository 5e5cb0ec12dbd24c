"""設定 › 帳戶設定 of the app: what it shows, a new password, an expired one, and clearing the token (M8, M20, M23)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest

from auth_server import accounts, lockout, phone_sessions, token_clearing
from auth_server.encoding import from_base64url
from auth_server.refusals import Refusal

if TYPE_CHECKING:
    from conftest import Phone, World

    from auth_server.phone_sessions import PhoneSession

NewPhone = Callable[..., "Phone"]
AtOnce = Callable[[Callable[[int], object], int], list[object]]
PASSWORD = "Tseung7Kwan"
NEW_PASSWORD = "Kowloon8Tong"
NOW = 1_800_000_000
DAY = 86400


@pytest.fixture
def phone(bound_phone: "Phone") -> "Phone":
    """A phone with the account's token, logged in."""
    return bound_phone


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def change(phone: "Phone", current: str = PASSWORD, new: str = NEW_PASSWORD) -> httpx.Response:
    return phone.call("POST", "/password", {"current": current, "new": new})


def change_expired(phone: "Phone", current: str = PASSWORD, new: str = NEW_PASSWORD, **other: str) -> httpx.Response:
    proof = phone.proof("twofold-expired-password-v1", phone.challenge("expired-password"))
    body = {"account": phone.account, "current": current, "new": new, "device_key": phone.login_body()["device_key"]}
    return phone.call("POST", "/password/expired", {**body, **proof, **other})


def session_of(world: "World", phone: "Phone") -> "PhoneSession":
    with world.broker.database.writing() as tx:
        session = phone_sessions.find(tx, phone.session, world.broker.settings, at=world.clock.at)
    assert session is not None
    return session


# What the settings show


def test_the_settings_show_account_token_biometrics_and_the_life_of_the_password(phone: "Phone") -> None:
    assert phone.settings() == {
        "account": "9999-9990",
        "name": "陳大文",
        "token": {"state": "active", "device_name": "iPhone 15", "activated_at": NOW},
        "biometrics": {"state": "none", "reason": None, "registered_at": None},
        "password": {"changed_at": NOW, "expires_at": NOW + 90 * DAY},
    }


def test_of_another_phones_token_the_settings_tell_only_that_it_is_there(phone: "Phone", new_phone: NewPhone) -> None:
    phone.register_biometrics()
    other = new_phone()
    other.be_logged_in()
    shown = other.settings()
    assert shown["token"] == {"state": "elsewhere", "device_name": None, "activated_at": None}
    assert shown["biometrics"] == {"state": "none", "reason": None, "registered_at": None}


def test_the_settings_show_that_there_is_no_token_and_that_one_is_locked(
    world: "World", new_phone: NewPhone, phone: "Phone"
) -> None:
    with world.broker.database.writing() as tx:
        for _ in range(10):
            world.broker.soft_tokens.accept_code(tx, "9999-9990", "000000")
    assert phone.settings()["token"]["state"] == "locked"
    world.customer("9999-9991")
    first = new_phone("9999-9991")
    first.be_logged_in()
    assert first.settings()["token"]["state"] == "none"


def test_settings_need_a_session(world: "World", new_phone: NewPhone) -> None:
    phone = new_phone()
    assert refused(phone.call("GET", "/settings")) == (401, "not-logged-in")
    assert world.reasons("request-refused") == ["no-session"]


# Changing the password (M20)


def test_a_password_changed_in_the_app_ends_all_other_sessions_and_this_one_goes_on(
    world: "World", new_phone: NewPhone, phone: "Phone"
) -> None:
    other = new_phone()
    other.be_logged_in()
    with world.broker.database.writing() as tx:
        web = world.broker.web.sessions.begin(tx, "9999-9990", "token", previous_login_at=None)
    world.clock.advance(DAY / 4)
    phone.be_logged_in("logged-in")
    changed = change(phone)
    assert changed.json() == {"changed_at": NOW + DAY // 4, "expires_at": NOW + DAY // 4 + 90 * DAY}
    assert phone.settings()["password"] == changed.json()
    assert refused(other.call("GET", "/enrolment")) == (401, "not-logged-in")
    with world.broker.database.writing() as tx:
        assert world.broker.web.sessions.resume(tx, web) is None
    [mail] = world.mails()
    assert (mail.subject, world.texts()) == ("密碼已更改通知", [])
    assert refused(phone.log_in()) == (401, "login-refused")
    assert phone.log_in(NEW_PASSWORD).status_code == 201


def test_without_the_current_password_it_stays(world: "World", phone: "Phone") -> None:
    assert refused(change(phone, current="Wrong7Password")) == (403, "wrong-password")
    assert refused(change(phone, current="")) == (403, "wrong-password")
    assert world.reasons("password-refused") == ["wrong", "wrong"]
    assert phone.log_in().status_code == 201


@pytest.mark.parametrize(
    ("new", "rules"),
    [
        ("Ab1", ["length"]),
        ("", ["length", "letter", "digit"]),
        ("Kowloon-Tong", ["characters", "digit"]),
        ("Kowloon8Tong\n", ["characters"]),
        ("Kowloon８Tong", ["characters", "digit"]),
        ("12345670", ["letter"]),
        ("K8" * 33, ["too-long"]),
        ("Password1", ["common"]),
        ("x99999990x", ["personal"]),
        (PASSWORD, ["previous"]),
    ],
)
def test_a_new_password_that_breaks_rules_is_refused_with_each_of_them(
    world: "World", phone: "Phone", new: str, rules: list[str]
) -> None:
    answer = change(phone, new=new)
    assert refused(answer) == (422, "password-refused")
    assert [each["rule"] for each in answer.json()["error"]["rules"]] == rules
    assert world.reasons("password-refused") == [", ".join(rules).replace("-", "_")]
    assert not world.mails()


def test_the_broken_rules_are_told_in_the_customers_language(world: "World", phone: "Phone") -> None:
    headers = {"Authorization": f"Bearer {phone.session}"}
    body = {"current": PASSWORD, "new": "Kowloonx"}
    said = {
        language: world.request(
            "POST", "/phone-api/v1/password", json=body, headers={**headers, "Accept-Language": language}
        ).json()["error"]
        for language in ("zh-Hant", "en")
    }
    assert said["zh-Hant"]["rules"] == [{"rule": "digit", "message": "包含最少一個數字"}]
    assert said["en"]["rules"][0]["message"].isascii()
    assert said["en"]["message"].isascii()


def test_ten_wrong_current_passwords_close_the_change_for_a_quarter_of_an_hour(world: "World", phone: "Phone") -> None:
    assert change(phone, current="Wrong7Password").status_code == 403
    counter = lockout.password_counter("9999-9990", on_bound_phone=True)
    with world.broker.database.writing() as tx:
        for _ in range(9):
            assert lockout.reserve(tx, counter, limit=10, window_seconds=900, at=world.clock.at) is None
    limited = change(phone)
    assert refused(limited) == (429, "too-many-requests")
    assert limited.headers["Retry-After"] == "900"
    assert refused(phone.log_in()) == (429, "too-many-requests")  # one count for all that this phone tries
    world.clock.advance(900)
    assert change(phone).status_code == 200


def test_a_session_without_the_second_factor_cannot_change_the_password(
    world: "World", new_phone: NewPhone, phone: "Phone"
) -> None:
    other = new_phone()
    other.be_logged_in()
    assert refused(change(other)) == (403, "token-required")
    assert world.reasons("password-refused") == ["token-required"]


def test_an_account_locked_while_the_password_is_being_hashed_keeps_its_password(
    world: "World", phone: "Phone", monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords = type(world.broker.passwords)
    hash_password = passwords.hash_password

    def lock_meanwhile(self: object, password: str) -> str:
        with world.broker.database.writing() as tx:
            accounts.lock(tx, "9999-9990", at=world.clock.at)
        return hash_password(world.broker.passwords, password)

    monkeypatch.setattr(passwords, "hash_password", lock_meanwhile)
    assert refused(change(phone)) == (403, "wrong-password")
    assert world.reasons("password-refused") == ["changed-meanwhile"]
    assert not world.audit(event="password-changed")


# An expired password (M8)


def test_an_expired_password_is_changed_by_the_phone_that_holds_the_token_and_nobody_is_logged_in_by_it(
    world: "World", phone: "Phone"
) -> None:
    world.clock.advance(90 * DAY)
    expired = phone.log_in()
    assert refused(expired) == (403, "new-password-needed")
    phone.session = ""
    changed = change_expired(phone)
    assert changed.status_code == 200
    assert changed.json() == {"changed_at": NOW + 90 * DAY, "expires_at": NOW + 180 * DAY}
    assert [mail.subject for mail in world.mails()] == ["密碼已更改通知"]
    assert refused(phone.log_in()) == (401, "login-refused")
    assert phone.log_in(NEW_PASSWORD).json()["state"] == "logged-in"


def test_no_other_phone_can_change_an_expired_password(world: "World", new_phone: NewPhone, phone: "Phone") -> None:
    world.clock.advance(90 * DAY)
    other = new_phone()
    assert refused(other.log_in()) == (403, "password-expired")
    assert refused(change_expired(other)) == (403, "password-expired")
    stolen = phone.login_body()["device_key"]
    assert refused(change_expired(other, device_key=stolen)) == (401, "login-refused")
    assert world.reasons("password-refused") == ["token-required", "device-not-proved"]
    assert not world.audit(event="password-changed")


def test_changing_an_expired_password_asks_for_both_factors_and_a_challenge_of_its_own(
    world: "World", phone: "Phone"
) -> None:
    world.clock.advance(90 * DAY)
    assert refused(change_expired(phone, current="Wrong7Password")) == (401, "login-refused")
    assert refused(change_expired(phone, account="9999-9991")) == (401, "login-refused")
    of_a_login = phone.call("POST", "/challenges").json()
    proof = phone.proof("twofold-expired-password-v1", of_a_login)
    assert refused(change_expired(phone, **proof)) == (401, "login-refused")
    assert world.reasons("password-refused") == ["wrong", "unknown-account", "device-not-proved"]
    body = phone.login_body()
    challenge = phone.challenge("expired-password")
    body |= {"challenge_id": challenge["challenge_id"], **phone.proof("twofold-login-v1", challenge)}
    assert refused(phone.call("POST", "/sessions", body)) == (401, "login-refused")


def test_a_password_that_has_not_expired_is_not_changed_that_way(world: "World", phone: "Phone") -> None:
    world.clock.advance(90 * DAY - 1)
    assert refused(change_expired(phone)) == (409, "wrong-step")
    world.clock.advance(1)
    answer = change_expired(phone, new="Kowloonx")
    assert refused(answer) == (422, "password-refused")
    assert change_expired(phone).status_code == 200


# Clearing the token (M23)


def test_clearing_ends_token_biometrics_enrolment_and_sessions_and_is_told_by_mail_and_sms(
    world: "World", new_phone: NewPhone, phone: "Phone"
) -> None:
    phone.register_biometrics()
    other = new_phone()
    other.be_logged_in()
    other.start()
    world.mails(), world.texts()
    assert phone.clear_token().status_code == 204
    assert [mail.subject for mail in world.mails()] == ["保安編碼器清除通知"]
    [text] = world.texts()
    assert "保安編碼器清除通知" in text.text
    assert refused(phone.call("GET", "/settings")) == (401, "not-logged-in")
    assert refused(other.call("GET", "/enrolment")) == (401, "not-logged-in")
    assert refused(phone.unlock()) == (403, "biometrics-refused")
    with world.broker.database.reading() as tx:
        assert not world.broker.soft_tokens.has_active(tx, "9999-9990")
        kept = tx.exec_driver_sql("SELECT sealed_release_key FROM biometrics").scalars().all()
        seeds = tx.exec_driver_sql("SELECT sealed_seed FROM soft_tokens").scalars().all()
    assert set(kept) == set(seeds) == {None}
    again = phone.log_in().json()
    assert (again["state"], again["enrolment"]) == ("set-up-token", "none")
    assert phone.start()  # and the customer can begin anew


def test_clearing_needs_a_challenge_of_its_own_that_this_session_asked_for(
    world: "World", new_phone: NewPhone, phone: "Phone"
) -> None:
    what = "twofold-clear-token-v1"
    used = phone.proof(what, phone.challenge("clear-token"), "another-token")
    assert refused(phone.call("POST", "/token/clear", used)) == (403, "device-not-proved")
    assert refused(phone.call("POST", "/token/clear", used)) == (403, "device-not-proved")
    other = new_phone()
    other.be_logged_in()
    for challenge in (other.challenge("clear-token"), phone.challenge("biometrics"), phone.challenge("login")):
        body = phone.proof(what, challenge, phone.token_id)
        assert refused(phone.call("POST", "/token/clear", body)) == (403, "device-not-proved")
    late = phone.proof(what, phone.challenge("clear-token"), phone.token_id)
    world.clock.advance(120)
    assert refused(phone.call("POST", "/token/clear", late)) == (403, "device-not-proved")
    assert world.reasons("token-cleared") == ["signature", *["challenge"] * 5]
    assert phone.clear_token().status_code == 204


def test_clearing_needs_a_fresh_login_of_the_phone_that_holds_the_token(
    world: "World", new_phone: NewPhone, phone: "Phone"
) -> None:
    other = new_phone()
    other.be_logged_in()
    other.token_id = phone.token_id
    assert refused(other.clear_token()) == (403, "token-required")
    world.clock.advance(1200)
    assert refused(phone.clear_token()) == (401, "not-logged-in")
    assert world.reasons("request-refused") == ["login-too-old"]
    assert phone.settings()["token"]["state"] == "active"


def test_of_8_clearings_at_once_one_is_told_to_the_customer(world: "World", phone: "Phone", at_once: AtOnce) -> None:
    session = session_of(world, phone)
    proofs = [phone.proof("twofold-clear-token-v1", phone.challenge("clear-token"), phone.token_id) for _ in range(8)]

    def clear(number: int) -> object:
        signature = from_base64url(proofs[number]["signature"])
        body = {**proofs[number], "signature": signature}
        return token_clearing.clear(world.broker, session, **body, address="")

    answers = at_once(clear, 8)
    assert answers.count(None) == 1
    assert answers.count(Refusal("token-required")) == 7
    assert len(world.mails()) == len(world.texts()) == 1


# Who is not told more than a thief may know (M33)


def test_why_a_session_is_not_found_stands_in_the_audit_trail_alone(world: "World", phone: "Phone") -> None:
    said: set[bytes] = set()

    def ask() -> None:
        said.add(phone.call("GET", "/settings").content)

    kept = phone.session
    phone.session = "A" * 43
    ask()
    phone.session = kept
    world.clock.advance(1800)
    ask()
    phone.be_logged_in("logged-in")
    with world.broker.database.writing() as tx:
        accounts.lock(tx, "9999-9990", at=world.clock.at)
    ask()
    phone.session = kept
    phone.be_logged_in("logged-in")  # a new session of the same phone ends the older one
    kept, phone.session = phone.session, kept
    ask()
    assert len(said) == 1
    rows = world.audit(event="request-refused")
    assert [(row.reason, row.account) for row in rows] == [
        ("unknown-session", ""),
        ("session-late", "9999-9990"),
        ("locked", "9999-9990"),
        ("session-ended", "9999-9990"),
    ]
    assert {row.channel for row in rows} == {"phone"}
