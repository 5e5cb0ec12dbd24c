"""What the phone API takes from a phone that has its token; see `models`."""

from typing import Annotated

from pydantic import Field, StringConstraints

from auth_server.phone_api.models import (
    AccountText,
    Identifier,
    Octets32,
    PasswordText,
    Point,
    Signature,
    SixDigits,
    Strict,
)


class ChangePassword(Strict):
    """``POST /password``."""

    current: PasswordText = Field(repr=False)
    new: PasswordText = Field(repr=False)


class ChangeExpiredPassword(Strict):
    """``POST /password/expired``."""

    account: AccountText
    current: PasswordText = Field(repr=False)
    new: PasswordText = Field(repr=False)
    device_key: Point
    challenge_id: Identifier
    signature: Signature


class ClearToken(Strict):
    """``POST /token/clear``."""

    challenge_id: Identifier
    signature: Signature


class RegisterBiometrics(Strict):
    """``POST /biometrics``."""

    terms_version: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z.-]{1,16}$")]
    public_key: Point
    biometric_set: Octets32
    code: SixDigits = Field(repr=False)
    challenge_id: Identifier
    signature: Signature
    biometric_signature: Signature


class UnlockByBiometrics(Strict):
    """``POST /biometrics/unlock``; null where the phone can no longer use its biometric key."""

    biometrics_id: Identifier
    challenge_id: Identifier
    biometric_set: Octets32
    signature: Signature
    biometric_signature: Signature | None
