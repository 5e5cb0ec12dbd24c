"""The rest of the JSON API: searching customers and the audit trail, sending mails again, the state of the outbox."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import JSONResponse, Response

from auth_server.audit import Event, Result
from auth_server.back_office import acts, audit_search, customers, outbox_state
from auth_server.back_office.answers import answers
from auth_server.back_office.api import PREFIX, ABroker, Words, carry_out
from auth_server.back_office.audit_search import AuditQuery
from auth_server.back_office.keyed_route import KeyedRoute
from auth_server.back_office.outbox_state import MessageState

router = APIRouter(prefix=PREFIX, route_class=KeyedRoute)

Limit = Annotated[int, Query(ge=1, le=200)]
RowId = Annotated[int, Query(ge=1, le=2**31 - 1)]
UnixTime = Annotated[float, Query(ge=0, le=2**40)]


class Resend(BaseModel):
    """``POST /customers/{number}/resend``: which mail the customer is waiting for."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    message: Literal["password-reset", "registration"]


_RESENDING = {"password-reset": acts.resend_reset, "registration": acts.resend_registration}


@router.get("/customers", responses=answers({200: "CustomersFound"}))
def search_customers(
    broker: ABroker,
    q: Annotated[Words, Query(max_length=100)] = "",
    after: Annotated[str, Query(pattern=r"^[0-9]{4}-[0-9]{4}$")] = "",
    limit: Limit = 50,
) -> Response:
    """Find customers by words in their account number, name, e-mail or phone, in the order of account numbers.

    `next` goes into the next request's `after`; a page may be empty and still have one.
    """
    with broker.database.reading() as tx:
        return JSONResponse(customers.search(tx, q, after=after, limit=limit))


@router.post(
    "/customers/{number}/resend",
    status_code=202,
    responses=answers({202: None}, "unknown-account", "nothing-to-resend", "too-many-requests", body=True),
)
def resend(request: Request, broker: ABroker, number: str, body: Resend) -> Response:
    """Send the mail that the customer is waiting for again, with a new link or code; the older one ends."""
    return carry_out(request, broker, number, _RESENDING[body.message], status=202)


@router.post("/customers/{number}/biometrics/clear", status_code=204, responses=answers({204: None}, "unknown-account"))
def clear_biometrics(request: Request, broker: ABroker, number: str) -> Response:
    """End the registration of the phone's biometrics; the token stays."""
    return carry_out(request, broker, number, acts.clear_biometrics)


@router.get("/audit/search", responses=answers({200: "AuditPageShown"}))
def search_audit_trail(
    broker: ABroker,
    account: Annotated[Words, Query(max_length=64)] | None = None,
    event: Event | None = None,
    result: Result | None = None,
    since: UnixTime | None = None,
    until: UnixTime | None = None,
    text: Annotated[Words, Query(max_length=audit_search.LONGEST_TEXT)] = "",
    before: RowId | None = None,
    limit: Limit = 50,
) -> Response:
    """Search the audit trail, newest first: from `since` on and before `until` (unix seconds).

    `next` goes into the next request's `before`; a page may be empty and still have one.
    """
    query = AuditQuery(account=account, event=event, result=result, since=since, until=until, text=text, before=before)
    with broker.database.reading() as tx:
        page = audit_search.search(tx, query, limit=limit)
    return JSONResponse({"rows": [row.as_json() for row in page.rows], "next": page.next})


@router.get("/outbox", responses=answers({200: "MessagesShown"}))
def outbox(
    broker: ABroker, state: MessageState = "waiting", before: RowId | None = None, limit: Limit = 50
) -> Response:
    """Show which messages wait or were given up, newest first, never what they say."""
    with broker.database.reading() as tx:
        return JSONResponse(outbox_state.messages(tx, state, before=before, limit=limit))
