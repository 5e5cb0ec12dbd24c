"""The pages between the password and the session: choice of channel and one-time code (M26-M30)."""

import math
from typing import Annotated, Final

from fastapi import APIRouter, Form
from sqlalchemy import Connection
from starlette.responses import HTMLResponse, Response

from auth_server import audit
from auth_server.browsers import browser_name
from auth_server.cas import origin_of, with_ticket
from auth_server.channels import Channel
from auth_server.lockout import Limited
from auth_server.masking import masked_mail, masked_phone
from auth_server.one_time_codes import Outcome
from auth_server.outbox import Fate, fate
from auth_server.pages.guard import PageRoute
from auth_server.pages.login import HOME
from auth_server.pages.login import PAGE as LOGIN_PAGE
from auth_server.pages.visit import LOGIN, SESSION, AVisit, Visit, go_to
from auth_server.second_factor import LoggedIn, PasswordExpired, SteppedUp
from auth_server.security_headers import policy_with_forms_to
from auth_server.web_login import NoLogin, Step, WebLogin

CHANNEL_PAGE: Final = f"{LOGIN_PAGE}/channel"
CODE_PAGE: Final = f"{LOGIN_PAGE}/code"
NEW_PASSWORD_PAGE: Final = f"{LOGIN_PAGE}/password"

_PAGE_OF: Final = {Step.CHANNEL: CHANNEL_PAGE, Step.CODE: CODE_PAGE, Step.NEW_PASSWORD: NEW_PASSWORD_PAGE}

router = APIRouter(route_class=PageRoute)


@router.api_route(CHANNEL_PAGE, methods=["GET", "HEAD"])
def show_channels(visit: AVisit) -> Response:
    """Show the channels by which a one-time code can be had."""
    with visit.broker.database.reading() as tx:
        login = find_login(visit, tx, Step.CHANNEL, Step.CODE)
        if isinstance(login, Response):
            return login
        return _channel_page(visit, tx, login)


@router.post(CHANNEL_PAGE)
def choose_channel(visit: AVisit, channel: Annotated[str, Form()] = "") -> Response:
    """Take the choice; a code by mail or text message is sent at once."""
    with visit.broker.database.writing() as tx:
        login = find_login(visit, tx, Step.CHANNEL, Step.CODE, tried="code-sent")
        if isinstance(login, Response):
            return login
        factor = visit.broker.web.second_factor
        chosen = next((one for one in factor.channels(tx, login) if one == channel), None)
        if chosen is None:
            factor.refuse(tx, "code-sent", login.account.account, "wrong-channel", address=visit.address)
            return go_to(CHANNEL_PAGE)
        limited = factor.choose(tx, login, chosen, address=visit.address)
        # Who goes back and chooses the same again still has the code that was sent a moment ago.
        if limited is None or (login.step is Step.CODE and login.channel is chosen):
            return go_to(CODE_PAGE)
        page = _channel_page(visit, tx, login, error=_too_soon(visit, limited), status=429)
        page.headers["Retry-After"] = str(limited.retry_after_seconds)
        return page


@router.api_route(CODE_PAGE, methods=["GET", "HEAD"])
def show_code(visit: AVisit, sent: str = "") -> Response:
    """Show the field for the one-time code."""
    with visit.broker.database.reading() as tx:
        login = find_login(visit, tx, Step.CODE)
    if isinstance(login, Response):
        return login
    notice = visit.words("新的驗證碼已發送，較早的驗證碼已失效。") if sent == "again" else ""
    return _code_page(visit, login, notice=notice)


@router.post(f"{LOGIN_PAGE}/resend")
def resend_code(visit: AVisit) -> Response:
    """Send another code by the channel that was chosen; the one before ends."""
    with visit.broker.database.writing() as tx:
        login = find_login(visit, tx, Step.CODE, tried="code-sent")
        if isinstance(login, Response):
            return login
        assert login.channel is not None
        limited = visit.broker.web.second_factor.choose(tx, login, login.channel, address=visit.address)
    if limited is None:
        return go_to(f"{CODE_PAGE}?sent=again")
    page = _code_page(visit, login, notice=_too_soon(visit, limited), status=429)
    page.headers["Retry-After"] = str(limited.retry_after_seconds)
    return page


@router.post(CODE_PAGE)
def take_code(visit: AVisit, code: Annotated[str, Form()] = "") -> Response:
    """Take the one-time code: the step that makes a session, or leads to a change of an expired password."""
    with visit.broker.database.writing() as tx:
        login = find_login(visit, tx, Step.CODE, tried="login-code")
        if isinstance(login, Response):
            return login
        browser = browser_name(visit.request.headers.get("user-agent", ""))
        outcome = visit.broker.web.second_factor.prove(tx, login, code, address=visit.address, browser=browser)
        if isinstance(outcome, LoggedIn):
            return _enter(visit, tx, outcome)
    if isinstance(outcome, SteppedUp):
        response = go_to(outcome.onward)
        visit.put(response, SESSION, outcome.token)
        visit.drop(response, LOGIN)
        return response
    if isinstance(outcome, PasswordExpired):
        response = go_to(NEW_PASSWORD_PAGE)
        visit.put(response, LOGIN, outcome.token)
        return response
    return _code_page(visit, login, wrong=outcome, status=403)


