"""The pages about customers: finding one, looking at one, making one, and doing something to one."""

from typing import Annotated, Final

from fastapi import APIRouter, Form
from pydantic import ValidationError
from starlette.responses import Response

from auth_server import accounts
from auth_server.back_office import acts, audit_search, customers
from auth_server.back_office.audit_search import AuditQuery
from auth_server.back_office.customers import CustomerDetails
from auth_server.back_office.new_customer import WRONG, NewCustomer
from auth_server.back_office.pages.offers import OFFERS
from auth_server.back_office.pages.visit import HOME, OnDuty, StaffRoute, StaffVisit
from auth_server.back_office.refusals import MESSAGE, STATUS, Refused
from auth_server.pages.visit import go_to

_PAGE_ROWS: Final = 25
_LAST_ROWS: Final = 10

# What a page says of an act that was just done, by the `done` in its address: words of ours, never the address's own.
_CREATED: Final = "created"

router = APIRouter(route_class=StaffRoute)

Typed = Annotated[str, Form()]


@router.api_route(HOME, methods=["GET", "HEAD"])
def find_customers(visit: OnDuty, q: str = "", after: str = "") -> Response:
    """Show the customers that a few words find, in the order of their account numbers."""
    with visit.broker.database.reading() as tx:
        found = customers.search(tx, q[:100], after=accounts.read_account(after) or "", limit=_PAGE_ROWS)
    return visit.page("customers", here="customers", q=q, after=after, **found)


@router.api_route(f"{HOME}/new", methods=["GET", "HEAD"])
def show_new(visit: OnDuty) -> Response:
    """Ask for what a new customer needs."""
    return _new_page(visit, {})


@router.post(HOME)
def create_customer(
    visit: OnDuty,
    account: Typed = "",
    name: Typed = "",
    email: Typed = "",
    phone: Typed = "",
    language: Typed = "",
    send_link: Typed = "",
) -> Response:
    """Create a customer, and send the mail with which the customer sets a password if that is wanted."""
    typed = {"account": account, "name": name, "email": email, "phone": phone, "language": language}
    try:
        new = NewCustomer.model_validate(typed)
    except ValidationError as error:
        wrong = {str(fault["loc"][0]): WRONG[str(fault["loc"][0])] for fault in error.errors(include_input=False)}
        with visit.broker.database.writing() as tx:
            visit.clerk.note(visit.broker, tx, "customer-created", account=account, refused="malformed")
        return _new_page(visit, typed, wrong, status=422)
    created = acts.create(visit.broker, new, visit.clerk)
    if isinstance(created, Refused):
        return _new_page(visit, typed, {"account": created.message}, status=STATUS[created.code])
    if send_link:
        acts.carry_out(visit.broker, created.account, acts.reset_password, visit.clerk)
    return go_to(f"{HOME}/{created.account}?done={_CREATED}")


@router.api_route(f"{HOME}/{{number}}", methods=["GET", "HEAD"])
def show_customer(visit: OnDuty, number: str, done: str = "") -> Response:
    """Show a customer, and what can be done."""
    said = visit.words("客戶已建立。") if done == _CREATED else visit.words(OFFERS[done].done) if done in OFFERS else ""
    with visit.broker.database.reading() as tx:
        customer = customers.details(visit.broker, tx, number)
        if customer is None:
            return _unknown(visit)
        trail = audit_search.search(tx, AuditQuery(account=customer["account"]), limit=_LAST_ROWS)
    return visit.page(
        "customer", here="customers", customer=customer, offers=_useful(customer), rows=trail.rows, said=said
    )


@router.api_route(f"{HOME}/{{number}}/{{name}}", methods=["GET", "HEAD"])
def confirm_act(visit: OnDuty, number: str, name: str) -> Response:
    """Say what an act will do, and ask whether it is to be done."""
    with visit.broker.database.reading() as tx:
        customer = customers.details(visit.broker, tx, number)
    if customer is None or name not in OFFERS:
        return _unknown(visit)
    return visit.page("confirm", here="customers", customer=customer, offer=OFFERS[name], name=name)


@router.post(f"{HOME}/{{number}}/{{name}}")
def do_act(visit: OnDuty, number: str, name: str) -> Response:
    """Do it."""
    if name not in OFFERS:
        with visit.broker.database.writing() as tx:
            visit.clerk.note(visit.broker, tx, "request-refused", account=number, refused="unknown-act")
        return _unknown(visit)
    refusal = acts.carry_out(visit.broker, number, OFFERS[name].act, visit.clerk)
    if refusal is None:
        return go_to(f"{HOME}/{accounts.read_account(number)}?done={name}")
    page = visit.refused(OFFERS[name].label, refusal.message, status=STATUS[refusal.code])
    if refusal.retry_after_seconds is not None:
        page.headers["Retry-After"] = str(refusal.retry_after_seconds)
    return page


def _useful(customer: CustomerDetails) -> list[dict[str, object]]:
    return [
        {"name": name, "label": offer.label, "is_grave": offer.is_grave}
        for name, offer in OFFERS.items()
        if offer.is_useful is None or offer.is_useful(customer)
    ]


def _new_page(
    visit: StaffVisit, typed: dict[str, str], wrong: dict[str, str] | None = None, *, status: int = 200
) -> Response:
    errors = {field: (visit.words(words),) for field, words in (wrong or {}).items()}
    return visit.page("new_customer", status=status, here="customers", typed=typed, errors=errors)


def _unknown(visit: StaffVisit) -> Response:
    return visit.refused("找不到客戶", MESSAGE["unknown-account"], status=404)
