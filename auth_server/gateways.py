"""The ways out: one mail over SMTP, one text message over HTTP, each with one of three ends.

Taken, refused for good, or to be tried again later.
"""

import asyncio
import re
import smtplib
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from auth_server.outbox import Mail, Text, Waiting
from auth_server.settings import Settings

_PATIENCE_SECONDS: Final = 10.0
_LONGEST_ANSWER: Final = 65536
# RFC 5321, 4.2.3.
_READY: Final = 220
_CLOSING: Final = 421
_LOGIN_NEEDED: Final = 530
# What a gateway says of a message that will never do; anything else may pass.
_REFUSED_FOR_GOOD: Final = frozenset({400, 413, 422})


@dataclass(frozen=True, slots=True)
class Taken:
    """The gateway answers for the message from here on."""


@dataclass(frozen=True, slots=True)
class RefusedForGood:
    """The gateway will never take this message."""

    reason: str


@dataclass(frozen=True, slots=True)
class TryLater:
    """The gateway could not take the message now; not before `wait_seconds`, if it said so."""

    reason: str
    wait_seconds: float = 0.0
    unreachable: bool = False
    """No use in trying the next message now."""


HandedOver = Taken | RefusedForGood | TryLater


class MailGateway:
    """Hands mails to the SMTP server of `settings`. Blocking; one connection, kept until `close`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._smtp: _InterruptibleSmtp | None = None
        self._interrupted = threading.Event()

    def hand_over(self, waiting: Waiting, mail: Mail) -> HandedOver:
        """Hand over one mail (RFC 5321)."""
        try:
            message = write_mail(waiting, mail, self._settings)
        except ValueError:
            return RefusedForGood("unwritable")
        try:
            smtp = self._connected()
        except smtplib.SMTPResponseException as refused:  # before it knew of any mail: it is not about this one
            self.close()
            return TryLater(f"SMTP {refused.smtp_code}", unreachable=True)
        except (smtplib.SMTPException, OSError) as error:
            return self._lost(error)
        return self._send(smtp, message, mail.to)

    def _send(self, smtp: smtplib.SMTP, message: EmailMessage, to: str) -> HandedOver:
        try:
            smtp.send_message(message, self._settings.mail_from, [to])
        except smtplib.SMTPRecipientsRefused as refused:
            code, _ = refused.recipients[to]
            if code == _CLOSING:
                self.close()
            return _by_code(code)
        except smtplib.SMTPResponseException as refused:
            self.close()
            return _by_code(refused.smtp_code)
        except (smtplib.SMTPException, OSError) as error:
            return self._lost(error)
        return Taken()

    def close(self) -> None:
        """Take leave of the SMTP server."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
            smtp.close()

    def interrupt(self) -> None:
        """End the call that waits in another thread, and those to come."""
        self._interrupted.set()
        sock = self._smtp.sock if self._smtp else None
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _lost(self, error: smtplib.SMTPException | OSError) -> TryLater:
        self.close()
        return TryLater(type(error).__name__, unreachable=True)

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            settings = self._settings
            trust = None if settings.smtp_security == "none" else _trust(settings)
            self._smtp = _InterruptibleSmtp(settings, self._interrupted, trust)
            code, greeting = self._smtp.connect(settings.smtp.host, settings.smtp.port)
            if code != _READY:
                raise smtplib.SMTPConnectError(code, greeting)
            self._smtp.ehlo_or_helo_if_needed()
            if settings.smtp_security == "starttls":
                self._smtp.starttls(context=trust)
            if settings.smtp_user:
                self._smtp.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        return self._smtp


