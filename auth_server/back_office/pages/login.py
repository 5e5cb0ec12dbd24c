"""The staff's login and logout."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from auth_server.back_office import staff_login
from auth_server.back_office.pages.visit import HOME, LOGIN_PAGE, STAFF, AStaffVisit, StaffRoute
from auth_server.pages.visit import go_to

router = APIRouter(route_class=StaffRoute)

Typed = Annotated[str, Form()]


@router.api_route("/back-office", methods=["GET", "HEAD"])
@router.api_route("/back-office/", methods=["GET", "HEAD"])
def front_door() -> Response:
    """Lead to the customers, for which one must be logged in."""
    return go_to(HOME)


@router.api_route(LOGIN_PAGE, methods=["GET", "HEAD"])
def show_login(visit: AStaffVisit, ended: str = "") -> Response:
    """Show the login page."""
    notice = visit.words("登入時間已過，或此登入已結束。請重新登入。") if ended else ""
    return visit.page("login", notice=notice, name="", errors=())


@router.post(LOGIN_PAGE)
def log_in(visit: AStaffVisit, name: Typed = "", password: Typed = "", code: Typed = "") -> Response:
    """Take name, password and code, all at once."""
    token = staff_login.log_in(visit.broker, name, password, code, address=visit.address)
    if token is None:
        wrong = visit.words("名稱、密碼或驗證碼不正確。如多次輸入錯誤，須稍後再試。")
        return visit.page("login", status=403, notice="", name=name, errors=(wrong,))
    _end_older(visit)
    response = go_to(HOME)
    visit.put(response, STAFF, token)
    return response


@router.post("/back-office/logout")
def log_out(visit: AStaffVisit) -> Response:
    """End the session."""
    _end_older(visit)
    response = go_to(LOGIN_PAGE)
    visit.drop(response, STAFF)
    return response


def _end_older(visit: AStaffVisit) -> None:
    token = visit.cookie(STAFF)
    if token:
        with visit.broker.database.writing() as tx:
            staff_login.log_out(visit.broker, tx, token, address=visit.address)
