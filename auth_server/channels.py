"""The ways by which the server and a customer reach each other."""

from enum import StrEnum


class Channel(StrEnum):
    """One way. The value is what the audit trail and the database write."""

    MAIL = "mail"
    SMS = "sms"
    TOKEN = "token"  # noqa: S105 - the name of a channel
    PHONE = "phone"
    WEB = "web"
    BACK_OFFICE = "back-office"
    COMMAND = "command"
