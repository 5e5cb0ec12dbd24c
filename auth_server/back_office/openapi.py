"""The description of the JSON API (OpenAPI 3.1), complete with refusals and examples; served in test worlds only."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from starlette.responses import JSONResponse, Response
from typing_extensions import TypedDict  # pydantic describes only these before Python 3.12

from auth_server.audit import AuditRow
from auth_server.back_office import api, more_api
from auth_server.back_office.api import PREFIX, ABroker
from auth_server.back_office.customers import CustomersFound, CustomerShown
from auth_server.back_office.outbox_state import MessagesShown
from auth_server.back_office.refusals import MESSAGE
from auth_server.biometrics import Reason

PATH: Final = f"{PREFIX}/openapi.json"


class AuditRowsShown(TypedDict):
    """Audit rows, oldest first."""

    rows: list[AuditRow]


class AuditPageShown(TypedDict):
    """One page of a search in the audit trail, newest first; `next` is the id to go on before, null at the end."""

    rows: list[AuditRow]
    next: int | None


class FaultShown(TypedDict):
    """What is wrong with a field, for people."""

    field: str
    message: str


class _ErrorAlways(TypedDict):
    code: str
    message: str


class ErrorShown(_ErrorAlways, total=False):
    """Why a request is refused: `code` for programs, the rest for people, in the language of ``Accept-Language``."""

    rules: list[str]
    fields: list[FaultShown]


class RefusalShown(TypedDict):
    """A refused request."""

    error: ErrorShown


_CUSTOMER: Final[CustomerShown] = {
    "account": "9999-9990",
    "name": "Chan Tai Man",
    "email": "chan@example.com",
    "phone": "+852 5555 0101",
    "language": "zh-Hant",
    "locked": False,
    "password": "set",
    "token": {"state": "active", "device_name": "iPhone 15", "token_id": "8f14e45fceea167a"},
    "biometrics": {"state": "suspended", "reason": Reason.PASSWORD_CHANGED},
    "enrolment": "active",
}
_FOUND: Final[CustomersFound] = {
    "customers": [
        {
            "account": "9999-9990",
            "name": "Chan Tai Man",
            "email": "chan@example.com",
            "phone": "+852 5555 0101",
            "locked": False,
        }
    ],
    "next": None,
}
_ROW: Final = AuditRow(
    id=17,
    at=1_800_000_000.0,
    account="9999-9990",
    event="password-reset-requested",
    result="success",
    reason="",
    channel="back-office",
    address="127.0.0.1",
    staff="wong",
)
_MESSAGES: Final[MessagesShown] = {
    "messages": [
        {
            "id": 5,
            "kind": "mail",
            "account": "9999-9990",
            "state": "waiting",
            "attempts": 2,
            "created_at": 1_800_000_000.0,
            "until": 1_800_028_800.0,
            "ended_at": None,
        }
    ],
    "next": None,
}
_REFUSAL: Final[RefusalShown] = {"error": {"code": "unknown-account", "message": MESSAGE["unknown-account"]}}

# Every shape that an answer can have, and an example of it.
SHAPES: Final[tuple[tuple[TypeAdapter[Any], object], ...]] = (
    (TypeAdapter(CustomerShown), _CUSTOMER),
    (TypeAdapter(CustomersFound), _FOUND),
    (TypeAdapter(AuditRowsShown), {"rows": [_ROW.as_json()]}),
    (TypeAdapter(AuditPageShown), {"rows": [_ROW.as_json()], "next": 17}),
    (TypeAdapter(MessagesShown), _MESSAGES),
    (TypeAdapter(RefusalShown), _REFUSAL),
)

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
    """Describe the JSON API."""
    app = FastAPI()
    app.include_router(api.router)
    app.include_router(more_api.router)
    described = get_openapi(
        title="Back office",
        version="1",
        summary="What the staff of the broker, and tests, do with customers' accounts.",
        routes=app.routes,
    )
    components: dict[str, Any] = described.setdefault("components", {})
    components.setdefault("schemas", {}).update(_schemas())
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "description": "The back-office key."}}
    described["security"] = [{"key": []}]
    return described


def _schemas() -> dict[str, Any]:
    mode: Final = "serialization"
    references, definitions = TypeAdapter.json_schemas(
        [(number, mode, shape) for number, (shape, _) in enumerate(SHAPES)],
        ref_template="#/components/schemas/{model}",
    )
    schemas: dict[str, Any] = definitions["$defs"]
    for number, (_, example) in enumerate(SHAPES):
        name = references[number, mode]["$ref"].rpartition("/")[2]
        schemas[name]["examples"] = [example]
    return schemas
