"""Gateways that misbehave: what waits in the outbox is neither lost nor sent under two ids, and customers are told."""

import asyncio
import contextlib
import datetime as dt
import email
import email.policy
import ipaddress
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from auth_server import outbox
from auth_server.app import create_app
from auth_server.delivery import deliver
from auth_server.outbox import Fate
from auth_server.settings import Settings, SettingsError

if TYPE_CHECKING:
    from conftest import NoWaits, Phone, World

PATIENCE_SECONDS = 30


@dataclass
class BadMailServer:
    """An SMTP server that plays one script a connection, and behaves once they are used up.

    A script maps a command, ``greeting`` or ``.`` to what is once answered to it; None hangs up. ``body`` is after how
    many bytes of the message it hangs up.
    """

    scripts: list[dict[str, str | int | None]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        script = dict(self.scripts.pop(0)) if self.scripts else {}
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._talk(script, reader, writer)
        writer.close()

    async def _talk(
        self, script: dict[str, str | int | None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        def answer(step: str, usual: str) -> str | None:
            said = script.pop(step, usual)
            if said is not None:
                writer.write(f"{said}\r\n".encode())
            return said

        if not answer("greeting", "220 sink"):
            return
        while line := await reader.readline():
            verb = line.split()[0].decode().upper()
            self.commands.append(verb)
            said = answer(verb, "354 go on" if verb == "DATA" else "250 OK")
            if said is None or verb == "QUIT":
                return
            if said.startswith("354"):
                if "body" in script:
                    await reader.readexactly(script["body"])
                    return
                content = await reader.readuntil(b"\r\n.\r\n")
                said = answer(".", "250 OK")
                if said is None or said.startswith("250"):
                    self.taken.append(content)
                if said is None:
                    return


@dataclass
class BadSmsServer:
    """An HTTP server that gives what it is told, byte for byte, then takes everything."""

    answers: list[bytes] = field(default_factory=list)
    seen: list[dict[str, str]] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.headers.append(head)
        length = int(head.lower().partition("content-length: ")[2].partition("\r\n")[0])
        self.seen.append(json.loads(await reader.readexactly(length)))
        writer.write(self.answers.pop(0) if self.answers else status("200 OK"))
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()


def status(line: str, *headers: str) -> bytes:
    """Write an answer without a body."""
    return "\r\n".join([f"HTTP/1.1 {line}", "Content-Length: 0", "Connection: close", *headers, "", ""]).encode()


Opening = Callable[..., "AsyncIterator[NoWaits]"]


@pytest.fixture
def delivering(world: "World", settings: dict[str, str], no_waits: "Callable[[], NoWaits]") -> Opening:
    """Deliver to misbehaving gateways for the length of a block; gives the waits."""

    @asynccontextmanager
    async def opening(
        mail: BadMailServer | None = None, sms: BadSmsServer | None = None, **more: str
    ) -> "AsyncIterator[NoWaits]":
        servers = []
        for name, server, address in [
            ("AUTH_SERVER_SMTP", mail, "127.0.0.1:{}"),
            ("AUTH_SERVER_SMS_URL", sms, "http://127.0.0.1:{}/sms"),
        ]:
            if server is not None:
                servers.append(await asyncio.start_server(server.serve, "127.0.0.1", 0))
                settings[name] = address.format(servers[-1].sockets[0].getsockname()[1])
        world.app = create_app({**settings, **more}, world.clock.now)
        waits = no_waits()
        delivery = asyncio.create_task(deliver(world.broker, waits))
        try:
            yield waits
        finally:
            delivery.cancel()
            await asyncio.wait([delivery])
            assert delivery.cancelled()
            world.broker.database.close()
            for server in servers:
                server.close()

    return opening


def queue_mail(world: "World", to: str = "chan@example.com", **more: object) -> None:
    with world.broker.database.writing() as tx:
        world.broker.outbox.queue_mail(
            tx, at=world.clock.at, to=to, subject="s", text="t", html="h", account="9999-9990", **more
        )


def queue_text(world: "World", **more: object) -> None:
    with world.broker.database.writing() as tx:
        world.broker.outbox.queue_text(
            tx, at=world.clock.at, to="+852 5555 0101", text="t", account="9999-9990", **more
        )


async def until_ended(world: "World", count: int = 1) -> list[tuple[str, int]]:
    """Wait until so many messages have ended; their states and attempts."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            with world.broker.database.reading() as tx:
                rows = tx.exec_driver_sql("SELECT state, attempts FROM outbox ORDER BY id").all()
            ended = [(row.state, row.attempts) for row in rows if row.state != "waiting"]
            if len(ended) == count:
                return ended
            await asyncio.sleep(0.001)


def message_ids(server: BadMailServer) -> set[str]:
    return {
        str(email.message_from_bytes(content, policy=email.policy.default)["Message-ID"]) for content in server.taken
    }


PASSING: list[dict[str, str | int | None]] = [
    {"greeting": "421 4.3.2 too busy"},
    {"greeting": "554 5.7.1 not from there"},
    {"greeting": None},
    {"EHLO": "421 4.3.2 closing", "HELO": "421 4.3.2 closing"},
    {"EHLO": "550 who are you", "HELO": "550 who are you"},
    {"EHLO": None},
    {"MAIL": "451 4.3.0 later"},
    {"MAIL": "530 5.7.0 log in first"},
    {"MAIL": None},
    {"RCPT": "450 4.2.1 mailbox busy"},
    {"RCPT": "421 4.3.2 closing"},
    {"RCPT": None},
    {"DATA": "451 4.3.0 later"},
    {"DATA": None},
    {"body": 0},
    {"body": 200},
    {".": "452 4.3.1 full"},
    {"greeting": "garbage \x00\x01"},
    {"MAIL": "not a number"},
]


def test_a_mail_outlives_every_passing_trouble_at_every_command_under_one_id(
    world: "World", delivering: Opening
) -> None:
    async def play() -> None:
        server = BadMailServer(scripts=[*PASSING])
        async with delivering(mail=server):
            queue_mail(world)
            assert await until_ended(world) == [("sent", len(PASSING) + 1)]
        assert len(server.taken) == 1
        assert world.audit(event="message-given-up") == []

    asyncio.run(play())


def test_a_reply_lost_after_the_final_dot_makes_an_honest_duplicate_with_the_same_id(
    world: "World", delivering: Opening
) -> None:
    async def play() -> None:
        server = BadMailServer(scripts=[{".": None}, {".": None}])
        async with delivering(mail=server):
            queue_mail(world)
            assert await until_ended(world) == [("sent", 3)]
        assert len(server.taken) == 3
        assert len(message_ids(server)) == 1

    asyncio.run(play())


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "."])
def test_a_mail_that_is_refused_for_good_is_given_up_and_the_next_one_goes_out(
    world: "World", delivering: Opening, command: str
) -> None:
    async def play() -> None:
        server = BadMailServer(scripts=[{command: "550 5.1.1 no"}])
        async with delivering(mail=server):
            queue_mail(world)
            await until_ended(world)
            queue_mail(world)
            assert await until_ended(world, 2) == [("given-up", 1), ("sent", 1)]
        [row] = world.audit(event="message-given-up")
        assert (row.account, row.reason, row.channel) == ("9999-9990", "SMTP 550", "mail")

    asyncio.run(play())


def test_what_cannot_be_written_as_a_mail_is_given_up_and_holds_nobody_up(world: "World", delivering: Opening) -> None:
    async def play() -> None:
        async with delivering(mail=BadMailServer()):
            queue_mail(world, to="not an address")
            queue_mail(world)
            assert await until_ended(world, 2) == [("given-up", 1), ("sent", 1)]

    asyncio.run(play())


ANSWERS = [
    status("400 Bad Request"),
    status("401 Unauthorized"),
    status("403 Forbidden"),
    status("404 Not Found"),
    status("429 Too Many Requests", "Retry-After: 40"),
    status("429 Too Many Requests", "Retry-After: Wed, 21 Oct 2099 07:28:00 GMT"),
    status("500 Broken"),
    status("503 Away"),
    status("302 Elsewhere", "Location: http://127.0.0.1:1/"),
    b"",
    b'HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{"cut":',
    b"\x16\x03\x01 this is not HTTP\r\n\r\n",
    b"HTTP/9.9 999 ?\r\n\r\n",
]


def test_a_text_outlives_every_passing_trouble_under_one_id_and_backs_off(world: "World", delivering: Opening) -> None:
    async def play() -> None:
        server = BadSmsServer(answers=ANSWERS[1:])
        async with delivering(sms=server) as waits:
            queue_text(world)
            assert await until_ended(world) == [("sent", len(ANSWERS))]
        assert len({message["id"] for message in server.seen}) == 1
        # A second, then twice as long each time, or what the gateway asks for, but never more than five minutes.
        assert waits.waited == [1, 2, 4, 40, 16, 32, 64, 128, 256, 300, 300, 300]

    asyncio.run(play())


@pytest.mark.parametrize("line", ["400 Bad Request", "413 Too Long", "422 No Such Number"])
def test_a_text_that_is_refused_for_good_is_given_up(world: "World", delivering: Opening, line: str) -> None:
    async def play() -> None:
        async with delivering(sms=BadSmsServer(answers=[status(line)])):
            queue_text(world)
            assert await until_ended(world) == [("given-up", 1)]
        assert world.reasons("message-given-up") == [f"HTTP {line[:3]}"]

    asyncio.run(play())


def test_gateways_that_drip_are_left_as_a_whole_and_tried_again(
    world: "World", delivering: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auth_server.gateways._PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr("auth_server.delivery._LONGEST_HANDOVER_SECONDS", 0.05)

    @dataclass
    class Dripping:
        """Gives a piece at a time to the first who comes, each sooner than anyone loses patience; then behaves."""

        behaving: BadMailServer | BadSmsServer
        piece: bytes
        dripped: int = 0

        async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if self.dripped:
                await self.behaving.serve(reader, writer)
                return
            with contextlib.suppress(ConnectionError):
                while not writer.is_closing():
                    writer.write(self.piece)
                    await writer.drain()
                    self.dripped += 1
                    await asyncio.sleep(0.005)
            writer.close()

    async def play() -> None:
        mail, sms = Dripping(BadMailServer(), b"220-still here\r\n"), Dripping(BadSmsServer(), b"H")
        async with delivering(mail=mail, sms=sms):
            queue_mail(world)
            queue_text(world)
            assert await until_ended(world, 2) == [("sent", 2), ("sent", 2)]
        assert mail.dripped
        assert sms.dripped

    asyncio.run(play())


def test_a_code_that_was_tried_in_vain_is_not_sent_after_its_time(world: "World", delivering: Opening) -> None:
    async def play() -> None:
        server = BadSmsServer()
        queue_text(world, until=world.clock.at + 300)
        with world.broker.database.writing() as tx:
            [waiting] = world.broker.outbox.waiting(tx, "sms")
            world.broker.outbox.begin_attempt(tx, waiting)
        world.clock.advance(300)
        async with delivering(sms=server):
            assert await until_ended(world) == [("given-up", 1)]
        assert server.seen == []
        assert world.reasons("message-given-up") == ["late"]

    asyncio.run(play())


def test_the_customer_is_told_on_the_page_and_on_the_phone_how_a_message_fares(
    world: "World", new_phone: "Callable[..., Phone]", delivering: Opening
) -> None:
    world.customer()
    phone = new_phone()
    phone.be_logged_in()
    assert phone.call("GET", "/enrolment").json()["message"] is None
    phone.start()
    assert phone.call("GET", "/enrolment").json()["message"] == Fate.UNDER_WAY

    async def play() -> None:
        async with delivering(sms=BadSmsServer(answers=[status("422 No Such Number")])):
            await until_ended(world)

    asyncio.run(play())
    shown = phone.call("GET", "/enrolment").json()
    assert (shown["step"], shown["message"]) == ("sms-code", "given-up")
    with world.broker.database.writing() as tx:
        for attempts, fares in [(1, Fate.UNDER_WAY), (2, Fate.DELAYED)]:
            tx.exec_driver_sql(f"UPDATE outbox SET state = 'waiting', attempts = {attempts}")  # noqa: S608
            about = tx.exec_driver_sql("SELECT about FROM outbox").scalar_one()
            assert outbox.fate(tx, about) is fares


# Encrypted ways to the gateways.


@dataclass(frozen=True)
class Certificate:
    """A certificate for 127.0.0.1 that vouches for itself, and the context of a server that has it."""

    file: Path
    context: ssl.SSLContext


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a gateway")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return Certificate(folder / "ca.pem", context)


@dataclass
class Keeper:
    """An SMTP server's handler that keeps who logged in, whether encrypted, and what came."""

    came: list[tuple[bytes | None, bool]] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, _envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        encrypted = server.transport.get_extra_info("ssl_object") is not None
        self.came.append((session.auth_data.login if session.auth_data else None, encrypted))
        return "250 OK"


def log_in(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, who: object) -> AuthResult:
    right = isinstance(who, LoginPassword) and (who.login, who.password) == (b"anue", b"let the mail out")
    return AuthResult(success=right, auth_data=who)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_goes_out_encrypted_and_with_a_login_to_a_server_whose_certificate_is_right(
    world: "World", delivering: Opening, certificate: Certificate, security: str
) -> None:
    keeper = Keeper()
    login = {
        "AUTH_SERVER_SMTP_SECURITY": security,
        "AUTH_SERVER_SMTP_USER": "anue",
        "AUTH_SERVER_SMTP_PASSWORD": "let the mail out",
    }

    async def play() -> None:
        loop = asyncio.get_running_loop()
        from_the_start = certificate.context if security == "tls" else None
        server = await loop.create_server(
            lambda: SMTP(
                keeper,
                hostname="sink",
                loop=loop,
                authenticator=log_in,
                auth_require_tls=security == "starttls",  # from the start it does not notice that it is encrypted
                tls_context=certificate.context if security == "starttls" else None,
            ),
            "127.0.0.1",
            0,
            ssl=from_the_start,
        )
        login["AUTH_SERVER_SMTP"] = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        queue_mail(world)
        # A stranger's certificate: nothing is handed over, and the password stays here.
        async with delivering(**login) as waits, asyncio.timeout(PATIENCE_SECONDS):
            await waits.tried_twice.wait()
        assert keeper.came == []
        async with delivering(**login, AUTH_SERVER_GATEWAYS_CA_FILE=str(certificate.file)):
            [(state, _)] = await until_ended(world)
            assert state == "sent"
        assert keeper.came == [(b"anue", True)]
        server.close()

    asyncio.run(play())


def test_a_server_that_offers_no_encryption_gets_neither_mail_nor_password(world: "World", delivering: Opening) -> None:
    async def play() -> None:
        server = BadMailServer()
        login = {"AUTH_SERVER_SMTP_USER": "anue", "AUTH_SERVER_SMTP_PASSWORD": "let the mail out"}
        async with delivering(mail=server, **login, AUTH_SERVER_SMTP_SECURITY="starttls") as waits:
            queue_mail(world)
            async with asyncio.timeout(PATIENCE_SECONDS):
                await waits.tried_twice.wait()
        assert set(server.commands) <= {"EHLO", "QUIT"}

    asyncio.run(play())


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"AUTH_SERVER_SMTP_USER": "anue"}, "AUTH_SERVER_SMTP_USER needs AUTH_SERVER_SMTP_SECURITY=starttls or tls"),
        ({"AUTH_SERVER_SMS_TOKEN": "let me out"}, "AUTH_SERVER_SMS_TOKEN needs an https address"),
        ({"AUTH_SERVER_SMTP_SECURITY": "ssl"}, "AUTH_SERVER_SMTP_SECURITY should be 'none', 'starttls' or 'tls'"),
    ],
)
def test_a_secret_for_a_gateway_is_never_sent_in_the_clear(
    settings: dict[str, str], more: dict[str, str], says: str
) -> None:
    with pytest.raises(SettingsError, match=says) as refused:
        Settings.read({**settings, **more})
    assert "let me out" not in str(refused.value)
