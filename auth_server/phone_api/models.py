"""What the phone API takes: strict, and nothing that is not described."""

from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

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


def _octets_32(data: bytes) -> bytes:
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


def _described(what: str, characters: str) -> WithJsonSchema:
    return WithJsonSchema(
        {"type": "string", "pattern": f"^[A-Za-z0-9_-]{{{characters}}}$", "description": f"{what}, in base64url."}
    )


Point = Annotated[
    bytes, BeforeValidator(_bytes), AfterValidator(_point), _described("Uncompressed point on P-256", "87")
]
Signature = Annotated[
    bytes, BeforeValidator(_bytes), AfterValidator(_signature), _described("ECDSA signature in DER", "2,96")
]
Octets32 = Annotated[bytes, BeforeValidator(_bytes), AfterValidator(_octets_32), _described("32 bytes", "43")]
SixDigits = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
AccountText = Annotated[str, StringConstraints(max_length=64)]
PasswordText = Annotated[str, StringConstraints(max_length=1024)]


class Strict(BaseModel):
    """A body: no key is left over, nothing is converted."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Nothing(Strict):
    """``{}``."""


class NewChallenge(Strict):
    """``POST /challenges``; `biometrics_id` goes with ``biometrics-unlock`` and with nothing else."""

    purpose: Literal["login", "expired-password", "clear-token", "biometrics", "biometrics-unlock"] = "login"
    biometrics_id: Identifier | None = None

    @model_validator(mode="after")
    def _of_one_registration(self) -> Self:
        if (self.biometrics_id is not None) != (self.purpose == "biometrics-unlock"):
            raise ValueError("biometrics_id goes with biometrics-unlock")
        return self


class LogIn(Strict):
    """``POST /sessions``."""

    account: AccountText
    password: PasswordText = Field(repr=False)
    device_key: Point
    device_name: Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_printable)]
    challenge_id: Identifier
    signature: Signature


class Consent(Strict):
    """``POST /enrolment``."""

    consent: Annotated[bool, AfterValidator(_given), WithJsonSchema({"type": "boolean", "const": True})]


class SmsCode(Strict):
    """``POST /enrolment/sms-code``."""

    code: SixDigits = Field(repr=False)


class Bind(Strict):
    """``POST /enrolment/binding``."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]{20}$")] = Field(repr=False)
    device_ephemeral_key: Point
    signature: Signature


class Activate(Strict):
    """``POST /enrolment/activation``."""

    token_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{1,32}$")]
    code: SixDigits = Field(repr=False)
    confirmation: Octets32
