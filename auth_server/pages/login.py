"""The login page (M25), which is also where CAS services send their customers (CAS Protocol 3.0, 2.1 and 2.2)."""

from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from auth_server.cas import origin_of, with_ticket
from auth_server.pages.guard import PageRoute
from auth_server.pages.visit import LOGIN, SESSION, AVisit, Visit, go_to
from auth_server.security_headers import policy_with_forms_to

PAGE: Final = "/cas/login"
HOME: Final = "/iweb"

router = APIRouter(route_class=PageRoute)


@router.api_route(PAGE, methods=["GET", "HEAD"])
def show_login(visit: AVisit, service: str = "", renew: str = "", gateway: str = "", ended: str = "") -> Response:
    """Show the login page, or go on to where the customer, who is logged in already, was going."""
    if service and not visit.broker.web.services.allows(service):
        return unknown_service(visit)
    # CAS 2.1.1: renew wins over gateway, and asks for the password whoever is logged in.
    if not _is_set(renew):
        onward = None if visit.only_looks else _with_session(visit, service)
        if onward is not None:
            return onward
        if _is_set(gateway) and service:
            return go_to(service)
    notice = visit.words("登入時間已過，或此登入已結束。請重新登入。") if ended else ""
    return _login_page(visit, service, notice=notice)


@router.post(PAGE)
def log_in(
    visit: AVisit,
    username: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    service: Annotated[str, Form()] = "",
) -> Response:
    """Take account number and password; if they are right the customer chooses a channel next."""
    web = visit.broker.web
    if service and not web.services.allows(service):
        return unknown_service(visit)
    token = web.logins.begin(visit.broker.database, username, password, service=service or None, address=visit.address)
    if token is None:
        wrong = visit.words("登入帳號或密碼不正確。如多次輸入錯誤，須稍後再試。")
        return _login_page(visit, service, status=403, username=username, errors=(wrong,))
    older = visit.cookie(LOGIN)
    if older:
        with visit.broker.database.writing() as tx:
            web.logins.abandon(tx, older)
    response = go_to("/cas/login/channel")
    visit.put(response, LOGIN, token)
    return response


def unknown_service(visit: Visit) -> Response:
    """Answer for a service that is not registered: never a redirect to it, and no login for it."""
    visit.record_refusal("unknown-service")
    return visit.refused("服務未登記", "此服務並未登記使用本公司的登入服務，請與該服務的供應商聯絡。", status=403)


def _with_session(visit: Visit, service: str) -> Response | None:
    token = visit.cookie(SESSION)
    if not token:
        return None
    web = visit.broker.web
    with visit.broker.database.writing() as tx:
        session = web.sessions.resume(tx, token)
        if session is None:
            return None
        if not service:
            return go_to(HOME)
        ticket = web.tickets.issue(tx, session, service, from_new_login=False, address=visit.address)
    return go_to(with_ticket(service, ticket))


def _login_page(
    visit: Visit,
    service: str,
    *,
    status: int = 200,
    notice: str = "",
    username: str = "",
    errors: tuple[str, ...] = (),
) -> Response:
    page = visit.page("login", status=status, service=service or None, notice=notice, username=username, errors=errors)
    if service:
        page.headers.update(policy_with_forms_to(origin_of(service)))
    return page


def _is_set(parameter: str) -> bool:
    # CAS 2.1.1 recommends "true"; clients also send other values, or the bare name.
    return parameter not in {"", "false"}
