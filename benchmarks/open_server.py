"""The auth server as benchmarks have it: in this process, reached by HTTP, with gateways and a clock in hand."""

import base64
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx

from auth_server import accounts
from auth_server.accounts import Account
from auth_server.app import AuthServer, create_app
from fake_gateways.gateways import Gateways, open_gateways
from harness.world.serving import listen, serving

PASSWORD: Final = "Tseung7Kwan"  # noqa: S105 - of customers that are made for a minute

_PATIENCE_SECONDS: Final = 60.0
# What browsers say with a form of the page itself.
_FROM_THE_PAGE: Final = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}


@dataclass
class Clock:
    """The server's time, in unix seconds."""

    at: float = 1_800_000_000.0

    def now(self) -> float:
        """Tell it."""
        return self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenServer:
    """One server and all that it is connected to."""

    app: AuthServer
    clock: Clock
    gateways: Gateways
    origin: str

    def browser(self) -> httpx.AsyncClient:
        """Open a browser."""
        return httpx.AsyncClient(base_url=self.origin, headers=_FROM_THE_PAGE, timeout=_PATIENCE_SECONDS)

    def add_customers(self, numbers: range) -> list[str]:
        """Create customers, all with the same password and each with a phone of their own; their account numbers."""
        password_hash = self.app.broker.passwords.hash_password(PASSWORD)
        created: list[str] = []
        with self.app.broker.database.writing() as tx:
            for number in numbers:
                account = Account(
                    account=f"1000-{number:04d}",
                    name="Chan Tai Man",
                    email=f"chan-{number}@example.com",
                    phone=phone_of(number),
                    language="en",
                    password_hash=password_hash,
                    password_changed_at=self.clock.at,
                )
                accounts.create(tx, account, at=self.clock.at)
                created.append(account.account)
        return created


def phone_of(number: int) -> str:
    """The phone number of the customer with this number."""
    return f"+852 5{number:03d} 0000"


@asynccontextmanager
async def open_server(*, smtp: str | None = None) -> AsyncGenerator[OpenServer]:
    """Have a server; `smtp` is where it hands over its mails, if not to gateways that take them."""
    clock = Clock()
    listener = listen()
    origin = f"http://localhost:{listener.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as folder:
        async with open_gateways(now=clock.now) as gateways:
            app = create_app(
                {
                    "AUTH_SERVER_ORIGIN": origin,
                    "AUTH_SERVER_DATABASE_URL": f"sqlite:///{folder}/auth_server.db",
                    "AUTH_SERVER_MASTER_KEY": base64.urlsafe_b64encode(bytes(32)).decode(),
                    "AUTH_SERVER_BACK_OFFICE_KEY": "back-office-key-of-a-benchmark",
                    "AUTH_SERVER_SMTP": smtp or f"{gateways.smtp_host}:{gateways.smtp_port}",
                    "AUTH_SERVER_SMS_URL": gateways.sms_url,
                    "AUTH_SERVER_TEST_WORLD": "true",
                },
                clock.now,
            )
            async with serving(app, listener, real_now=clock.now):
                yield OpenServer(app=app, clock=clock, gateways=gateways, origin=origin)
