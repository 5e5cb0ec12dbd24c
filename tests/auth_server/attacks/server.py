"""A server to be attacked from outside: requests go in by HTTP, mails and texts come out by SMTP and HTTP.

It is the room's `World` with its doors open: the application lives in a loop of its own, beside the fake gateways.
"""

import asyncio
import base64
import re
import tempfile
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from auth_server import accounts
from auth_server.accounts import Account
from auth_server.app import create_app
from fake_gateways.gateways import Gateways
from fake_gateways.mail import Mail
from fake_gateways.sms import Text
from tests.auth_server.attacks.ground import (
    PATIENCE_SECONDS,
    Answer,
    CountingHasher,
    cheap_hash,
    ground,
    hash_of_nobody,
    living,
)
from tests.auth_server.attacks.people import MALLORY, VICTIM, Person
from tests.auth_server.conftest import BACK_OFFICE_KEY, ORIGIN, Clock, Phone, World
from tests.auth_server.web.conftest import FROM_OUR_PAGE
from tests.auth_server.web.conftest import Browser as OneBrowser

SERVICE = "https://orders.anue.example/app"

_CODE = re.compile("(?:驗證碼是 |驗證碼：)([0-9]{6})")


class Browser(OneBrowser):
    """A browser that gets through to a `Server`."""

    world: "Server"

    def send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Send any request at all."""

        async def send() -> httpx.Response:
            async with self.world.client(cookies=self.cookies) as client:
                answer = await client.request(method, path, **arguments)
                self.cookies = httpx.Cookies(client.cookies)
                return answer

        self.page = self.world.run(send())
        return self.page

    async def sending_form(self, path: str, fields: dict[str, str]) -> httpx.Response:
        """Send a form of a page of ours together with others; its cookies stay in the answer."""
        async with self.world.client(cookies=self.cookies) as client:
            return await client.post(path, data=fields, headers=FROM_OUR_PAGE)

    def begin(self, person: Person = VICTIM) -> None:
        """Give account and password, which are right."""
        answer = self.log_in_with_password(person.account, person.password)
        assert (answer.status_code, answer.headers["location"]) == (303, "/cas/login/channel")

    def ask(self, channel: str) -> str:
        """Choose a channel; the code that came by it, none for the token's."""
        self.world.forget_messages()
        answer = self.choose(channel)
        assert (answer.status_code, answer.headers["location"]) == (303, "/cas/login/code")
        return "" if channel == "token" else self.world.code()

    def up_to_the_code(self, person: Person = VICTIM, channel: str = "sms") -> str:
        """Go as far as the code page; the code that came."""
        self.begin(person)
        return self.ask(channel)

    def gets_in(self, code: str, person: Person = VICTIM) -> bool:
        """Type a code, and see whether it opened the customer's page."""
        self.give_code(code)
        return self.is_in(person)

    def is_in(self, person: Person = VICTIM) -> bool:
        """Ask for the customer's page: the one thing that only a session opens."""
        page = self.get("/iweb")
        return page.status_code == 200 and person.account in page.text

    def enter(self, person: Person = VICTIM) -> None:
        """Log in with a code by text message."""
        assert self.gets_in(self.up_to_the_code(person), person)

    def cookie(self, name: str) -> str:
        """A cookie that the browser has, empty if there is none."""
        return next((cookie.value or "" for cookie in self.cookies.jar if cookie.name == name), "")

    def plant(self, name: str, value: str) -> None:
        """Have the browser bring a cookie that it did not get from the server."""
        self.cookies.set(name, value, domain="localhost.local")  # as a jar writes a host without a dot


