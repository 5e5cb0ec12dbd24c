"""One SMTP connection: aiosmtpd's, but mails are read in bulk and never logged, and its end can be waited for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

_CHUNK_BYTES = 64 * 1024
_END_OF_DATA = b"\r\n.\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a client handed over: the envelope (the sender of a bounce is empty), the mail, and its AUTH name."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes = field(repr=False)
    login_name: str


Take = Callable[[Delivery], Awaitable[None]]


class Connection(SMTP):
    """Speaks with one client and gives each mail to `take`; "250 OK" is said when `take` has returned."""

    line_length_limit = _CHUNK_BYTES
    """How much is read at a time. Long lines of a mail are read in several goes; commands have their own limit."""

    def __init__(self, take: Take, connections: set["Connection"], size_limit_bytes: int) -> None:
        super().__init__(
            _Decisions(),
            data_size_limit=size_limit_bytes,
            enable_SMTPUTF8=True,
            hostname="localhost",
            ident="Twofold",
            auth_require_tls=False,
            authenticator=self._let_in,
            loop=asyncio.get_running_loop(),
        )
        self._take = take
        self._size_limit_bytes = size_limit_bytes
        self._login_name = ""
        self._connections = connections
        self._ended = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._connections.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._connections.discard(self)
        self._ended.set()

    async def end(self) -> None:
        """Say that the service closes (RFC 5321, 3.8), close, and wait until nothing of the connection is left."""
        if isinstance(self.transport, asyncio.WriteTransport):
            if not self.transport.is_closing():
                self.transport.write(b"421 4.3.2 the gateway is closing\r\n")
            self.transport.abort()
            await self._ended.wait()
        if self._handler_coroutine is not None:
            await asyncio.wait((self._handler_coroutine,))

    def _create_session(self) -> Session:
        return _Session(self.loop)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - the name is aiosmtpd's
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        envelope = self.envelope
        if envelope is None or not envelope.rcpt_tos:
            await self.push("503 Error: need RCPT command")
            return
        if arg:
            await self.push("501 Syntax: DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        raw = await self._read_mail()
        self._set_post_data_state()
        if raw is None:
            await self.push(f"552 5.3.4 the mail is larger than this gateway takes, {self._size_limit_bytes} bytes")
            return
        sender = "" if envelope.mail_from == "<>" else envelope.mail_from or ""
        recipients = tuple(envelope.rcpt_tos)
        await self._take(Delivery(sender=sender, recipients=recipients, raw=raw, login_name=self._login_name))
        await self.push("250 OK")

    async def _read_mail(self) -> bytes | None:
        """All up to the line with a lone dot, doubled dots undone (RFC 5321, 4.5.2); none if it is too large.

        A mail that is too large is read to its end all the same, so that the client is there for the answer.
        """
        data, too_large = bytearray(b"\r\n"), False
        while not data.endswith(_END_OF_DATA):
            if len(data) > self._size_limit_bytes + len(_END_OF_DATA):
                too_large = True
                del data[: -len(_END_OF_DATA)]
            try:
                data += await self._reader.readuntil(b".\r\n")
            except asyncio.LimitOverrunError as overrun:
                data += await self._reader.readexactly(overrun.consumed)
        mail = bytes(data[: -len(b".\r\n")]).replace(b"\r\n.", b"\r\n").removeprefix(b"\r\n")
        return None if too_large or len(mail) > self._size_limit_bytes else mail

    def _let_in(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: LoginPassword
    ) -> AuthResult:
        self._login_name = login.login.decode("utf-8", "replace")
        return AuthResult(success=True)


class _Session(Session):
    """What aiosmtpd knows of a connection, without the log line by which it warns of its own `login_data`."""

    @property
    def login_data(self) -> object:
        """Not kept."""
        return None

    @login_data.setter
    def login_data(self, value: object) -> None:
        pass


class _Decisions:
    """What aiosmtpd calls a handler: an answer to a command is the method of its name."""

    async def handle_EHLO(  # noqa: N802
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_exception(self, error: Exception) -> str:
        """A mistake of ours: the client is asked to try again, and the loop's exception handler has the traceback."""
        asyncio.get_running_loop().call_exception_handler({"message": "the SMTP door failed", "exception": error})
        return "451 4.3.0 the gateway failed; its log says why"
