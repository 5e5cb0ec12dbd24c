"""Logging in on the phone: two factors, each try counted, and nothing said to who should not know."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
import pytest
from argon2 import PasswordHasher

from auth_server import accounts, lockout

if TYPE_CHECKING:
    from conftest import Phone, World

NewPhone = Callable[..., "Phone"]
PASSWORD = "Tseung7Kwan"


def refused(answer: httpx.Response) -> str:
    return answer.json()["error"]["code"]


def count_wrong_passwords(world: "World", times: int) -> None:
    with world.broker.database.writing() as tx:
        for _ in range(times):
            counter = lockout.password_counter("9999-9990")
            assert lockout.reserve(tx, counter, limit=10, window_seconds=900, at=world.clock.at) is None


def test_what_is_refused_looks_alike_whatever_was_wrong(world: "World", new_phone: NewPhone) -> None:
    world.customer()
    world.customer("9999-9991", password=None)
    world.customer("9999-9992")
    world.back_office("POST", "/customers/9999-9992/lock")
    other_key = new_phone()
    answers: dict[str, httpx.Response] = {}
    for case, account, password in [
        ("wrong", "9999-9990", "Wrong7Password"),
        ("wrong", "9999-9990", ""),
        ("wrong", "9999-9990", "x" * 1024),
        ("wrong", "9999-9991", "Wrong7Password"),
        ("locked", "9999-9992", PASSWORD),
        ("unknown-account", "0000-0000", PASSWORD),
        ("unknown-account", "nobody", PASSWORD),
    ]:
        answers[f"{case} {account} {password}"] = new_phone(account).log_in(password)
    phone = new_phone()
    body = phone.login_body()
    answers["device-not-proved"] = phone.call("POST", "/sessions", {**body, "signature": other_key.sign("x")})
    answers["device-not-proved again"] = phone.call("POST", "/sessions", body)  # the challenge is used up

    said = {(answer.status_code, answer.content, tuple(sorted(answer.headers))) for answer in answers.values()}
    assert len(said) == 1
    assert refused(answers["device-not-proved"]) == "login-refused"
    assert world.reasons("phone-login") == [case.split()[0] for case in answers]


def test_each_try_hashes_one_password_whether_there_is_an_account_or_not(
    world: "World", new_phone: NewPhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.customer()
    world.customer("9999-9991", password=None)
    hashed: list[str] = []
    verify = PasswordHasher.verify

    def counting(self: PasswordHasher, hash: str, password: bytes) -> bool:
        hashed.append(hash.rpartition("$")[0].rpartition("$")[0])
        return verify(self, hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    for account, password in [
        ("9999-9990", PASSWORD),
        ("9999-9990", ""),
        ("9999-9991", PASSWORD),
        ("0000-0000", PASSWORD),
        ("nobody", ""),
    ]:
        new_phone(account).log_in(password)
    assert hashed == ["$argon2id$v=19$m=47104,t=1,p=1"] * 5


def test_a_challenge_is_good_once_also_for_32_at_once(world: "World", new_phone: NewPhone) -> None:
    world.customer()
    phone = new_phone()
    body = phone.login_body()

    async def all_at_once() -> list[int]:
        async with world.client() as client:
            answers = await asyncio.gather(
                *(client.post("/phone-api/v1/sessions", json=body) for _ in range(32)), return_exceptions=False
            )
        return [answer.status_code for answer in answers]

    codes = asyncio.run(all_at_once())
    assert codes.count(201) <= 1  # the one may be among those that the limit of ten tries kept out
    assert set(codes) <= {201, 401, 429}
    assert [row.result for row in world.audit(event="phone-login")].count("success") == codes.count(201)


def test_a_challenge_lives_two_minutes(world: "World", new_phone: NewPhone) -> None:
    world.customer()
    phone = new_phone()
    in_time, late = phone.login_body(), phone.login_body()
    world.clock.advance(119)
    assert phone.call("POST", "/sessions", in_time).status_code == 201
    world.clock.advance(1)
    assert refused(phone.call("POST", "/sessions", late)) == "login-refused"


def test_a_signature_for_another_account_or_key_proves_nothing(world: "World", new_phone: NewPhone) -> None:
    world.customer()
    phone, other = new_phone(), new_phone("9999-9991")
    for body in [
        {**other.login_body(), "account": "9999-9990"},
        {**phone.login_body(), "device_key": other.login_body()["device_key"]},
    ]:
        assert refused(phone.call("POST", "/sessions", body)) == "login-refused"


def test_ten_wrong_passwords_in_a_quarter_of_an_hour_whatever_the_spelling_of_the_account(
    world: "World", new_phone: NewPhone
) -> None:
    world.customer()
    for spelling in ["9999-9990", "99999990", " 9999 - 9990 "] * 3 + ["9999-9990"]:
        assert new_phone(spelling).log_in("Wrong7Password").status_code == 401
    limited = new_phone().log_in()
    assert (limited.status_code, refused(limited)) == (429, "too-many-requests")
    assert limited.headers["Retry-After"] == "900"
    unknown = [new_phone("0000-0000").log_in("Wrong7Password").status_code for _ in range(11)]
    assert unknown == [401] * 10 + [429]  # what does not exist is limited too
    world.clock.advance(900)
    assert new_phone().log_in().status_code == 201


def test_wrong_passwords_elsewhere_do_not_lock_out_the_phone_that_holds_the_token(
    world: "World", new_phone: NewPhone
) -> None:
    world.customer()
    own = new_phone()
    own.be_bound()
    count_wrong_passwords(world, 10)
    assert new_phone().log_in().status_code == 429
    assert own.log_in().json()["state"] == "logged-in"


def test_a_right_password_forgets_the_wrong_ones(world: "World", new_phone: NewPhone) -> None:
    world.customer()
    for _ in range(2):
        count_wrong_passwords(world, 9)
        assert new_phone().log_in().status_code == 201


def test_a_password_expires_after_90_days(world: "World", new_phone: NewPhone) -> None:
    world.customer()
    world.clock.advance(90 * 86400 - 1)
    assert new_phone().log_in().status_code == 201
    world.clock.advance(1)
    expired = new_phone().log_in()
    assert (expired.status_code, refused(expired)) == (403, "password-expired")
    assert refused(new_phone().log_in("Wrong7Password")) == "login-refused"


def test_a_session_ends_after_half_an_hour_of_rest_and_after_twelve_hours(world: "World", new_phone: NewPhone) -> None:
    world.customer()
    phone = new_phone()
    phone.be_bound()
    phone.log_in()
    for _ in range(12 * 2):
        world.clock.advance(1799)
        assert phone.call("GET", "/enrolment").status_code == 200
    world.clock.advance(24)
    assert refused(phone.call("GET", "/enrolment")) == "not-logged-in"
    phone.log_in()
    world.clock.advance(1800)
    assert refused(phone.call("GET", "/enrolment")) == "not-logged-in"


def test_a_locked_account_has_no_session_and_gets_none_back(world: "World", new_phone: NewPhone) -> None:
    world.customer()
    phone = new_phone()
    phone.log_in()
    with world.broker.database.writing() as tx:
        accounts.lock(tx, "9999-9990", at=world.clock.at)  # the row alone, not its sessions
    assert refused(phone.call("GET", "/enrolment")) == "not-logged-in"
    world.back_office("POST", "/customers/9999-9990/lock")
    assert refused(phone.log_in()) == "login-refused"


def test_an_account_that_is_locked_while_its_password_is_being_checked_stays_out(
    world: "World", new_phone: NewPhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.customer()
    verify = PasswordHasher.verify

    def lock_meanwhile(self: PasswordHasher, hash: str, password: bytes) -> bool:
        with world.broker.database.writing() as tx:
            accounts.lock(tx, "9999-9990", at=world.clock.at)
        return verify(self, hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", lock_meanwhile)
    assert refused(new_phone().log_in()) == "login-refused"
    assert world.reasons("phone-login") == ["locked"]


def test_a_new_login_of_the_same_phone_ends_its_older_session(world: "World", new_phone: NewPhone) -> None:
    world.customer()
    phone = new_phone()
    phone.log_in()
    older = phone.session
    phone.log_in()
    assert phone.session != older
    assert phone.call("GET", "/enrolment").status_code == 200
    phone.session = older
    assert phone.call("GET", "/enrolment").status_code == 401


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer abc", "Bearer \N{LATIN SMALL LETTER E WITH ACUTE}"]
)
def test_without_a_session_there_is_nothing(world: "World", header: str) -> None:
    for method, path in [("GET", "/enrolment"), ("DELETE", "/sessions/current")]:
        answer = world.request(
            method, f"/phone-api/v1{path}", headers=[(b"authorization", header.encode("latin-1"))] if header else []
        )
        assert (answer.status_code, refused(answer)) == (401, "not-logged-in")
    for path in ["", "/sms-code", "/registration", "/binding", "/activation"]:
        answer = world.request("POST", f"/phone-api/v1/enrolment{path}", json={})
        assert answer.status_code in {401, 422}


def test_no_token_challenge_or_password_is_in_the_database_in_clear(world: "World", new_phone: NewPhone) -> None:
    world.customer()
    phone = new_phone()
    phone.log_in()
    with world.broker.database.reading() as tx:
        rows = repr(tx.exec_driver_sql("SELECT * FROM phone_sessions").all())
        rows += repr(tx.exec_driver_sql("SELECT * FROM accounts").all())
    assert phone.session not in rows
    assert PASSWORD not in rows
