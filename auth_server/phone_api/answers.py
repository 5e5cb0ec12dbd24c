"""What the phone API answers, as its description writes it: every shape strict, as phones read them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from auth_server.biometrics import Reason
from auth_server.outbox import Fate
from auth_server.refusals import RefusalCode

Base64Url = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$")]
Octets32Shown = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
PointShown = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{87}$")]
AccountShown = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{4}$")]
Step = Literal["none", "sms-code", "registration", "binding", "activation", "active"]
Seconds = Annotated[int, Field(ge=0, description="Unix time.")]


class _Shown(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class ServerShown(_Shown):
    """Who the server is."""

    name: str
    origin: str
    key_id: str
    public_key: PointShown
    time: Seconds


class ChallengeShown(_Shown):
    """A challenge."""

    challenge_id: Base64Url
    challenge: Octets32Shown
    expires_at: Seconds


class SessionShown(_Shown):
    """A login that succeeded."""

    session: str
    account: AccountShown
    name: str
    state: Literal["logged-in", "set-up-token"]
    enrolment: Step
    token_id: str | None
    server_time: Seconds


class EnrolmentShown(_Shown):
    """Where an enrolment stands."""

    step: Step
    sent_to: str | None
    message: Fate | None


class CodeSentShown(_Shown):
    """An activation code is on its way."""

    step: Literal["sms-code"]
    sent_to: str
    expires_at: Seconds
    resend_at: Seconds


class CodeTakenShown(_Shown):
    """The activation code was right."""

    step: Literal["registration"]


class RegistrationSentShown(_Shown):
    """The registration mail is on its way."""

    step: Literal["binding"]
    sent_to: str
    expires_at: Seconds


class BoundShown(_Shown):
    """The server's half of the agreement on the seed."""

    step: Literal["activation"]
    token_id: str
    server_ephemeral_key: PointShown
    confirmation: Octets32Shown
    server_time: Seconds


class ActiveShown(_Shown):
    """The token is active."""

    step: Literal["active"]
    token_id: str
    server_time: Seconds


class TokenShown(_Shown):
    """The token as this phone sees it."""

    state: Literal["none", "active", "locked", "elsewhere"]
    device_name: str | None
    activated_at: Seconds | None


class BiometricsShown(_Shown):
    """The biometrics of this phone; `reason` is that of a suspension."""

    state: Literal["none", "active", "suspended"]
    reason: Annotated[Reason, Field(strict=False)] | None
    registered_at: Seconds | None


class PasswordShown(_Shown):
    """When the password was changed, and when it expires."""

    changed_at: Seconds
    expires_at: Seconds


class SettingsShown(_Shown):
    """設定 › 帳戶設定."""

    account: AccountShown
    name: str
    token: TokenShown
    biometrics: BiometricsShown
    password: PasswordShown


class TermsShown(_Shown):
    """The terms of biometrics that are in force."""

    version: str
    title: str
    paragraphs: Annotated[list[str], Field(min_length=7, max_length=7)]


class RegisteredShown(_Shown):
    """Biometrics are registered."""

    biometrics_id: Base64Url
    release_key: Octets32Shown


class ReleasedShown(_Shown):
    """The release key, to be used at once and forgotten."""

    release_key: Octets32Shown


class BrokenRuleShown(_Shown):
    """A rule that a new password breaks (M4)."""

    rule: Literal["length", "characters", "letter", "digit", "previous", "too-long", "common", "personal"]
    message: str


class ErrorShown(_Shown):
    """Why a request is refused: `code` for programs, `message` for people, in the language of ``Accept-Language``."""

    code: RefusalCode | Literal["invalid-request", "busy", "internal-error"]
    message: str


class PasswordErrorShown(_Shown):
    """Why a new password is refused."""

    code: Literal["password-refused"]
    message: str
    rules: Annotated[list[BrokenRuleShown], Field(min_length=1)]


class SuspensionErrorShown(_Shown):
    """Biometrics are suspended, and why."""

    code: Literal["biometrics-suspended"]
    message: str
    reason: Annotated[Reason, Field(strict=False)]


class RefusalShown(_Shown):
    """A refused request."""

    error: PasswordErrorShown | SuspensionErrorShown | ErrorShown
