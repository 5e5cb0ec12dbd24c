"""The back office: only with its key, nothing secret in its answers, and everything in the audit trail (M34)."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Phone, World

NewPhone = Callable[..., "Phone"]
API = "/back-office/api"

CHAN = {
    "account": "9999-9990",
    "name": "陳大文",
    "email": "chan@example.com",
    "phone": "+852 5555 0101",
    "password": None,
    "language": "zh-Hant",
}


def test_a_customer_is_created_and_shown(world: "World") -> None:
    shown = {
        "account": "9999-9990",
        "name": "陳大文",
        "email": "chan@example.com",
        "phone": "+852 5555 0101",
        "language": "zh-Hant",
        "locked": False,
        "password": "none",
        "token": {"state": "none", "device_name": None, "token_id": None},
        "enrolment": "none",
    }
    created = world.back_office("POST", "/customers", json=CHAN)
    assert (created.status_code, created.json()) == (201, shown)
    assert world.back_office("GET", "/customers/9999-9990").json() == shown
    assert world.back_office("GET", "/customers/99999990").json() == shown
    taken = world.back_office("POST", "/customers", json={**CHAN, "name": "李小姐"})
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "taken")
    assert [(row.event, row.result, row.reason) for row in world.audit()] == [
        ("customer-created", "success", ""),
        ("customer-created", "refused", "taken"),
    ]


def test_a_password_given_at_the_start_keeps_the_rules_and_expires(world: "World") -> None:
    refused = world.back_office("POST", "/customers", json={**CHAN, "password": "abc"}).json()["error"]
    assert refused["rules"] == ["必須最少有8個字元", "包含最少一個數字"]
    assert world.back_office("POST", "/customers", json={**CHAN, "password": "Tseung7Kwan"}).status_code == 201
    assert world.back_office("GET", "/customers/9999-9990").json()["password"] == "set"
    world.clock.advance(90 * 86400)
    assert world.back_office("GET", "/customers/9999-9990").json()["password"] == "expired"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("account", "9999-999"),
        ("account", "９９９９-９９９０"),
        ("account", "9999-9990\n9"),
        ("name", ""),
        ("name", "x" * 81),
        ("name", "Chan\r\nBcc: thief@example.com"),
        ("name", "\x1b[31mChan"),
        ("email", "chan@example.com, thief@example.com"),
        ("email", "chan@example.com\r\nBcc: thief@example.com"),
        ("email", ["chan@example.com"]),
        ("email", "chan"),
        ("email", "chan@localhost"),
        ("phone", "5555 0101"),
        ("phone", "+852"),
        ("phone", "+852 5555 0101\n"),
        ("phone", "+852 5555 0101,+852 5555 0102"),
        ("language", "de"),
        ("locked", False),
    ],
)
def test_what_would_not_do_as_a_customer_is_refused(world: "World", key: str, value: object) -> None:
    answer = world.back_office("POST", "/customers", json={**CHAN, key: value})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid-request")
    assert world.back_office("GET", "/customers/9999-9990").status_code == 404


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", "Basic YTpi", "Bearer back-office-key-of-a-tes"])
def test_without_the_key_there_is_nothing(world: "World", header: str | None) -> None:
    world.customer()
    headers = {} if header is None else {"Authorization": header}
    for method, path in [
        ("POST", "/customers"),
        ("GET", "/customers/9999-9990"),
        ("GET", "/customers/0000-0000"),
        ("POST", "/customers/9999-9990/password-reset"),
        ("POST", "/customers/9999-9990/lock"),
        ("POST", "/customers/9999-9990/unlock"),
        ("POST", "/customers/9999-9990/token/clear"),
        ("GET", "/audit"),
    ]:
        answer = world.request(method, API + path, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "wrong-key"), path
    assert not world.audit()


def test_an_unknown_customer_is_not_found(world: "World") -> None:
    for method, path in [("GET", ""), ("POST", "/password-reset"), ("POST", "/lock"), ("POST", "/token/clear")]:
        for number in ["0000-0000", "nobody"]:
            answer = world.back_office(method, f"/customers/{number}{path}")
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown-account")


def test_a_reset_is_mailed_with_a_link_to_the_configured_origin(world: "World") -> None:
    world.customer()
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    key = {"Authorization": "Bearer back-office-key-of-a-test"}
    answer = world.request("POST", f"{API}/customers/9999-9990/password-reset", headers={**headers, **key})
    assert answer.status_code == 202
    [mail] = world.mails()
    assert (mail.to, mail.subject) == ("chan@example.com", "Password Reset")
    assert re.search(r"http://localhost:8000/iweb/password-reset\?token=[A-Za-z0-9_-]{43}", mail.text)
    assert "evil.example" not in mail.text + mail.html
    assert world.audit(event="password-reset-requested")[0].channel == "back-office"


def test_locking_ends_sessions_and_unlocking_lets_in_again(world: "World", new_phone: NewPhone) -> None:
    world.customer()
    phone = new_phone()
    phone.log_in()
    assert world.back_office("POST", "/customers/9999-9990/lock").status_code == 204
    assert world.back_office("POST", "/customers/9999-9990/lock").status_code == 204
    assert world.back_office("GET", "/customers/9999-9990").json()["locked"]
    assert phone.call("GET", "/enrolment").status_code == 401
    assert phone.log_in().status_code == 401
    assert world.back_office("POST", "/customers/9999-9990/unlock").status_code == 204
    assert phone.log_in().status_code == 201
    assert [row.event for row in world.audit() if row.channel == "back-office"] == [
        "account-locked",
        "account-unlocked",
    ]


def test_unlocking_forgets_wrong_passwords_and_token_codes(world: "World", new_phone: NewPhone) -> None:
    world.customer()
    phone = new_phone()
    phone.be_bound()
    for _ in range(10):
        with world.broker.database.writing() as tx:
            world.broker.soft_tokens.accept_code(tx, "9999-9990", "000000")
    assert world.back_office("GET", "/customers/9999-9990").json()["token"]["state"] == "locked"
    for _ in range(10):
        new_phone().log_in("x")
    assert new_phone().log_in().status_code == 429
    world.back_office("POST", "/customers/9999-9990/unlock")
    assert new_phone().log_in().status_code == 201
    assert world.back_office("GET", "/customers/9999-9990").json()["token"]["state"] == "active"


def test_a_cleared_token_is_gone_at_once_and_the_customer_is_told(world: "World", new_phone: NewPhone) -> None:
    world.customer()
    phone = new_phone()
    phone.be_bound()
    phone.log_in()
    world.mails()
    token = world.back_office("GET", "/customers/9999-9990").json()["token"]
    assert token == {"state": "active", "device_name": "iPhone 15", "token_id": phone.token_id}
    assert world.back_office("POST", "/customers/9999-9990/token/clear").status_code == 204
    assert world.back_office("GET", "/customers/9999-9990").json()["token"]["state"] == "none"
    assert phone.call("GET", "/enrolment").status_code == 401
    assert phone.log_in().json()["state"] == "set-up-token"
    assert [mail.subject for mail in world.mails()] == ["保安編碼器清除通知"]
    assert len(world.audit(event="token-cleared")) == 1
    world.back_office("POST", "/customers/9999-9990/token/clear")
    assert len(world.audit(event="token-cleared")) == 1


def test_the_enrolment_shows_as_it_goes(world: "World", new_phone: NewPhone) -> None:
    world.customer()
    phone = new_phone()

    def shown() -> tuple[str, str]:
        customer = world.back_office("GET", "/customers/9999-9990").json()
        return customer["enrolment"], customer["token"]["state"]

    phone.log_in()
    code = phone.start()
    assert shown() == ("sms-code", "none")
    phone.call("POST", "/enrolment/sms-code", {"code": code})
    phone.bind(phone.registration_code())
    assert shown() == ("activation", "pending")
    phone.activate()
    assert shown() == ("active", "active")


def test_the_audit_trail_is_read_oldest_first_from_where_one_was(world: "World", new_phone: NewPhone) -> None:
    world.customer()
    for _ in range(3):
        new_phone("0000-0000").log_in("x")
    new_phone().log_in()
    rows = world.back_office("GET", "/audit").json()["rows"]
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    assert set(rows[0]) == {"id", "at", "account", "event", "result", "reason", "channel", "address"}
    assert rows[0] == {
        "id": rows[0]["id"],
        "at": 1_800_000_000.0,
        "account": "0000-0000",
        "event": "phone-login",
        "result": "refused",
        "reason": "unknown-account",
        "channel": "phone",
        "address": "127.0.0.1",
    }
    later = world.back_office("GET", f"/audit?after={rows[1]['id']}").json()["rows"]
    assert later == rows[2:]
    assert world.back_office("GET", "/audit?account=9999-9990&event=phone-login&limit=1").json()["rows"] == rows[3:]
    assert world.back_office("GET", "/audit?event=nonsense").status_code == 422
    assert world.back_office("GET", "/audit?limit=0").status_code == 422
    assert world.back_office("GET", "/audit?after=99999999999").status_code == 422


def test_control_characters_in_the_audit_trail_are_escaped(world: "World", new_phone: NewPhone) -> None:
    new_phone("9\n\x1b[31m").log_in("x")
    [row] = world.audit()
    assert row.account == "9\\n\\x1b[31m"