class _InterruptibleSmtp(smtplib.SMTP):
    """An SMTP client that waits for no more answers once it is interrupted."""

    def __init__(self, settings: Settings, interrupted: threading.Event, trust: ssl.SSLContext | None) -> None:
        # Our name is given so that smtplib does not ask the network for this machine's.
        super().__init__(local_hostname=urlsplit(settings.origin).hostname, timeout=_PATIENCE_SECONDS)
        self._host = settings.smtp.host  # whose certificate STARTTLS asks for
        self._interrupted = interrupted
        self._tls = trust if settings.smtp_security == "tls" else None

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((host, port), timeout)
        if self._tls is None:
            return plain
        try:
            return self._tls.wrap_socket(plain, server_hostname=host)
        except OSError:
            plain.close()
            raise

    def getreply(self) -> tuple[int, bytes]:
        """Wait for an answer. An interrupt from here on shuts the socket, which ends the wait."""
        if self._interrupted.is_set():
            raise smtplib.SMTPServerDisconnected("interrupted")
        return super().getreply()


class SmsGateway:
    """Hands text messages to the HTTP gateway of `settings`: one JSON object each, taken if the answer is 2xx."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: httpx.AsyncClient | None = None

    async def hand_over(self, waiting: Waiting, text: Text) -> HandedOver:
        """Hand over one text message. Its id is the same each time it is tried."""
        message = {"to": text.to, "from": self._settings.sms_sender, "text": text.text, "id": waiting.message_id}
        token = self._settings.sms_token.get_secret_value()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            # httpx is patient with each piece; a gateway that drips must come to an end as a whole.
            async with asyncio.timeout(_PATIENCE_SECONDS):
                answer = await self._post(message, headers)
        except TimeoutError:
            return TryLater("too slow", unreachable=True)
        except (httpx.HTTPError, OSError) as error:
            return TryLater(type(error).__name__, unreachable=isinstance(error, httpx.ConnectError))
        if answer.is_success:
            return Taken()
        reason = f"HTTP {answer.status_code}"
        if answer.status_code in _REFUSED_FOR_GOOD:
            return RefusedForGood(reason)
        wait = answer.headers.get("retry-after", "")
        return TryLater(reason, wait_seconds=float(wait) if re.fullmatch("[0-9]{1,9}", wait) else 0.0)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def _post(self, message: dict[str, str], headers: dict[str, str]) -> httpx.Response:
        """Post `message`; what the answer says beside its status is read, a little of it, and forgotten."""
        async with self._opened().stream("POST", self._settings.sms_url, json=message, headers=headers) as answer:
            length = 0
            async for piece in answer.aiter_raw():
                length += len(piece)
                if length > _LONGEST_ANSWER:
                    break
        return answer

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            secure = self._settings.sms_url.startswith("https:")
            # Reading the machine's certificate authorities takes longer than all the rest: only where they are needed.
            trust = _trust(self._settings) if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._client = httpx.AsyncClient(timeout=_PATIENCE_SECONDS, trust_env=False, verify=trust)
        return self._client


def write_mail(waiting: Waiting, mail: Mail, settings: Settings) -> EmailMessage:
    """Write the mail (RFC 5322): plain text and HTML as alternatives, pictures inline beside the HTML (RFC 2387)."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(settings.mail_from_name, addr_spec=settings.mail_from)
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = mail.subject
    message["Date"] = formatdate(waiting.created_at)
    message["Message-ID"] = waiting.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    for cid, png in mail.decoded_pictures():
        html = message.get_body(("html",))
        assert isinstance(html, EmailMessage)
        html.add_related(png, "image", "png", cid=f"<{cid}>", disposition="inline")
    return message


def _by_code(code: int) -> HandedOver:
    # RFC 5321, 4.2.1: 5xx is for good, 4xx for now. 530 (RFC 4954, 6) is about this server, not about the message.
    if code >= 500 and code != _LOGIN_NEEDED:
        return RefusedForGood(f"SMTP {code}")
    return TryLater(f"SMTP {code}", unreachable=code in {_CLOSING, _LOGIN_NEEDED})


def _trust(settings: Settings) -> ssl.SSLContext:
    return _certificate_authorities(settings.gateways_ca_file)


@cache
def _certificate_authorities(file: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=file)
