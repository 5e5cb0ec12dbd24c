"""The reference server's phone API over HTTP, to the letter of docs/phone-api.md."""

import asyncio
import re
import ssl
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Literal, Self
from urllib.parse import urlsplit

import httpx

from simulator.securities.api import (
    BindingAnswer,
    Challenge,
    EnrolmentStatus,
    LoginAnswer,
    Refused,
    RegistrationSent,
    ServerBroken,
    ServerIdentity,
    ServerSlow,
    ServerStep,
    ServerUnreachable,
    SmsSent,
)
from simulator.securities.states import LoginState
from simulator.strict_json import JsonObject, NotAsDescribed, to_base64url

TIMEOUT_SECONDS: Final = 10.0
"""How long a whole answer may take, from the first byte sent to the last one read."""

ANSWER_BYTES_AT_MOST: Final = 16 * 1024

_BASE_PATH: Final = "/phone-api/v1"
_WHOLE_SECONDS: Final = re.compile(r"[0-9]{1,7}")
_ERROR_CODE: Final = re.compile(r"[a-z]+(?:-[a-z]+)*")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

_Method = Literal["GET", "POST", "DELETE"]


class HttpBrokerApi:
    """A `BrokerApi` at an address such as `https://broker.example` or `http://localhost:8000`.

    `client` is used when given and left open; else one is made with the first request and closed by `close` or at the
    end of the `async with` block. `language` is that of the server's messages: `zh-Hant` or `en`.

    Raises `ValueError` when `origin` is not scheme, host and optional port in their shortest spelling.
    """

    def __init__(self, origin: str, client: httpx.AsyncClient | None = None, *, language: str = "zh-Hant") -> None:
        parts = urlsplit(origin)
        spelt_shortest = origin == f"{parts.scheme}://{parts.netloc}" and "@" not in parts.netloc
        if parts.scheme not in ("http", "https") or not parts.hostname or not spelt_shortest:
            raise ValueError("a server's address is scheme, host and port, such as https://broker.example:8443")
        self._origin = origin
        self._client = client
        self._owns_client = client is None
        self._language = language

    @property
    def origin(self) -> str:
        """The address that this phone was given."""
        return self._origin

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections that it opened itself."""
        if self._owns_client and self._client is not None:
            await self._client.aclose()
            self._client = None

    async def server(self) -> ServerIdentity:
        """`GET /server`."""
        answer = await self._ask("GET", "/server", status=200)
        with _read_strictly(answer):
            return ServerIdentity(
                name=answer.line("name"),
                origin=answer.line("origin"),
                key_id=answer.line("key_id", at_most=64),
                public_key=answer.octets("public_key", length=65),
                time=answer.whole("time"),
            )

    async def challenge(self) -> Challenge:
        """`POST /challenges`."""
        answer = await self._ask("POST", "/challenges", {}, status=201)
        with _read_strictly(answer):
            return Challenge(
                challenge_id=answer.line("challenge_id"),
                challenge=answer.octets("challenge", length=32),
                expires_at=answer.whole("expires_at"),
            )

    async def log_in(
        self, *, account: str, password: str, device_key: bytes, device_name: str, challenge_id: str, signature: bytes
    ) -> LoginAnswer:
        """`POST /sessions`."""
        body = {
            "account": account,
            "password": password,
            "device_key": to_base64url(device_key),
            "device_name": device_name,
            "challenge_id": challenge_id,
            "signature": to_base64url(signature),
        }
        answer = await self._ask("POST", "/sessions", body, status=201)
        with _read_strictly(answer):
            return LoginAnswer(
                session=answer.line("session"),
                account=answer.line("account"),
                name=answer.line("name"),
                state=answer.choice("state", LoginState),
                enrolment=answer.choice("enrolment", ServerStep),
                token_id=answer.unless_null("token_id", answer.line),
                server_time=answer.whole("server_time"),
            )

    async def log_out(self, session: str) -> None:
        """`DELETE /sessions/current`."""
        await self._send("DELETE", "/sessions/current", None, session=session, status=204)

    async def enrolment(self, session: str) -> EnrolmentStatus:
        """`GET /enrolment`."""
        answer = await self._ask("GET", "/enrolment", session=session, status=200)
        with _read_strictly(answer):
            return EnrolmentStatus(
                step=answer.choice("step", ServerStep), sent_to=answer.unless_null("sent_to", answer.line)
            )

    async def start_enrolment(self, session: str) -> SmsSent:
        """`POST /enrolment`."""
        answer = await self._ask("POST", "/enrolment", {"consent": True}, session=session, status=202)
        with _read_strictly(answer, step=ServerStep.SMS_CODE):
            return SmsSent(
                sent_to=answer.line("sent_to"),
                expires_at=answer.whole("expires_at"),
                resend_at=answer.whole("resend_at"),
            )

    async def confirm_sms_code(self, session: str, code: str) -> None:
        """`POST /enrolment/sms-code`."""
        answer = await self._ask("POST", "/enrolment/sms-code", {"code": code}, session=session, status=200)
        with _read_strictly(answer, step=ServerStep.REGISTRATION):
            pass

    async def send_registration(self, session: str) -> RegistrationSent:
        """`POST /enrolment/registration`."""
        answer = await self._ask("POST", "/enrolment/registration", {}, session=session, status=202)
        with _read_strictly(answer, step=ServerStep.BINDING):
            return RegistrationSent(sent_to=answer.line("sent_to"), expires_at=answer.whole("expires_at"))

    async def bind(self, session: str, *, code: str, device_ephemeral_key: bytes, signature: bytes) -> BindingAnswer:
        """`POST /enrolment/binding`."""
        body = {
            "code": code,
            "device_ephemeral_key": to_base64url(device_ephemeral_key),
            "signature": to_base64url(signature),
        }
        answer = await self._ask("POST", "/enrolment/binding", body, session=session, status=200)
        with _read_strictly(answer, step=ServerStep.ACTIVATION):
            return BindingAnswer(
                token_id=answer.line("token_id"),
                server_ephemeral_key=answer.octets("server_ephemeral_key", length=65),
                confirmation=answer.octets("confirmation", length=32),
                server_time=answer.whole("server_time"),
            )

    async def activate(self, session: str, *, token_id: str, code: str, confirmation: bytes) -> None:
        """`POST /enrolment/activation`."""
        body = {"token_id": token_id, "code": code, "confirmation": to_base64url(confirmation)}
        answer = await self._ask("POST", "/enrolment/activation", body, session=session, status=200)
        with _read_strictly(answer, step=ServerStep.ACTIVE):
            answer.whole("server_time")
            if answer.line("token_id") != token_id:
                raise NotAsDescribed("'token_id' is another token's")

    async def _ask(
        self,
        method: _Method,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        session: str | None = None,
        status: int,
    ) -> JsonObject:
        """Send a request whose answer is a JSON object."""
        response, content = await self._send(method, path, body, session=session, status=status)
        return _as_object(response, content)

    async def _send(
        self, method: _Method, path: str, body: Mapping[str, object] | None, *, session: str | None = None, status: int
    ) -> tuple[httpx.Response, bytes]:
        """Send a request and take an answer with the status that the page promises; any other is raised."""
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "Accept-Language": self._language}
        if session is not None:
            headers["Authorization"] = f"Bearer {session}"
        request = self._opened().build_request(
            method, f"{self._origin}{_BASE_PATH}{path}", json=body, headers=headers, timeout=TIMEOUT_SECONDS
        )
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                response, content = await self._exchange(request)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise ServerSlow(f"no answer from {self._origin} in {TIMEOUT_SECONDS:.0f} s") from error
        except (httpx.RemoteProtocolError, httpx.DecodingError) as error:
            raise ServerBroken(f"what {self._origin} answers is not HTTP") from error
        except httpx.TransportError as error:
            raise ServerUnreachable(f"{self._origin} cannot be reached") from error
        if response.status_code != status:
            raise _failure(response, content)
        return response, content

    async def _exchange(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        response = await self._opened().send(request, stream=True, follow_redirects=False)
        try:
            # Before the body is read: an encoded one could grow beyond all bounds while it is being decoded.
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise ServerBroken("an answer in an encoding that was not asked for")
            content = bytearray()
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > ANSWER_BYTES_AT_MOST:
                    raise ServerBroken(f"an answer of more than {ANSWER_BYTES_AT_MOST} bytes")
            return response, bytes(content)
        finally:
            await response.aclose()

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = _client_for(self._origin)
        return self._client


def _client_for(origin: str) -> httpx.AsyncClient:
    """A client for one server. One on this machine is reached without the environment's proxy."""
    here = urlsplit(origin).hostname in _LOOPBACK
    if origin.startswith("https:"):
        return httpx.AsyncClient(trust_env=not here)
    # Reading the machine's certificates takes a tenth of a second, and plain HTTP asks for none: this context trusts
    # nobody, so it can open nothing by mistake.
    return httpx.AsyncClient(trust_env=not here, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def _as_object(response: httpx.Response, content: bytes) -> JsonObject:
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise ServerBroken("an answer that is not JSON")
    try:
        return JsonObject.parse(content)
    except NotAsDescribed as error:
        raise ServerBroken(f"an answer that is not as described: {error}") from error


@contextmanager
def _read_strictly(answer: JsonObject, *, step: ServerStep | None = None) -> Generator[None]:
    """Around the reading of an answer: `step` is the one that it must name, and no key may be left over."""
    try:
        if step is not None and answer.choice("step", ServerStep) is not step:
            raise NotAsDescribed(f"'step' is not {step.value}")
        yield
        answer.end()
    except NotAsDescribed as error:
        raise ServerBroken(f"an answer that is not as described: {error}") from error


def _failure(response: httpx.Response, content: bytes) -> Refused | ServerBroken:
    """What an answer with another status than the promised one means."""
    status = response.status_code
    if not (400 <= status < 500 or status == 503):
        return ServerBroken(f"an answer with status {status}")
    try:
        answer = _as_object(response, content)
        error = answer.inner("error")
        code, message = error.line("code", at_most=64), error.line("message")
        error.end()
        answer.end()
    except (NotAsDescribed, ServerBroken):
        return ServerBroken(f"an answer with status {status} that gives no reason")
    if not _ERROR_CODE.fullmatch(code):
        return ServerBroken(f"an answer with status {status} whose reason is not a code")
    wait = response.headers.get("Retry-After", "")
    return Refused(code, message, int(wait) if _WHOLE_SECONDS.fullmatch(wait) else None)
