"""A browser for the pages: it keeps cookies and sends forms as Chromium does, without a window."""

import asyncio
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
import pytest
from argon2 import PasswordHasher

from auth_server.soft_token import BindingAnswer
from auth_server.totp import code_of, step_at

if TYPE_CHECKING:
    from tests.auth_server.conftest import World

ACCOUNT = "9999-9990"
PASSWORD = "Tseung7Kwan"
SEED = bytes(range(32))
FROM_OUR_PAGE = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}


@dataclass
class Browser:
    """One browser: what it was last answered is `page`."""

    world: "World"
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    page: httpx.Response = field(default_factory=lambda: httpx.Response(204))

    def get(self, path: str, *, method: str = "GET", **headers: str) -> httpx.Response:
        """Ask for a page; redirects are not followed."""
        return self.send(method, path, headers=headers)

    def post(self, path: str, fields: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        """Send a form of a page of ours, unless `headers` say that it is another's."""
        return self.send("POST", path, data=fields or {}, headers=headers or FROM_OUR_PAGE)

    def follow(self) -> httpx.Response:
        """Go where the last answer leads."""
        assert self.page.status_code == 303, self.page.text
        return self.get(self.page.headers["location"])

    @property
    def errors(self) -> list[str]:
        """What the page says beside its fields."""
        return re.findall(r'<li class="wrong">(.*?)</li>', self.page.text)

    @property
    def heading(self) -> str:
        return re.findall(r"<h1>(.*?)</h1>", self.page.text, re.DOTALL)[0]

    def log_in_with_password(
        self, account: str = ACCOUNT, password: str = PASSWORD, service: str = ""
    ) -> httpx.Response:
        """The first step of the login."""
        return self.post("/cas/login", {"username": account, "password": password, "service": service})

    def choose(self, channel: str) -> httpx.Response:
        """The second step."""
        return self.post("/cas/login/channel", {"channel": channel})

    def give_code(self, code: str) -> httpx.Response:
        """The third step."""
        return self.post("/cas/login/code", {"code": code})

    def log_in(self, account: str = ACCOUNT, password: str = PASSWORD, service: str = "") -> httpx.Response:
        """The whole login, with a code by text message."""
        assert self.log_in_with_password(account, password, service).status_code == 303
        assert self.choose("sms").status_code == 303
        code = re.findall("[0-9]{6}", self.world.texts()[-1].text)[0]
        return self.give_code(code)

    def is_logged_in(self) -> bool:
        """Ask for the customer's page: the one thing that only a session opens."""
        return self.get("/iweb").status_code == 200

    def send(self, method: str, path: str, **arguments: object) -> httpx.Response:
        """Send any request at all."""

        async def send() -> httpx.Response:
            async with self.world.client(cookies=self.cookies) as client:
                answer = await client.request(method, path, **arguments)
                self.cookies = httpx.Cookies(client.cookies)
                return answer

        self.page = asyncio.run(send())
        return self.page


@pytest.fixture
def world(world: "World", monkeypatch: pytest.MonkeyPatch) -> "World":
    """The world of the room with passwords that are hashed in one millisecond instead of two hundred.

    What a hash costs, and that it is always paid, is proved where the passwords are.
    """
    passwords = world.broker.passwords
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", cheap)
    monkeypatch.setattr(passwords, "_no_hash", cheap.hash("of nobody"))
    monkeypatch.setattr(sys.modules[type(world).__module__], "_HASHES", {})
    return world


@pytest.fixture
def new_browser(world: "World") -> Callable[[], Browser]:
    """Open another browser."""
    return lambda: Browser(world)


@pytest.fixture
def browser(world: "World", new_browser: Callable[[], Browser]) -> Browser:
    """A browser, and the customer 9999-9990 who uses it."""
    world.customer()
    return new_browser()


@pytest.fixture
def reset_link(world: "World") -> Callable[..., str]:
    """Have the back office start a reset; gives the mailed link without its origin: `reset_link("9999-9990")`."""

    def send(account: str = ACCOUNT) -> str:
        assert world.back_office("POST", f"/customers/{account}/password-reset").status_code == 202
        link = re.findall(r"http\S+/iweb/password-reset\?token=\S+", world.mails()[-1].text)[0]
        return link.removeprefix("http://localhost:8000")

    return send


@pytest.fixture
def token_code(world: "World") -> Callable[[], str]:
    """Read the code of a soft token; the first call binds it to 9999-9990 and moves the clock past its first code."""
    answer = BindingAnswer(
        request_hash=bytes(32),
        server_ephemeral_key=bytes(65),
        server_confirmation=bytes(32),
        phone_confirmation_hash=bytes(32),
    )

    def code() -> str:
        return code_of(SEED, step_at(world.clock.at))

    def bind_first() -> str:
        if not bound:
            tokens = world.broker.soft_tokens
            with world.broker.database.writing() as tx:
                tokens.add_pending(
                    tx,
                    token_id="token-of-a-test",
                    account=ACCOUNT,
                    device_key=bytes(65),
                    device_name="A phone",
                    seed=SEED,
                    answer=answer,
                )
                tokens.activate(tx, token_id="token-of-a-test", account=ACCOUNT, confirmed=True, text=code())
            world.clock.advance(60)
            bound.append(True)
        return code()

    bound: list[bool] = []
    return bind_first
