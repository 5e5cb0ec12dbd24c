"""A staff member at a browser of the back office."""

import asyncio
import base64
import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
import pyotp
import pytest
from argon2 import PasswordHasher

from auth_server.back_office import staff

if TYPE_CHECKING:
    from tests.auth_server.conftest import World

NAME = "wong"
STAFF_PASSWORD = "correct horse battery"
FROM_OUR_PAGE = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}


@dataclass
class StaffBrowser:
    """One browser: what it was last answered is `page`."""

    world: "World"
    seed: bytes
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)
    page: httpx.Response = field(default_factory=lambda: httpx.Response(204))

    def get(self, path: str, *, method: str = "GET", **headers: str) -> httpx.Response:
        """Ask for a page below ``/back-office``; redirects are not followed."""
        return self.send(method, path, headers=headers)

    def post(self, path: str, fields: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        """Send a form of a page of ours, unless `headers` say that it is another's."""
        return self.send("POST", path, data=fields or {}, headers=headers or FROM_OUR_PAGE)

    def follow(self) -> httpx.Response:
        """Go where the last answer leads."""
        assert self.page.status_code == 303, self.page.text
        return self.get(self.page.headers["location"].removeprefix("/back-office"))

    def code(self, *, steps: int = 0) -> str:
        """What the authenticator app shows, some steps from now."""
        return pyotp.TOTP(base64.b32encode(self.seed).decode()).at(int(self.world.clock.at) + 30 * steps)

    def log_in(self, *, name: str = NAME, password: str = STAFF_PASSWORD, code: str | None = None) -> httpx.Response:
        """Send the login form."""
        typed = {"name": name, "password": password, "code": self.code() if code is None else code}
        return self.post("/login", typed)

    def is_logged_in(self) -> bool:
        """Ask for a page that only a session opens."""
        return self.get("/customers").status_code == 200

    @property
    def text(self) -> str:
        """What the page says, without its tags."""
        return html.unescape(re.sub(r"<[^>]+>|\s+", " ", self.page.text))

    @property
    def errors(self) -> list[str]:
        """What the page says beside its fields."""
        return re.findall(r'<li class="wrong">(.*?)</li>', self.page.text)

    def send(self, method: str, path: str, **arguments: object) -> httpx.Response:
        """Send any request at all."""

        async def send() -> httpx.Response:
            async with self.world.client(cookies=self.cookies) as client:
                answer = await client.request(method, f"/back-office{path}", **arguments)
                self.cookies = httpx.Cookies(client.cookies)
                return answer

        self.page = asyncio.run(send())
        return self.page


@pytest.fixture
def cheap_hashes(world: "World", monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords that are hashed in one millisecond: what a hash costs is proved where the passwords are."""
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(world.broker.passwords, "_hasher", cheap)
    monkeypatch.setattr(world.broker.passwords, "_no_hash", cheap.hash("of nobody"))


@pytest.fixture
def stranger(world: "World", cheap_hashes: None) -> StaffBrowser:
    """A browser nobody has logged in with, and the staff member whose it is."""
    broker = world.broker
    with broker.database.writing() as tx:
        seed = staff.add(broker, tx, NAME, broker.passwords.hash_password(STAFF_PASSWORD))
    assert seed
    return StaffBrowser(world, seed)


@pytest.fixture
def office(stranger: StaffBrowser) -> StaffBrowser:
    """The same, logged in."""
    assert stranger.log_in().status_code == 303
    return stranger


@pytest.fixture
def new_office(stranger: StaffBrowser) -> Callable[[], StaffBrowser]:
    """Open another browser of the same staff member."""
    return lambda: StaffBrowser(stranger.world, stranger.seed)
