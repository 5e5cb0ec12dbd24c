"""The back office: only with its key, nothing secret in its answers, and everything in the audit trail (M34)."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from auth_server.app import create_app
from auth_server.back_office import customers

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
        "biometrics": {"state": "none", "reason": None},
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
    assert set(world.reasons("request-refused")) == {"wrong-key"}
    assert {row.event for row in world.audit()} == {"request-refused"}


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
    assert set(rows[0]) == {"id", "at", "account", "event", "result", "reason", "channel", "address", "staff"}
    assert rows[0] == {
        "id": rows[0]["id"],
        "at": 1_800_000_000.0,
        "account": "0000-0000",
        "event": "phone-login",
        "result": "refused",
        "reason": "unknown-account",
        "channel": "phone",
        "address": "127.0.0.1",
        "staff": "",
    }
    later = world.back_office("GET", f"/audit?after={rows[1]['id']}").json()["rows"]
    assert later == rows[2:]
    assert world.back_office("GET", "/audit?account=9999-9990&event=phone-login&limit=1").json()["rows"] == rows[3:]
    assert world.back_office("GET", "/audit?event=nonsense").status_code == 422
    assert world.back_office("GET", "/audit?limit=0").status_code == 422
    assert world.back_office("GET", "/audit?account=%00").status_code == 422
    assert world.back_office("GET", "/audit?after=99999999999").status_code == 422


def test_control_characters_in_the_audit_trail_are_escaped(world: "World", new_phone: NewPhone) -> None:
    new_phone("9\n\x1b[31m").log_in("x")
    [row] = world.audit()
    assert row.account == "9\\n\\x1b[31m"


def test_only_a_test_world_takes_a_password_at_the_start(world: "World", settings: dict[str, str]) -> None:
    world.app = create_app({**settings, "AUTH_SERVER_TEST_WORLD": "false"}, world.clock.now)
    refused = world.back_office("POST", "/customers", json={**CHAN, "password": "Tseung7Kwan"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "password-not-taken")
    assert world.back_office("GET", "/customers/9999-9990").status_code == 404
    assert world.reasons("customer-created") == ["password-not-taken"]
    assert world.back_office("POST", "/customers", json=CHAN).status_code == 201


def test_refusals_are_said_in_the_language_that_is_asked_for(world: "World") -> None:
    def refused(**changes: object) -> dict[str, object]:
        headers = {"Authorization": "Bearer back-office-key-of-a-test", "Accept-Language": "en"}
        return world.request("POST", f"{API}/customers", headers=headers, json={**CHAN, **changes}).json()["error"]

    assert refused(password="abc") == {
        "code": "password-refused",
        "message": "Must have at least 8 characters",
        "rules": ["Must have at least 8 characters", "Must contain at least one digit"],
    }
    assert refused(email="chan") == {
        "code": "invalid-request",
        "message": "The request is malformed.",
        "fields": [{"field": "email", "message": "must be an email address such as chan@example.com"}],
    }
    assert refused(is_admin=True)["fields"] == [{"field": "is_admin", "message": "is not valid"}]


def test_without_the_key_no_body_is_looked_at(world: "World") -> None:
    answer = world.request("POST", f"{API}/customers", content=b"{")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    keyed = {"Authorization": "Bearer back-office-key-of-a-test"}
    assert world.request("POST", f"{API}/customers", content=b"{", headers=keyed).status_code == 422
    assert world.reasons("request-refused") == ["wrong-key", "malformed"]


@pytest.mark.on_both_databases
def test_customers_are_found_page_by_page(world: "World", monkeypatch: pytest.MonkeyPatch) -> None:
    for number, name in enumerate(["LEE Mei Ling", "陳大文", "Chan Siu Ming", "陳小明", "WONG Ka Yan"]):
        world.customer(f"1000-000{number}", password=None, name=name, phone=f"+852 5555 010{number}")

    def found(query: str) -> tuple[list[str], str | None]:
        answer = world.back_office("GET", f"/customers?{query}").json()
        return [customer["account"][-1] for customer in answer["customers"]], answer["next"]

    assert found("") == (["0", "1", "2", "3", "4"], None)
    assert found("limit=2") == (["0", "1"], "1000-0001")
    assert found("limit=2&after=1000-0001") == (["2", "3"], "1000-0003")
    assert found("q=陳") == (["1", "3"], None)
    assert found("q=siu%20CHAN") == (["2"], None)
    assert found("q=55550104") == (["4"], None)
    assert found("q=10000000") == (["0"], None)
    assert found("q=%25") == ([], None)
    for bad in ("q=%00", "limit=0", "limit=201", "after=x", "after=1000-00000", f"q={'x' * 101}"):
        assert world.back_office("GET", f"/customers?{bad}").status_code == 422, bad
    # Looking goes on where a share of the accounts was looked through in vain.
    monkeypatch.setattr(customers, "WINDOW", 2)
    assert found("q=WONG") == ([], "1000-0001")
    assert found("q=WONG&after=1000-0003") == (["4"], None)


def test_programs_can_have_a_mail_sent_again(world: "World") -> None:
    world.customer(password=None)
    refused = world.back_office("POST", "/customers/9999-9990/resend", json={"message": "registration"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "nothing-to-resend")
    world.back_office("POST", "/customers/9999-9990/password-reset")
    again = world.back_office("POST", "/customers/9999-9990/resend", json={"message": "password-reset"})
    assert again.status_code == 202
    assert len(world.mails()) == 2
    for bad in ({}, {"message": "x"}, {"message": ["password-reset"]}, {"message": "registration", "to": "x"}):
        assert world.back_office("POST", "/customers/9999-9990/resend", json=bad).status_code == 422
    assert world.back_office("POST", "/customers/0000-0000/resend", json={"message": "registration"}).status_code == 404


def test_biometrics_are_cleared_and_end_with_a_lock(world: "World", new_phone: NewPhone) -> None:
    world.customer()

    def register() -> None:
        phone = new_phone()
        phone.be_bound()
        phone.be_logged_in("logged-in")
        phone.register_biometrics()
        assert shown() == {"state": "active", "reason": None}

    def shown() -> dict[str, str | None]:
        return world.back_office("GET", "/customers/9999-9990").json()["biometrics"]

    register()
    world.mails()
    assert world.back_office("POST", "/customers/9999-9990/biometrics/clear").status_code == 204
    assert shown() == {"state": "none", "reason": None}
    assert world.back_office("GET", "/customers/9999-9990").json()["token"]["state"] == "active"
    assert [mail.subject for mail in world.mails()] == ["生物認證取消通知"]
    assert world.back_office("POST", "/customers/9999-9990/biometrics/clear").status_code == 204
    assert world.mails() == []
    world.clock.advance(60)
    register()
    world.back_office("POST", "/customers/9999-9990/lock")
    assert shown() == {"state": "none", "reason": None}
    rows = [row for row in world.audit(event="biometrics-ended") if row.channel == "back-office"]
    assert [row.reason for row in rows] == ["cancelled", "account-locked"]


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/customers"), ("PUT", "/audit"), ("GET", "/nowhere")])
def test_what_the_api_does_not_have_is_refused_as_an_api_refuses(world: "World", method: str, path: str) -> None:
    answer = world.back_office(method, path)
    assert answer.status_code == (404 if method == "GET" else 405)
    assert answer.json()["error"]["code"] == "invalid-request"
