"""The description of the back office's API is complete, true, and there only in test worlds."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import TypeAdapter

from auth_server.app import create_app
from auth_server.back_office import api, more_api, openapi
from auth_server.back_office.refusals import STATUS

if TYPE_CHECKING:
    from tests.auth_server.conftest import World

PATH = "/back-office/api/openapi.json"
PAGE = Path(__file__).parents[3] / "docs" / "back-office.md"
OPERATIONS = [
    (path.removeprefix("/back-office/api"), method, operation)
    for path, methods in openapi.description()["paths"].items()
    for method, operation in methods.items()
]


def test_only_a_test_world_shows_it(world: "World", settings: dict[str, str]) -> None:
    assert world.request("GET", PATH).json()["openapi"].startswith("3.1")
    world.app = create_app({**settings, "AUTH_SERVER_TEST_WORLD": "false"}, world.clock.now)
    assert world.request("GET", PATH).status_code == 404


def test_every_route_is_described() -> None:
    routes = {
        (route.path, method)
        for router in (api.router, more_api.router)
        for route in router.routes
        for method in route.methods
    }
    assert {(f"/back-office/api{path}", method.upper()) for path, method, _ in OPERATIONS} == routes


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=lambda part: str(part)[:40])
def test_every_operation_says_how_it_is_refused_by_example(path: str, method: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    assert {"401", "422", "503"} < set(answers)
    assert ("404" in answers) == ("{number}" in path)
    for status, answer in answers.items():
        if int(status) >= 400:
            content = answer["content"]["application/json"]
            assert content["schema"] == {"$ref": "#/components/schemas/RefusalShown"}
            for example in content["examples"].values():
                TypeAdapter(openapi.RefusalShown).validate_python(example["value"])
                code = example["value"]["error"]["code"]
                assert STATUS.get(code, int(status)) == int(status) or code == "invalid-request"


def test_every_shape_that_is_named_is_there_with_an_example_that_fits() -> None:
    description = openapi.description()
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(description)))
    schemas = description["components"]["schemas"]
    assert named == set(schemas)
    for shape, example in openapi.SHAPES:
        shape.validate_python(example)
    assert description["security"] == [{"key": []}]


def test_answers_have_the_shapes_that_are_described(world: "World") -> None:
    world.customer(password=None)
    world.back_office("POST", "/customers/9999-9990/password-reset")
    shapes = {str(shape.core_schema.get("cls", shape._type).__name__): shape for shape, _ in openapi.SHAPES}
    for path, name in [
        ("/customers/9999-9990", "CustomerShown"),
        ("/customers", "CustomersFound"),
        ("/audit", "AuditRowsShown"),
        ("/audit/search", "AuditPageShown"),
        ("/outbox", "MessagesShown"),
        ("/customers/0000-0000", "RefusalShown"),
    ]:
        shapes[name].validate_json(world.back_office("GET", path).text, strict=False, extra="forbid")


def test_the_documentation_names_every_operation() -> None:
    table = set(re.findall(r"^\| `(GET|POST) (/[^`?]*)", PAGE.read_text("utf-8"), re.MULTILINE))
    assert table == {(method.upper(), path) for path, method, _ in OPERATIONS}
