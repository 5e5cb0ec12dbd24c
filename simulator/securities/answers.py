"""What the app's server answers, read and checked: frozen values that the rest of the app can trust."""

from dataclasses import dataclass, field
from enum import StrEnum

from simulator.securities.states import LoginState


class ServerStep(StrEnum):
    """The server's word for where an enrolment stands (docs/phone-api.md, Enrol and bind)."""

    NONE = "none"
    SMS_CODE = "sms-code"
    REGISTRATION = "registration"
    BINDING = "binding"
    ACTIVATION = "activation"
    ACTIVE = "active"


class Delivery(StrEnum):
    """How a message of the enrolment fares on its way to the customer."""

    UNDER_WAY = "under-way"
    DELAYED = "delayed"
    """The gateway could not take it so far; the server goes on trying."""
    SENT = "sent"
    GIVEN_UP = "given-up"


class Purpose(StrEnum):
    """What a challenge is asked for: it is good for that and for nothing else."""

    LOGIN = "login"
    EXPIRED_PASSWORD = "expired-password"  # noqa: S105 - the page's word, not a secret
    CLEAR_TOKEN = "clear-token"  # noqa: S105 - the page's word, not a secret
    BIOMETRICS = "biometrics"
    BIOMETRICS_UNLOCK = "biometrics-unlock"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerIdentity:
    """Who the server is. `public_key` (65 bytes, SEC 1 uncompressed P-256 point) verifies its QR codes."""

    name: str
    origin: str
    key_id: str
    public_key: bytes
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """32 random bytes to be signed once, until `expires_at` (seconds since 1970)."""

    challenge_id: str
    challenge: bytes
    expires_at: int

    @property
    def signed_fields(self) -> tuple[bytes, str]:
        """What of it stands in all that is signed but a login, which has the bytes alone."""
        return self.challenge, str(self.expires_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginAnswer:
    """A session, and where the customer's enrolment stands."""

    session: str = field(repr=False)
    account: str
    name: str
    state: LoginState
    enrolment: ServerStep
    token_id: str | None
    server_time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentStatus:
    """The server's step, and of the message that is waited for, if any: where it went (shortened), how it fares."""

    step: ServerStep
    sent_to: str | None
    message: Delivery | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsSent:
    """An SMS code is on its way. Times are seconds since 1970 on the server's clock."""

    sent_to: str
    expires_at: int
    resend_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationSent:
    """The mail with the registration code is on its way."""

    sent_to: str
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingAnswer:
    """The server's half of the key agreement: its ephemeral point (65 bytes) and its key confirmation (32 bytes)."""

    token_id: str
    server_ephemeral_key: bytes
    confirmation: bytes = field(repr=False)
    server_time: int


class TokenStanding(StrEnum):
    """How the account's token stands, as its server tells this phone."""

    NONE = "none"
    ACTIVE = "active"
    LOCKED = "locked"
    """Ten wrong codes in a row; the back office unlocks it."""
    ELSEWHERE = "elsewhere"
    """Another phone holds it."""


class BiometricsStanding(StrEnum):
    """How this phone's biometrics stand with the server."""

    NONE = "none"
    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordDates:
    """When the login password was changed, and when it expires (M4): seconds since 1970 on the server's clock."""

    changed_at: int
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsAnswer:
    """What 設定 › 帳戶設定 tells of the account (M20). Times are seconds since 1970.

    `suspended_for` is the server's word for why biometrics are suspended, also one that this app does not know.
    """

    account: str
    name: str
    token: TokenStanding
    device_name: str | None
    activated_at: int | None
    biometrics: BiometricsStanding
    suspended_for: str | None
    registered_at: int | None
    password: PasswordDates


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of 生物認證服務 in the language asked for (M21a)."""

    version: str
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BiometricsRegistered:
    """Biometrics are registered. `release_key` (32 bytes) is to be used at once and forgotten."""

    biometrics_id: str
    release_key: bytes = field(repr=False)
