"""One request over HTTP and its answer: read strictly, and each way for a server to fail told apart."""

import asyncio
import re
import ssl
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Literal, Self
from urllib.parse import urlsplit

import httpx

from simulator.securities.answers import ServerStep
from simulator.securities.api import (
    BrokenRule,
    Refused,
    ServerBroken,
    ServerFailed,
    ServerSlow,
    ServerUnreachable,
)
from simulator.strict_json import JsonObject, NotAsDescribed

TIMEOUT_SECONDS: Final = 10.0
"""How long a whole answer may take, from the first byte sent to the last one read."""

ANSWER_BYTES_AT_MOST: Final = 16 * 1024

_BASE_PATH: Final = "/phone-api/v1"
_WHOLE_SECONDS: Final = re.compile(r"[0-9]{1,7}")
_WORD: Final = re.compile(r"[a-z]+(?:-[a-z]+)*")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

Method = Literal["GET", "POST", "DELETE"]


class HttpExchange:
    """Asks a server at an address such as `https://broker.example` or `http://localhost:8000`.

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
        self.language = language

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

    async def ask(
        self,
        method: Method,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        session: str | None = None,
        status: int,
    ) -> JsonObject:
        """Send a request whose answer is a JSON object."""
        response, content = await self.send(method, path, body, session=session, status=status)
        return _as_object(response, content)

    async def send(
        self,
        method: Method,
        path: str,
        body: Mapping[str, object] | None = None,
        *,
        session: str | None = None,
        status: int,
    ) -> tuple[httpx.Response, bytes]:
        """Send a request and take an answer with the status that the page promises; any other is raised."""
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "Accept-Language": self.language}
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


@contextmanager
def read_strictly(answer: JsonObject, *, step: ServerStep | None = None) -> Generator[None]:
    """Around the reading of an answer: what is read must be as described, and `step` be the one that it names.

    Keys that nobody reads are left alone: a server may come to say more than this app knows of.
    """
    try:
        if step is not None and answer.choice("step", ServerStep) is not step:
            raise NotAsDescribed(f"'step' is not {step.value}")
        yield
    except NotAsDescribed as error:
        raise ServerBroken(f"an answer that is not as described: {error}") from error


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


def _failure(response: httpx.Response, content: bytes) -> Refused | ServerBroken:
    """What an answer with another status than the promised one means."""
    status = response.status_code
    if status >= 500 and status != 503:
        return ServerFailed(f"an answer with status {status}")
    try:
        if not (400 <= status < 500 or status == 503):
            raise NotAsDescribed(f"status {status}")
        error = _as_object(response, content).inner("error")
        code, message = _word(error.line("code", at_most=64)), error.line("message")
        rules = tuple(
            BrokenRule(_word(rule.line("rule", at_most=64)), rule.line("message"))
            for rule in (error.objects("rules") if error.has("rules") else ())
        )
        reason = error.unless_null("reason", error.line) if error.has("reason") else None
    except (NotAsDescribed, ServerBroken):
        kind = ServerFailed if status == 503 else ServerBroken
        return kind(f"an answer with status {status} that gives no reason")
    wait = response.headers.get("Retry-After", "")
    seconds = int(wait) if _WHOLE_SECONDS.fullmatch(wait) else None
    return Refused(code, message, seconds, rules=rules, reason=reason)


def _word(text: str) -> str:
    """One of the page's words in small letters and hyphens. Raises `NotAsDescribed`."""
    if not _WORD.fullmatch(text):
        raise NotAsDescribed("a code that is not a word")
    return text
