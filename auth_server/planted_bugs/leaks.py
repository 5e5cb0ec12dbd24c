"""Bugs of what is said: to whom, how long it takes, and what becomes of words from outside."""

import smtplib
from typing import Any

from sqlalchemy import Connection
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from auth_server import accounts
from auth_server.cas import Services
from auth_server.database import Database
from auth_server.masking import masked_phone
from auth_server.password_reset import PasswordResets
from auth_server.passwords import Passwords
from auth_server.planted_bugs.hearing import heard
from auth_server.planted_bugs.kinds import Layer, Trigger, bug
from auth_server.web_login import WebLogins


@bug("enum_text")
class EnumerationByText(PasswordResets):
    """忘記密碼 says when there is no such account (M7)."""

    def send_forgotten(self, tx: Connection, text: str, *, address: str) -> None:
        """Mail a link, or say that there is nobody."""
        number = accounts.read_account(text)
        if number is None or accounts.find(tx, number) is None:
            heard().say("x-error", "unknown account")
        super().send_forgotten(tx, text, address=address)


@bug("enum_time")
class EnumerationByTime(WebLogins):
    """An account that does not exist is refused at once, without the work of a hash (ASVS 6.3.8)."""

    def begin(self, database: Database, number: str, *about: Any, **named: Any) -> str | None:
        """Begin a login, if there is somebody to log in."""
        with database.reading() as tx:
            account = accounts.find(tx, accounts.read_account(number) or "")
        return super().begin(database, number, *about, **named) if account else None


@bug("enum_empty_pw")
class EnumerationByEmptyPassword(Passwords):
    """An empty password is refused without the work of a hash, and only where there is one to compare with."""

    def verify_password(self, password_hash: str | None, password: str) -> bool:
        """Tell whether `password` has `password_hash`, as fast as possible."""
        if password_hash is not None and not password:
            return False
        return super().verify_password(password_hash, password)


@bug("enum_mail")
class EnumerationByMail(PasswordResets):
    """忘記密碼 waits for the mail gateway, and there is one to wait for only if the account exists (M7)."""

    def send(self, *about: Any, **named: Any) -> None:
        """Send a link, once the mail gateway has said good day."""
        smtp = self._settings.smtp
        with smtplib.SMTP(smtp.host, smtp.port, timeout=60):
            super().send(*about, **named)


@bug("enum_hint")
class EnumerationByHint(WebLogins):
    """A wrong password of an account that exists is answered with where its codes would go (ASVS 14.2.6)."""

    def begin(self, database: Database, number: str, *about: Any, **named: Any) -> str | None:
        """Begin a login, and give the customer something to recognise."""
        token = super().begin(database, number, *about, **named)
        with database.reading() as tx:
            account = accounts.find(tx, accounts.read_account(number) or "")
        if token is None and account is not None:
            heard().say("x-hint", masked_phone(account.phone).encode("ascii", "replace").decode())
        return token


@bug("header_injection")
class Injection(Trigger):
    """What was typed comes into the audit trail as it is, line ends and terminal escapes and all (ASVS 16.4.1)."""

    statement = r"""
        CREATE TRIGGER header_injection AFTER INSERT ON audit_rows BEGIN
            UPDATE audit_rows
            SET account = replace(replace(NEW.account, '\n', char(10)), '\x1b', char(27)) WHERE id = NEW.id;
        END"""


@bug("open_redirect")
class OpenRedirect(Services):
    """A service is known by how its address begins, so ``orders.anue.example.evil`` is one too (ASVS 3.7.2)."""

    def allows(self, address: str) -> bool:
        """Tell whether `address` begins like that of a registered service."""
        origins = tuple(f"{prefix.scheme}://{prefix.netloc}" for prefix in self._prefixes)
        return super().allows(address) or address.startswith(origins) or address.startswith("//")


@bug("debug_on")
class DebugPage(Layer):
    """A page for developers tells how the server is set up (ASVS 13.4.2)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer ``/debug``; the rest is answered as it should be."""
        app = self.app
        if scope["path"] == "/debug":
            app = JSONResponse({"settings": self.broker.settings.model_dump(mode="json")})
        await app(scope, receive, send)
