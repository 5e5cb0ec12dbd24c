"""What nobody should send, sent to every route: it is refused in so many words, written down, and changes nothing.

Every route is found by itself, with the fields that its description or its page has (ASVS 5.0, 15.3.3 to 15.3.7).
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import func, select

from auth_server.back_office import openapi as back_office
from auth_server.phone_api.operations import OPERATIONS
from auth_server.tables import audit_rows, metadata
from tests.auth_server.attacks.server import opened
from tests.auth_server.proofs.policy import Who, policy
from tests.auth_server.proofs.routes import Route, routes
from tests.auth_server.proofs.visitors import Visitors

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
LARGE = 10_000_000
METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"}

ROUTES = routes()
FORMS = [route for route in ROUTES if route.method == "POST" and not route.is_api]
BODIES: dict[str, dict[str, Any]] = {
    **{f"{each.method.upper()} /phone-api/v1{each.path}": each.body for each in OPERATIONS if each.model},
    "POST /back-office/api/customers": {
        "account": "7777-7770",
        "name": "Chan",
        "email": "chan@example.com",
        "phone": "+852 5555 0101",
        "language": "en",
    },
    "POST /back-office/api/customers/{number}/resend": {"message": "password-reset"},
}
TAKING_JSON = [route for route in ROUTES if str(route) in BODIES]
NOT_ONE_FIELD = {
    "a duplicate": "code=1&code=2",
    "the same twice": "code=1&code=1",
    "a line end": "code=1%0d%0aSet-Cookie:%20a=b",
    "a NUL": "code=1%00",
    "a terminal escape": "code=%1b[2J",
    "a C1 control": "username=%c2%9b2J",
    "no UTF-8": "code=%ff%fe",
    "a surrogate": "code=%ed%a0%80",
    "a hundred fields": urlencode([(f"a{number}", "") for number in range(100)]),
}
SHAPES = (None, True, 7, ["123456"], {"$ne": ""}, "1" * 2000, "1\r\nSet-Cookie: a=b", "\x1b[2J")
OTHER_ZEROS = "０٠०𝟎"
"""Full-width, Arabic, Devanagari, bold."""
NO_NUMBERS = ("９９９９-９９９０", "9999-9990%0d%0a", "%00", "9999-9990'--", "..%2f..", "9" * 5000, "%ff", "%1b[2J")
COUNTS = {"attempts", "failures", "next_try_at", "last_seen_at"}
"""What a try may change, also one that is refused: how many there were, and when."""
UNDER_WAY = {"state", "content", "ended_at"}
"""What changes of a message by itself, while it is sent."""


@pytest.fixture(scope="module")
def visitors() -> Iterator[Visitors]:
    """Everybody, before one server."""
    with opened() as server:
        yield Visitors(server)


Refused = Callable[..., httpx.Response]


@pytest.fixture
def refused(visitors: Visitors, request: pytest.FixtureRequest) -> Iterator[Refused]:
    """Send something, and hold the answer to be a refusal that was written down; in the end nothing has changed."""
    route = request.getfixturevalue("route")
    who = policy()[str(route)]
    visitors.credentials_of(who)
    before = kept(visitors)

    def send(method: str = route.method, address: str = route.address(), **more: Any) -> httpx.Response:
        rows = refusals(visitors)
        answer = visitors.ask(who, method, address, **more)
        assert 400 <= answer.status_code < 500, (more, answer.status_code, answer.text[:200])
        assert refusals(visitors) > rows, more
        assert "Traceback" not in answer.text
        return answer

    yield send
    assert kept(visitors) == before


def kept(visitors: Visitors) -> dict[str, list[Mapping[str, Any]]]:
    """All that the database holds, but for the audit trail, the counts of tries, and how far messages have come."""
    by_itself = {"outbox": UNDER_WAY}
    with visitors.server.broker.database.reading() as tx:
        return {
            table.name: [
                {name: value for name, value in row.items() if name not in COUNTS | by_itself.get(table.name, set())}
                for row in tx.execute(select(table)).mappings()
            ]
            for table in metadata.sorted_tables
            if table.name not in {"audit_rows", "limits"}
        }


def refusals(visitors: Visitors) -> int:
    """How many refusals the audit trail has."""
    with visitors.server.broker.database.reading() as tx:
        return tx.execute(select(func.count()).where(audit_rows.c.result == "refused")).scalar_one()


@pytest.mark.parametrize("route", {route.path: route for route in ROUTES}.values(), ids=lambda route: route.path)
def test_a_method_that_a_path_does_not_have_is_refused(refused: Refused, route: Route) -> None:
    for method in sorted(METHODS - {each.method for each in ROUTES if each.path == route.path}):
        assert refused(method).status_code == 405


@pytest.mark.parametrize("route", FORMS, ids=str)
def test_what_is_no_form_of_ours_is_refused(refused: Refused, route: Route) -> None:
    for body in NOT_ONE_FIELD.values():
        assert refused(content=body, headers={"Content-Type": FORM}).status_code == 400
    for kind, body in (
        (JSON, b'{"code": "123456"}'),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("text/plain", b"code=1"),
        ("", b"code=1"),
    ):
        assert refused(content=body, headers={"Content-Type": kind}).status_code == 400
    assert refused(content=b"code=" + b"1" * LARGE, headers={"Content-Type": FORM}).status_code == 413


@pytest.mark.parametrize("route", [route for route in FORMS if policy()[str(route)] is not Who.ANYBODY], ids=str)
def test_a_page_is_not_asked_for_in_two_ways_at_once(refused: Refused, route: Route) -> None:
    for query in NOT_ONE_FIELD.values():
        assert refused(address=f"{route.address()}?{query}").status_code == 400


def test_every_route_that_takes_json_has_a_body_to_be_spoilt() -> None:
    described = back_office.description()["paths"]
    taking = {
        f"{method.upper()} {path}"
        for path in described
        for method in described[path]
        if "requestBody" in described[path][method]
    }
    assert taking == {route for route in BODIES if "/back-office/" in route}


@pytest.mark.parametrize("route", TAKING_JSON, ids=str)
def test_what_is_no_body_of_that_shape_is_refused(refused: Refused, route: Route) -> None:
    right = BODIES[str(route)]
    whole: list[bytes] = [b"", b"null", b"[]", b'"a"', b"{", b"\xff\xfe", b"\x00", b"{}{}", b"NaN", b"[" * 9000]
    for body in whole:
        if body or right:
            assert refused(content=body, headers={"Content-Type": JSON}).status_code in {400, 422}, body
    assert refused(json={**right, "role": "admin"}).status_code == 422
    assert refused(json={**right, "attempts": 0, "account_id": "9999-9990"}).status_code == 422
    assert refused(content=urlencode(right), headers={"Content-Type": FORM}).status_code in {400, 422}
    assert refused(json={**right, "code": "1" * LARGE}).status_code == 413
    for name, value in right.items():
        twice = json.dumps(right)[:-1] + f", {json.dumps(name)}: {json.dumps(value)}}}"
        assert refused(content=twice, headers={"Content-Type": JSON}).status_code in {400, 422}, name
        assert refused(json={key: right[key] for key in right if key != name} | {name + " ": value})
        for shape in SHAPES:
            if shape != value:
                refused(json={**right, name: shape})


@pytest.mark.parametrize("route", TAKING_JSON, ids=str)
def test_digits_of_other_scripts_are_no_digits(refused: Refused, route: Route) -> None:
    right = BODIES[str(route)]
    for name, value in right.items():
        if isinstance(value, str) and re.search("[0-9]", value) and name != "device_name":
            for zero in OTHER_ZEROS:
                other = re.sub("[0-9]", lambda digit, zero=zero: chr(ord(zero) + int(digit[0])), value)
                refused(json={**right, name: other})


@pytest.mark.parametrize("route", [route for route in ROUTES if "{number}" in route.path], ids=str)
def test_a_number_in_an_address_that_is_none_finds_nobody(visitors: Visitors, route: Route) -> None:
    who, body = policy()[str(route)], BODIES.get(str(route))
    visitors.credentials_of(who)
    before = kept(visitors)
    for number in NO_NUMBERS:
        answer = visitors.ask(who, route.method, route.address(number), **({"json": body} if body else {}))
        assert answer.status_code == 404, number
    assert kept(visitors) == before


@pytest.mark.parametrize(
    "headers",
    [
        {
            "Authorization": b"Bearer \xff\xfe",
            "Cookie": b"session=\xff; login=\x80; reset=;;=;staff",
            "Host": b"evil.example",
        },
        {"Authorization": b"Bearer " + b"a" * 20_000, "Cookie": b"session=" + b"a" * 20_000, "User-Agent": b"\x1b[2J"},
        {
            "Accept-Language": b"zh;q=NaN, en;q=1e999, \xff",
            "X-Forwarded-For": b"\x1b[2J",
            "Authorization": b"Basic Og==",
        },
    ],
    ids=["no text", "large", "nonsense"],
)
def test_no_header_breaks_a_route(visitors: Visitors, headers: dict[str, bytes]) -> None:
    for route in ROUTES:
        if route.method != "HEAD":
            answer = visitors.ask(Who.ANYBODY, route.method, route.address(), headers=headers)
            assert answer.status_code < 500, str(route)
