"""Bugs that show only when requests come at once: what is decided was read before the right to write was had.

Each takes what stood in the database when its request came for what stands there when it writes (a lost update). Serial
requests find nothing wrong.
"""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, Final

from sqlalchemy import Column, Connection, Table, select, update
from starlette.types import ASGIApp, Receive, Scope, Send

from auth_server.broker import Broker
from auth_server.database import Database
from auth_server.planted_bugs.kinds import Layer, bug, make_worse
from auth_server.tables import enrolments, limits, one_time_codes, registration_codes, reset_links, soft_tokens

Seen = list[tuple[Table, dict[str, Any]]]

_seen: Final[ContextVar[Seen | None]] = ContextVar("auth_server.planted_bugs.seen", default=None)


class _LosesUpdates(Database):
    """A database whose transactions begin by writing back what their request saw when it came."""

    @contextmanager
    def writing(self) -> Generator[Connection]:
        with super().writing() as tx:
            for table, row in _seen.get() or []:
                [key] = table.primary_key.columns
                values = {name: value for name, value in row.items() if name != key.name}
                tx.execute(update(table).where(key == row[key.name]).values(values))
            yield tx


class _ReadsEarly(Layer):
    """Reads, when a request to `path` comes, the columns that its rule will look at, and lets others do the same."""

    path: ClassVar[str]
    columns: ClassVar[tuple[Column[object], ...]]

    def __init__(self, app: ASGIApp, broker: Broker) -> None:
        super().__init__(app, broker)
        make_worse(broker.database, [_LosesUpdates])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read, give way to the requests that came at the same time, and go on with what was read."""
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == self.path:
            _seen.set(self._read())
            await asyncio.sleep(0)
        await self.app(scope, receive, send)

    def _read(self) -> Seen:
        seen: Seen = []
        with self.broker.database.reading() as tx:
            for table in dict.fromkeys(column.table for column in self.columns):
                assert isinstance(table, Table)
                columns = [column for column in self.columns if column.table is table]
                rows = tx.execute(select(*table.primary_key.columns, *columns)).mappings().all()
                seen += [(table, dict(row)) for row in rows]
        return seen


@bug("otp_race")
class OtpRace(_ReadsEarly):
    """One code of the token, typed at once in several logins, logs all of them in (ASVS 15.4.2)."""

    path = "/cas/login/code"
    columns = (soft_tokens.c.last_step,)


@bug("limit_race")
class LimitRace(_ReadsEarly):
    """Guesses that are made at once count as one (CVE-2024-4629)."""

    path = "/cas/login/code"
    columns = (one_time_codes.c.attempts, limits.c.count)


@bug("send_cap_race")
class SendCapRace(_ReadsEarly):
    """Codes that are asked for at once count as one."""

    path = "/cas/login/channel"
    columns = (limits.c.count,)


@bug("link_race")
class LinkRace(_ReadsEarly):
    """One reset link, used at once several times, sets several passwords."""

    path = "/iweb/password-reset"
    columns = (reset_links.c.state,)


@bug("regcode_race")
class RegistrationCodeRace(_ReadsEarly):
    """One registration code, used at once several times, agrees on several seeds."""

    path = "/phone-api/v1/enrolment/binding"
    columns = (registration_codes.c.state, enrolments.c.step, enrolments.c.token_id)
