"""What services with a bug know of the request that they work for, and what they blurt out in its answer.

Honest services are handed what they need and no more. A bug often consists in listening to the request.
"""

import json
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Final, cast
from urllib.parse import parse_qsl

from sqlalchemy import Connection
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from auth_server.broker import Broker
from auth_server.channels import Channel
from auth_server.planted_bugs.kinds import Layer


@dataclass(slots=True)
class Call:
    """One request: `fields` are those of its query and its body, form or JSON; `said` is added to the answer."""

    _broker: Broker | None = None
    method: str = ""
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    cookies: Mapping[str, str] = field(default_factory=dict[str, str])
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    said: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    @property
    def broker(self) -> Broker:
        """The server that the request came to."""
        assert self._broker is not None, "there is a request only while one is answered"
        return self._broker

    def say(self, header: str, value: str) -> None:
        """Add a header to the answer."""
        self.said.append((header, value))

    def log_in(self, tx: Connection, account: str) -> None:
        """Begin a web session of `account`, and have the browser keep its token."""
        session = self.broker.web.sessions.begin(tx, account, Channel.SMS, previous_login_at=None)
        self.say("set-cookie", f"session={session}; Path=/; HttpOnly; SameSite=lax")


_call: Final[ContextVar[Call | None]] = ContextVar("auth_server.planted_bugs.call", default=None)


def heard() -> Call:
    """Give the request that is being answered; an empty one outside of requests."""
    return _call.get() or Call()


class Hearing(Layer):
    """Lets services hear what the request says; belongs to every server that has a bug."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the request, hand it on unchanged, and add to the answer what was blurted out."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        messages = [await receive()]
        while messages[-1].get("more_body", False):
            messages.append(await receive())
        call = _read(self.broker, scope, b"".join(message.get("body", b"") for message in messages))
        _call.set(call)

        async def receive_again() -> Message:
            return messages.pop(0) if messages else await receive()

        async def send_more(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in call.said:
                    headers.append(name, value)
            await send(message)

        await self.app(scope, receive_again, send_more)


def _read(broker: Broker, scope: Scope, body: bytes) -> Call:
    headers = Headers(scope=scope)
    pairs = parse_qsl(scope["query_string"].decode("latin-1"))
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        pairs += parse_qsl(body.decode("utf-8", "replace"))
    elif headers.get("content-type", "").startswith("application/json"):
        pairs += _texts(body)
    return Call(
        broker,
        method=scope["method"],
        path=scope["path"],
        headers=headers,
        cookies=_cookies(headers.get("cookie", "")),
        fields=dict(pairs),
    )


def _texts(body: bytes) -> list[tuple[str, str]]:
    try:
        read: object = json.loads(body)
    except ValueError:
        return []
    values = cast("dict[str, object]", read) if isinstance(read, dict) else {}
    return [(name, value) for name, value in values.items() if isinstance(value, str)]


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}
