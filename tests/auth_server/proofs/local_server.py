"""A server for one thread: requests run in a loop of its own; mails and texts stay in the outbox, to be read there."""

import asyncio
import base64
import re
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx

from auth_server import accounts
from auth_server.app import create_app
from auth_server.outbox import Mail, Text
from auth_server.passwords import Passwords
from tests.auth_server.attacks.ground import cheap_hash
from tests.auth_server.attacks.people import MALLORY, VICTIM, Person
from tests.auth_server.attacks.server import SERVICE, Browser
from tests.auth_server.conftest import BACK_OFFICE_KEY, ORIGIN, Clock, Phone, World
from tests.auth_server.proofs.racing import make_hashes_cheap

Answer = TypeVar("Answer")


class LocalServer(World):
    """A world whose requests all run in one loop."""

    loop: asyncio.AbstractEventLoop

    def run(self, what: Coroutine[Any, Any, Answer]) -> Answer:
        """Do something in the server's loop."""
        return self.loop.run_until_complete(what)

    def request(self, method: str, path: str, **arguments: object) -> httpx.Response:
        """Send one request and wait for the answer."""

        async def send() -> httpx.Response:
            async with self.client() as client:
                return await client.request(method, path, **arguments)

        return self.run(send())

    def browser(self) -> Browser:
        """Open another browser."""
        return Browser(self)

    def phone(self, person: Person = VICTIM) -> Phone:
        """Take another phone in hand."""
        return Phone(self, account=person.account)

    def messages(self) -> tuple[list[Mail], list[Text]]:
        """The mails and the texts since the last call."""
        return self.mails(), self.texts()


@contextmanager
def local_server(*bugs: str, cheap_hashes: bool = True) -> Iterator[LocalServer]:
    """Have a server with these bugs and two customers; hashes cost as little as they can unless that is the point."""
    folder = Path(tempfile.mkdtemp(prefix="local-server-"))
    variables = {
        "AUTH_SERVER_ORIGIN": ORIGIN,
        "AUTH_SERVER_DATABASE_URL": f"sqlite:///{folder}/auth_server.db",
        "AUTH_SERVER_MASTER_KEY": base64.urlsafe_b64encode(bytes(range(32))).decode(),
        "AUTH_SERVER_BACK_OFFICE_KEY": BACK_OFFICE_KEY,
        "AUTH_SERVER_SMTP": "localhost:1025",
        "AUTH_SERVER_SMS_URL": "http://localhost:8025/sms",
        "AUTH_SERVER_SERVICES": SERVICE,
        "AUTH_SERVER_TEST_WORLD": "true",
        "AUTH_SERVER_PLANTED_BUGS": ",".join(bugs),
    }
    clock = Clock()
    server = LocalServer(create_app(variables, clock.now), clock, variables)
    if cheap_hashes:
        make_hashes_cheap(server.broker)
    server.broker.open()
    server.loop = asyncio.new_event_loop()
    hash_of = cheap_hash if cheap_hashes else Passwords.hash_password
    try:
        for person in (VICTIM, MALLORY):
            server.customer(person.account, password=None, name=person.name, email=person.email, phone=person.phone)
            with server.broker.database.writing() as tx:
                password_hash = hash_of(server.broker.passwords, person.password)
                accounts.set_password(tx, person.account, password_hash, at=clock.at)
        yield server
    finally:
        server.loop.run_until_complete(server.loop.shutdown_default_executor())
        server.loop.close()
        server.broker.database.close()
        shutil.rmtree(folder)


def code_in(text: str) -> str:
    """The one-time code in a message; empty if it has none."""
    found = re.search("(?:驗證碼是 |驗證碼：)([0-9]{6})", text)
    return found[1] if found else ""
