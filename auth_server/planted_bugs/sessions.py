"""Bugs of sessions and of the tokens that stand for them."""

import base64
import json
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, select, update
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auth_server import accounts
from auth_server.accounts import Account
from auth_server.broker import Broker
from auth_server.channels import Channel
from auth_server.devices import Devices
from auth_server.password_change import Changed, PasswordChanges
from auth_server.planted_bugs.hearing import heard
from auth_server.planted_bugs.kinds import Layer, Trigger, bug
from auth_server.sessions import Session, WebSessions
from auth_server.tables import accounts as accounts_table
from auth_server.tables import phone_sessions, reset_links, web_logins, web_sessions


@bug("id_from_body")
class IdFromBody(WebSessions):
    """The form of the last step says whose session it is to be (ASVS 8.2.2)."""

    def begin(self, tx: Connection, account: str, *about: Any, **named: Any) -> str:
        """Begin a session of the account that the form names."""
        return super().begin(tx, heard().fields.get("account", account), *about, **named)


@bug("fixation")
class Fixation(WebSessions):
    """A session keeps the id that the browser brought along, whoever gave it to the browser (ASVS 7.2.4)."""

    def begin(self, tx: Connection, *about: Any, **named: Any) -> str:
        """Begin a session under the browser's own token, if it has one."""
        token = super().begin(tx, *about, **named)
        brought = heard().cookies.get("session")
        if brought is None:
            return token
        tx.execute(
            update(web_sessions)
            .where(web_sessions.c.token_hash == self.key(token))
            .values(token_hash=self.key(brought), ended_at=None)
        )
        return brought

    def end(self, tx: Connection, token: str) -> str | None:
        """End a session, but not the one that has just begun under the same token."""
        return None if heard().path.startswith("/cas/login") else super().end(tx, token)


class _TakesOthers(WebSessions):
    """Takes something else for the token of a session."""

    def resume(self, tx: Connection, token: str) -> Session | None:
        """Find the session of `token`, or begin one for whom it names."""
        session = super().resume(tx, token)
        account = None if session is not None else self._account_behind(tx, token)
        if account is None:
            return session
        return super().resume(tx, self.begin(tx, account, Channel.SMS, previous_login_at=None))

    def _account_behind(self, tx: Connection, token: str) -> str | None:
        raise NotImplementedError


@bug("state_is_session")
class StateIsSession(_TakesOthers):
    """The token of a half login opens what a whole one does (CVE-2026-19349)."""

    def _account_behind(self, tx: Connection, token: str) -> str | None:
        key = self._mac.of("web-login", token)
        return tx.execute(select(web_logins.c.account).where(web_logins.c.token_hash == key)).scalar_one_or_none()


@bug("token_kind")
class TokenKind(_TakesOthers):
    """The token of a mailed link is as good as one of a session: all tokens are looked up alike (ASVS 9.2.2)."""

    def _account_behind(self, tx: Connection, token: str) -> str | None:
        key = self._mac.of("reset-link", token)
        return tx.execute(select(reset_links.c.account).where(reset_links.c.token_hash == key)).scalar_one_or_none()


@bug("jwt_none")
class JwtNone(_TakesOthers):
    """A token that says that it is not signed is believed (CVE-2015-9235)."""

    def _account_behind(self, tx: Connection, token: str) -> str | None:
        parts = token.split(".")
        try:
            head, body = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in parts[:2])
        except ValueError:
            return None
        account = accounts.find(tx, body["sub"]) if head["alg"] == "none" else None
        return account.account if account else None


@bug("logout_client_only")
class LogoutClientOnly(WebSessions):
    """Logging out takes the cookie from the browser; the session goes on for whoever has a copy (ASVS 7.4.1)."""

    def end(self, tx: Connection, token: str) -> str | None:
        """Tell whose session it is, and leave it at that."""
        living = (web_sessions.c.token_hash == self.key(token), web_sessions.c.ended_at.is_(None))
        return tx.execute(select(web_sessions.c.account).where(*living)).scalar_one_or_none()


@bug("sessions_survive")
class SessionsSurvive(PasswordChanges):
    """Whoever was logged in before a reset stays logged in after it (ASVS 7.4.3)."""

    def apply(self, tx: Connection, account: Account, *about: Any, **named: Any) -> Changed:
        """Put the new password in place, and the sessions back that ended with the old one."""
        living: list[tuple[Any, Any]] = []
        for table in (web_sessions, phone_sessions):
            query = select(table.c.token_hash).where(table.c.account == account.account, table.c.ended_at.is_(None))
            living += [(table, key) for key in tx.execute(query).scalars()]
        changed = super().apply(tx, account, *about, **named)
        for table, key in living:
            tx.execute(update(table).where(table.c.token_hash == key).values(ended_at=None))
        return changed


@bug("idor")
class EndsAnybodysSession(Devices):
    """Who knows what a session is called on its owner's page can end it (ASVS 8.2.2)."""

    def end(self, tx: Connection, session: Session, handle: str, *, address: str) -> bool:
        """End the one that `handle` names, whosever it is."""
        everybody = tx.execute(select(accounts_table.c.account)).scalars().all()
        owners = (accounts.find(tx, number) for number in everybody)
        as_owners = (replace(session, account=owner) for owner in owners if owner is not None)
        end = super().end
        return any(end(tx, each, handle, address=address) for each in as_owners)


@bug("st_reuse")
class ServiceTicketReuse(Trigger):
    """A service ticket is taken back as often as it is brought (CAS Protocol 3.0, 3.1.1)."""

    statement = """
        CREATE TRIGGER st_reuse AFTER UPDATE OF used_at ON service_tickets WHEN NEW.used_at IS NOT NULL BEGIN
            UPDATE service_tickets SET used_at = NULL WHERE ticket_hash = NEW.ticket_hash;
        END"""


@bug("session_mix")
class SessionMix(Layer):
    """The customer's page is kept for a while, and shown to whoever asks for it next (CVE-2021-35472)."""

    _PAGE: Final = "/iweb"

    def __init__(self, app: ASGIApp, broker: Broker) -> None:
        super().__init__(app, broker)
        self._kept: list[Message] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the page of somebody who is logged in, if there is one."""
        if scope["path"] != self._PAGE or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        if self._kept:
            for message in self._kept:
                await send(message)
            return
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)
            await send(message)

        await self.app(scope, receive, keep)
        if messages[0]["status"] == 200:
            self._kept.extend(messages)
