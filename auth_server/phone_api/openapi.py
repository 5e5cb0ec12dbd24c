"""The description of the phone API (OpenAPI 3.1), complete with refusals and examples; served in test worlds only."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.responses import JSONResponse, Response

from auth_server.passwords import PasswordRule
from auth_server.phone_api import PREFIX, answers, biometrics_routes, routes, settings_routes
from auth_server.phone_api.asking import ABroker
from auth_server.phone_api.operations import OPERATIONS, Operation
from auth_server.refusals import MESSAGE, STATUS, RefusalCode

PATH: Final = f"{PREFIX}/openapi.json"

_INVALID: Final = ("invalid-request", "請求格式不正確。")
_BUSY: Final = ("busy", "系統繁忙，請稍後再試。")
_BROKEN: Final = ("internal-error", "系統發生錯誤，請稍後再試。")
_MORE: Final[Mapping[str, Mapping[str, object]]] = {
    "password-refused": {"rules": [{"rule": "digit", "message": PasswordRule.DIGIT.value}]},
    "biometrics-suspended": {"reason": "password-changed"},
}
_HEADERS: Final[Mapping[int, Mapping[str, str]]] = {
    401: {"WWW-Authenticate": "string"},
    429: {"Retry-After": "integer"},
    503: {"Retry-After": "integer"},
}

router = APIRouter()


@router.get(PATH)
def openapi(broker: ABroker) -> Response:
    """Give the description.

    Raises `HTTPException`: outside of test worlds there is no such page.
    """
    if not broker.settings.test_world:
        raise HTTPException(404)
    return JSONResponse(description())


@cache
def description() -> Mapping[str, object]:
    """Describe the phone API."""
    app = FastAPI()
    for each in (routes.router, settings_routes.router, biometrics_routes.router):
        app.include_router(each)
    described = get_openapi(
        title="Phone API",
        version="1",
        summary="What the broker's app says to the server. docs/phone-api.md explains the protocol.",
        routes=app.routes,
    )
    shapes: list[type[BaseModel]] = [answers.RefusalShown]
    for operation in OPERATIONS:
        _complete(described["paths"][PREFIX + operation.path][operation.method], operation)
        shapes += [shape for shape in (operation.answer, operation.model) if shape is not None]
    # One writer for what is sent and what is answered, so that no shape stands there twice.
    _, schemas = models_json_schema(
        [(shape, "validation") for shape in dict.fromkeys(shapes)], ref_template="#/components/schemas/{model}"
    )
    described["components"] = {
        "schemas": schemas["$defs"],
        "securitySchemes": {"session": {"type": "http", "scheme": "bearer", "description": "From `POST /sessions`."}},
    }
    return described


def _complete(described: dict[str, Any], operation: Operation) -> None:
    described["responses"] = dict(_responses(operation))
    if operation.session:
        described["security"] = [{"session": []}]
    if operation.model is not None:
        content = described["requestBody"]["content"]["application/json"]
        content["examples"] = {"example": {"value": operation.body}}


def _responses(operation: Operation) -> Iterable[tuple[str, dict[str, object]]]:
    success: dict[str, object] = {"description": "Done."}
    if operation.answer is not None:
        success["content"] = _json(operation.answer, {"example": operation.example})
    yield str(operation.status), success
    refusals: dict[int, dict[str, tuple[str, str]]] = {503: {"busy": _BUSY}, 500: {"internal-error": _BROKEN}}
    codes: tuple[RefusalCode, ...] = ("not-logged-in", *operation.refusals) if operation.session else operation.refusals
    for code in codes:
        refusals.setdefault(STATUS[code], {})[code] = (code, MESSAGE[code])
    if operation.model is not None:
        for status in (400, 413, 422):
            refusals.setdefault(status, {})["invalid-request"] = _INVALID
    for status, examples in sorted(refusals.items()):
        yield str(status), _refusal(status, examples)


def _refusal(status: int, refusals: Mapping[str, tuple[str, str]]) -> dict[str, object]:
    examples = {
        name: {"error": {"code": code, "message": message, **_MORE.get(code, {})}}
        for name, (code, message) in refusals.items()
    }
    headers = {name: {"required": True, "schema": {"type": kind}} for name, kind in _HEADERS.get(status, {}).items()}
    return {
        "description": ", ".join(refusals),
        "content": _json(answers.RefusalShown, examples),
        **({"headers": headers} if headers else {}),
    }


def _json(shape: type[BaseModel], examples: Mapping[str, object]) -> dict[str, object]:
    return {
        "application/json": {
            "schema": {"$ref": f"#/components/schemas/{shape.__name__}"},
            "examples": {name: {"value": value} for name, value in examples.items()},
        }
    }
