"""What the pages of a customer who is logged in have in common: they ask for a login where there is none."""

from typing import Final

from sqlalchemy import Connection
from starlette.responses import Response

from auth_server import audit
from auth_server.channels import Channel
from auth_server.pages.login import PAGE as LOGIN_PAGE
from auth_server.pages.visit import SESSION, Visit, go_to
from auth_server.sessions import Session

SECURITY_PAGE: Final = "/iweb/security"
PASSWORD_PAGE: Final = f"{SECURITY_PAGE}/password"
ORDER_PAGE: Final = "/iweb/order"


def find_session(visit: Visit, tx: Connection, *, tried: bool = False) -> Session | Response:
    """Find the session that the browser is in, in the writing transaction `tx`; else the way to the login.

    `tried` tells that a form wanted to do something, which is written down as refused if there is no session (M33).
    """
    token = visit.cookie(SESSION)
    session = visit.broker.web.sessions.resume(tx, token) if token else None
    if session is not None:
        return session
    if tried:
        audit.record(
            tx,
            at=visit.broker.now(),
            event="request-refused",
            result="refused",
            reason="no-session",
            channel=Channel.WEB,
            address=visit.address,
        )
    return ask_for_login(visit)


def ask_for_login(visit: Visit) -> Response:
    """Lead to the login, and forget the session that has ended."""
    response = go_to(LOGIN_PAGE)
    visit.drop(response, SESSION)
    return response
