"""All that one running server is made of, handed to each request."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from fastapi import Request

from auth_server.chores import Chores
from auth_server.database import Database
from auth_server.notices import Notices
from auth_server.one_time_codes import OneTimeCodes
from auth_server.outbox import Outbox
from auth_server.passwords import Passwords
from auth_server.sealing import KeyRing, Mac, MasterKey, Seal
from auth_server.settings import Settings
from auth_server.signatures import ServerKey
from auth_server.soft_token import SoftTokens
from auth_server.web import Web


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """One server: its settings, its clock (unix seconds), its database and its services."""

    settings: Settings
    now: Callable[[], float]
    database: Database
    keys: KeyRing
    seal: Seal
    mac: Mac
    server_key: ServerKey
    passwords: Passwords
    outbox: Outbox
    one_time_codes: OneTimeCodes
    soft_tokens: SoftTokens
    notices: Notices
    web: Web
    chores: Chores

    @classmethod
    def of(cls, settings: Settings, now: Callable[[], float]) -> Self:
        """Put a server together. Nothing is opened yet."""
        keys = KeyRing(*(MasterKey(key.get_secret_value()) for key in (settings.master_key, *settings.old_master_keys)))
        seal, mac = keys.seal(), keys.mac()
        outbox = Outbox(seal, urlsplit(settings.origin).hostname or "localhost")
        passwords = Passwords(keys.derived("password pepper"))
        codes = OneTimeCodes(settings, mac, now)
        tokens = SoftTokens(settings, seal, now)
        notices = Notices(settings, outbox, now)
        database = Database(settings.database_url, durable=not settings.test_world)
        web = Web.of(
            settings,
            now,
            mac=mac,
            passwords=passwords,
            codes=codes,
            tokens=tokens,
            outbox=outbox,
            notices=notices,
        )
        return cls(
            settings=settings,
            now=now,
            database=database,
            keys=keys,
            seal=seal,
            mac=mac,
            server_key=ServerKey(keys, seal),
            passwords=passwords,
            outbox=outbox,
            one_time_codes=codes,
            soft_tokens=tokens,
            notices=notices,
            web=web,
            chores=Chores(database, outbox, now, web.reminders.remind, web.sessions.end_outlived),
        )

    def open(self) -> None:
        """Open the database, and take the signing key that it knows.

        Raises `UnusableDatabaseError`.
        """
        kept = self.database.open(*self.keys.ids())
        self.server_key.find(kept.key_id, kept.sealed_signing_key)


def broker_of(request: Request) -> Broker:
    """Give the server that a request came to (a FastAPI dependency)."""
    broker = request.state.broker
    assert isinstance(broker, Broker)
    return broker
