"""The part of the JSON API that scenarios and programs live on: customers, acts, and the tail of the audit trail.

What else there is, is in `more_api`. No answer holds a secret.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AfterValidator
from starlette.responses import JSONResponse, Response

from auth_server import audit
from auth_server.audit import Event
from auth_server.back_office import acts, customers
from auth_server.back_office.acts import Act
from auth_server.back_office.answers import answers
from auth_server.back_office.keyed_route import KeyedRoute, clerk_of, refused
from auth_server.back_office.new_customer import NewCustomer
from auth_server.back_office.refusals import Refused
from auth_server.broker import Broker, broker_of

PREFIX: Final = "/back-office/api"

ABroker = Annotated[Broker, Depends(broker_of)]


def _printable(text: str) -> str:
    if not text.isprintable():  # no database has such a row, and PostgreSQL does not even take the question
        raise ValueError("must be printable")
    return text


Words = Annotated[str, AfterValidator(_printable)]

router = APIRouter(prefix=PREFIX, route_class=KeyedRoute)


@router.post(
    "/customers",
    status_code=201,
    responses=answers({201: "CustomerShown"}, "password-not-taken", "taken", "password-refused", body=True),
)
def create_customer(request: Request, broker: ABroker, body: NewCustomer) -> Response:
    """Create a customer. Only a test world takes a password; elsewhere the customer sets one by a reset."""
    created = acts.create(broker, body, clerk_of(request))
    if isinstance(created, Refused):
        return refused(request, created)
    with broker.database.reading() as tx:
        return JSONResponse(customers.shown(broker, tx, created), 201)


@router.get("/customers/{number}", responses=answers({200: "CustomerShown"}, "unknown-account"))
def customer(request: Request, broker: ABroker, number: str) -> Response:
    """Show a customer."""
    with broker.database.reading() as tx:
        found = customers.find(broker, tx, number)
    return JSONResponse(found) if found else refused(request, Refused("unknown-account"))


@router.post("/customers/{number}/password-reset", status_code=202, responses=answers({202: None}, "unknown-account"))
def reset_password(request: Request, broker: ABroker, number: str) -> Response:
    """Send the customer the mail with a reset link (M2)."""
    return carry_out(request, broker, number, acts.reset_password, status=202)


@router.post("/customers/{number}/lock", status_code=204, responses=answers({204: None}, "unknown-account"))
def lock(request: Request, broker: ABroker, number: str) -> Response:
    """Lock the account and end its sessions."""
    return carry_out(request, broker, number, acts.lock)


@router.post("/customers/{number}/unlock", status_code=204, responses=answers({204: None}, "unknown-account"))
def unlock(request: Request, broker: ABroker, number: str) -> Response:
    """Unlock the account and its token, and forget its wrong passwords and codes."""
    return carry_out(request, broker, number, acts.unlock)


@router.post("/customers/{number}/token/clear", status_code=204, responses=answers({204: None}, "unknown-account"))
def clear_token(request: Request, broker: ABroker, number: str) -> Response:
    """End the customer's token, and the enrolment that is under way; the customer is told (M23)."""
    return carry_out(request, broker, number, acts.clear_token)


@router.get("/audit", responses=answers({200: "AuditRowsShown"}))
def audit_trail(
    broker: ABroker,
    account: Annotated[Words, Query(max_length=64)] | None = None,
    event: Event | None = None,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Read audit rows, oldest first: those with ids above `after`, of one account or one event if given."""
    with broker.database.reading() as tx:
        rows = audit.rows(tx, account=account, event=event, after=after, limit=limit)
    return JSONResponse({"rows": [row.as_json() for row in rows]})


def carry_out(request: Request, broker: Broker, number: str, act: Act, *, status: int = 204) -> Response:
    """Do `act` to the account with the `number`; `status` is the answer if it is done."""
    refusal = acts.carry_out(broker, number, act, clerk_of(request))
    return refused(request, refusal) if refusal else Response(status_code=status)
