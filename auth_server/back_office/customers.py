"""Customers as staff see them: one with all that is known of it, or those that a few letters find."""

from collections.abc import Iterator
from typing import Final, Literal

from sqlalchemy import Column, Connection, func, or_, select
from typing_extensions import TypedDict  # pydantic describes only these before Python 3.12

from auth_server import accounts, biometrics, enrolment
from auth_server.accounts import Account, PasswordState
from auth_server.broker import Broker
from auth_server.soft_token import TokenState
from auth_server.tables import accounts as accounts_table
from auth_server.tables import phone_sessions, web_sessions

WINDOW: Final = 5000
"""How many accounts one search looks through at the most; the next one goes on from there."""


class TokenShown(TypedDict):
    """The token of a customer; names are null where there is none."""

    state: TokenState
    device_name: str | None
    token_id: str | None


class BiometricsShown(TypedDict):
    """The biometrics of a customer's phone; `reason` tells why they are suspended, if they are."""

    state: Literal["none", "active", "suspended"]
    reason: biometrics.Reason | None


class CustomerShown(TypedDict):
    """A customer. `enrolment` is the step at which an unfinished enrolment stands."""

    account: str
    name: str
    email: str
    phone: str
    language: str
    locked: bool
    password: PasswordState
    token: TokenShown
    biometrics: BiometricsShown
    enrolment: enrolment.Step


class SessionShown(TypedDict):
    """A session that goes on: on the web by which channel, or on which phone. Times are unix seconds."""

    kind: Literal["web", "phone"]
    by: str
    created_at: float
    last_seen_at: float


class CustomerDetails(CustomerShown):
    """A customer with all that staff see besides: times in unix seconds, null where there is none."""

    password_changed_at: float | None
    password_until: float | None
    token_activated_at: float | None
    has_open_link: bool
    sessions: list[SessionShown]


class CustomerFound(TypedDict):
    """A customer in a list."""

    account: str
    name: str
    email: str
    phone: str
    locked: bool


class CustomersFound(TypedDict):
    """One page of a search, in the order of account numbers; `next` is what to go on after, null at the end.

    A page may be empty and still have a `next`: its share of the accounts was looked through in vain.
    """

    customers: list[CustomerFound]
    next: str | None


def find(broker: Broker, tx: Connection, number: str) -> CustomerShown | None:
    """Show the customer with the account `number`, as people write it."""
    account = accounts.find(tx, accounts.read_account(number) or "")
    return shown(broker, tx, account) if account else None


def shown(broker: Broker, tx: Connection, account: Account) -> CustomerShown:
    """Show `account`; nothing in it is secret."""
    token = broker.soft_tokens.summary(tx, account.account)
    registration = biometrics.of_token(tx, token.token_id) if token.token_id else None
    unfinished = enrolment.unfinished(tx, account.account, None, at=broker.now())
    life = broker.settings.password_life_seconds
    return {
        "account": account.account,
        "name": account.name,
        "email": account.email,
        "phone": account.phone,
        "language": account.language,
        "locked": account.locked,
        "password": account.password_state(at=broker.now(), life_seconds=life),
        "token": {"state": token.state, "device_name": token.device_name or None, "token_id": token.token_id},
        "biometrics": {
            "state": registration.state if registration else "none",
            "reason": registration.reason if registration else None,
        },
        "enrolment": unfinished.step if unfinished else "active" if token.state in {"active", "locked"} else "none",
    }


def details(broker: Broker, tx: Connection, number: str) -> CustomerDetails | None:
    """Show the customer with the account `number` with all that staff see."""
    account = accounts.find(tx, accounts.read_account(number) or "")
    if account is None:
        return None
    changed_at = account.password_changed_at
    return {
        **shown(broker, tx, account),
        "password_changed_at": changed_at,
        "password_until": None if changed_at is None else changed_at + broker.settings.password_life_seconds,
        "token_activated_at": broker.soft_tokens.summary(tx, account.account).activated_at,
        "has_open_link": broker.web.resets.has_open_link(tx, account.account),
        "sessions": [
            *_sessions(broker, tx, account.account, "web", web_sessions.c.channel),
            *_sessions(broker, tx, account.account, "phone", phone_sessions.c.device_name),
        ],
    }


def _sessions(
    broker: Broker, tx: Connection, account: str, kind: Literal["web", "phone"], by: Column[str]
) -> Iterator[SessionShown]:
    table, at, limits = by.table, broker.now(), broker.settings
    query = select(by.label("by"), table.c.created_at, table.c.last_seen_at).where(
        table.c.account == account,
        table.c.ended_at.is_(None),
        table.c.last_seen_at > at - limits.session_idle_seconds,
        table.c.created_at > at - limits.session_absolute_seconds,
    )
    for row in tx.execute(query.order_by(table.c.last_seen_at.desc())):
        yield {"kind": kind, "by": row.by, "created_at": row.created_at, "last_seen_at": row.last_seen_at}


def search(tx: Connection, text: str, *, after: str = "", limit: int) -> CustomersFound:
    """Find up to `limit` customers: each word of `text` is in their account number, name, e-mail or phone, in any case.

    Begins after the account number `after`, and looks through `WINDOW` accounts.
    """
    table = accounts_table
    window = select(table).where(table.c.account > after).order_by(table.c.account).limit(WINDOW).subquery()
    # As people write them: 99999990, +85255550101.
    bare = (func.replace(window.c.account, "-", ""), func.replace(window.c.phone, " ", ""))
    places = (window.c.account, window.c.name, window.c.email, *bare)
    matching = select(window).order_by(window.c.account).limit(limit + 1)
    for word in text.split():
        matching = matching.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    rows = tx.execute(matching).all()
    if len(rows) > limit:
        last = rows[limit - 1].account
    else:
        last = tx.execute(
            select(table.c.account).where(table.c.account > after).order_by(table.c.account).offset(WINDOW - 1).limit(1)
        ).scalar_one_or_none()
    found: list[CustomerFound] = [
        {
            "account": row.account,
            "name": row.name,
            "email": row.email,
            "phone": row.phone,
            "locked": row.locked_at is not None,
        }
        for row in rows[:limit]
    ]
    return {"customers": found, "next": last}
