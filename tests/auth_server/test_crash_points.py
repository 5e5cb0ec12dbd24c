"""A server that is killed before or after any commit of a customer's journey, and started again (F10).

The customer comes to the end of the journey by trying again, or by the way out that the page or the API names; what was
used stays used, and nothing is sent under two ids.
"""

import asyncio
import email
import email.policy
import json
import os
import re
import shutil
import signal
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from auth_server.app import create_app

if TYPE_CHECKING:
    from conftest import Clock, Phone

ACCOUNT = "9999-9990"
PATIENCE_SECONDS = 30.0
FROM_OUR_PAGE = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
# Made once: a client of its own would read the machine's certificate authorities each time.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
Dies = tuple[str, int, str]


class Lost(Exception):
    """The answer did not come: the server died, and another one has been started."""


@dataclass
class Gateways:
    """What came out of all servers, in the order in which it came, by the address or number that it went to."""

    mails: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    texts: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    smtp: str = ""
    sms_url: str = ""

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        plain = message.get_body(("plain",))
        self.mails[envelope.rcpt_tos[0]].append((message["Message-ID"], plain.get_content()))
        return "250 OK"

    async def take_text(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            said = json.loads(await reader.readexactly(int(re.findall(r"content-length: ([0-9]+)", head)[0])))
            self.texts[said["to"]].append((said["id"], said["text"]))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
        writer.close()

    async def serve(self, ready: threading.Event, over: threading.Event) -> None:
        loop = asyncio.get_running_loop()
        smtp = await loop.create_server(lambda: SMTP(self, hostname="sink", loop=loop), "127.0.0.1", 0)
        http = await asyncio.start_server(self.take_text, "127.0.0.1", 0)
        ports = [server.sockets[0].getsockname()[1] for server in (smtp, http)]
        self.smtp, self.sms_url = f"127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}/sms"
        ready.set()
        await asyncio.to_thread(over.wait)
        smtp.close()
        http.close()


@pytest.fixture(scope="module")
def gateways() -> Iterator[Gateways]:
    """An SMTP server and an SMS gateway for all servers of the module."""
    opened, ready, over = Gateways(), threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(opened.serve(ready, over)))
    thread.start()
    ready.wait()
    yield opened
    over.set()
    thread.join()


