"""Where the customer stands: the words that the app and its screens share."""

from dataclasses import dataclass, field
from enum import StrEnum


class FirstStart(StrEnum):
    """How far the first start of the app has come (M9–M11). Each value is also the name of the screen to show."""

    PERMISSION = "permission"
    DISCLAIMER = "disclaimer"
    TUTORIAL = "tutorial"
    READY = "ready"


class TokenState(StrEnum):
    """What the phone has of a soft token for the customer's account."""

    NONE = "none"
    PENDING = "pending"
    """Being set up: the enrolment goes on at `SecuritiesApp.enrolment_step`."""
    ACTIVE = "active"
    ENDED = "ended"
    """There was one, and it is no more: `SecuritiesApp.token_end` tells why. Another can be set up."""
    DAMAGED = "damaged"
    """The app's data is there and cannot be opened: `SecuritiesApp.clear_damaged` is the way out."""


class TokenEnd(StrEnum):
    """Why a phone has lost its token other than by its customer's own clearing here."""

    WIPED = "wiped"
    """Ten wrong PINs in a row, where the phone counts them."""
    MOVED = "moved"
    """Another phone holds the account's token now (M23)."""
    CLEARED = "cleared"
    """The server has none for this phone: cleared by the back office, or here when the answer was lost."""


class RootedPolicy(StrEnum):
    """What the app does on a phone whose owner has broken its protection (MASVS-RESILIENCE-1)."""

    WARN = "warn"
    REFUSE = "refuse"


class EnrolmentStep(StrEnum):
    """The next thing to do to get a token (M13–M19). A screen shows what its step asks for."""

    NONE = "none"
    """Not begun: offer and consent, then `start_enrolment`."""
    SMS_CODE = "sms-code"
    """A code went to the phone number: `confirm_sms_code`, or `start_enrolment` again for a new one."""
    CHOOSE_PIN = "choose-pin"
    """`choose_pin`. After a restart the PIN is asked for again: nothing of it was kept."""
    REGISTRATION = "registration"
    """The PIN is chosen: `request_registration` has the mail sent. Nothing for the customer to do."""
    BINDING = "binding"
    """The mail is there: `bind_with_qr` or `bind_with_code`, or `request_registration` again for a new mail."""
    FINISH = "finish"
    """A registration code was given and the end is not known (no network, killed): `finish_binding` goes on."""
    ACTIVE = "active"
    """Bound."""


class LoginState(StrEnum):
    """What a session may do (docs/phone-api.md, Log in)."""

    LOGGED_IN = "logged-in"
    SET_UP_TOKEN = "set-up-token"  # noqa: S105 - the page's word for a state, not a secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A customer logged in. It lives in memory only: after a restart the customer logs in again."""

    account: str
    name: str
    state: LoginState
    token_id: str | None
    """The token with which this phone is the second factor, when the server has one active for it."""
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCode:
    """A one-time code and the seconds since 1970, on the phone's clock, between which it is the token's code."""

    code: str = field(repr=False)
    step: int
    valid_from: float
    valid_until: float
