"""What the app asks of its server. `http_api` speaks it as docs/phone-api.md says; another server brings its own."""

from dataclasses import dataclass
from typing import Protocol

from simulator.securities.answers import (
    BindingAnswer,
    BiometricsRegistered,
    Challenge,
    EnrolmentStatus,
    LoginAnswer,
    PasswordDates,
    Purpose,
    RegistrationSent,
    ServerIdentity,
    SettingsAnswer,
    SmsSent,
    Terms,
)


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule that a new password breaks (M4): the server's word for it, and its sentence for the customer."""

    rule: str
    message: str


class Refused(Exception):
    """The server understood and said no. `message` may be shown to the customer as it stands.

    `retry_after` is how many seconds to wait, where told; `rules` comes with `password-refused`, `reason` with
    `biometrics-suspended`.
    """

    def __init__(
        self,
        code: str,
        message: str,
        retry_after: int | None = None,
        *,
        rules: tuple[BrokenRule, ...] = (),
        reason: str | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retry_after = retry_after
        self.rules = rules
        self.reason = reason


class ServerUnreachable(Exception):
    """No answer came: no network, nobody there, or not in time. Whether the request arrived is not known."""


class ServerSlow(ServerUnreachable):
    """The server was reached and did not answer in time."""


class ServerBroken(Exception):
    """An answer came that is none: not what the API describes."""


class ServerFailed(ServerBroken):
    """The server answered that it has failed (5xx)."""


class BrokerApi(Protocol):
    """A server, as the broker's app needs it. Every call raises `Refused`, `ServerUnreachable` or `ServerBroken`.

    `session` is `LoginAnswer.session`. Public keys are 65 bytes (SEC 1, 2.3.3), signatures DER with the lower `s`.
    """

    language: str
    """That of the server's messages: `zh-Hant` or `en`. The app sets it to the phone's."""

    @property
    def origin(self) -> str:
        """The address of the server that this app belongs to: scheme, host and port, no path."""
        ...

    async def server(self) -> ServerIdentity:
        """Who the server says it is."""
        ...

    async def challenge(
        self, purpose: Purpose = Purpose.LOGIN, *, session: str | None = None, biometrics_id: str | None = None
    ) -> Challenge:
        """A fresh challenge. Those for clearing and registering need a session, that for unlocking a registration."""
        ...

    async def log_in(
        self, *, account: str, password: str, device_key: bytes, device_name: str, challenge_id: str, signature: bytes
    ) -> LoginAnswer:
        """Log in with the password and the device key's signature over the challenge."""
        ...

    async def log_out(self, session: str) -> None:
        """End the session."""
        ...

    # Getting a token

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

    async def activate(self, session: str, *, token_id: str, code: str, confirmation: bytes) -> int:
        """Prove the agreed seed with a first code, and get the server's time (seconds since 1970).

        Repeating one that succeeded succeeds again.
        """
        ...

    # Once there is a token

    async def settings(self, session: str) -> SettingsAnswer:
        """The account's settings, as this phone may see them."""
        ...

    async def change_password(self, session: str, *, current: str, new: str) -> PasswordDates:
        """Change the login password; all other sessions end."""
        ...

    async def change_expired_password(
        self, *, account: str, current: str, new: str, device_key: bytes, challenge_id: str, signature: bytes
    ) -> PasswordDates:
        """Change a password that has expired, from the phone that holds the token. Nobody is logged in by it."""
        ...

    async def clear_token(self, session: str, *, challenge_id: str, signature: bytes) -> None:
        """Clear the token of this phone; all sessions of the account end."""
        ...

    async def biometrics_terms(self) -> Terms:
        """The terms in force."""
        ...

    async def register_biometrics(
        self,
        session: str,
        *,
        terms_version: str,
        public_key: bytes,
        biometric_set: bytes,
        code: str,
        challenge_id: str,
        signature: bytes,
        biometric_signature: bytes,
    ) -> BiometricsRegistered:
        """Register this phone's biometrics. Repeating the same request gives the same answer."""
        ...

    async def unlock_biometrics(
        self,
        *,
        biometrics_id: str,
        challenge_id: str,
        biometric_set: bytes,
        signature: bytes,
        biometric_signature: bytes | None,
    ) -> bytes:
        """Get the release key (32 bytes) for both keys' proof; or, without the biometric one, report another set."""
        ...

    async def end_biometrics(self, session: str) -> None:
        """End the registration of this phone, if there is one."""
        ...