def find_login(visit: Visit, tx: Connection, *steps: Step, tried: audit.Event | None = None) -> WebLogin | Response:
    """Find the login that the browser is in, if it waits for one of `steps`; else the way to where it belongs.

    `tried` is what a form wanted to do, to be written down if the login does not wait for it; `tx` writes then.
    """
    web = visit.broker.web
    login = web.logins.find(tx, visit.cookie(LOGIN))
    if isinstance(login, WebLogin) and login.session and not web.sessions.is_of(login.session, visit.cookie(SESSION)):
        login = NoLogin(reason="other-session", account=login.account.account)
    if isinstance(login, WebLogin) and login.step in steps:
        return login
    gone = isinstance(login, NoLogin)
    if tried is not None:
        number = login.account if gone else login.account.account
        web.second_factor.refuse(tx, tried, number, login.reason if gone else "wrong-step", address=visit.address)
    return _start_again(visit) if gone else go_to(_PAGE_OF[login.step])


def _start_again(visit: Visit) -> Response:
    response = go_to(f"{LOGIN_PAGE}?ended=1" if visit.cookie(LOGIN) else LOGIN_PAGE)
    visit.drop(response, LOGIN)
    return response


def _enter(visit: Visit, tx: Connection, entry: LoggedIn) -> Response:
    web = visit.broker.web
    older = visit.cookie(SESSION)
    if older:
        web.sessions.end(tx, older)
    session = web.sessions.resume(tx, entry.token)
    if entry.service and session is not None:
        ticket = web.tickets.issue(tx, session, entry.service, from_new_login=True, address=visit.address)
        response = go_to(with_ticket(entry.service, ticket))
    else:
        response = go_to(HOME)
    visit.put(response, SESSION, entry.token)
    visit.drop(response, LOGIN)
    return response


def _channel_page(visit: Visit, tx: Connection, login: WebLogin, *, error: str = "", status: int = 200) -> HTMLResponse:
    return _within_login(
        login,
        visit.page(
            "channel",
            status=status,
            error=error,
            asked_again=login.session is not None,
            email=masked_mail(login.account.email),
            phone=masked_phone(login.account.phone),
            offered=visit.broker.web.second_factor.channels(tx, login),
        ),
    )


def _code_page(
    visit: Visit, login: WebLogin, *, notice: str = "", wrong: Outcome | None = None, status: int = 200
) -> HTMLResponse:
    account = login.account
    where = masked_phone(account.phone) if login.channel is Channel.SMS else masked_mail(account.email)
    return _within_login(
        login,
        visit.page(
            "code",
            status=status,
            asked_again=login.session is not None,
            channel=login.channel,
            where=where,
            trouble=_trouble(visit, login, where),
            minutes=visit.broker.settings.code_life_seconds // 60,
            notice=notice,
            # One answer for wrong, late, used, replaced and locked: which it was is no business of a thief.
            errors=(visit.words("驗證碼不正確。請核對後再試，或取得新的驗證碼。"),) if wrong else (),
        ),
    )


def _trouble(visit: Visit, login: WebLogin, where: str) -> str:
    """Say that the code has not been handed to mail or text messages so far, or cannot be, if that is so."""
    if login.channel is Channel.TOKEN:
        return ""
    with visit.broker.database.reading() as tx:
        fares = fate(tx, login.transaction)
    if fares is Fate.GIVEN_UP:
        support = visit.broker.settings.support_phone
        return visit.words("未能傳送驗證碼至 {where}。請選擇其他方式，或致電 {phone}。", where=where, phone=support)
    if fares is Fate.DELAYED:
        return visit.words("傳送驗證碼至 {where} 需時比平常長。如未收到，請選擇其他方式。", where=where)
    return ""


def _within_login(login: WebLogin, page: HTMLResponse) -> HTMLResponse:
    if login.service:
        page.headers.update(policy_with_forms_to(origin_of(login.service)))
    return page


def _too_soon(visit: Visit, limited: Limited) -> str:
    seconds = limited.retry_after_seconds
    if seconds <= 60:
        return visit.words("驗證碼剛已發送。請於{seconds}秒後再要求重新發送。", seconds=seconds)
    return visit.words("要求驗證碼次數過多。請於{minutes}分鐘後再試，或選擇其他方式。", minutes=math.ceil(seconds / 60))
