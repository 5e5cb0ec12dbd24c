"""What the app says when something cannot be done: one sentence for the customer, and the field it speaks of."""

from enum import StrEnum


class Field(StrEnum):
    """The fields of the app's screens that an error can speak of."""

    ACCOUNT = "account"
    PASSWORD = "password"  # noqa: S105 - a name
    SMS_CODE = "sms-code"
    PIN = "pin"
    PIN_AGAIN = "pin-again"
    REGISTRATION_CODE = "registration-code"
    CURRENT_PASSWORD = "current-password"  # noqa: S105 - a name
    NEW_PASSWORD = "new-password"  # noqa: S105 - a name
    NEW_PASSWORD_AGAIN = "new-password-again"  # noqa: S105 - a name


class AppRefusal(Exception):
    """Something that the customer asked for was not done.

    `message` is a whole sentence in the phone's language, ready to be shown and free of secrets; several, each on a
    line of its own, where several things are wrong. `field` names the field it speaks of, or None when it speaks of the
    whole screen. `retry_after` is how many seconds to wait, where known. Afterwards `SecuritiesApp.enrolment_step` may
    be another one: the server may have moved on.
    """

    def __init__(self, message: str, field: Field | None = None, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.retry_after = retry_after


class SessionEnded(AppRefusal):
    """The server no longer knows the session: the customer has to log in again, and then goes on where it stopped."""


class NewPasswordNeeded(AppRefusal):
    """The password is right and has expired: `AccountSettings.change_expired_password` is the way on (M8)."""


class TermsChanged(AppRefusal):
    """The terms that the customer has read are no longer in force: they are to be shown again."""


class PinNeeded(AppRefusal):
    """Biometrics do not open the token now; the PIN does (M29, M30)."""


class TokenEnded(AppRefusal):
    """The phone has wiped its token: too many wrong PINs."""
