"""The back office as a JSON API: customers, password resets, locks, tokens and the audit trail.

For staff and for tests (M34). Each request carries the back-office key; no answer holds a secret.
"""

import hmac
import re
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from sqlalchemy import Connection
from starlette.responses import JSONResponse, Response

from auth_server import accounts, audit, enrolment, lockout, sessions
from auth_server.accounts import Account
from auth_server.audit import Event
from auth_server.broker import Broker, broker_of
from auth_server.channels import Channel
from auth_server.failures import refusal
from auth_server.languages import Language
from auth_server.messages import Notice

PREFIX: Final = "/back-office/api"

ABroker = Annotated[Broker, Depends(broker_of)]


class BackOfficeRefusalError(Exception):
    """A request is refused: HTTP status, code for programs, words for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def with_key(request: Request, broker: ABroker) -> None:
    """Ask for the back-office key, compared in constant time.

    Raises `BackOfficeRefusalError`.
    """
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    wanted = broker.settings.back_office_key.get_secret_value()
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise BackOfficeRefusalError(401, "wrong-key", "後台金鑰不正確。")


router = APIRouter(prefix=PREFIX, dependencies=[Depends(with_key)])


def _account_number(text: str) -> str:
    number = accounts.read_account(text)
    if number is None:
        raise ValueError("must be an account number such as 9999-9990")
    return number


def _mail_address(text: str) -> str:
    # Stricter than RFC 5322: what this takes can stand in a header without being quoted.
    if not re.fullmatch(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", text):
        raise ValueError("must be a mail address")
    return text


def _phone_number(text: str) -> str:
    if not re.fullmatch(r"\+[0-9]{1,3}( ?[0-9]){6,14}", text):
        raise ValueError("must be a phone number such as +852 5555 0101")
    return text


def _name(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("must be printable, without spaces at its ends")
    return text


class NewCustomer(BaseModel):
    """``POST /customers``. Without a password the customer sets one by a reset."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    account: Annotated[str, AfterValidator(_account_number)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=80), AfterValidator(_name)]
    email: Annotated[str, StringConstraints(max_length=254), AfterValidator(_mail_address)]
    phone: Annotated[str, StringConstraints(max_length=24), AfterValidator(_phone_number)]
    password: Annotated[str, StringConstraints(max_length=1024)] | None = None
    language: Language = "zh-Hant"


@router.post("/customers")
def create_customer(request: Request, broker: ABroker, body: NewCustomer) -> Response:
    """Create a customer; 409 if the account number is taken, 422 with the broken rules if the password will not do."""
    at = broker.now()
    account = Account(account=body.account, name=body.name, email=body.email, phone=body.phone, language=body.language)
    if body.password is not None:
        broken = broker.passwords.broken_rules(body.password, account=account, previous_hash=None)
        if broken:
            answer = {"code": "password-refused", "message": broken[0].value, "rules": [rule.value for rule in broken]}
            return JSONResponse({"error": answer}, 422)
    password_hash = None if body.password is None else broker.passwords.hash_password(body.password)
    with broker.database.writing() as tx:
        created = accounts.create(tx, account, at=at)
        if created and password_hash is not None:
            accounts.set_password(tx, account.account, password_hash, at=at)
        _note(request, broker, tx, "customer-created", account.account, refused=None if created else "taken")
        view = _view(broker, tx, account.account)
    if not created:
        raise BackOfficeRefusalError(409, "taken", "客戶帳號已存在。")
    return JSONResponse(view, 201)


@router.get("/customers/{number}")
def customer(broker: ABroker, number: str) -> Response:
    """Show a customer."""
    with broker.database.reading() as tx:
        return JSONResponse(_view(broker, tx, number))


@router.post("/customers/{number}/password-reset")
def reset_password(request: Request, broker: ABroker, number: str) -> Response:
    """Send the customer the mail with a reset link (M2)."""
    with broker.database.writing() as tx:
        account = _find(tx, number)
        broker.web.resets.send(tx, account, asked=Channel.BACK_OFFICE, address=_address(request))
    return Response(status_code=202)


@router.post("/customers/{number}/lock")
def lock(request: Request, broker: ABroker, number: str) -> Response:
    """Lock the account and end its sessions."""
    with broker.database.writing() as tx:
        account = _find(tx, number)
        if accounts.lock(tx, account.account, at=broker.now()):
            _end_sessions(broker, tx, account.account)
            _note(request, broker, tx, "account-locked", account.account)
    return Response(status_code=204)


@router.post("/customers/{number}/unlock")
def unlock(request: Request, broker: ABroker, number: str) -> Response:
    """Unlock the account and its token, and forget its wrong passwords and codes."""
    with broker.database.writing() as tx:
        account = _find(tx, number)
        accounts.unlock(tx, account.account)
        broker.soft_tokens.unlock(tx, account.account)
        lockout.forgive_account(tx, account.account)
        _note(request, broker, tx, "account-unlocked", account.account)
    return Response(status_code=204)


@router.post("/customers/{number}/token/clear")
def clear_token(request: Request, broker: ABroker, number: str) -> Response:
    """End the customer's token, and the enrolment that is under way; the customer is told (M23)."""
    with broker.database.writing() as tx:
        account = _find(tx, number)
        enrolment.end_unfinished(broker, tx, account.account)
        if broker.soft_tokens.clear(tx, account.account):
            _end_sessions(broker, tx, account.account)
            _note(request, broker, tx, "token-cleared", account.account)
            broker.notices.tell(tx, account, Notice.TOKEN_CLEARED, Channel.BACK_OFFICE)
    return Response(status_code=204)


@router.get("/audit")
def audit_trail(
    broker: ABroker,
    account: str | None = None,
    event: Event | None = None,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Read audit rows, oldest first: those with ids above `after`, of one account or one event if given."""
    with broker.database.reading() as tx:
        rows = audit.rows(tx, account=account, event=event, after=after, limit=limit)
    return JSONResponse({"rows": [row.as_json() for row in rows]})


def back_office_refused(request: Request, error: Exception) -> Response:
    """Answer `BackOfficeRefusalError`."""
    assert isinstance(error, BackOfficeRefusalError)
    return refusal(request, error.status, error.code, error.message)


def _find(tx: Connection, number: str) -> Account:
    account = accounts.find(tx, accounts.read_account(number) or "")
    if account is None:
        raise BackOfficeRefusalError(404, "unknown-account", "沒有此客戶帳號。")
    return account


def _view(broker: Broker, tx: Connection, number: str) -> dict[str, object]:
    account = _find(tx, number)
    token = broker.soft_tokens.summary(tx, account.account)
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
        "enrolment": unfinished.step if unfinished else "active" if token.state in {"active", "locked"} else "none",
    }


def _end_sessions(broker: Broker, tx: Connection, number: str) -> None:
    sessions.end_all(tx, number, at=broker.now())


def _note(
    request: Request, broker: Broker, tx: Connection, event: Event, number: str, *, refused: str | None = None
) -> None:
    audit.record(
        tx,
        at=broker.now(),
        event=event,
        result="success" if refused is None else "refused",
        account=number,
        reason=refused or "",
        channel=Channel.BACK_OFFICE,
        address=_address(request),
    )


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
