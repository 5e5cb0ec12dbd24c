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


class AppRefusal(Exception):
    """Something that the customer asked for was not done.

    `message` is a whole sentence in the phone's language, ready to be shown and free of secrets. `field` names the
    field it speaks of, or None when it speaks of the whole screen. `retry_after` is how many seconds to wait, where
    known. Afterwards `SecuritiesApp.enrolment_step` may be another one: the server may have moved on.
    """

    def __init__(self, message: str, field: Field | None = None, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.retry_after = retry_after


class SessionEnded(AppRefusal):
    """The server no longer knows the session: the customer has to log in again, and then goes on where it stopped."""
