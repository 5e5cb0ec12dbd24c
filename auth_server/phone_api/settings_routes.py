"""設定 › 帳戶設定 of the app: what it shows, a new password, and clearing the token (M8, M20, M23)."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from auth_server import phone_password, phone_settings, token_clearing
from auth_server.broker import Broker
from auth_server.json_bodies import JsonRoute
from auth_server.password_change import Changed
from auth_server.phone_api import PREFIX
from auth_server.phone_api.asking import ABroker, AFreshSession, ASession, address_of, refused
from auth_server.phone_api.more_models import ChangeExpiredPassword, ChangePassword, ClearToken
from auth_server.phone_password import ExpiredChange
from auth_server.refusals import Refusal

router = APIRouter(prefix=PREFIX, route_class=JsonRoute)


@router.get("/settings")
def settings(broker: ABroker, session: ASession) -> Response:
    """Show the account's settings."""
    with broker.database.reading() as tx:
        found = phone_settings.account_settings(broker, tx, session)
    return JSONResponse(
        {
            "account": found.account,
            "name": found.name,
            "token": {
                "state": found.token_state,
                "device_name": found.device_name,
                "activated_at": _whole(found.activated_at),
            },
            "biometrics": {
                "state": found.biometrics_state,
                "reason": found.biometrics_reason,
                "registered_at": _whole(found.biometrics_registered_at),
            },
            "password": {
                "changed_at": int(found.password_changed_at),
                "expires_at": int(found.password_expires_at),
            },
        }
    )


@router.post("/password")
def change_password(request: Request, broker: ABroker, session: ASession, body: ChangePassword) -> Response:
    """Change the password of a customer who is logged in."""
    found = phone_password.change(broker, session, current=body.current, new=body.new, address=address_of(request))
    return _changed(request, broker, found)


@router.post("/password/expired")
def change_expired_password(request: Request, broker: ABroker, body: ChangeExpiredPassword) -> Response:
    """Change a password that has expired, from the phone that holds the token."""
    change = ExpiredChange(
        account=body.account,
        current=body.current,
        new=body.new,
        device_key=body.device_key,
        challenge_id=body.challenge_id,
        signature=body.signature,
    )
    return _changed(request, broker, phone_password.change_expired(broker, change, address=address_of(request)))


@router.post("/token/clear")
def clear_token(request: Request, broker: ABroker, session: AFreshSession, body: ClearToken) -> Response:
    """Clear the token of this phone; its session ends with it."""
    wrong = token_clearing.clear(
        broker, session, challenge_id=body.challenge_id, signature=body.signature, address=address_of(request)
    )
    return refused(request, wrong) if wrong else Response(status_code=204)


def _changed(request: Request, broker: Broker, found: Changed | Refusal) -> Response:
    if isinstance(found, Refusal):
        return refused(request, found)
    expires_at = found.at + broker.settings.password_life_seconds
    return JSONResponse({"changed_at": int(found.at), "expires_at": int(expires_at)})


def _whole(at: float | None) -> int | None:
    return None if at is None else int(at)
