"""A phone, and an honest server for it: docs/phone-api.md from the server's side, sharing no code with the phone."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
import segno
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from simulator.phone import Language, Phone
from simulator.securities.api import BrokerApi
from simulator.securities.app import EnrolmentStep, SecuritiesApp
from simulator.securities.http_api import HttpBrokerApi
from simulator.storage import Storage

ORIGIN = "http://broker.example:8000"
ACCOUNT = "9999-9990"
PASSWORD = "Abcdefg1"
PIN = "240719"
NOON = 1_800_000_000.0


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: float) -> None:
        self.at = at

    def now(self) -> float:
        return self.at


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _fields(*parts: bytes | str) -> bytes:
    encoded = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _signed_by(point: bytes, signature: bytes, data: bytes) -> bool:
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    try:
        key.verify(signature, data, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _hkdf(shared: bytes, salt: bytes, info: bytes) -> bytes:
    """RFC 5869 for one block: 32 bytes."""
    return hmac.digest(hmac.digest(salt, shared, "sha256"), info + b"\x01", "sha256")


def _crc(data: bytes) -> int:
    crc = 0
    for octet in data:
        for bit in range(8):
            crc = (crc >> 1) ^ (0xA001 if (crc ^ (octet >> bit)) & 1 else 0)
    return crc


def new_registration_code() -> str:
    data = secrets.token_bytes(10)
    return base64.b32encode(data + _crc(data).to_bytes(2, "big")).decode().rstrip("=")


@dataclass
class Token:
    token_id: str
    device_key: bytes
    seed: bytes
    confirm_key: bytes


@dataclass
class Enrolment:
    device_key: bytes
    step: str = "sms-code"
    sms_code: str = ""
    registration_code: str = ""
    spent_on: tuple[bytes, dict[str, object]] | None = None
    pending: Token | None = None


@dataclass
class LoggedIn:
    account: str
    device_key: bytes


class _No(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.answer = httpx.Response(status, json={"error": {"code": code, "message": f"{code}。"}})


def _pass_on(answer: dict[str, object]) -> dict[str, object]:
    return answer


def _stand_aside(_request: httpx.Request) -> httpx.Response | None:
    return None


class PeerServer:
    """The server's side of the protocol, in memory. `received` are the requests, `active` the tokens in use."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.origin = ORIGIN
        self.key_id = "key-1"
        self.passwords = {ACCOUNT: PASSWORD, "1234-5678": PASSWORD}
        self.received: list[tuple[str, str, dict[str, object]]] = []
        self.languages: list[str] = []
        self.challenges: dict[str, bytes] = {}
        self.sessions: dict[str, LoggedIn] = {}
        self.enrolments: dict[str, Enrolment] = {}
        self.active: dict[str, list[Token]] = {}
        self.mangle_binding: Callable[[dict[str, object]], dict[str, object]] = _pass_on
        self.answer_instead: Callable[[httpx.Request], httpx.Response | None] = _stand_aside

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))

    def paths(self) -> list[str]:
        return [f"{method} {path}" for method, path, _ in self.received]

    async def answer(self, request: httpx.Request) -> httpx.Response:
        instead = self.answer_instead(request)
        if instead is not None:
            return instead
        body = json.loads(request.content) if request.content else {}
        path = request.url.path.removeprefix("/phone-api/v1")
        self.received.append((request.method, path, body))
        self.languages.append(request.headers["Accept-Language"])
        try:
            return self._routed(request, f"{request.method} {path}", body)
        except _No as no:
            return no.answer

    def _routed(self, request: httpx.Request, what: str, body: dict[str, object]) -> httpx.Response:
        match what:
            case "GET /server":
                return self._introduce(body)
            case "POST /challenges":
                return self._challenge(body)
            case "POST /sessions":
                return self._log_in(body)
        session = self.sessions.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if session is None:
            raise _No(401, "not-logged-in")
        for_everyone = {
            "DELETE /sessions/current": self._log_out,
            "GET /enrolment": self._tell_step,
            "POST /enrolment": self._start,
        }
        if what in for_everyone:
            return for_everyone[what](session, body)
        enrolment = self._enrolment_of(session)
        if enrolment is None:
            raise _No(409, "wrong-step")
        once_begun = {
            "POST /enrolment/sms-code": self._take_sms_code,
            "POST /enrolment/registration": self._send_registration,
            "POST /enrolment/binding": self._bind,
            "POST /enrolment/activation": self._activate,
        }
        return once_begun[what](session, enrolment, body)

    def _introduce(self, body: dict[str, object]) -> httpx.Response:
        self._only(body)
        identity = {"name": "鉅亨證券", "origin": self.origin, "key_id": self.key_id, "time": int(self.now())}
        return httpx.Response(200, json=identity | {"public_key": _b64(_point(self.key))})

    def _challenge(self, body: dict[str, object]) -> httpx.Response:
        self._only(body)
        number, challenge = secrets.token_hex(8), secrets.token_bytes(32)
        self.challenges[number] = challenge
        answer = {"challenge_id": number, "challenge": _b64(challenge), "expires_at": int(self.now()) + 120}
        return httpx.Response(201, json=answer)

    def _log_out(self, session: LoggedIn, body: dict[str, object]) -> httpx.Response:
        self._only(body)
        self.sessions = {key: value for key, value in self.sessions.items() if value is not session}
        return httpx.Response(204)

    def _enrolment_of(self, session: LoggedIn) -> Enrolment | None:
        enrolment = self.enrolments.get(session.account)
        return enrolment if enrolment is not None and enrolment.device_key == session.device_key else None

    def _tell_step(self, session: LoggedIn, body: dict[str, object]) -> httpx.Response:
        self._only(body)
        enrolment = self._enrolment_of(session)
        return httpx.Response(200, json={"step": enrolment.step if enrolment else "none", "sent_to": None})

    def _only(self, body: dict[str, object], *keys: str) -> None:
        if set(body) != set(keys):
            raise _No(422, "invalid-request")

    def _log_in(self, body: dict[str, object]) -> httpx.Response:
        self._only(body, "account", "password", "device_key", "device_name", "challenge_id", "signature")
        account, device_key = str(body["account"]), _unb64(str(body["device_key"]))
        challenge = self.challenges.pop(str(body["challenge_id"]), b"")
        signed = _fields("twofold-login-v1", self.origin, account, challenge)
        proved = challenge and _signed_by(device_key, _unb64(str(body["signature"])), signed)
        if self.passwords.get(account) != body["password"] or not proved:
            raise _No(401, "login-refused")
        session = secrets.token_urlsafe(32)
        self.sessions[session] = LoggedIn(account, device_key)
        own = [token for token in self.active.get(account, []) if token.device_key == device_key]
        enrolment = self.enrolments.get(account)
        unfinished = enrolment is not None and enrolment.device_key == device_key and enrolment.step != "active"
        answer = {
            "session": session,
            "account": account,
            "name": "陳大文",
            "state": "logged-in" if own else "set-up-token",
            "enrolment": enrolment.step if enrolment is not None and unfinished else "none",
            "token_id": own[0].token_id if own else None,
            "server_time": int(self.now()),
        }
        return httpx.Response(201, json=answer)

    def _start(self, session: LoggedIn, body: dict[str, object]) -> httpx.Response:
        self._only(body, "consent")
        code = f"{secrets.randbelow(10**6):06}"
        self.enrolments[session.account] = Enrolment(session.device_key, sms_code=code)
        at = int(self.now())
        answer = {"step": "sms-code", "sent_to": "+852 •••• 0101", "expires_at": at + 300, "resend_at": at + 60}
        return httpx.Response(202, json=answer)

    def _take_sms_code(self, _session: LoggedIn, enrolment: Enrolment, body: dict[str, object]) -> httpx.Response:
        self._only(body, "code")
        if enrolment.step != "sms-code":
            raise _No(409, "wrong-step")
        if body["code"] != enrolment.sms_code:
            raise _No(403, "wrong-code")
        enrolment.step = "registration"
        return httpx.Response(200, json={"step": "registration"})

    def _send_registration(self, _session: LoggedIn, enrolment: Enrolment, body: dict[str, object]) -> httpx.Response:
        self._only(body)
        if enrolment.step not in ("registration", "binding", "activation"):
            raise _No(409, "wrong-step")
        enrolment.step, enrolment.spent_on, enrolment.pending = "binding", None, None
        enrolment.registration_code = new_registration_code()
        answer = {"step": "binding", "sent_to": "ch••••@example.com", "expires_at": int(self.now()) + 8 * 3600}
        return httpx.Response(202, json=answer)

    def _bind(self, session: LoggedIn, enrolment: Enrolment, body: dict[str, object]) -> httpx.Response:
        self._only(body, "code", "device_ephemeral_key", "signature")
        if enrolment.step not in ("binding", "activation"):
            raise _No(409, "wrong-step")
        code, phone_point = str(body["code"]), _unb64(str(body["device_ephemeral_key"]))
        signed = _fields("twofold-binding-v1", self.origin, session.account, code, phone_point)
        if not _signed_by(session.device_key, _unb64(str(body["signature"])), signed):
            raise _No(403, "binding-failed")
        if code != enrolment.registration_code:
            raise _No(403, "wrong-registration-code")
        if enrolment.spent_on is not None:
            if enrolment.spent_on[0] != phone_point:
                raise _No(403, "wrong-registration-code")
            return httpx.Response(200, json=enrolment.spent_on[1])
        own, token_id = ec.generate_private_key(ec.SECP256R1()), secrets.token_hex(8)
        shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), phone_point))
        salt, context = (
            hashlib.sha256(code.encode()).digest(),
            _fields(phone_point, _point(own), session.account, token_id),
        )
        seed = _hkdf(shared, salt, b"twofold-seed-v1" + context)
        confirm_key = _hkdf(shared, salt, b"twofold-confirm-v1" + context)
        answer: dict[str, object] = {
            "step": "activation",
            "token_id": token_id,
            "server_ephemeral_key": _b64(_point(own)),
            "confirmation": _b64(hmac.digest(confirm_key, b"server", "sha256")),
            "server_time": int(self.now()),
        }
        answer = self.mangle_binding(answer)
        enrolment.step, enrolment.spent_on = "activation", (phone_point, answer)
        enrolment.pending = Token(token_id, session.device_key, seed, confirm_key)
        return httpx.Response(200, json=answer)

    def _activate(self, session: LoggedIn, enrolment: Enrolment, body: dict[str, object]) -> httpx.Response:
        self._only(body, "token_id", "code", "confirmation")
        token = enrolment.pending
        if token is None or enrolment.step not in ("activation", "active"):
            raise _No(409, "wrong-step")
        proof = hmac.digest(token.confirm_key, b"phone", "sha256")
        right = body["token_id"] == token.token_id and _unb64(str(body["confirmation"])) == proof
        if not right or not self.takes(token, str(body["code"])):
            raise _No(403, "binding-failed")
        enrolment.step = "active"
        self.active[session.account] = [token]
        answer = {"step": "active", "token_id": token.token_id, "server_time": int(self.now())}
        return httpx.Response(200, json=answer)

    def takes(self, token: Token, code: str) -> bool:
        """Whether the code is the token's in the step before, the same or the next (RFC 6238, by `cryptography`)."""
        generator = TOTP(token.seed, 6, SHA256(), 30)
        for drift in (-30, 0, 30):
            try:
                generator.verify(code.encode(), int(self.now()) + drift)
            except InvalidToken:
                continue
            return True
        return False

    def registration_text(self, code: str, *, origin: str | None = None, key_id: str | None = None) -> str:
        signed = f"TWOFOLD1?c={code}&u={quote(origin or self.origin, safe='')}&k={key_id or self.key_id}"
        return f"{signed}&s={_b64(self.key.sign(signed.encode(), ec.ECDSA(SHA256())))}"


