"""Orders to buy or sell, as far as the login needs them: what an order is, not what a market does with it.

They stand for what a customer must not be able to do with an old proof (ASVS 5.0, 7.5.3).
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from sqlalchemy import Connection

from auth_server import audit
from auth_server.channels import Channel
from auth_server.sessions import Session

Field = Literal["side", "stock", "quantity", "price"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order: ``buy`` or ``sell``, a stock code of five digits, a number of shares, Hong Kong dollars for each."""

    side: Literal["buy", "sell"]
    stock: str
    quantity: int
    price: Decimal


def read_order(side: str, stock: str, quantity: str, price: str) -> Order | tuple[Field, ...]:
    """Read an order as it is typed; if it is none, the fields that are wrong."""
    right: dict[Field, bool] = {
        "side": side in {"buy", "sell"},
        "stock": re.fullmatch(r"[0-9]{1,5}", stock) is not None and int(stock) > 0,
        "quantity": re.fullmatch(r"[1-9][0-9]{0,6}", quantity) is not None,
        "price": re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", price) is not None and Decimal(price) > 0,
    }
    wrong: list[Field] = [name for name, is_right in right.items() if not is_right]
    if wrong:
        return tuple(wrong)
    return Order(
        side="buy" if side == "buy" else "sell", stock=f"{int(stock):05d}", quantity=int(quantity), price=Decimal(price)
    )


def place(tx: Connection, session: Session, order: Order, *, at: float, address: str) -> None:
    """Take `order`; it goes no further than the audit trail."""
    audit.record(
        tx,
        at=at,
        event="order-placed",
        result="success",
        account=session.account.account,
        reason=f"{order.side} {order.stock} {order.quantity} at {order.price}",
        channel=Channel.WEB,
        address=address,
    )
