"""Where a new password is set: after a mailed link (M3-M6), after forgetting it (M7), and when it has expired (M8)."""

from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from auth_server.accounts import Account
from auth_server.pages.guard import PageRoute
from auth_server.pages.login import PAGE as LOGIN_PAGE
from auth_server.pages.second_factor import NEW_PASSWORD_PAGE, find_login
from auth_server.pages.visit import LOGIN, RESET, AVisit, Visit, go_to
from auth_server.password_change import Changed, Unfit
from auth_server.password_reset import PAGE as RESET_PAGE
from auth_server.password_reset import LinkState
from auth_server.passwords import PasswordRule
from auth_server.web_login import Step

FORGOT_PAGE: Final = "/cas/forgot-password"

# What the page says of the rules, in the manual's order (M4); rules beyond the manual explain themselves when broken.
_LISTED: Final = (
    PasswordRule.LENGTH,
    PasswordRule.CHARACTERS,
    PasswordRule.LETTER,
    PasswordRule.DIGIT,
    PasswordRule.PREVIOUS,
)

Typed = Annotated[str, Form()]

router = APIRouter(route_class=PageRoute)


@router.api_route(RESET_PAGE, methods=["GET", "HEAD"])
def show_reset(visit: AVisit, token: str | None = None) -> Response:
    """Open a mailed link: its token moves from the address into a cookie, then the page asks for the new password.

    Opening changes nothing about the link, so a mail scanner that opens it first does no harm.
    """
    resets = visit.broker.web.resets
    if token is not None:
        response = go_to(RESET_PAGE)
        if visit.only_looks:
            return response
        with visit.broker.database.writing() as tx:
            state = resets.open(tx, token, address=visit.address)
        if state is LinkState.UNKNOWN:
            visit.drop(response, RESET)  # the page says that the link has ended, whatever was opened before
        else:
            visit.put(response, RESET, token)
        return response
    with visit.broker.database.reading() as tx:
        account = resets.account_of(tx, visit.cookie(RESET))
    return _reset_page(visit, account) if account else _ended_link(visit)


@router.post(RESET_PAGE)
def reset_password(visit: AVisit, new_password: Typed = "", new_password_again: Typed = "") -> Response:
    """Set the new password of the account that the mailed link belongs to."""
    database = visit.broker.database
    resets = visit.broker.web.resets
    token = visit.cookie(RESET)
    outcome = resets.change(database, token, new_password, new_password_again, address=visit.address)
    if isinstance(outcome, Unfit):
        with database.reading() as tx:
            account = resets.account_of(tx, token)
        return _reset_page(visit, account, outcome) if account else _ended_link(visit)
    return _changed(visit, outcome) if outcome else _ended_link(visit)


@router.api_route(NEW_PASSWORD_PAGE, methods=["GET", "HEAD"])
def show_expired(visit: AVisit) -> Response:
    """Ask a customer whose password has expired, and who proved both factors, for another."""
    with visit.broker.database.reading() as tx:
        login = find_login(visit, tx, Step.NEW_PASSWORD)
    return login if isinstance(login, Response) else _expired_page(visit, login.account)


@router.post(NEW_PASSWORD_PAGE)
def change_expired(visit: AVisit, new_password: Typed = "", new_password_again: Typed = "") -> Response:
    """Change the expired password."""
    database = visit.broker.database
    with database.writing() as tx:
        login = find_login(visit, tx, Step.NEW_PASSWORD, tried="password-refused")
    if isinstance(login, Response):
        return login
    outcome = visit.broker.web.logins.change_password(
        database, visit.cookie(LOGIN), new_password, new_password_again, address=visit.address
    )
    if isinstance(outcome, Unfit):
        return _expired_page(visit, login.account, outcome)
    if outcome is None:
        return go_to(f"{LOGIN_PAGE}?ended=1")
    return _changed(visit, outcome)


@router.api_route(FORGOT_PAGE, methods=["GET", "HEAD"])
def show_forgot(visit: AVisit) -> Response:
    """Ask for the account number whose password was forgotten."""
    return visit.page("forgot_password")


@router.post(FORGOT_PAGE)
def forgot(visit: AVisit, username: Typed = "") -> Response:
    """Send the mail with the link again; the answer is the same whether the account exists or not (M7)."""
    with visit.broker.database.writing() as tx:
        visit.broker.web.resets.send_forgotten(tx, username, address=visit.address)
    hours = visit.broker.settings.reset_link_life_seconds // 3600
    return visit.page("forgot_password_sent", hours=hours)


def _reset_page(visit: Visit, account: Account, unfit: Unfit | None = None) -> Response:
    return _form(visit, account, unfit, heading=visit.words("重設帳號登入密碼"), lead="", action=RESET_PAGE)


def _expired_page(visit: Visit, account: Account, unfit: Unfit | None = None) -> Response:
    lead = visit.words("閣下的登入密碼已到期，請設定新密碼，然後以新密碼登入。")
    return _form(visit, account, unfit, heading=visit.words("更改登入密碼"), lead=lead, action=NEW_PASSWORD_PAGE)


def listed_rules(visit: Visit) -> list[str]:
    """Give the rules that a page lists, in the visit's language (M4)."""
    days = visit.broker.settings.password_life_seconds // 86400
    return [*(visit.words(rule.value) for rule in _LISTED), visit.words("有效期為{days}日", days=days)]


def _form(visit: Visit, account: Account, unfit: Unfit | None, *, heading: str, lead: str, action: str) -> Response:
    return visit.page(
        "new_password",
        status=422 if unfit else 200,
        heading=heading,
        lead=lead,
        action=action,
        account=account.account,
        rules=listed_rules(visit),
        errors=[visit.words(rule.value) for rule in unfit.broken] if unfit else [],
        errors_again=[visit.words("兩次輸入的新密碼不相同")] if unfit and unfit.differ else [],
    )


def _changed(visit: Visit, changed: Changed) -> Response:
    response = visit.page("password_changed", at=changed.at)
    for cookie in (RESET, LOGIN):
        visit.drop(response, cookie)
    return response


def _ended_link(visit: Visit) -> Response:
    hours = visit.broker.settings.reset_link_life_seconds // 3600
    response = visit.page("ended_link", status=410, hours=hours)
    visit.drop(response, RESET)
    return response
