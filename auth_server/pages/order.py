"""買賣指示: a page that shows what an old login is not enough for (ASVS 5.0, 7.5.3)."""

from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form
from starlette.responses import HTMLResponse, Response

from auth_server import orders
from auth_server.orders import Field, Order
from auth_server.pages.guard import PageRoute
from auth_server.pages.second_factor import CHANNEL_PAGE
from auth_server.pages.signed_in import ORDER_PAGE, find_session
from auth_server.pages.visit import LOGIN, AVisit, Visit, go_to

_WRONG: Final[dict[Field, str]] = {
    "side": "請選擇買入或賣出。",
    "stock": "請輸入股票代號，最多5位數字。",
    "quantity": "請輸入股數，例如 100。",
    "price": "請輸入價格，例如 320.40。",
}
_NOTHING: Final = {"side": "buy", "stock": "", "quantity": "", "price": ""}

Typed = Annotated[str, Form()]

router = APIRouter(route_class=PageRoute)


@router.api_route(ORDER_PAGE, methods=["GET", "HEAD"])
def show_order(visit: AVisit, side: str = "buy", stock: str = "", quantity: str = "", price: str = "") -> Response:
    """Show the form, with the order that the second factor was asked again for, if it was."""
    with visit.broker.database.writing() as tx:
        session = find_session(visit, tx)
    if isinstance(session, Response):
        return session
    typed = {"side": side, "stock": stock, "quantity": quantity, "price": price}
    is_back = isinstance(orders.read_order(**typed), Order)
    notice = visit.words("身分已確認。請核對指示，然後再按「提交指示」。") if is_back else ""
    return _form(visit, typed if is_back else _NOTHING, notice=notice)


@router.post(ORDER_PAGE)
def place_order(
    visit: AVisit, side: Typed = "", stock: Typed = "", quantity: Typed = "", price: Typed = ""
) -> Response:
    """Take an order; if the last second factor is not recent, ask for another one first."""
    broker = visit.broker
    typed = {"side": side, "stock": stock, "quantity": quantity, "price": price}
    order = orders.read_order(**typed)
    with broker.database.writing() as tx:
        session = find_session(visit, tx, tried=True)
        if isinstance(session, Response):
            return session
        if not isinstance(order, Order):
            return _form(visit, typed, wrong=order, status=422)
        if not broker.web.second_factor.is_fresh(session):
            onward = f"{ORDER_PAGE}?{urlencode(typed)}"
            response = go_to(CHANNEL_PAGE)
            visit.put(response, LOGIN, broker.web.second_factor.ask_again(tx, session, onward=onward))
            return response
        at = broker.now()
        orders.place(tx, session, order, at=at, address=visit.address)
    return visit.page("order_placed", order=order, at=at)


def _form(
    visit: Visit, typed: Mapping[str, str], *, wrong: tuple[Field, ...] = (), notice: str = "", status: int = 200
) -> HTMLResponse:
    return visit.page(
        "order",
        status=status,
        typed=typed,
        errors={name: [visit.words(words)] if name in wrong else [] for name, words in _WRONG.items()},
        notice=notice,
    )
