"""What the phone API takes, and that it takes nothing else: every odd request is refused, and none breaks it."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Phone, World

NewPhone = Callable[..., "Phone"]
API = "/phone-api/v1"

POINT = "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"  # G of P-256
GOOD_LOGIN = {
    "account": "9999-9990",
    "password": "Tseung7Kwan",
    "device_key": POINT,
    "device_name": "iPhone 15",
    "challenge_id": "abc",
    "signature": "AAAA",
}


def post(world: "World", path: str, content: bytes, **headers: str) -> tuple[int, str]:
    answer = world.request("POST", API + path, content=content, headers={"Content-Type": "application/json", **headers})
    assert answer.headers["content-type"] == "application/json"
    error = answer.json()["error"]
    assert set(error) == {"code", "message"}
    return answer.status_code, error["code"]


def test_a_login_of_the_right_shape_is_looked_at(world: "World") -> None:
    assert post(world, "/sessions", json.dumps(GOOD_LOGIN).encode()) == (401, "login-refused")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("account", None),
        ("account", 99999990),
        ("account", ["9999-9990"]),
        ("account", {"$ne": ""}),
        ("account", "9" * 65),
        ("password", True),
        ("password", ["Tseung7Kwan"]),
        ("password", "x" * 1025),
        ("device_key", "BGsX"),
        ("device_key", POINT + "="),
        ("device_key", POINT[:-1] + "V"),
        ("device_key", "B" + "A" * 86),
        ("device_key", "AA"),
        ("device_name", ""),
        ("device_name", "x" * 65),
        ("device_name", "iPhone\n15"),
        ("device_name", "iPhone \x1b[31m"),
        ("challenge_id", ""),
        ("challenge_id", "abc\n"),
        ("challenge_id", "' OR 1=1"),
        ("signature", ""),
        ("signature", "A" * 100),
        ("signature", "not base64url!"),
        ("role", "admin"),
    ],
)
def test_a_login_of_any_other_shape_is_invalid(world: "World", key: str, value: object) -> None:
    body = json.dumps({**GOOD_LOGIN, key: value}).encode()
    assert post(world, "/sessions", body) == (422, "invalid-request")


@pytest.mark.parametrize("key", list(GOOD_LOGIN))
def test_a_login_with_a_part_missing_is_invalid(world: "World", key: str) -> None:
    body = {name: value for name, value in GOOD_LOGIN.items() if name != key}
    assert post(world, "/sessions", json.dumps(body).encode()) == (422, "invalid-request")


@pytest.mark.parametrize(
    "code",
    [
        '"２８１７０４"',
        '"281704\\n"',
        '" 281704"',
        '"+281704"',
        '"281_704"',
        '"0281704"',
        '"28170"',
        '""',
        "281704",
        "true",
        "null",
        '["281704"]',
        '{"$ne": ""}',
        '"\\ud800"',
    ],
)
def test_a_code_is_six_ascii_digits_in_a_string(world: "World", new_phone: NewPhone, code: str) -> None:
    world.customer()
    phone = new_phone()
    phone.be_logged_in()
    phone.start()
    for path, rest in [("sms-code", ""), ("activation", f', "token_id": "00", "confirmation": "{"A" * 43}"')]:
        body = f'{{"code": {code}{rest}}}'.encode()
        answer = post(world, f"/enrolment/{path}", body, Authorization=f"Bearer {phone.session}")
        assert answer == (422, "invalid-request")
    assert not world.audit(event="activation-code")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'"x"', b"null", b"\xff\xfe", b"{}" + b"x", b"[" * 10_000, b'{"a":' * 3000, b"NaN"],
)
def test_what_is_no_json_object_is_invalid(world: "World", content: bytes) -> None:
    status, code = post(world, "/challenges", content)
    assert (status in {400, 422}, code) == (True, "invalid-request")


def test_a_body_over_16_kib_is_too_large_and_one_of_10_mb_as_well(world: "World") -> None:
    padded = json.dumps(GOOD_LOGIN).encode()
    fits = padded + b" " * (16 * 1024 - len(padded))
    assert post(world, "/sessions", fits) == (401, "login-refused")
    assert post(world, "/sessions", fits + b" ") == (413, "invalid-request")
    assert post(world, "/sessions", b"x" * 10_000_000) == (413, "invalid-request")


def test_a_form_is_not_json(world: "World") -> None:
    answer = world.request("POST", f"{API}/challenges", data={"a": "b"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid-request")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/sessions", 405), ("PUT", "/enrolment", 405), ("POST", "/server", 405)],
)
def test_what_is_not_there_says_so_in_the_same_shape(world: "World", method: str, path: str, status: int) -> None:
    answer = world.request(method, API + path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, "invalid-request")


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/phone-api/openapi.json", "/phone-api/v1/docs"])
def test_the_server_does_not_describe_itself_to_strangers(world: "World", path: str) -> None:
    assert world.request("GET", path).status_code == 404


def test_the_time_of_a_request_is_the_servers(world: "World") -> None:
    answer = world.request("GET", f"{API}/server", headers={"Date": "Thu, 01 Jan 1970 00:00:00 GMT"})
    assert answer.json()["time"] == 1_800_000_000


def test_who_asks_is_who_is_connected_and_not_what_headers_say(world: "World", new_phone: NewPhone) -> None:
    body = json.dumps(GOOD_LOGIN).encode()
    post(world, "/sessions", body, **{"X-Forwarded-For": "10.9.8.7", "Forwarded": "for=10.9.8.7"})
    [row] = world.audit(event="phone-login")
    assert row.address == "127.0.0.1"


def test_no_answer_may_be_kept_or_shown_in_a_frame(world: "World") -> None:
    for path in ["/server", "/enrolment", "/nothing"]:
        headers = world.request("GET", API + path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_what_is_not_as_described_leaves_an_audit_row(world: "World") -> None:
    post(world, "/sessions", b"{}")
    post(world, "/biometrics/unlock", b"{}")
    world.request("PUT", f"{API}/settings")
    post(world, "/sessions", b"x" * 20_000)
    rows = world.audit(event="request-refused")
    assert [row.reason for row in rows] == ["malformed", "malformed", "wrong-method", "too-large"]
    assert {row.channel for row in rows} == {"phone"}
