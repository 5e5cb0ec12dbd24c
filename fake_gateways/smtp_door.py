"""The mail network's door: an SMTP server (RFC 5321) whose every mail ends in the inbox."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiosmtpd.smtp import SMTP

from fake_gateways.inbox import Inbox
from fake_gateways.listening import listen, stop_listening
from fake_gateways.mail import Mail, parse_mail
from fake_gateways.smtp_connection import Connection, Delivery

SIZE_LIMIT_BYTES = 25 * 1024 * 1024
"""What the big mailbox providers take; announced as SIZE (RFC 1870)."""

_READ_ASIDE_BYTES = 1024 * 1024
"""From this size on a mail is parsed in a thread, so that the loop's other people need not wait for it."""


@dataclass(frozen=True, slots=True)
class SmtpDoor:
    """Where a mail server is to be sent: host and port."""

    host: str
    port: int


@asynccontextmanager
async def smtp_door(
    inbox: Inbox,
    *,
    now: Callable[[], float],
    host: str = "127.0.0.1",
    port: int = 0,
    size_limit_bytes: int = SIZE_LIMIT_BYTES,
) -> AsyncGenerator[SmtpDoor]:
    """Take mails in the running loop until the block ends; connections still open then are told so and closed.

    8BITMIME, SMTPUTF8, PIPELINING and SIZE are spoken, lines may be of any length, and AUTH takes every name and
    password and notes the name. Raises `PortTaken`, `DoorNotOpened`.
    """
    connections: set[Connection] = set()

    async def take(delivery: Delivery) -> None:
        received_at = now()

        def read() -> Mail:
            return parse_mail(
                delivery.raw, delivery.sender, delivery.recipients, received_at, authenticated_as=delivery.login_name
            )

        inbox.put(await asyncio.to_thread(read) if len(delivery.raw) >= _READ_ASIDE_BYTES else read())

    def connection() -> SMTP:
        return Connection(take, connections, size_limit_bytes)

    server, port = await listen(connection, host, port)
    try:
        yield SmtpDoor(host, port)
    finally:
        await stop_listening(server)
        await asyncio.gather(*(connection.end() for connection in tuple(connections)))
        await server.wait_closed()
