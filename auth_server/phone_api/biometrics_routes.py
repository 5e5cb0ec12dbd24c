"""生物認證服務 of the app: terms, registration, unlocking, cancelling (M21, M22, M30)."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from auth_server import biometrics_registration, biometrics_unlock
from auth_server.biometrics_registration import RegistrationRequest
from auth_server.biometrics_terms import TERMS
from auth_server.biometrics_unlock import UnlockRequest
from auth_server.encoding import to_base64url
from auth_server.json_bodies import JsonRoute
from auth_server.languages import preferred_language, translate
from auth_server.phone_api import PREFIX
from auth_server.phone_api.asking import ABroker, ASession, address_of, refused
from auth_server.phone_api.more_models import RegisterBiometrics, UnlockByBiometrics
from auth_server.refusals import Refusal

router = APIRouter(prefix=f"{PREFIX}/biometrics", route_class=JsonRoute)


@router.get("/terms")
def terms(request: Request) -> Response:
    """Show the terms in force, in the customer's language."""
    language = preferred_language(request.headers.get("accept-language"))
    return JSONResponse(
        {
            "version": TERMS.version,
            "title": translate(TERMS.title, language),
            "paragraphs": [translate(paragraph, language) for paragraph in TERMS.paragraphs],
        }
    )


@router.post("")
def register(request: Request, broker: ABroker, session: ASession, body: RegisterBiometrics) -> Response:
    """Register the biometrics of the phone that holds the token."""
    registration = RegistrationRequest(
        terms_version=body.terms_version,
        public_key=body.public_key,
        biometric_set=body.biometric_set,
        code=body.code,
        challenge_id=body.challenge_id,
        signature=body.signature,
        biometric_signature=body.biometric_signature,
    )
    found = biometrics_registration.register(broker, session, registration, address=address_of(request))
    if isinstance(found, Refusal):
        return refused(request, found)
    return JSONResponse({"biometrics_id": found.biometrics_id, "release_key": to_base64url(found.release_key)}, 201)


@router.post("/unlock")
def unlock(request: Request, broker: ABroker, body: UnlockByBiometrics) -> Response:
    """Give the release key to the phone that proves both its keys."""
    asked = UnlockRequest(
        biometrics_id=body.biometrics_id,
        challenge_id=body.challenge_id,
        biometric_set=body.biometric_set,
        signature=body.signature,
        biometric_signature=body.biometric_signature,
    )
    found = biometrics_unlock.unlock(broker, asked, address=address_of(request))
    if isinstance(found, Refusal):
        return refused(request, found)
    return JSONResponse({"release_key": to_base64url(found)})


@router.delete("")
def cancel(request: Request, broker: ABroker, session: ASession) -> Response:
    """End the registration of this phone, if there is one."""
    wrong = biometrics_registration.cancel(broker, session, address=address_of(request))
    return refused(request, wrong) if wrong else Response(status_code=204)
