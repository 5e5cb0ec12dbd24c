"""Mails, texts and clients that several files of this room use."""

import asyncio
import smtplib
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from email.message import EmailMessage
from typing import Any, TypeVar

import httpx
import pytest

from fake_gateways.inbox import Inbox
from fake_gateways.mail import Mail, parse_mail
from fake_gateways.sms import Text
from fake_gateways.smtp_door import SmtpDoor

NOON = 1_795_406_400.0
TLS = ssl.create_default_context()
"""Made once: a client of its own takes longer to make one than to ask a hundred questions."""
T = TypeVar("T")


@pytest.fixture
def played() -> Callable[[Coroutine[Any, Any, T]], T]:
    """Play an async story to its end, within half a minute, and see that it leaves no task behind."""

    def play(story: Coroutine[Any, Any, T]) -> T:
        async def watched() -> T:
            async with asyncio.timeout(30):
                result = await story
            left = asyncio.all_tasks() - {asyncio.current_task()}
            assert not left
            return result

        return asyncio.run(watched())

    return play


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def a_text() -> Callable[..., Text]:
    def make(recipient: str = "+852 5555 0101", text: str = "hello", **more: Any) -> Text:
        return Text(
            **{"sender": "#Anue", "recipient": recipient, "text": text, "received_at": NOON, "provider_id": "1"} | more
        )

    return make


@pytest.fixture
def a_mail() -> Callable[..., Mail]:
    def make(to: str = "chan@example.com", subject: str = "Hello", text: str = "hello", html: str = "") -> Mail:
        message = EmailMessage()
        message["From"] = "Anue Securities Service <service@anue.example>"
        message["To"] = to
        message["Subject"] = subject
        message.set_content(text)
        if html:
            message.add_alternative(html, subtype="html")
        return parse_mail(message.as_bytes(), "service@anue.example", (to,), NOON)

    return make


@pytest.fixture
def sent() -> Callable[[SmtpDoor, EmailMessage | bytes], Awaitable[None]]:
    """Send a mail with the standard library's client, in a thread of its own."""

    def send(door: SmtpDoor, mail: EmailMessage | bytes) -> None:
        with smtplib.SMTP(door.host, door.port, timeout=20) as client:
            if isinstance(mail, bytes):
                client.sendmail("service@anue.example", ["chan@example.com"], mail)
            else:
                client.send_message(mail)

    async def send_in_a_thread(door: SmtpDoor, mail: EmailMessage | bytes) -> None:
        await asyncio.to_thread(send, door, mail)

    return send_in_a_thread


@pytest.fixture
def http_client() -> Callable[..., httpx.AsyncClient]:
    """Make an HTTP client that no proxy settings of the machine lead astray."""
    return lambda base_url="": httpx.AsyncClient(base_url=base_url, verify=TLS, trust_env=False)
