"""帳戶安全: what the customer has open, what logins there were, another password (M31; ASVS 5.0, 6.2.2, 7.5.2)."""

import math
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from auth_server.accounts import Account
from auth_server.lockout import Limited
from auth_server.own_password import ChangedByOwner, WrongPassword
from auth_server.pages.guard import PageRoute
from auth_server.pages.new_password import listed_rules
from auth_server.pages.signed_in import PASSWORD_PAGE, SECURITY_PAGE, ask_for_login, find_session
from auth_server.pages.visit import SESSION, AVisit, Visit, go_to
from auth_server.password_change import Unfit

_SAID: Final = {"one": "已登出該裝置。", "others": "已登出所有其他裝置。", "password": "密碼已更改。"}

Typed = Annotated[str, Form()]

router = APIRouter(route_class=PageRoute)


@router.api_route(SECURITY_PAGE, methods=["GET", "HEAD"])
def show_security(visit: AVisit, done: str = "") -> Response:
    """Show what is open and the last logins. `done` names what a form has just done."""
    broker = visit.broker
    with broker.database.writing() as tx:
        session = find_session(visit, tx)
        if isinstance(session, Response):
            return session
        devices = broker.web.devices.open_ones(tx, session)
        logins = broker.web.devices.logins(tx, session)
    changed_at = session.account.password_changed_at or session.created_at
    return visit.page(
        "security",
        devices=devices,
        logins=logins,
        password_until=changed_at + broker.settings.password_life_seconds,
        notice=visit.words(_SAID[done]) if done in _SAID else "",
    )


@router.post(f"{SECURITY_PAGE}/end")
def end_one(visit: AVisit, device: Typed = "") -> Response:
    """End one session of the customer's own; one that is not open any more is as good as ended."""
    with visit.broker.database.writing() as tx:
        session = find_session(visit, tx, tried=True)
        if isinstance(session, Response):
            return session
        visit.broker.web.devices.end(tx, session, device, address=visit.address)
    return go_to(f"{SECURITY_PAGE}?done=one")


@router.post(f"{SECURITY_PAGE}/end-others")
def end_others(visit: AVisit) -> Response:
    """End all sessions but this one."""
    with visit.broker.database.writing() as tx:
        session = find_session(visit, tx, tried=True)
        if isinstance(session, Response):
            return session
        visit.broker.web.devices.end_others(tx, session, address=visit.address)
    return go_to(f"{SECURITY_PAGE}?done=others")


@router.api_route(PASSWORD_PAGE, methods=["GET", "HEAD"])
def show_password(visit: AVisit) -> Response:
    """Ask for the current password and a new one."""
    with visit.broker.database.writing() as tx:
        session = find_session(visit, tx)
    return session if isinstance(session, Response) else _password_page(visit, session.account)


@router.post(PASSWORD_PAGE)
def change_password(
    visit: AVisit,
    current_password: Typed = "",
    new_password: Typed = "",
    new_password_again: Typed = "",
    end_others: Typed = "",
) -> Response:
    """Change the password; the other sessions end unless the customer took the tick away (ASVS 5.0, 7.4.3)."""
    database = visit.broker.database
    with database.writing() as tx:
        session = find_session(visit, tx, tried=True)
    if isinstance(session, Response):
        return session
    outcome = visit.broker.web.own_passwords.change(
        database,
        visit.cookie(SESSION),
        current=current_password,
        new=new_password,
        again=new_password_again,
        others_go_on=not end_others,
        address=visit.address,
    )
    if outcome is None:
        return ask_for_login(visit)
    if isinstance(outcome, ChangedByOwner):
        response = go_to(f"{SECURITY_PAGE}?done=password")
        visit.put(response, SESSION, outcome.token)
        return response
    return _password_page(visit, session.account, outcome, ends_others=bool(end_others))


def _password_page(
    visit: Visit,
    account: Account,
    refused: Unfit | WrongPassword | Limited | None = None,
    *,
    ends_others: bool = True,
) -> Response:
    status, about_current = 200, ""
    if isinstance(refused, Limited):
        status = 429
        minutes = math.ceil(refused.retry_after_seconds / 60)
        about_current = visit.words("輸入錯誤次數過多，請於{minutes}分鐘後再試。", minutes=minutes)
    elif isinstance(refused, WrongPassword):
        status, about_current = 403, visit.words("現時密碼不正確。")
    elif isinstance(refused, Unfit):
        status = 422
    unfit = refused if isinstance(refused, Unfit) else Unfit()
    page = visit.page(
        "own_password",
        status=status,
        account=account.account,
        rules=listed_rules(visit),
        errors_current=[about_current] if about_current else [],
        errors=[visit.words(rule.value) for rule in unfit.broken],
        errors_again=[visit.words("兩次輸入的新密碼不相同")] if unfit.differ else [],
        ends_others=ends_others,
    )
    if isinstance(refused, Limited):
        page.headers["Retry-After"] = str(refused.retry_after_seconds)
    return page
