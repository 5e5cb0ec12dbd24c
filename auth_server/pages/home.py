"""What a customer sees who is logged in, and the way out (M31)."""

from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from auth_server import audit
from auth_server.channels import Channel
from auth_server.masking import masked_mail, masked_phone
from auth_server.pages.guard import PageRoute
from auth_server.pages.login import HOME
from auth_server.pages.signed_in import find_session
from auth_server.pages.visit import SESSION, AVisit, Visit, go_to

LOGOUT: Final = "/cas/logout"

_CHANNEL_NAMES: Final = {Channel.MAIL: "電郵", Channel.SMS: "短訊", Channel.TOKEN: "iToken（保安編碼器）"}

router = APIRouter(route_class=PageRoute)


@router.api_route("/", methods=["GET", "HEAD"])
def front_door() -> Response:
    """Lead whoever types the bare address to the customer's page, which asks for a login."""
    return go_to(HOME)


@router.api_route(HOME, methods=["GET", "HEAD"])
def home(visit: AVisit) -> Response:
    """Show the customer's own page."""
    broker = visit.broker
    with broker.database.writing() as tx:
        session = find_session(visit, tx)
        if isinstance(session, Response):
            return session
        has_token = broker.soft_tokens.has_active(tx, session.account.account)
    account = session.account
    changed_at = account.password_changed_at or session.created_at
    return visit.page(
        "home",
        account=account,
        email=masked_mail(account.email),
        phone=masked_phone(account.phone),
        channel=visit.words(_CHANNEL_NAMES[session.channel]),
        has_token=has_token,
        logged_in_at=session.created_at,
        previous_login_at=session.previous_login_at,
        password_until=changed_at + broker.settings.password_life_seconds,
        password_ends_soon=broker.web.reminders.ends_at(account) is not None,
    )


@router.get(LOGOUT)
def log_out_of_services(visit: AVisit, service: str = "") -> Response:
    """End the session at the request of a service (CAS Protocol 3.0, 2.3): the one GET that is meant to.

    The session's cookie does not come along with pictures and frames of other sites (SameSite), so nobody is logged
    out by merely looking at a page.
    """
    return _log_out(visit, service)


@router.post(LOGOUT)
def log_out(visit: AVisit, service: Annotated[str, Form()] = "") -> Response:
    """End the session."""
    return _log_out(visit, service)


def _log_out(visit: Visit, service: str) -> Response:
    broker = visit.broker
    token = visit.cookie(SESSION)
    if token:
        with broker.database.writing() as tx:
            account = broker.web.sessions.end(tx, token)
            if account is not None:
                audit.record(
                    tx,
                    at=broker.now(),
                    event="logout",
                    result="success",
                    account=account,
                    channel=Channel.WEB,
                    address=visit.address,
                )
    onward = bool(service) and broker.web.services.allows(service)
    response = go_to(service) if onward else visit.page("logged_out")
    visit.drop(response, SESSION)
    return response
