"""Each request of the phone API with an example, what it answers, and every refusal that it can meet."""

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from auth_server.biometrics_terms import TERMS
from auth_server.phone_api import answers, models, more_models
from auth_server.refusals import RefusalCode

_POINT: Final = "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"
_OCTETS_32: Final = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
_SIGNATURE: Final = "MEQCIDAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxAiAwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMQ"
_CHALLENGE_ID: Final = "q83vEjRWeJq83vEjRWeJqw"
_BIOMETRICS_ID: Final = "3q2-796tvu_erb7v3q2-7w"
_TOKEN_ID: Final = "8f14e45fceea167a"  # noqa: S105 - a name
_AT: Final = 1_800_000_000

_DEVICE: Final = {"device_key": _POINT, "challenge_id": _CHALLENGE_ID, "signature": _SIGNATURE}
_BOTH_SIGNATURES: Final = {
    "challenge_id": _CHALLENGE_ID,
    "signature": _SIGNATURE,
    "biometric_signature": _SIGNATURE,
}
_CHANGED: Final = {"changed_at": _AT, "expires_at": _AT + 90 * 86400}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One request. `status` and `answer` are those of a success, `example` is one of its answer.

    `body` is an example of what is sent, as `model` reads it; `session` tells whether one is asked for.
    """

    method: str
    path: str
    status: int
    model: type[BaseModel] | None = None
    body: object = None
    answer: type[BaseModel] | None = None
    example: object = None
    session: bool = True
    refusals: tuple[RefusalCode, ...] = ()


OPERATIONS: Final = (
    Operation(
        method="get",
        path="/server",
        status=200,
        answer=answers.ServerShown,
        example={
            "name": "鉅亨證券",
            "origin": "https://trade.anue.example",
            "key_id": "mJ2XOWXGzMs",
            "public_key": _POINT,
            "time": _AT,
        },
        session=False,
    ),
    Operation(
        method="post",
        path="/challenges",
        status=201,
        model=models.NewChallenge,
        body={"purpose": "biometrics-unlock", "biometrics_id": _BIOMETRICS_ID},
        answer=answers.ChallengeShown,
        example={"challenge_id": _CHALLENGE_ID, "challenge": _OCTETS_32, "expires_at": _AT + 120},
        session=False,
        refusals=("not-logged-in",),
    ),
    Operation(
        method="post",
        path="/sessions",
        status=201,
        model=models.LogIn,
        body={"account": "9999-9990", "password": "Tseung7Kwan", "device_name": "iPhone 15", **_DEVICE},
        answer=answers.SessionShown,
        example={
            "session": _OCTETS_32,
            "account": "9999-9990",
            "name": "Chan Tai Man",
            "state": "logged-in",
            "enrolment": "none",
            "token_id": _TOKEN_ID,
            "server_time": _AT,
        },
        session=False,
        refusals=("login-refused", "new-password-needed", "password-expired", "too-many-requests"),
    ),
    Operation(method="delete", path="/sessions/current", status=204),
    Operation(
        method="get",
        path="/enrolment",
        status=200,
        answer=answers.EnrolmentShown,
        example={"step": "sms-code", "sent_to": "+852 •••• 0101", "message": "sent"},
    ),
    Operation(
        method="post",
        path="/enrolment",
        status=202,
        model=models.Consent,
        body={"consent": True},
        answer=answers.CodeSentShown,
        example={
            "step": "sms-code",
            "sent_to": "+852 •••• 0101",
            "expires_at": _AT + 300,
            "resend_at": _AT + 60,
        },
        refusals=("too-many-requests", "wrong-step"),
    ),
    Operation(
        method="post",
        path="/enrolment/sms-code",
        status=200,
        model=models.SmsCode,
        body={"code": "281704"},
        answer=answers.CodeTakenShown,
        example={"step": "registration"},
        refusals=("wrong-step", "wrong-code"),
    ),
    Operation(
        method="post",
        path="/enrolment/registration",
        status=202,
        model=models.Nothing,
        body={},
        answer=answers.RegistrationSentShown,
        example={"step": "binding", "sent_to": "ch••••@example.com", "expires_at": _AT + 8 * 3600},
        refusals=("wrong-step", "too-many-requests"),
    ),
    Operation(
        method="post",
        path="/enrolment/binding",
        status=200,
        model=models.Bind,
        body={"code": "GEZDGNBVGY3TQOJQLAVQ", "device_ephemeral_key": _POINT, "signature": _SIGNATURE},
        answer=answers.BoundShown,
        example={
            "step": "activation",
            "token_id": _TOKEN_ID,
            "server_ephemeral_key": _POINT,
            "confirmation": _OCTETS_32,
            "server_time": _AT,
        },
        refusals=("wrong-step", "wrong-registration-code", "binding-failed", "too-many-requests"),
    ),
    Operation(
        method="post",
        path="/enrolment/activation",
        status=200,
        model=models.Activate,
        body={"token_id": _TOKEN_ID, "code": "281704", "confirmation": _OCTETS_32},
        answer=answers.ActiveShown,
        example={"step": "active", "token_id": _TOKEN_ID, "server_time": _AT},
        refusals=("wrong-step", "binding-failed"),
    ),
    Operation(
        method="get",
        path="/settings",
        status=200,
        answer=answers.SettingsShown,
        example={
            "account": "9999-9990",
            "name": "Chan Tai Man",
            "token": {"state": "active", "device_name": "iPhone 15", "activated_at": _AT},
            "biometrics": {"state": "suspended", "reason": "password-changed", "registered_at": _AT},
            "password": _CHANGED,
        },
    ),
    Operation(
        method="post",
        path="/password",
        status=200,
        model=more_models.ChangePassword,
        body={"current": "Tseung7Kwan", "new": "Kowloon8Tong"},
        answer=answers.PasswordShown,
        example=_CHANGED,
        refusals=("token-required", "wrong-password", "password-refused", "too-many-requests"),
    ),
    Operation(
        method="post",
        path="/password/expired",
        status=200,
        model=more_models.ChangeExpiredPassword,
        body={"account": "9999-9990", "current": "Tseung7Kwan", "new": "Kowloon8Tong", **_DEVICE},
        answer=answers.PasswordShown,
        example=_CHANGED,
        session=False,
        refusals=("login-refused", "password-expired", "wrong-step", "password-refused", "too-many-requests"),
    ),
    Operation(
        method="post",
        path="/token/clear",
        status=204,
        model=more_models.ClearToken,
        body={"challenge_id": _CHALLENGE_ID, "signature": _SIGNATURE},
        refusals=("token-required", "device-not-proved"),
    ),
    Operation(
        method="get",
        path="/biometrics/terms",
        status=200,
        answer=answers.TermsShown,
        example={"version": TERMS.version, "title": TERMS.title, "paragraphs": list(TERMS.paragraphs)},
        session=False,
    ),
    Operation(
        method="post",
        path="/biometrics",
        status=201,
        model=more_models.RegisterBiometrics,
        body={
            "terms_version": TERMS.version,
            "public_key": _POINT,
            "biometric_set": _OCTETS_32,
            "code": "281704",
            **_BOTH_SIGNATURES,
        },
        answer=answers.RegisteredShown,
        example={"biometrics_id": _BIOMETRICS_ID, "release_key": _OCTETS_32},
        refusals=("token-required", "terms-changed", "device-not-proved", "biometrics-refused", "wrong-pin"),
    ),
    Operation(
        method="post",
        path="/biometrics/unlock",
        status=200,
        model=more_models.UnlockByBiometrics,
        body={"biometrics_id": _BIOMETRICS_ID, "biometric_set": _OCTETS_32, **_BOTH_SIGNATURES},
        answer=answers.ReleasedShown,
        example={"release_key": _OCTETS_32},
        session=False,
        refusals=("biometrics-refused", "biometrics-suspended", "too-many-requests"),
    ),
    Operation(method="delete", path="/biometrics", status=204, refusals=("token-required",)),
)
