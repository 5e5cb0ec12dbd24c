"""The requests of the phone API on the way to a token and to a login, each a few lines: read, ask the rules, write."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from auth_server import enrolment, phone_challenges, phone_login, phone_sessions, token_setup
from auth_server.encoding import to_base64url
from auth_server.json_bodies import JsonRoute
from auth_server.phone_api import PREFIX
from auth_server.phone_api.asking import ABroker, AFreshSession, ASession, address_of, refused, session_of
from auth_server.phone_api.models import Activate, Bind, Consent, LogIn, NewChallenge, Nothing, SmsCode
from auth_server.phone_challenges import Purpose
from auth_server.phone_login import LoginRequest
from auth_server.refusals import Refusal

router = APIRouter(prefix=PREFIX, route_class=JsonRoute)


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
def new_challenge(request: Request, broker: ABroker, body: NewChallenge) -> Response:
    """Give a challenge, which is good once, for its purpose and for who asked for it."""
    purpose = Purpose(body.purpose)
    bound_to = body.biometrics_id or ""
    if purpose in {Purpose.CLEAR_TOKEN, Purpose.BIOMETRICS}:
        bound_to = session_of(request, broker).key
    challenge = phone_challenges.new_challenge(broker, purpose, bound_to=bound_to)
    return JSONResponse(
        {
            "challenge_id": challenge.challenge_id,
            "challenge": to_base64url(challenge.challenge),
            "expires_at": challenge.expires_at,
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
        return refused(request, found)
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
    return JSONResponse({"step": found.step, "sent_to": found.sent_to, "message": found.message})


@router.post("/enrolment")
def start(request: Request, broker: ABroker, session: AFreshSession, _body: Consent) -> Response:
    """Begin the enrolment, or send a new activation code."""
    with broker.database.writing() as tx:
        found = enrolment.start(broker, tx, session, address=address_of(request))
    if isinstance(found, Refusal):
        return refused(request, found)
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
        wrong = enrolment.confirm_sms_code(broker, tx, session, body.code, address=address_of(request))
    return refused(request, wrong) if wrong else JSONResponse({"step": "registration"})


@router.post("/enrolment/registration")
def send_registration(request: Request, broker: ABroker, session: AFreshSession, _body: Nothing) -> Response:
    """Send the registration mail."""
    found = token_setup.send_registration(broker, session, address=address_of(request))
    if isinstance(found, Refusal):
        return refused(request, found)
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
        return refused(request, found)
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
        wrong = token_setup.activate(
            broker,
            tx,
            session,
            token_id=body.token_id,
            code=body.code,
            confirmation=body.confirmation,
            address=address_of(request),
        )
    if wrong:
        return refused(request, wrong)
    return JSONResponse({"step": "active", "token_id": body.token_id, "server_time": int(broker.now())})