@dataclass
class Server(World):
    """A server, the clock that it sees, and what its customers got."""

    gateways: Gateways = field(kw_only=True)
    hashes: CountingHasher = field(kw_only=True)
    answers: Any = None
    """An ASGI application that answers in the server's stead, or a transport that does not."""

    def __post_init__(self) -> None:
        self._after = self.gateways.inbox.bookmark

    def run(self, what: Coroutine[Any, Any, Answer]) -> Answer:
        """Do something in the server's loop."""
        return self.start(what).result()

    def start(self, what: Coroutine[Any, Any, Answer]) -> Future[Answer]:
        """Begin something in the server's loop, and go on meanwhile."""
        return asyncio.run_coroutine_threadsafe(what, ground().loop)

    def at_once(self, *requests: Coroutine[Any, Any, httpx.Response]) -> list[httpx.Response]:
        """Send requests together."""

        async def together() -> list[httpx.Response]:
            return await asyncio.gather(*requests)

        return self.run(together())

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Send one request and wait for the answer."""
        return self.run(self.sending(method, path, **arguments))

    async def sending(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Send one request, perhaps together with others."""
        async with self.client() as client:
            return await client.request(method, path, **arguments)

    def client(self, **arguments: Any) -> httpx.AsyncClient:
        """A client whose requests go straight into the server."""
        transport = self.answers or self.app
        if not isinstance(transport, httpx.AsyncBaseTransport):
            transport = httpx.ASGITransport(transport, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url=ORIGIN, trust_env=False, **arguments)

    def browser(self) -> Browser:
        """Open another browser."""
        return Browser(self)

    def phone(self, person: Person = VICTIM) -> Phone:
        """Take another phone in hand."""
        return Phone(self, account=person.account)

    def bound_phone(self, person: Person = VICTIM) -> Phone:
        """A phone with a token that works and has not given a code lately."""
        phone = self.phone(person)
        phone.be_bound()
        self.clock.advance(90)
        return phone

    @contextmanager
    def another(self, **settings: str) -> Iterator["Server"]:
        """Have another server beside this one, alike but for some settings, such as ``smtp="127.0.0.1:25"``."""
        changed = {f"AUTH_SERVER_{name.upper()}": value for name, value in settings.items()}
        bugs = self.settings["AUTH_SERVER_PLANTED_BUGS"]
        with opened(bugs, settings=changed, answers=self.answers) as other:
            yield other

    def people(self, *people: Person) -> None:
        """Have these customers."""
        for person in people:
            account = Account(
                account=person.account,
                name=person.name,
                email=person.email,
                phone=person.phone,
                language="zh-Hant",
                password_hash=cheap_hash(self.broker.passwords, person.password),
                password_changed_at=self.clock.at,
            )
            with self.broker.database.writing() as tx:
                assert accounts.create(tx, account, at=self.clock.at)

    def mails(self) -> list[Mail]:
        """The mails since the last call."""
        return [message for message in self._arrived() if isinstance(message, Mail)]

    def texts(self) -> list[Text]:
        """The texts since the last call."""
        return [message for message in self._arrived() if isinstance(message, Text)]

    def messages(self) -> list[Mail | Text]:
        """Mails and texts since the last call of any of the three."""
        return self._arrived()

    def forget_messages(self) -> None:
        """Look only at what comes from now on."""
        self._arrived()

    def codes(self) -> list[str]:
        """The one-time codes that came since messages were last looked at."""
        return [found[1] for message in self.messages() if (found := _CODE.search(message.text))]

    def code(self) -> str:
        """The one code that came."""
        [code] = self.codes()
        return code

    def link(self, person: Person = VICTIM) -> str:
        """Have the back office send a reset link; the link as it came."""
        self.forget_messages()
        assert self.back_office("POST", f"/customers/{person.account}/password-reset").status_code == 202
        [mail] = self.mails()
        return link_in(mail)

    def trail(self, **query: str) -> list[dict[str, Any]]:
        """The audit trail as the back office shows it."""
        return self.back_office("GET", "/audit", params={"limit": "1000", **query}).json()["rows"]

    def _arrived(self) -> list[Mail | Text]:
        self._settle()
        found = self.gateways.inbox.messages(self._after)
        self._after = max(self._after, self.gateways.inbox.bookmark)
        return list(found)

    def _settle(self) -> None:
        """Wait until whatever waits in the outbox has arrived."""
        with self.broker.database.reading() as tx:
            queued = [*self.broker.outbox.waiting(tx, "mail"), *self.broker.outbox.waiting(tx, "sms")]
        for wanted in queued:
            self.run(
                self.gateways.inbox.wait_for(
                    lambda message, wanted=wanted.message_id: _id_of(message) == wanted,
                    patience_seconds=PATIENCE_SECONDS,
                    wanted=f"{wanted.kind} {wanted.message_id}",
                )
            )


@contextmanager
def opened(*bugs: str, settings: Mapping[str, str] | None = None, answers: object = None) -> Iterator[Server]:
    """Have a server with these bugs and two customers; `answers` stands in for one that is broken."""
    gateways, clock = ground().gateways, ground().clock
    variables = {
        "AUTH_SERVER_ORIGIN": ORIGIN,
        "AUTH_SERVER_MASTER_KEY": base64.urlsafe_b64encode(bytes(range(32))).decode(),
        "AUTH_SERVER_BACK_OFFICE_KEY": BACK_OFFICE_KEY,
        "AUTH_SERVER_SMTP": f"{gateways.smtp_host}:{gateways.smtp_port}",
        "AUTH_SERVER_SMS_URL": gateways.sms_url,
        "AUTH_SERVER_SERVICES": SERVICE,
        "AUTH_SERVER_TEST_WORLD": "true",
        "AUTH_SERVER_PLANTED_BUGS": ",".join(bugs),
        **(settings or {}),
    }
    clock.at = Clock().at
    with tempfile.TemporaryDirectory(dir=ground().folder) as folder:
        variables["AUTH_SERVER_DATABASE_URL"] = f"sqlite:///{folder}/auth_server.db"
        app = create_app(variables, clock.now)
        hashes = CountingHasher()
        passwords = app.broker.passwords
        passwords._hasher = hashes
        passwords._no_hash = hash_of_nobody()
        server = Server(app, clock, variables, gateways=gateways, hashes=hashes, answers=answers)
        with living(app):
            server.people(VICTIM, MALLORY)
            yield server


def link_in(mail: Mail) -> str:
    """The reset link of a mail, as it stands there."""
    return re.findall(r"https?://\S+/iweb/password-reset\?token=[A-Za-z0-9_-]+", mail.text)[0]


def path_of(link: str) -> str:
    """A link without its origin."""
    return "/" + link.split("/", 3)[3]


def _id_of(message: Mail | Text) -> str:
    return message.message_id if isinstance(message, Mail) else message.provider_id
