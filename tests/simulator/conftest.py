"""A phone, and an honest server for it: docs/phone-api.md from the server's side, sharing no code with the phone."""

import base64
import hashlib
import hmac
import json
import re
import secrets
import unicodedata
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
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from PIL import Image

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


def _signed_low_by(point: bytes, signature: bytes, data: bytes) -> bool:
    """The same, and its s is the lower of the two possible ones."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    return _signed_by(point, signature, data) and decode_dss_signature(signature)[1] <= order // 2


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


@dataclass
class Biometrics:
    """A registration of one token's phone."""

    biometrics_id: str
    account: str
    token: Token
    public_key: bytes
    biometric_set: bytes
    request: dict[str, object]
    release_key: bytes
    registered_at: int
    reason: str | None = None


class _No(Exception):
    def __init__(self, status: int, code: str, **more: object) -> None:
        super().__init__(code)
        self.answer = httpx.Response(status, json={"error": {"code": code, "message": f"{code}。", **more}})


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
        self.locked: set[str] = set()
        self.expired: set[str] = set()
        self.password_changed_at = dict.fromkeys(self.passwords, int(now()) - 86400)
        self.terms_version = "2026-11"
        self.biometrics: dict[str, Biometrics] = {}
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
        without_session = {
            "GET /server": self._introduce,
            "POST /sessions": self._log_in,
            "POST /password/expired": self._change_expired_password,
            "GET /biometrics/terms": self._tell_terms,
            "POST /biometrics/unlock": self._unlock_by_biometrics,
        }
        if what in without_session:
            return without_session[what](body)
        session = self.sessions.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if what == "POST /challenges":
            return self._challenge(session, body)
        if session is None:
            raise _No(401, "not-logged-in")
        for_everyone = {
            "DELETE /sessions/current": self._log_out,
            "GET /enrolment": self._tell_step,
            "POST /enrolment": self._start,
            "GET /settings": self._tell_settings,
            "POST /password": self._change_password,
            "POST /token/clear": self._clear_token,
            "POST /biometrics": self._register_biometrics,
            "DELETE /biometrics": self._end_biometrics,
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

    def _challenge(self, session: LoggedIn | None, body: dict[str, object]) -> httpx.Response:
        purpose = str(body.get("purpose", "login"))
        self._only(body, *body.keys() & {"purpose"}, *(["biometrics_id"] if purpose == "biometrics-unlock" else []))
        if purpose in ("clear-token", "biometrics") and session is None:
            raise _No(401, "not-logged-in")
        number, challenge = secrets.token_hex(8), secrets.token_bytes(32)
        self.challenges[f"{purpose} {number}"] = challenge
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
        return httpx.Response(
            200, json={"step": enrolment.step if enrolment else "none", "sent_to": None, "message": None}
        )

    def _only(self, body: dict[str, object], *keys: str) -> None:
        if set(body) != set(keys):
            raise _No(422, "invalid-request")

    def _log_in(self, body: dict[str, object]) -> httpx.Response:
        self._only(body, "account", "password", "device_key", "device_name", "challenge_id", "signature")
        account, device_key = str(body["account"]), _unb64(str(body["device_key"]))
        challenge = self.challenges.pop(f"login {body['challenge_id']}", b"")
        signed = _fields("twofold-login-v1", self.origin, account, challenge)
        proved = challenge and _signed_by(device_key, _unb64(str(body["signature"])), signed)
        if self.passwords.get(account) != body["password"] or not proved:
            raise _No(401, "login-refused")
        own = self._own_tokens(account, device_key)
        if account in self.expired:
            raise _No(403, "new-password-needed" if own else "password-expired")
        session = secrets.token_urlsafe(32)
        self.sessions[session] = LoggedIn(account, device_key)
        if not own:
            self.suspend(account, "new-phone")
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
        self.biometrics.pop(session.account, None)
        answer = {"step": "active", "token_id": token.token_id, "server_time": int(self.now())}
        return httpx.Response(200, json=answer)

    # Once there is a token

    def suspend(self, account: str, reason: str) -> None:
        if account in self.biometrics and self.biometrics[account].reason is None:
            self.biometrics[account].reason = reason

    def _own_tokens(self, account: str, device_key: bytes) -> list[Token]:
        return [token for token in self.active.get(account, []) if token.device_key == device_key]

    def _own_token(self, session: LoggedIn) -> Token:
        for token in self._own_tokens(session.account, session.device_key):
            return token
        raise _No(403, "token-required")

    def _dates(self, account: str) -> dict[str, object]:
        changed_at = self.password_changed_at[account]
        return {"changed_at": changed_at, "expires_at": changed_at + 90 * 86400}

    def _tell_settings(self, session: LoggedIn, body: dict[str, object]) -> httpx.Response:
        self._only(body)
        account = session.account
        own = self._own_tokens(account, session.device_key)
        state = "elsewhere" if self.active.get(account) else "none"
        if own:
            state = "locked" if account in self.locked else "active"
        kept = self.biometrics.get(account) if own else None
        told = "none" if kept is None else "active" if kept.reason is None else "suspended"
        answer = {
            "account": account,
            "name": "陳大文",
            "token": {
                "state": state,
                "device_name": "iPhone 15" if own else None,
                "activated_at": int(self.now()) if own else None,
            },
            "biometrics": {
                "state": told,
                "reason": kept and kept.reason,
                "registered_at": kept and kept.registered_at,
            },
            "password": self._dates(account),
        }
        return httpx.Response(200, json=answer)

    def _take_new_password(self, account: str, new: str) -> httpx.Response:
        broken = [
            {"rule": rule, "message": message}
            for rule, message, kept in (
                ("length", "必須最少有8個字元", len(new) >= 8),
                ("digit", "包含最少一個數字", any(letter.isdigit() for letter in new)),
                ("previous", "不能與前1次密碼相同", new != self.passwords[account]),
            )
            if not kept
        ]
        if broken:
            raise _No(422, "password-refused", rules=broken)
        self.passwords[account], self.password_changed_at[account] = new, int(self.now())
        self.expired.discard(account)
        self.suspend(account, "password-changed")
        return httpx.Response(200, json=self._dates(account))

    def _change_password(self, session: LoggedIn, body: dict[str, object]) -> httpx.Response:
        self._only(body, "current", "new")
        self._own_token(session)
        if body["current"] != self.passwords[session.account]:
            raise _No(403, "wrong-password")
        answer = self._take_new_password(session.account, str(body["new"]))
        self.sessions = {key: value for key, value in self.sessions.items() if value is session}
        return answer

    def _change_expired_password(self, body: dict[str, object]) -> httpx.Response:
        self._only(body, "account", "current", "new", "device_key", "challenge_id", "signature")
        account, device_key = str(body["account"]), _unb64(str(body["device_key"]))
        signed = _fields("twofold-expired-password-v1", self.origin, account, *self._spent("expired-password", body))
        proved = _signed_by(device_key, _unb64(str(body["signature"])), signed)
        if not proved or self.passwords.get(account) != body["current"]:
            raise _No(401, "login-refused")
        if not self._own_tokens(account, device_key):
            raise _No(403, "password-expired")
        return self._take_new_password(account, str(body["new"]))

    def _spent(self, purpose: str, body: dict[str, object]) -> tuple[bytes, str]:
        """The challenge and the end of its life, as they are signed; the clock stands still between the two."""
        challenge = self.challenges.pop(f"{purpose} {body['challenge_id']}", None)
        if challenge is None:
            raise _No(403, "device-not-proved")
        return challenge, str(int(self.now()) + 120)

    def _clear_token(self, session: LoggedIn, body: dict[str, object]) -> httpx.Response:
        self._only(body, "challenge_id", "signature")
        token = self._own_token(session)
        spent = self._spent("clear-token", body)
        signed = _fields("twofold-clear-token-v1", self.origin, session.account, token.token_id, *spent)
        if not _signed_by(session.device_key, _unb64(str(body["signature"])), signed):
            raise _No(403, "device-not-proved")
        self.clear(session.account)
        return httpx.Response(204)

    def clear(self, account: str) -> None:
        for kept in (self.active, self.enrolments, self.biometrics):
            kept.pop(account, None)
        self.sessions = {key: value for key, value in self.sessions.items() if value.account != account}

    def _tell_terms(self, body: dict[str, object]) -> httpx.Response:
        self._only(body)
        english = self.languages[-1] == "en"
        title, paragraph = ("Terms", "Paragraph {}.") if english else ("生物認證服務條款", "第{}段。")
        paragraphs = [paragraph.format(number) for number in range(1, 8)]
        return httpx.Response(200, json={"version": self.terms_version, "title": title, "paragraphs": paragraphs})

    def _register_biometrics(self, session: LoggedIn, body: dict[str, object]) -> httpx.Response:
        signatures = ("signature", "biometric_signature")
        self._only(body, "terms_version", "public_key", "biometric_set", "code", "challenge_id", *signatures)
        token, kept = self._own_token(session), self.biometrics.get(session.account)
        if kept is None or kept.request != body or kept.reason is not None:
            if body["terms_version"] != self.terms_version:
                raise _No(409, "terms-changed")
            key, chosen = _unb64(str(body["public_key"])), _unb64(str(body["biometric_set"]))
            what = (session.account, token.token_id, *self._spent("biometrics", body), self.terms_version, chosen, key)
            signed = _fields("twofold-biometrics-v1", self.origin, *what)
            for signer, name in zip((session.device_key, key), signatures, strict=True):
                if not _signed_low_by(signer, _unb64(str(body[name])), signed):
                    raise _No(403, "device-not-proved")
            if not self.takes(token, str(body["code"])):
                raise _No(403, "wrong-pin")
            kept = Biometrics(
                secrets.token_hex(8),
                session.account,
                token,
                key,
                chosen,
                body,
                secrets.token_bytes(32),
                int(self.now()),
            )
            self.biometrics[session.account] = kept
        return httpx.Response(201, json={"biometrics_id": kept.biometrics_id, "release_key": _b64(kept.release_key)})

    def _unlock_by_biometrics(self, body: dict[str, object]) -> httpx.Response:
        self._only(body, "biometrics_id", "challenge_id", "biometric_set", "signature", "biometric_signature")
        spent, chosen = self._spent("biometrics-unlock", body), _unb64(str(body["biometric_set"]))
        kept = next((one for one in self.biometrics.values() if one.biometrics_id == body["biometrics_id"]), None)
        if kept is None:
            raise _No(403, "biometrics-refused")
        signed = _fields("twofold-biometrics-unlock-v1", self.origin, kept.account, kept.token.token_id, *spent, chosen)
        if not _signed_low_by(kept.token.device_key, _unb64(str(body["signature"])), signed):
            raise _No(403, "biometrics-refused")
        if chosen != kept.biometric_set:
            self.suspend(kept.account, "biometric-set-changed")
        if kept.reason is not None:
            raise _No(403, "biometrics-suspended", reason=kept.reason)
        if not _signed_low_by(kept.public_key, _unb64(str(body["biometric_signature"] or "")), signed):
            raise _No(403, "biometrics-refused")
        return httpx.Response(200, json={"release_key": _b64(kept.release_key)})

    def _end_biometrics(self, session: LoggedIn, body: dict[str, object]) -> httpx.Response:
        self._only(body)
        self._own_token(session)
        self.biometrics.pop(session.account, None)
        return httpx.Response(204)

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


def png(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, format="PNG")
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


def photographed(lines: list[str], *, cell: tuple[int, int] = (4, 8)) -> Image.Image:
    """The terminal as a picture, black on white, each cell so many pixels wide and high."""
    width, height = cell
    picture = Image.new("L", (len(lines[0]) * width, len(lines) * height), 255)
    for y, line in enumerate(lines):
        for x, character in enumerate(line):
            for left, top, right, bottom in _inked(character):
                box = (left * width, top * height, right * width, bottom * height)
                picture.paste(0, tuple(round(edge) + (x * width, y * height)[odd % 2] for odd, edge in enumerate(box)))
    return picture


def _inked(character: str) -> list[tuple[float, float, float, float]]:
    """The dark parts of a block character, in parts of its cell, by its name in Unicode."""
    name = unicodedata.name(character)
    if sextant := re.fullmatch(r"BLOCK SEXTANT-([1-6]+)", name):
        parts = [int(digit) - 1 for digit in sextant[1]]
        return [(p % 2 / 2, p // 2 / 3, (p % 2 + 1) / 2, (p // 2 + 1) / 3) for p in parts]
    whole = {
        "SPACE": [],
        "UPPER HALF BLOCK": [(0, 0, 1, 0.5)],
        "LOWER HALF BLOCK": [(0, 0.5, 1, 1)],
        "LEFT HALF BLOCK": [(0, 0, 0.5, 1)],
        "RIGHT HALF BLOCK": [(0.5, 0, 1, 1)],
        "FULL BLOCK": [(0, 0, 1, 1)],
    }
    return whole[name]


class Kit:
    """What the core's tests share: importing between test files is not possible in pytest's importlib mode."""

    account = ACCOUNT
    password = PASSWORD
    pin = PIN
    origin = ORIGIN
    to_the_code = staticmethod(to_the_code)
    to_the_end = staticmethod(to_the_end)
    qr_png = staticmethod(qr_png)
    photographed = staticmethod(photographed)
    png = staticmethod(png)
    new_registration_code = staticmethod(new_registration_code)


@pytest.fixture(scope="session")
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
