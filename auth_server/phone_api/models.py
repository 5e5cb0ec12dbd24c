"""What the phone API takes: strict, and nothing that is not described."""

from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints

from auth_server.encoding import from_base64url
from auth_server.signatures import read_public_key

_LONGEST_SIGNATURE: Final = 72  # DER of two 256-bit integers


def _bytes(value: object) -> bytes:
    data = from_base64url(value) if isinstance(value, str) else None
    if data is None:
        raise ValueError("must be base64url without padding")
    return data


def _point(data: bytes) -> bytes:
    if read_public_key(data) is None:
        raise ValueError("must be an uncompressed point on P-256")
    return data


def _signature(data: bytes) -> bytes:
    if not 0 < len(data) <= _LONGEST_SIGNATURE:
        raise ValueError("must be an ECDSA signature in DER")
    return data


def _confirmation(data: bytes) -> bytes:
    if len(data) != 32:
        raise ValueError("must be 32 bytes")
    return data


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be printable")
    return text


def _given(consent: bool) -> bool:
    if not consent:
        raise ValueError("must be true")
    return consent


Point = Annotated[bytes, BeforeValidator(_bytes), AfterValidator(_point)]
Signature = Annotated[bytes, BeforeValidator(_bytes), AfterValidator(_signature)]
Confirmation = Annotated[bytes, BeforeValidator(_bytes), AfterValidator(_confirmation)]
SixDigits = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Nothing(_Strict):
    """``{}``."""


class LogIn(_Strict):
    """``POST /sessions``."""

    account: Annotated[str, StringConstraints(max_length=64)]
    password: Annotated[str, StringConstraints(max_length=1024)]
    device_key: Point
    device_name: Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_printable)]
    challenge_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    signature: Signature


class Consent(_Strict):
    """``POST /enrolment``."""

    consent: Annotated[bool, AfterValidator(_given)]


class SmsCode(_Strict):
    """``POST /enrolment/sms-code``."""

    code: SixDigits


class Bind(_Strict):
    """``POST /enrolment/binding``."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]{20}$")]
    device_ephemeral_key: Point
    signature: Signature


class Activate(_Strict):
    """``POST /enrolment/activation``."""

    token_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{1,32}$")]
    code: SixDigits
    confirmation: Confirmation
