"""Who asks something of the phone API, and how a refusal is answered."""

from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Connection
from starlette.responses import Response

from auth_server import audit, phone_sessions
from auth_server.broker import Broker, broker_of
from auth_server.channels import Channel
from auth_server.failures import refusal
from auth_server.languages import preferred_language, translate
from auth_server.phone_sessions import PhoneSession
from auth_server.refusals import MESSAGE, STATUS, Refusal

ABroker = Annotated[Broker, Depends(broker_of)]


class NotLoggedInError(Exception):
    """The request has no living session, or one too old for what it asks."""


def address_of(request: Request) -> str:
    """Tell where a request came from: the peer, whatever headers say."""
    return request.client.host if request.client else ""


def session_of(request: Request, broker: ABroker) -> PhoneSession:
    """Find the session that a request carries.

    Raises `NotLoggedInError`.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    with broker.database.writing() as tx:
        if scheme.lower() != "bearer" or not token:
            session, account, reason = None, "", "no-session"
        else:
            session = phone_sessions.find(tx, token, broker.settings, at=broker.now())
            account, reason = ("", "") if session is not None else phone_sessions.why_not(tx, token)
        if session is None:
            _record_refusal(request, broker, tx, account, reason)
    if session is None:
        raise NotLoggedInError
    return session


ASession = Annotated[PhoneSession, Depends(session_of)]


def fresh_session_of(request: Request, broker: ABroker, session: ASession) -> PhoneSession:
    """Find the session, and ask that its login is fresh enough to change a token (NIST SP 800-63B-4, 6.1.2.1).

    Raises `NotLoggedInError`.
    """
    if broker.now() < session.created_at + broker.settings.enrolment_login_seconds:
        return session
    with broker.database.writing() as tx:
        _record_refusal(request, broker, tx, session.account, "login-too-old")
    raise NotLoggedInError


AFreshSession = Annotated[PhoneSession, Depends(fresh_session_of)]


def not_logged_in(request: Request, _error: Exception) -> Response:
    """Answer `NotLoggedInError`."""
    return refused(request, Refusal("not-logged-in"))


def refused(request: Request, found: Refusal) -> Response:
    """Answer that a request is refused."""
    more: dict[str, object] = {}
    if found.rules:
        language = preferred_language(request.headers.get("accept-language"))
        more["rules"] = [
            {"rule": rule.name.lower().replace("_", "-"), "message": translate(rule.value, language)}
            for rule in found.rules
        ]
    if found.reason is not None:
        more["reason"] = found.reason.value
    status = STATUS[found.code]
    answer = refusal(request, status, found.code, MESSAGE[found.code], retry_after=found.retry_after_seconds, more=more)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"  # RFC 9110, 11.6.1
    return answer


def _record_refusal(request: Request, broker: Broker, tx: Connection, account: str, reason: str) -> None:
    audit.record(
        tx,
        at=broker.now(),
        event="request-refused",
        result="refused",
        account=account,
        reason=reason,
        channel=Channel.PHONE,
        address=address_of(request),
    )
