"""Who may ask for what, and which factors that takes: the one list of all ways in (ASVS 5.0, 6.1.3 and 8.1.1)."""

from enum import Enum


class Who(Enum):
    """Whom a route answers; the value says what they have proved."""

    ANYBODY = "nothing"
    LOGGING_IN = "in this login: the password"
    EXPIRED = "in this login: the password, which has expired, and a one-time code"
    LINK = "the mailed link"
    CUSTOMER = "the password and a one-time code"
    PHONE = "the password, and a device key"
    TOKEN_PHONE = "the password, and the device key of the phone that holds the token"
    PROGRAM = "the back-office key"
    STAFF = "a staff member's password and a code of the authenticator app"


_ROUTES = {
    Who.ANYBODY: """
        GET HEAD /
        GET HEAD POST /cas/login
        GET HEAD POST /cas/forgot-password
        GET POST /cas/logout
        GET /cas/validate
        GET /cas/serviceValidate
        GET /cas/proxyValidate
        GET /cas/p3/serviceValidate
        GET /cas/p3/proxyValidate
        GET /cas/proxy
        GET HEAD /iweb/app
        GET HEAD /iweb/app/{platform}
        GET HEAD /static/{name}
        GET /phone-api/v1/server
        GET /phone-api/v1/openapi.json
        GET /phone-api/v1/biometrics/terms
        POST /phone-api/v1/challenges
        POST /phone-api/v1/sessions
        POST /phone-api/v1/password/expired
        POST /phone-api/v1/biometrics/unlock
        GET /back-office/api/openapi.json
        GET HEAD /back-office
        GET HEAD /back-office/
        GET HEAD POST /back-office/login
        POST /back-office/logout
    """,
    Who.LOGGING_IN: """
        GET HEAD POST /cas/login/channel
        GET HEAD POST /cas/login/code
        POST /cas/login/resend
    """,
    Who.EXPIRED: "GET HEAD POST /cas/login/password",
    Who.LINK: "GET HEAD POST /iweb/password-reset",
    Who.CUSTOMER: """
        GET HEAD /iweb
        GET HEAD POST /iweb/order
        GET HEAD /iweb/security
        POST /iweb/security/end
        POST /iweb/security/end-others
        GET HEAD POST /iweb/security/password
    """,
    Who.PHONE: """
        DELETE /phone-api/v1/sessions/current
        GET POST /phone-api/v1/enrolment
        POST /phone-api/v1/enrolment/sms-code
        POST /phone-api/v1/enrolment/registration
        POST /phone-api/v1/enrolment/binding
        POST /phone-api/v1/enrolment/activation
        GET /phone-api/v1/settings
    """,
    Who.TOKEN_PHONE: """
        POST /phone-api/v1/password
        POST /phone-api/v1/token/clear
        POST DELETE /phone-api/v1/biometrics
    """,
    Who.PROGRAM: """
        GET POST /back-office/api/customers
        GET /back-office/api/customers/{number}
        POST /back-office/api/customers/{number}/password-reset
        POST /back-office/api/customers/{number}/lock
        POST /back-office/api/customers/{number}/unlock
        POST /back-office/api/customers/{number}/token/clear
        POST /back-office/api/customers/{number}/biometrics/clear
        POST /back-office/api/customers/{number}/resend
        GET /back-office/api/audit
        GET /back-office/api/audit/search
        GET /back-office/api/outbox
    """,
    Who.STAFF: """
        GET HEAD POST /back-office/customers
        GET HEAD /back-office/customers/new
        GET HEAD /back-office/customers/{number}
        GET HEAD POST /back-office/customers/{number}/{name}
        GET HEAD /back-office/audit
        GET /back-office/audit.csv
        GET HEAD /back-office/outbox
    """,
}


def policy() -> dict[str, Who]:
    """Every route, such as ``POST /iweb/order``, and whom it answers."""
    entries = [
        (f"{method} {path}", who)
        for who, lines in _ROUTES.items()
        for *methods, path in map(str.split, filter(str.strip, lines.splitlines()))
        for method in methods
    ]
    assert len(dict(entries)) == len(entries), "a route stands in the list twice"
    return dict(entries)
