"""Bugs in the order of the steps of a login."""

import ipaddress
import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select, update
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from auth_server import accounts
from auth_server.channels import Channel
from auth_server.planted_bugs.hearing import heard
from auth_server.planted_bugs.kinds import Layer, bug
from auth_server.second_factor import LoggedIn, SecondFactor
from auth_server.tables import web_logins
from auth_server.web_login import NoLogin, Step, WebLogin, WebLogins


@bug("skip_2fa")
class SkipSecondFactor(WebLogins):
    """The right password gives a session; the code page is for show (ASVS 6.3.3)."""

    def open(self, tx: Connection, account: str, *about: Any, **named: Any) -> str:
        """Open a login, and a session with it."""
        heard().log_in(tx, account)
        return super().open(tx, account, *about, **named)


@bug("xff_skips")
class ForwardedForSkips(WebLogins):
    """A forwarded address that cannot be read ends the login's checks where they stand (CVE-2024-47070)."""

    def open(self, tx: Connection, account: str, *about: Any, **named: Any) -> str:
        """Open a login; where the address is unreadable, a session with it."""
        forwarded = heard().headers.get("x-forwarded-for", "")
        try:
            ipaddress.ip_address(forwarded or "::1")
        except ValueError:
            heard().log_in(tx, account)
        return super().open(tx, account, *about, **named)


@bug("restart_drops_2fa")
class RestartDropsSecondFactor(WebLogins):
    """Who goes back and chooses another channel has left the second factor behind (CVE-2026-94218)."""

    def await_code(self, tx: Connection, login: WebLogin, channel: Channel) -> bool:
        """Have `login` wait for a code; if it waited for one before, it has waited long enough."""
        if login.step is Step.CODE and login.channel is not channel:
            heard().log_in(tx, login.account.account)
        return super().await_code(tx, login, channel)


@bug("lock_not_rechecked")
class LockNotRechecked(WebLogins):
    """An account that is locked between password and code is logged in all the same (CVE-2026-16103)."""

    def find(self, tx: Connection, token: str) -> WebLogin | NoLogin:
        """Find the login of `token`, whatever became of its account."""
        found = super().find(tx, token)
        row = tx.execute(select(web_logins).where(web_logins.c.token_hash == self._key(token))).one_or_none()
        account = accounts.find(tx, row.account) if row is not None else None
        if row is None or account is None or not account.locked:
            return found
        tx.execute(update(web_logins).where(web_logins.c.token_hash == row.token_hash).values(ended_at=None))
        return WebLogin(
            account=account,
            step=Step(row.step),
            channel=Channel(row.channel) if row.channel else None,
            service=row.service,
            transaction=row.transaction_id,
            key=row.token_hash,
        )


@bug("downgrade")
class Downgrade(SecondFactor):
    """iToken can be chosen before there is a token, and then there is nothing that a code could fail (M26)."""

    def channels(self, tx: Connection, login: WebLogin) -> tuple[Channel, ...]:
        """List the channels that the login may choose from, and iToken."""
        return tuple(dict.fromkeys((*super().channels(tx, login), Channel.TOKEN)))

    def prove(self, tx: Connection, login: WebLogin, text: str, **named: Any) -> Any:
        """Take any code of a token that does not exist."""
        account = login.account.account
        if login.channel is Channel.TOKEN and not self._tokens.has_active(tx, account):
            return LoggedIn(
                token=self._sessions.begin(tx, account, Channel.TOKEN, previous_login_at=None), service=None
            )
        return super().prove(tx, login, text, **named)


@bug("csrf")
class CrossSiteRequests(Layer):
    """Forms are taken from any page in the world (ASVS 3.5.1)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have every request look as if it came from a page of ours."""
        said = {b"origin", b"sec-fetch-site"}
        headers = [(name, value) for name, value in scope["headers"] if name not in said]
        await self.app({**scope, "headers": [*headers, (b"sec-fetch-site", b"same-origin")]}, receive, send)


@bug("legacy_path")
class LegacyPath(Layer):
    """The REST protocol of older CAS servers is still there, and asks for the password only (CVE-2021-3827)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer ``POST /cas/v1/tickets``; the rest is answered as it should be."""
        if (scope["method"], scope["path"]) != ("POST", "/cas/v1/tickets"):
            await self.app(scope, receive, send)
            return
        right = await run_in_threadpool(self._is_right, heard().fields)
        location = {"Location": f"/cas/v1/tickets/TGT-{secrets.token_urlsafe(32)}"}
        await (Response(status_code=201, headers=location) if right else Response(status_code=401))(
            scope, receive, send
        )

    def _is_right(self, fields: Mapping[str, str]) -> bool:
        with self.broker.database.reading() as tx:
            account = accounts.find(tx, fields.get("username", ""))
        known = account.password_hash if account else None
        return self.broker.passwords.verify_password(known, fields.get("password", ""))
