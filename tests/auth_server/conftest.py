"""One auth server for a test: its own database and a clock that stands still until the test moves it."""

import asyncio
import base64
import hashlib
import hmac
import os
import re
import secrets
import shutil
import socket
import struct
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import httpx
import psycopg
import pyotp
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth_server import accounts, audit, phone_sessions
from auth_server.accounts import Account
from auth_server.app import AuthServer, create_app
from auth_server.audit import AuditRow
from auth_server.broker import Broker
from auth_server.database import Database
from auth_server.one_time_codes import Outcome
from auth_server.outbox import Mail, Text
from auth_server.phone_api.answers import RefusalShown
from auth_server.phone_api.operations import OPERATIONS
from auth_server.phone_sessions import SessionState
from auth_server.refusals import STATUS
from auth_server.soft_token import BindingAnswer
from auth_server.tables import metadata

ORIGIN = "http://localhost:8000"
PASSWORD = "Tseung7Kwan"
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # SP 800-186, 3.2.1.3
BACK_OFFICE_KEY = "back-office-key-of-a-test"


@dataclass
class Clock:
    """The time of a test world, in unix seconds."""

    at: float = 1_800_000_000.0

    def now(self) -> float:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += seconds


@dataclass
class World:
    """One server without a network: requests go straight in, mails and texts stay in the outbox."""

    app: AuthServer
    clock: Clock
    settings: Mapping[str, str]
    _read: set[int] = field(default_factory=set)

    @property
    def broker(self) -> Broker:
        return self.app.broker

    def customer(
        self,
        account: str = "9999-9990",
        *,
        password: str | None = PASSWORD,
        language: str = "zh-Hant",
        name: str = "陳大文",
        email: str = "chan@example.com",
        phone: str = "+852 5555 0101",
    ) -> Account:
        """Create a customer."""
        customer = Account(
            account=account,
            name=name,
            email=email,
            phone=phone,
            language=language,
            password_hash=None if password is None else _hash(self.broker, password),
            password_changed_at=None if password is None else self.clock.at,
        )
        with self.broker.database.writing() as tx:
            assert accounts.create(tx, customer, at=self.clock.at)
        return customer

    def request(self, method: str, path: str, **arguments: object) -> httpx.Response:
        """Send one request and wait for the answer."""

        async def send() -> httpx.Response:
            async with self.client() as client:
                return await client.request(method, path, **arguments)

        return asyncio.run(send())

    def client(self, **arguments: object) -> httpx.AsyncClient:
        """A client whose requests go straight into the server."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=ORIGIN, **arguments)

    def back_office(self, method: str, path: str, **arguments: object) -> httpx.Response:
        """Send one request to the back office, with its key."""
        headers = {"Authorization": f"Bearer {BACK_OFFICE_KEY}"}
        return self.request(method, f"/back-office/api{path}", headers=headers, **arguments)

    def mails(self) -> list[Mail]:
        """The mails since the last call."""
        return [message for message in self._new("mail") if isinstance(message, Mail)]

    def texts(self) -> list[Text]:
        """The texts since the last call."""
        return [message for message in self._new("sms") if isinstance(message, Text)]

    def audit(self, account: str | None = None, event: str | None = None) -> list[AuditRow]:
        """The audit rows, oldest first."""
        with self.broker.database.reading() as tx:
            return list(audit.rows(tx, account=account, event=event, limit=1000))

    def reasons(self, event: str) -> list[str]:
        """The reasons of the refusals of one event, oldest first."""
        return [row.reason for row in self.audit(event=event) if row.result == "refused"]

    def _new(self, kind: str) -> list[Mail | Text]:
        with self.broker.database.reading() as tx:
            waiting = self.broker.outbox.waiting(tx, kind)
        new = [message for message in waiting if message.id not in self._read]
        self._read.update(message.id for message in new)
        return [self.broker.outbox.read(message) for message in new]


class NoWaits:
    """The waits between two attempts to deliver: over at once, and written down."""

    def __init__(self) -> None:
        self.at = 0.0
        self.waited: list[float] = []
        self.tried_twice = asyncio.Event()

    def now(self) -> float:
        """Tell the time, in seconds since the first wait."""
        return self.at

    async def wait(self, woken: asyncio.Event, seconds: float | None) -> None:
        """Wait until `woken`, or not at all if there is a time to wait for."""
        if seconds is None:
            await woken.wait()
            return
        if seconds > 0:
            self.waited.append(seconds)
        if len(self.waited) == 2:
            self.tried_twice.set()
        self.at += seconds
        await asyncio.sleep(0)


class Phone:
    """The other end of the phone API, written from docs/phone-api.md and by other means than the server's."""

    def __init__(self, world: World, *, account: str = "9999-9990") -> None:
        self.world = world
        self.account = account
        self.session = ""
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.ephemeral = ec.generate_private_key(ec.SECP256R1())
        self.biometric_key = ec.generate_private_key(ec.SECP256R1())
        self.biometric_set = secrets.token_bytes(32)
        self.biometrics_id = ""
        self.token_id = ""
        self.seed = b""
        self.confirmation = b""

    def call(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Send one request with the session."""
        headers = {"Authorization": f"Bearer {self.session}"} if self.session else {}
        arguments = {} if method in {"GET", "DELETE"} else {"json": {} if body is None else body}
        answer = self.world.request(method, f"/phone-api/v1{path}", headers=headers, **arguments)
        _is_as_described(method, path, answer)
        return answer

    def sign(self, *values: bytes | str) -> str:
        """Sign `fields(…)` with the device key."""
        return b64(self.key.sign(fields(*values), ec.ECDSA(hashes.SHA256())))

    def login_body(self, password: str = PASSWORD) -> dict[str, str]:
        """Fetch a challenge and make the body of a login."""
        challenge = self.call("POST", "/challenges").json()
        return {
            "account": self.account,
            "password": password,
            "device_key": b64(point(self.key)),
            "device_name": "iPhone 15",
            "challenge_id": challenge["challenge_id"],
            "signature": self.sign("twofold-login-v1", ORIGIN, self.account, unb64(challenge["challenge"])),
        }

    def log_in(self, password: str = PASSWORD) -> httpx.Response:
        """Log in, and keep the session if that succeeds."""
        answer = self.call("POST", "/sessions", self.login_body(password))
        if answer.status_code == 201:
            self.session = answer.json()["session"]
        return answer

    def be_logged_in(self, state: SessionState = "set-up-token") -> None:
        """Have a session, one that can set up a token if nothing else is said, for tests of what comes after."""
        with self.world.broker.database.writing() as tx:
            self.session = phone_sessions.begin(
                tx,
                account=self.account,
                device_key=point(self.key),
                device_name="iPhone 15",
                state=state,
                at=self.world.clock.at,
            )

    def start(self) -> str:
        """Consent; the activation code of the SMS."""
        answer = self.call("POST", "/enrolment", {"consent": True})
        assert answer.status_code == 202, answer.text
        return six_digits(self.world.texts()[-1].text)

    def enrol_until_binding(self) -> str:
        """Log in and enrol up to the registration mail; its code without hyphens."""
        assert self.log_in().status_code == 201
        assert self.call("POST", "/enrolment/sms-code", {"code": self.start()}).status_code == 200
        return self.registration_code()

    def registration_code(self) -> str:
        """Have the registration mail sent; its code without hyphens."""
        assert self.call("POST", "/enrolment/registration").status_code == 202
        found = re.search(r"註冊編碼：([A-Z2-7-]{23})", self.world.mails()[-1].text)
        assert found
        return found[1].replace("-", "")

    def binding(self, code: str) -> dict[str, Any]:
        """Ask for a binding, as the server's rules take it."""
        key = point(self.ephemeral)
        signature = unb64(self.sign("twofold-binding-v1", ORIGIN, self.account, code, key))
        return {"code": code, "device_ephemeral_key": key, "signature": signature}

    def binding_body(self, code: str) -> dict[str, str]:
        """Make the body of a binding."""
        return {name: b64(value) if isinstance(value, bytes) else value for name, value in self.binding(code).items()}

    def bind(self, code: str) -> httpx.Response:
        """Bind, and derive seed and confirmation if that succeeds."""
        answer = self.call("POST", "/enrolment/binding", self.binding_body(code))
        if answer.status_code == 200:
            self.derive(code, answer.json())
        return answer

    def derive(self, code: str, answer: Mapping[str, str]) -> None:
        """Derive what both sides share, and check the server's confirmation."""
        server_key = unb64(answer["server_ephemeral_key"])
        shared = self.ephemeral.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), server_key)
        )
        self.token_id = answer["token_id"]
        values = (point(self.ephemeral), server_key, self.account.encode(), self.token_id.encode())
        context = b"".join(struct.pack(">I", len(value)) + value for value in values)
        salt = hashlib.sha256(code.encode()).digest()
        self.seed = hkdf_sha256(shared, salt, b"twofold-seed-v1" + context)
        confirm_key = hkdf_sha256(shared, salt, b"twofold-confirm-v1" + context)
        assert unb64(answer["confirmation"]) == hmac.digest(confirm_key, b"server", "sha256")
        self.confirmation = hmac.digest(confirm_key, b"phone", "sha256")

    def code(self, *, steps: int = 0) -> str:
        """The token's code, some steps from now."""
        totp = pyotp.TOTP(base64.b32encode(self.seed).decode(), digest=hashlib.sha256)
        return totp.at(int(self.world.clock.at) + 30 * steps)

    def activation_body(self) -> dict[str, str]:
        """Make the body of an activation."""
        return {"token_id": self.token_id, "code": self.code(), "confirmation": b64(self.confirmation)}

    def activate(self) -> httpx.Response:
        """Prove the first code."""
        return self.call("POST", "/enrolment/activation", self.activation_body())

    def enrol(self) -> None:
        """Do all of it."""
        assert self.bind(self.enrol_until_binding()).status_code == 200
        assert self.activate().status_code == 200

    def be_bound(self) -> None:
        """Have a bound token as if enrolled, for tests of what comes after."""
        self.token_id, self.seed = secrets.token_hex(8), secrets.token_bytes(32)
        answer = BindingAnswer(
            request_hash=bytes(32),
            server_ephemeral_key=point(self.ephemeral),
            server_confirmation=bytes(32),
            phone_confirmation_hash=bytes(32),
        )
        tokens = self.world.broker.soft_tokens
        of = {"token_id": self.token_id, "account": self.account}
        with self.world.broker.database.writing() as tx:
            tokens.add_pending(
                tx, **of, device_key=point(self.key), device_name="iPhone 15", seed=self.seed, answer=answer
            )
            # With the code of the step before, so that the present one is still good.
            assert tokens.activate(tx, **of, confirmed=True, text=self.code(steps=-1)) is Outcome.ACCEPTED

    def challenge(self, purpose: str, **more: str) -> dict[str, str]:
        """Fetch a challenge for `purpose`."""
        answer = self.call("POST", "/challenges", {"purpose": purpose, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def proof(self, what: str, challenge: Mapping[str, Any], *values: str) -> dict[str, str]:
        """Prove the device key: sign `fields(what, origin, account, values…, challenge, expires_at)` with it."""
        signature = self.sign_low(self.key, what, ORIGIN, self.account, *values, *signed_part(challenge))
        return {"challenge_id": challenge["challenge_id"], "signature": signature}

    def clear_token(self) -> httpx.Response:
        """Clear the token."""
        proof = self.proof("twofold-clear-token-v1", self.challenge("clear-token"), self.token_id)
        return self.call("POST", "/token/clear", proof)

    def sign_low(self, key: ec.EllipticCurvePrivateKey, *values: bytes | str) -> str:
        """Sign `fields(…)` with `key`; of the two signatures that there are, the one with the lower s."""
        r, s = decode_dss_signature(key.sign(fields(*values), ec.ECDSA(hashes.SHA256())))
        return b64(encode_dss_signature(r, min(s, P256_ORDER - s)))

    def settings(self) -> dict[str, Any]:
        """What 帳戶設定 shows."""
        return self.call("GET", "/settings").json()

    def registration(self, **other: object) -> dict[str, Any]:
        """Make the body of a registration of biometrics; `other` values stand in place of the right ones."""
        challenge = self.challenge("biometrics")
        body: dict[str, Any] = {
            "terms_version": self.call("GET", "/biometrics/terms").json()["version"],
            "public_key": b64(point(self.biometric_key)),
            "biometric_set": b64(self.biometric_set),
            "code": self.code(),
            "challenge_id": challenge["challenge_id"],
            **other,
        }
        signed = (
            *("twofold-biometrics-v1", ORIGIN, self.account, self.token_id, *signed_part(challenge)),
            *(body["terms_version"], unb64(body["biometric_set"]), unb64(body["public_key"])),
        )
        body.setdefault("signature", self.sign_low(self.key, *signed))
        body.setdefault("biometric_signature", self.sign_low(self.biometric_key, *signed))
        return body

    def register_biometrics(self) -> bytes:
        """Register biometrics; the release key."""
        answer = self.call("POST", "/biometrics", self.registration())
        assert answer.status_code == 201, answer.text
        self.biometrics_id = answer.json()["biometrics_id"]
        return unb64(answer.json()["release_key"])

    def unlocking(self, **other: object) -> dict[str, Any]:
        """Make the body of an unlock by biometrics; `other` values stand in place of the right ones."""
        challenge = self.challenge("biometrics-unlock", biometrics_id=self.biometrics_id)
        signed = (
            *("twofold-biometrics-unlock-v1", ORIGIN, self.account, self.token_id),
            *(*signed_part(challenge), self.biometric_set),
        )
        return {
            "biometrics_id": self.biometrics_id,
            "challenge_id": challenge["challenge_id"],
            "biometric_set": b64(self.biometric_set),
            "signature": self.sign_low(self.key, *signed),
            "biometric_signature": self.sign_low(self.biometric_key, *signed),
            **other,
        }

    def unlock(self, **other: object) -> httpx.Response:
        """Unlock by biometrics."""
        return self.call("POST", "/biometrics/unlock", self.unlocking(**other))

    def step(self) -> str:
        """Where the enrolment stands."""
        return self.call("GET", "/enrolment").json()["step"]


def fields(*values: bytes | str) -> bytes:
    """Join values, each after its length, as docs/phone-api.md says."""
    parts = [value.encode() if isinstance(value, str) else value for value in values]
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def signed_part(challenge: Mapping[str, Any]) -> tuple[bytes, str]:
    """What of a challenge is signed, but in a login."""
    return unb64(challenge["challenge"]), str(challenge["expires_at"])


def _is_as_described(method: str, path: str, answer: httpx.Response) -> None:
    """Hold every answer that a test gets to the description of the API: its status, its shape, its codes."""
    found = [each for each in OPERATIONS if (each.method, each.path) == (method.lower(), path)]
    if not found:
        return
    [operation] = found
    if answer.status_code == operation.status:
        if operation.answer is not None:
            operation.answer.model_validate_json(answer.content)
        else:
            assert not answer.content
        return
    code = RefusalShown.model_validate_json(answer.content).error.code
    statuses = {code: {STATUS[code]} for code in operation.refusals} | {"busy": {503}, "internal-error": {500}}
    if operation.session:
        statuses["not-logged-in"] = {401}
    if operation.model is not None:
        statuses["invalid-request"] = {400, 413, 422}
    assert answer.status_code in statuses.get(code, {}), f"{method} {path} does not say that it may answer {code}"


def hkdf_sha256(secret: bytes, salt: bytes, info: bytes) -> bytes:
    """RFC 5869 for one block of output, written out."""
    extracted = hmac.digest(salt, secret, "sha256")
    return hmac.digest(extracted, info + b"\x01", "sha256")


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The uncompressed public point."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """Base64url without padding, read."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def six_digits(text: str) -> str:
    """The one-time code in a text message or mail of the server, by the word before it."""
    found = re.search(r"(?:驗證碼是 |驗證碼：|code is |code: )([0-9]{6})", text)
    assert found, text
    return found[1]


_HASHES: dict[str, str] = {}


def _hash(broker: Broker, password: str) -> str:
    # All worlds have the same master key, so a password needs to be hashed only once.
    if password not in _HASHES:
        _HASHES[password] = broker.passwords.hash_password(password)
    return _HASHES[password]


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark of tests whose worlds are to be tried with both databases."""
    config.addinivalue_line("markers", "on_both_databases: the test runs with SQLite and with PostgreSQL")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have a marked test run once with each database."""
    if "database_kind" in metafunc.fixturenames and metafunc.definition.get_closest_marker("on_both_databases"):
        metafunc.parametrize("database_kind", ["sqlite", "postgresql"], indirect=True)


@dataclass
class PostgreSql:
    """A PostgreSQL server for the tests of one process, in a folder of its own; it listens at no port."""

    folder: Path
    _databases: int = 0

    def url(self, database: str = "postgres") -> str:
        """The address of a database for the server's settings."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def run(self, statements: str, *, database: str = "postgres") -> None:
        """Run statements, each by itself."""
        with psycopg.connect(host=str(self.folder), user="postgres", dbname=database, autocommit=True) as connection:
            connection.execute(statements)

    def new_database(self) -> str:
        """Make an empty database; its address."""
        self._databases += 1
        self.run(f"CREATE DATABASE test_{self._databases}")
        return self.url(f"test_{self._databases}")

    def empty(self) -> None:
        """Forget all rows of the database that worlds share one after the other, and keep its tables."""
        self.run("".join(f"DELETE FROM {table.name};" for table in reversed(metadata.sorted_tables)))  # noqa: S608


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSql]:
    """PostgreSQL from the distribution's packages: `make test` tries to install them."""
    tools = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    found = str(tools[-1] / "pg_ctl") if tools else shutil.which("pg_ctl")
    if found is None:
        pytest.skip("PostgreSQL is not installed; type: sudo apt-get install postgresql")
    # It refuses to run as root.
    user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: the name of a socket may have 107 bytes
    if user:
        shutil.chown(folder, "postgres", "postgres")
    fast = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    options = f"-c listen_addresses='' -c max_connections=200 -k {folder} {fast}"
    control = [*user, found, "-D", str(folder / "data"), "-s"]

    def call(*arguments: str) -> None:
        subprocess.run([*control, *arguments], check=True, stdout=subprocess.DEVNULL)

    try:
        call("initdb", "-o", "--auth=trust --username=postgres --encoding=UTF8 --locale=C --no-sync")
        call("start", "-w", "-l", str(folder / "log"), "-o", options)
        server = PostgreSql(folder)
        shared = Database(server.url())
        shared.open("nobody's key")
        shared.close()
        yield server
        call("stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database the world has: SQLite, and PostgreSQL too for tests marked ``on_both_databases``."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def database_url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an empty database."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path}/auth_server.db"
        return
    server: PostgreSql = request.getfixturevalue("postgresql")
    server.empty()
    yield server.url()


@pytest.fixture
def settings(database_url: str) -> dict[str, str]:
    """The settings of a world of its own."""
    return {
        "AUTH_SERVER_ORIGIN": ORIGIN,
        "AUTH_SERVER_DATABASE_URL": database_url,
        "AUTH_SERVER_MASTER_KEY": base64.urlsafe_b64encode(bytes(range(32))).decode(),
        "AUTH_SERVER_BACK_OFFICE_KEY": BACK_OFFICE_KEY,
        "AUTH_SERVER_SMTP": "localhost:1025",
        "AUTH_SERVER_SMS_URL": "http://localhost:8025/sms",
        "AUTH_SERVER_SERVICES": "https://orders.anue.example/app",
        "AUTH_SERVER_TEST_WORLD": "true",
    }


@pytest.fixture
def world(settings: dict[str, str]) -> Iterator[World]:
    """A server with an empty database."""
    clock = Clock()
    app = create_app(settings, clock.now)
    app.broker.open()
    world = World(app, clock, settings)
    yield world
    app.broker.database.close()
    world.broker.database.close()  # of the server that a test may have put in its place


@pytest.fixture
def new_phone(world: World) -> Callable[..., Phone]:
    """Make a phone with a device key of its own: `new_phone(account="9999-9990")`."""

    def make(account: str = "9999-9990") -> Phone:
        return Phone(world, account=account)

    return make


@pytest.fixture
def bound_phone(world: World, new_phone: Callable[..., Phone]) -> Phone:
    """A phone that holds the token of 9999-9990, whose customer is logged in on it."""
    world.customer()
    phone = new_phone()
    phone.be_bound()
    phone.be_logged_in("logged-in")
    return phone


@pytest.fixture
def no_waits() -> Callable[[], NoWaits]:
    """Make the waits of a delivery that tries again at once."""
    return NoWaits


@pytest.fixture
def at_once() -> Callable[[Callable[[int], object], int], list[object]]:
    """Call something in many threads that start together: `at_once(call, 32)` gives what each returned."""

    def run(call: Callable[[int], object], count: int) -> list[object]:
        barrier = Barrier(count)
        results: list[object] = [None] * count

        def one(number: int) -> None:
            barrier.wait()
            try:
                results[number] = call(number)
            except BaseException as error:  # noqa: BLE001 - shown by the assert that looks at the results
                results[number] = error

        threads = [Thread(target=one, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    return run


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
