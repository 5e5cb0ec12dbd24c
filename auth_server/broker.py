"""All that one running server is made of, handed to each request."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from fastapi import Request

from auth_server.database import Database
from auth_server.encoding import to_base64url
from auth_server.notices import Notices
from auth_server.one_time_codes import OneTimeCodes
from auth_server.outbox import Outbox
from auth_server.passwords import Passwords
from auth_server.sealing import Mac, MasterKey, Seal
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
    key_id: str
    seal: Seal
    mac: Mac
    server_key: ServerKey
    passwords: Passwords
    outbox: Outbox
    one_time_codes: OneTimeCodes
    soft_tokens: SoftTokens
    notices: Notices
    web: Web

    @classmethod
    def of(cls, settings: Settings, now: Callable[[], float]) -> Self:
        """Put a server together. Nothing is opened yet."""
        master_key = MasterKey(settings.master_key.get_secret_value())
        seal = Seal(master_key.derive("seal"))
        mac = Mac(master_key.derive("codes"))
        outbox = Outbox(seal, urlsplit(settings.origin).hostname or "localhost")
        passwords = Passwords(master_key.derive("password pepper"))
        codes = OneTimeCodes(settings, mac, now)
        tokens = SoftTokens(settings, seal, now)
        notices = Notices(settings, outbox, now)
        return cls(
            settings=settings,
            now=now,
            database=Database(settings.database_url, durable=not settings.test_world),
            key_id=to_base64url(master_key.derive("key id", 16)),
            seal=seal,
            mac=mac,
            server_key=ServerKey(master_key),
            passwords=passwords,
            outbox=outbox,
            one_time_codes=codes,
            soft_tokens=tokens,
            notices=notices,
            web=Web.of(
                settings,
                now,
                mac=mac,
                passwords=passwords,
                codes=codes,
                tokens=tokens,
                outbox=outbox,
                notices=notices,
            ),
        )


def broker_of(request: Request) -> Broker:
    """Give the server that a request came to (a FastAPI dependency)."""
    broker = request.state.broker
    assert isinstance(broker, Broker)
    return broker