def qr_png(text: str) -> bytes:
    file = BytesIO()
    segno.make(text, error="m").save(file, kind="png", scale=4, border=4)
    return file.getvalue()


def _plainly(folder: Path) -> Storage:
    return Storage(folder, durable=False)


def _as_it_is(api: HttpBrokerApi) -> HttpBrokerApi:
    return api


class World:
    """One phone folder and one server, and apps opened on them as often as wanted: each opening is a restart."""

    def __init__(self, folder: Path, clock: Clock, server: PeerServer) -> None:
        self.folder = folder
        self.clock = clock
        self.server = server
        self.language: Language = "zh-Hant"
        self.phone: Phone
        self.make_api: Callable[[HttpBrokerApi], BrokerApi] = _as_it_is
        self.make_storage: Callable[[Path], Storage] = _plainly

    @contextmanager
    def opened(self) -> Iterator[SecuritiesApp]:
        with self.make_storage(self.folder) as storage:
            self.phone = Phone(storage, now=self.clock.now, language=self.language)
            api = self.make_api(HttpBrokerApi(ORIGIN, self.server.client(), language=self.language))
            yield SecuritiesApp(self.phone, api)

    def enrolment(self) -> Enrolment:
        return self.server.enrolments[ACCOUNT]


async def to_the_code(world: World, app: SecuritiesApp) -> None:
    """From the welcome screen to the choice of binding."""
    await app.log_in(ACCOUNT, PASSWORD)
    await app.start_enrolment()
    await app.confirm_sms_code(world.enrolment().sms_code)
    await app.choose_pin(PIN, PIN)
    await app.request_registration()
    assert app.enrolment_step is EnrolmentStep.BINDING


async def to_the_end(world: World, app: SecuritiesApp) -> None:
    """From the welcome screen to an active token."""
    await to_the_code(world, app)
    await app.bind_with_code(ACCOUNT, world.enrolment().registration_code)
    assert app.enrolment_step is EnrolmentStep.ACTIVE


class Kit:
    """What the core's tests share: importing between test files is not possible in pytest's importlib mode."""

    account = ACCOUNT
    password = PASSWORD
    pin = PIN
    origin = ORIGIN
    to_the_code = staticmethod(to_the_code)
    to_the_end = staticmethod(to_the_end)
    qr_png = staticmethod(qr_png)
    new_registration_code = staticmethod(new_registration_code)


@pytest.fixture
def kit() -> Kit:
    return Kit()


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def peer(clock: Clock) -> PeerServer:
    return PeerServer(now=clock.now)


@pytest.fixture
def world(tmp_path: Path, clock: Clock, peer: PeerServer) -> World:
    return World(folder=tmp_path / "phone", clock=clock, server=peer)
