"""The requests of the phone API, each a few lines: read, ask the rules, write."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from auth_server import audit, enrolment, phone_login, phone_sessions, token_setup
from auth_server.broker import Broker, broker_of
from auth_server.encoding import to_base64url
from auth_server.failures import refusal
from auth_server.phone_api.models import Activate, Bind, Consent, LogIn, Nothing, SmsCode
from auth_server.phone_login import LoginRequest
from auth_server.phone_sessions import PhoneSession
from auth_server.refusals import MESSAGE, STATUS, Refusal

PREFIX: Final = "/phone-api/v1"

router = APIRouter(prefix=PREFIX)

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
    if scheme.lower() != "bearer" or not token:
        raise NotLoggedInError
    with broker.database.writing() as tx:
        session = phone_sessions.find(tx, token, broker.settings, at=broker.now())
    if session is None:
        raise NotLoggedInError
    return session


ASession = Annotated[PhoneSession, Depends(session_of)]


def fresh_session_of(request: Request, broker: ABroker, session: ASession) -> PhoneSession:
    """Find the session, and ask that its login is fresh enough to set up a token (NIST SP 800-63B-4, 6.1.2.1).

    Raises `NotLoggedInError`.
    """
    at = broker.now()
    if at < session.created_at + broker.settings.enrolment_login_seconds:
        return session
    with broker.database.writing() as tx:
        audit.record(
            tx,
            at=at,
            event="request-refused",
            result="refused",
            account=session.account,
            reason="login-too-old",
            channel="phone",
            address=address_of(request),
        )
    raise NotLoggedInError


AFreshSession = Annotated[PhoneSession, Depends(fresh_session_of)]


def not_logged_in(request: Request, _error: Exception) -> Response:
    """Answer `NotLoggedInError`."""
    answer = _refused(request, Refusal("not-logged-in"))
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


@router.get("/server")
def server(broker: ABroker) -> Response:
    """Say who the server is."""
    return JSONResponse(
        {
            "name": broker.settings.name,
            "origin": broker.settings.origin,
            "key_id": broker.server_key.key_id,
            "public_key": to_base64url(broker.server_key.public_key),
            "time": int(broker.now()),
        }
    )


@router.post("/challenges")
def new_challenge(broker: ABroker, _body: Nothing) -> Response:
    """Give a challenge for a login."""
    challenge = phone_login.new_challenge(broker)
    return JSONResponse(
        {
            "challenge_id": challenge.challenge_id,
            "challenge": to_base64url(challenge.challenge),
            "expires_at": int(challenge.expires_at),
        },
        201,
    )


@router.post("/sessions")
def log_in(request: Request, broker: ABroker, body: LogIn) -> Response:
    """Log in."""
    login = LoginRequest(
        account=body.account,
        password=body.password,
        device_key=body.device_key,
        device_name=body.device_name,
        challenge_id=body.challenge_id,
        signature=body.signature,
    )
    found = phone_login.log_in(broker, login, address=address_of(request))
    if isinstance(found, Refusal):
        return _refused(request, found)
    return JSONResponse(
        {
            "session": found.session,
            "account": found.account,
            "name": found.name,
            "state": found.state,
            "enrolment": found.enrolment,
            "token_id": found.token_id,
            "server_time": int(broker.now()),
        },
        201,
    )


@router.delete("/sessions/current")
def log_out(request: Request, broker: ABroker, session: ASession) -> Response:
    """Log out."""
    with broker.database.writing() as tx:
        phone_sessions.end(tx, session, at=broker.now())
        enrolment.note(broker, tx, session, "logout", address=address_of(request))
    return Response(status_code=204)


@router.get("/enrolment")
def where(broker: ABroker, session: ASession) -> Response:
    """Tell where the enrolment stands."""
    with broker.database.reading() as tx:
        found = enrolment.where(broker, tx, session)
    return JSONResponse({"step": found.step, "sent_to": found.sent_to})


@router.post("/enrolment")
def start(request: Request, broker: ABroker, session: AFreshSession, _body: Consent) -> Response:
    """Begin the enrolment, or send a new activation code."""
    with broker.database.writing() as tx:
        found = enrolment.start(broker, tx, session, address=address_of(request))
    if isinstance(found, Refusal):
        return _refused(request, found)
    return JSONResponse(
        {
            "step": "sms-code",
            "sent_to": found.sent_to,
            "expires_at": int(found.expires_at),
            "resend_at": int(found.resend_at),
        },
        202,
    )


@router.post("/enrolment/sms-code")
def confirm_sms_code(request: Request, broker: ABroker, session: AFreshSession, body: SmsCode) -> Response:
    """Take the activation code."""
    with broker.database.writing() as tx:
        refused = enrolment.confirm_sms_code(broker, tx, session, body.code, address=address_of(request))
    return _refused(request, refused) if refused else JSONResponse({"step": "registration"})


@router.post("/enrolment/registration")
def send_registration(request: Request, broker: ABroker, session: AFreshSession, _body: Nothing) -> Response:
    """Send the registration mail."""
    found = token_setup.send_registration(broker, session, address=address_of(request))
    if isinstance(found, Refusal):
        return _refused(request, found)
    return JSONResponse({"step": "binding", "sent_to": found.sent_to, "expires_at": int(found.expires_at)}, 202)


@router.post("/enrolment/binding")
def bind(request: Request, broker: ABroker, session: AFreshSession, body: Bind) -> Response:
    """Take the registration code and agree on the seed."""
    with broker.database.writing() as tx:
        found = token_setup.bind(
            broker,
            tx,
            session,
            code=body.code,
            device_ephemeral_key=body.device_ephemeral_key,
            signature=body.signature,
            address=address_of(request),
        )
    if isinstance(found, Refusal):
        return _refused(request, found)
    return JSONResponse(
        {
            "step": "activation",
            "token_id": found.token_id,
            "server_ephemeral_key": to_base64url(found.server_ephemeral_key),
            "confirmation": to_base64url(found.confirmation),
            "server_time": int(broker.now()),
        }
    )


@router.post("/enrolment/activation")
def activate(request: Request, broker: ABroker, session: AFreshSession, body: Activate) -> Response:
    """Take the first code of the new token."""
    with broker.database.writing() as tx:
        refused = token_setup.activate(
            broker,
            tx,
            session,
            token_id=body.token_id,
            code=body.code,
            confirmation=body.confirmation,
            address=address_of(request),
        )
    if refused:
        return _refused(request, refused)
    return JSONResponse({"step": "active", "token_id": body.token_id, "server_time": int(broker.now())})


def _refused(request: Request, found: Refusal) -> Response:
    return refusal(request, STATUS[found.code], found.code, MESSAGE[found.code], retry_after=found.retry_after_seconds)