@dataclass
class Servers:
    """Starts servers that die when they are told to: see mortal_server.py."""

    process: "subprocess.Popen[str]"
    lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, settings: dict[str, str], clock: Path, dies: Dies | None) -> tuple[int, int]:
        """Start one; its process id and its port."""
        with self.lock:
            assert self.process.stdin
            assert self.process.stdout
            self.process.stdin.write(json.dumps({"settings": settings, "clock": str(clock), "dies": dies}) + "\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline())
        return answer["pid"], answer["port"]


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    """The program that starts them."""
    program = [sys.executable, str(Path(__file__).parent / "mortal_server.py")]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Servers(process)
        assert process.stdin
        process.stdin.close()


@dataclass
class Life:
    """One database, and the servers that serve it one after the other; a world for a `Phone`."""

    servers: Servers
    gateways: Gateways
    settings: dict[str, str]
    database: Path
    clock: "Clock"
    mail: str
    number: str
    deaths: int = 0
    _pid: int = 0
    _port: int = 0
    _http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=PATIENCE_SECONDS, verify=NO_TLS))

    @property
    def _clock_file(self) -> Path:
        return self.database.with_suffix(".clock")

    def begin(self, dies: Dies | None) -> None:
        """Start a server that is to die."""
        self.advance(0)
        self._pid, self._port = self.servers.start(self.settings, self._clock_file, dies)

    def kill(self) -> None:
        """Kill the server that serves, and start another."""
        self._end_server()
        self._start_again()

    def end(self) -> None:
        """Kill the server that serves."""
        self._end_server()
        self._http.close()

    def _end_server(self) -> None:
        # The first one is the program that starts the others.
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGINT if self._pid == self.servers.process.pid else signal.SIGKILL)

    def advance(self, seconds: float) -> None:
        """Let time go by."""
        self.clock.advance(seconds)
        new = self._clock_file.with_suffix(".new")
        new.write_text(str(self.clock.at), encoding="ascii")
        new.replace(self._clock_file)

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Ask the server; if it dies of it, start another."""
        try:
            return self._http.request(method, f"http://127.0.0.1:{self._port}{path}", **arguments)
        except httpx.TransportError:
            self._start_again()
            raise Lost from None

    def post(self, path: str, **fields: str) -> httpx.Response:
        """Send a form of a page."""
        return self.request("POST", path, data=fields, headers=FROM_OUR_PAGE)

    def again(self, step: Callable[[], httpx.Response]) -> httpx.Response:
        """Do a step, and once more if its answer was lost."""
        try:
            return step()
        except Lost:
            return step()

    def select(self, query: str) -> list[Any]:
        """Look into the database."""
        with closing(sqlite3.connect(self.database, timeout=PATIENCE_SECONDS)) as connection:
            return connection.execute(query).fetchall()

    def mails(self) -> list[str]:
        """Read all mails so far, in the order in which they were written."""
        return self._arrived(self.gateways.mails[self.mail])

    def texts(self) -> list[str]:
        """Read all text messages so far, in the order in which they were written."""
        return self._arrived(self.gateways.texts[self.number])

    def _arrived(self, came: list[tuple[str, str]]) -> list[str]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.select("SELECT 1 FROM outbox WHERE state = 'waiting'"):
            assert time.monotonic() < deadline, "the outbox does not become empty"
            try:
                os.kill(self._pid, 0)
            except ProcessLookupError:
                self._start_again()
            time.sleep(0.002)  # another process's database tells nobody of its changes
        texts = dict(came)
        written = self.select("SELECT message_id FROM outbox ORDER BY id")
        return [texts[message_id] for (message_id,) in written if message_id in texts]

    def _start_again(self) -> None:
        self.deaths += 1
        self._pid, self._port = self.servers.start(self.settings, self._clock_file, None)


def newest(pattern: str, texts: list[str]) -> str:
    found = re.findall(pattern, "\n".join(texts))
    assert found, texts
    return found[-1]


class Journey:
    """A customer who resets the password, sets up the token and logs in on the web, whatever happens."""

    LINK = r"password-reset\?token=([A-Za-z0-9_-]{43})"
    REGISTRATION = r"註冊編碼：([A-Z2-7-]{23})"

    def __init__(self, life: Life, phone: "Phone") -> None:
        self.life = life
        self.phone = phone
        phone.world = life
        self.password = "Tseung7Kwan"

    def play(self) -> None:
        self.reset_the_password()
        self.log_in_on_the_phone()
        self.set_up_the_token()
        self.log_in_on_the_phone()
        assert self.state == "logged-in"
        self.life.advance(30)
        self.log_in_on_the_web()

    def reset_the_password(self) -> None:
        life = self.life
        key = {"Authorization": f"Bearer {life.settings['AUTH_SERVER_BACK_OFFICE_KEY']}"}
        path = f"/back-office/api/customers/{ACCOUNT}/password-reset"
        assert life.again(lambda: life.request("POST", path, headers=key)).status_code == 202
        self.link = newest(self.LINK, life.mails())
        opened = life.again(lambda: life.request("GET", f"/iweb/password-reset?token={self.link}"))
        assert opened.status_code == 303, opened.text
        lost = life.deaths
        changed = life.again(self._set_password)
        # If its answer was lost the link may have been used: then the new password is the one that counts.
        assert changed.status_code == 200 or lost < life.deaths, changed.text

    def _set_password(self) -> httpx.Response:
        return self.life.post("/iweb/password-reset", new_password=self.password, new_password_again=self.password)

    def log_in_on_the_phone(self) -> None:
        answer = self.life.again(lambda: self.phone.log_in(self.password))
        assert answer.status_code == 201, answer.text
        self.state = answer.json()["state"]

    def set_up_the_token(self) -> None:
        phone, life = self.phone, self.life
        lost = life.deaths
        asked = life.again(lambda: phone.call("POST", "/enrolment", {"consent": True}))
        # Asked again within a minute: the text message of the first time is under way.
        assert asked.status_code == 202 or (asked.status_code == 429 and lost < life.deaths), asked.text
        self.sms_code = newest(r"驗證碼是 ([0-9]{6})", life.texts())
        proved = life.again(lambda: phone.call("POST", "/enrolment/sms-code", {"code": self.sms_code}))
        if proved.status_code != 200:
            assert lost < life.deaths
            assert life.again(lambda: phone.call("GET", "/enrolment")).json()["step"] == "registration"
        sent = life.again(lambda: phone.call("POST", "/enrolment/registration"))
        assert sent.status_code == 202, sent.text
        self.registration = newest(self.REGISTRATION, life.mails()).replace("-", "")
        bound = life.again(lambda: phone.bind(self.registration))
        assert bound.status_code == 200, bound.text
        active = life.again(phone.activate)
        assert active.status_code == 200, active.text

    def log_in_on_the_web(self) -> None:
        lost = self.life.deaths
        with suppress(Lost):
            self._log_in_on_the_web()
        if self._home().status_code != 200:
            # The code may have been used by a login whose answer was lost: the way out is another login.
            assert lost < self.life.deaths
            self.life.advance(30)
            self._log_in_on_the_web()
            assert self._home().status_code == 200

    def _home(self) -> httpx.Response:
        return self.life.again(lambda: self.life.request("GET", "/iweb"))

    def _log_in_on_the_web(self) -> None:
        life = self.life
        life.post("/cas/login", username=ACCOUNT, password=self.password)
        life.post("/cas/login/channel", channel="token")
        self.token_code = self.phone.code()
        life.post("/cas/login/code", code=self.token_code)

    def check(self) -> None:
        """Nothing that was used can be used again, and what was sent was sent under one id."""
        life, phone = self.life, self.phone
        assert life.select("SELECT count(*) FROM soft_tokens WHERE state = 'active'") == [(1,)]
        assert life.select("SELECT count(*) FROM reset_links WHERE state = 'open'") == [(0,)]
        links = re.findall(self.LINK, "\n".join(life.mails()))
        assert self.link in links
        for link in links:
            life.request("GET", f"/iweb/password-reset?token={link}")
            assert self._set_password().status_code != 200
        assert phone.call("POST", "/enrolment/sms-code", {"code": self.sms_code}).status_code == 409
        assert phone.call("POST", "/enrolment/binding", phone.binding_body(self.registration)).status_code == 409
        life.post("/cas/login", username=ACCOUNT, password=self.password)
        life.post("/cas/login/channel", channel="token")
        assert life.post("/cas/login/code", code=self.token_code).status_code == 403
        life.mails()
        assert life.select("SELECT DISTINCT state FROM outbox") == [("sent",)]
        came = [*life.gateways.mails[life.mail], *life.gateways.texts[life.number]]
        ids = [message_id for (message_id,) in life.select("SELECT message_id FROM outbox")]
        assert sorted({message_id for message_id, _ in came}) == sorted(ids)  # no message is missing, none is a ghost
        secrets = defaultdict(set)
        for message_id, text in came:
            for secret in re.findall(f"{self.LINK}|{self.REGISTRATION}|驗證碼是 ([0-9]{{6}})", text):
                secrets[secret].add(message_id)
        assert all(len(ids) == 1 for ids in secrets.values())


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    """Numbers for customers: what comes to one of them is nobody else's."""
    return count(1)


