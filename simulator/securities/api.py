"""What the app asks of its server. `http_api` speaks it as docs/phone-api.md says; another server brings its own."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from simulator.securities.states import LoginState


class ServerStep(StrEnum):
    """The server's word for where an enrolment stands (docs/phone-api.md, Enrol and bind)."""

    NONE = "none"
    SMS_CODE = "sms-code"
    REGISTRATION = "registration"
    BINDING = "binding"
    ACTIVATION = "activation"
    ACTIVE = "active"


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
    """32 random bytes to be signed once by the device key, until `expires_at` (seconds since 1970)."""

    challenge_id: str
    challenge: bytes
    expires_at: int


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
    """The server's step, and where its last message went (shortened), if it sent one."""

    step: ServerStep
    sent_to: str | None


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


class Refused(Exception):
    """The server understood and said no. `message` may be shown to the customer as it stands."""

    def __init__(self, code: str, message: str, retry_after: int | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retry_after = retry_after


class ServerUnreachable(Exception):
    """No answer came: no network, nobody there, or not in time. Whether the request arrived is not known."""


class ServerSlow(ServerUnreachable):
    """The server was reached and did not answer in time."""


class ServerBroken(Exception):
    """An answer came that is none: a failure of the server (5xx), or not what the API describes."""


class BrokerApi(Protocol):
    """A server, as the broker's app needs it. Every call raises `Refused`, `ServerUnreachable` or `ServerBroken`.

    `session` is `LoginAnswer.session`. Public keys are 65 bytes (SEC 1, 2.3.3), signatures DER.
    """

    @property
    def origin(self) -> str:
        """The address of the server that this app belongs to: scheme, host and port, no path."""
        ...

    async def server(self) -> ServerIdentity:
        """Who the server says it is."""
        ...

    async def challenge(self) -> Challenge:
        """A fresh challenge for one login."""
        ...

    async def log_in(
        self, *, account: str, password: str, device_key: bytes, device_name: str, challenge_id: str, signature: bytes
    ) -> LoginAnswer:
        """Log in with the password and the device key's signature over the challenge."""
        ...

    async def log_out(self, session: str) -> None:
        """End the session."""
        ...

    async def enrolment(self, session: str) -> EnrolmentStatus:
        """Where the enrolment stands."""
        ...

    async def start_enrolment(self, session: str) -> SmsSent:
        """Give consent and have an SMS code sent; an earlier code ends."""
        ...

    async def confirm_sms_code(self, session: str, code: str) -> None:
        """Prove the SMS code."""
        ...

    async def send_registration(self, session: str) -> RegistrationSent:
        """Have the mail with the registration code sent; an earlier code ends."""
        ...

    async def bind(self, session: str, *, code: str, device_ephemeral_key: bytes, signature: bytes) -> BindingAnswer:
        """Spend the registration code on a key agreement. Repeating the same request gives the same answer."""
        ...

    async def activate(self, session: str, *, token_id: str, code: str, confirmation: bytes) -> None:
        """Prove the agreed seed with a first code. Repeating one that succeeded succeeds again."""
        ...
