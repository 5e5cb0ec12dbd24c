"""Both APIs do what their descriptions say, whatever they are asked: schemathesis makes the requests, right and wrong.

No fault, no status and no header that is not described, and every answer of the shape that is.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from auth_server.back_office import openapi as back_office
from auth_server.phone_api import openapi as phone_api
from tests.auth_server.attacks.server import opened
from tests.auth_server.conftest import ORIGIN
from tests.auth_server.proofs.policy import policy
from tests.auth_server.proofs.visitors import Visitors

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = {GenerationMode.POSITIVE: 5, GenerationMode.NEGATIVE: 8}


def operations(description: Mapping[str, object]) -> list[APIOperation[Any, Any, Any, Any]]:
    schema = schemathesis.openapi.from_dict(deepcopy(dict(description)))
    return [found.ok() for found in schema.get_all_operations()]


OPERATIONS = [*operations(phone_api.description()), *operations(back_office.description())]


@pytest.fixture(scope="module")
def visitors() -> Iterator[Visitors]:
    """Everybody, before one server."""
    with opened() as server:
        yield Visitors(server)


def sent(visitors: Visitors, case: Case) -> httpx.Response:
    """Send what schemathesis made, in the name of whom the operation is for."""
    made = case.as_transport_kwargs(base_url=ORIGIN)
    who = policy()[case.operation.label]
    more = {"json": made["json"]} if "json" in made else {"content": made["data"]} if "data" in made else {}
    address = made["url"].removeprefix(ORIGIN)
    return visitors.ask(who, made["method"], address, params=made["params"], headers=dict(made["headers"]), **more)


@pytest.mark.parametrize(
    ("operation", "mode"),
    [
        pytest.param(operation, mode, id=f"{operation.label}, {mode.value}")
        for operation in OPERATIONS
        for mode in GenerationMode
        # What takes nothing can be sent nothing wrong.
        if mode is GenerationMode.POSITIVE or operation.body or list(operation.iter_parameters())
    ],
)
def test_it_answers_as_it_is_described(
    visitors: Visitors, operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode
) -> None:
    @given(case=operation.as_strategy(mode))
    @settings(
        max_examples=EXAMPLES[mode],
        database=None,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Case) -> None:
        case.validate_response(sent(visitors, case), checks=CHECKS)

    ask()


def test_an_answer_that_is_not_described_is_noticed(visitors: Visitors) -> None:
    [operation] = [each for each in OPERATIONS if each.label == "GET /phone-api/v1/server"]
    case = operation.Case()
    right = sent(visitors, case)
    case.validate_response(right, checks=CHECKS)
    wrong = (
        httpx.Response(500, json={"error": {"code": "internal-error", "message": ""}}),
        httpx.Response(418, json=right.json()),
        httpx.Response(200, json={**right.json(), "debug": True}),
        httpx.Response(200, html="<p>Hello</p>"),
    )
    for answer in wrong:
        answer.request, answer.elapsed = right.request, right.elapsed
        with pytest.raises(FailureGroup):
            case.validate_response(answer, checks=CHECKS)