@pytest.fixture
def live(
    tmp_path: Path,
    settings: dict[str, str],
    servers: Servers,
    gateways: Gateways,
    numbers: Iterator[int],
    new_phone: "Callable[..., Phone]",
    world: Any,
) -> Callable[[Dies | None], int]:
    """Play the whole journey with a server that dies once; how often it did."""
    template = tmp_path / "template.db"
    app = create_app({**settings, "AUTH_SERVER_DATABASE_URL": f"sqlite:///{template}"}, world.clock.now)
    app.broker.open()
    world.app, kept = app, world.app
    world.customer(ACCOUNT, password=None)
    world.app = kept
    app.broker.database.close()

    def play(dies: Dies | None) -> int:
        name = "-".join(map(str, dies)) if dies else "never"
        database = tmp_path / f"{name}.db"
        shutil.copy(template, database)
        number = next(numbers)
        mail, phone_number = f"customer{number}@example.com", f"+852 {number:08d}"
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("UPDATE accounts SET email = ?, phone = ?", (mail, phone_number))
            connection.commit()
        own = {
            **settings,
            "AUTH_SERVER_DATABASE_URL": f"sqlite:///{database}",
            "AUTH_SERVER_SMTP": gateways.smtp,
            "AUTH_SERVER_SMS_URL": gateways.sms_url,
        }
        clock = type(world.clock)(world.clock.at)
        life = Life(servers, gateways, own, database, clock, mail, phone_number)
        journey = Journey(life, new_phone())
        life.begin(dies)
        try:
            journey.play()
            deaths = life.deaths
            life.kill()  # one more time, after the last step
            journey.check()
        finally:
            life.end()
        return deaths

    return play


@pytest.mark.parametrize("who", ["request", "delivery"])
def test_a_server_that_dies_at_any_commit_of_a_journey_loses_nothing_and_gives_nothing_twice(
    live: Callable[[Dies | None], int], who: str
) -> None:
    assert live(None) == 0
    least = {"request": 20, "delivery": 12}[who]  # fewer would mean that the commits are not seen
    played = 0
    with ThreadPoolExecutor(2) as both:
        while True:
            batch = [(who, number, when) for number in range(played + 1, played + 3) for when in ("before", "after")]
            if not all(both.map(live, batch)):
                break  # there are not so many
            played += 2
    assert played >= least
