"""The phone API describes itself, completely, and only where nobody can be harmed by it."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from auth_server.app import create_app
from auth_server.phone_api import biometrics_routes, routes, settings_routes
from auth_server.phone_api.openapi import description
from auth_server.phone_api.operations import OPERATIONS, Operation
from auth_server.refusals import MESSAGE, STATUS

if TYPE_CHECKING:
    from conftest import World

PREFIX = "/phone-api/v1"
PAGE = Path(__file__).parents[2] / "docs" / "phone-api.md"


def named(operation: Operation) -> str:
    return f"{operation.method.upper()} {operation.path}"


def test_a_test_world_serves_the_description_and_any_other_server_does_not(
    world: "World", settings: dict[str, str]
) -> None:
    served = world.request("GET", f"{PREFIX}/openapi.json")
    assert (served.status_code, served.json()["openapi"][:3]) == (200, "3.1")
    world.app = create_app({**settings, "AUTH_SERVER_TEST_WORLD": "false"}, world.clock.now)
    hidden = world.request("GET", f"{PREFIX}/openapi.json")
    assert (hidden.status_code, hidden.json()["error"]["code"]) == (404, "invalid-request")


def test_every_route_is_described_and_nothing_else() -> None:
    served = {
        (method.lower(), route.path)
        for router in (routes.router, settings_routes.router, biometrics_routes.router)
        for route in router.routes
        for method in route.methods
    }
    assert {(each.method, PREFIX + each.path) for each in OPERATIONS} == served
    assert len(OPERATIONS) == len(served)


@pytest.mark.parametrize("operation", OPERATIONS, ids=named)
def test_every_example_is_what_its_shape_says(operation: Operation) -> None:
    if operation.answer is not None:
        operation.answer.model_validate_json(json.dumps(operation.example))
    if operation.model is not None:
        operation.model.model_validate(operation.body)


@pytest.mark.parametrize("operation", OPERATIONS, ids=named)
def test_every_answer_stands_with_its_status_and_an_example(operation: Operation) -> None:
    paths: Any = description()["paths"]
    described = paths[PREFIX + operation.path][operation.method]
    expected = {operation.status, 500, 503, *(STATUS[code] for code in operation.refusals)}
    expected |= {401} if operation.session else set()
    expected |= {400, 413, 422} if operation.model is not None else set()
    assert set(described["responses"]) == {str(status) for status in expected}
    for code in operation.refusals:
        answer = described["responses"][str(STATUS[code])]
        example = answer["content"]["application/json"]["examples"][code]["value"]
        assert (example["error"]["code"], example["error"]["message"]) == (code, MESSAGE[code])
    assert "Retry-After" in described["responses"]["503"]["headers"]


def test_every_reference_in_the_description_leads_somewhere() -> None:
    described: Any = description()
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(described)))
    assert references == set(described["components"]["schemas"])


def test_the_page_names_every_request_every_refusal_with_its_status_and_nothing_that_is_not_there() -> None:
    page = PAGE.read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([a-z-]+)` \| (\d{3})(?:, \d{3})* \| ", page, re.MULTILINE))
    assert {code: int(status) for code, status in told.items() if code in STATUS} == STATUS
    assert set(told) - set(STATUS) == {"invalid-request", "busy", "internal-error"}
    requests = set(re.findall(r"`(GET|POST|DELETE) (/[a-z/-]+)`", page))
    assert {(each.method.upper(), each.path) for each in OPERATIONS} == {
        (method, path) for method, path in requests if not path.startswith(PREFIX)
    }
