"""Mails and texts on their way to real gateways: at once, once, again under the same id, and not for ever."""

import asyncio
import email
import email.policy
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from auth_server.app import create_app
from auth_server.delivery import deliver

if TYPE_CHECKING:
    from conftest import NoWaits, World

pytestmark = pytest.mark.on_both_databases

PATIENCE_SECONDS = 30


@dataclass
class MailSink:
    """An SMTP server's handler that gives its answers in turn, then takes everything."""

    answers: list[str] = field(default_factory=list)
    seen: list[EmailMessage] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.seen.append(message)
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.arrived.set()
        return answer


@dataclass
class SmsSink:
    """An HTTP gateway that gives its status lines in turn, then takes everything."""

    answers: list[str] = field(default_factory=list)
    seen: list[dict[str, str]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        self.seen.append(json.loads(await reader.readexactly(length)))
        answer = self.answers.pop(0) if self.answers else "200 OK"
        writer.write(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        if answer.startswith("200"):
            self.arrived.set()


@dataclass
class Gateways:
    mail: MailSink
    sms: SmsSink
    world: "World"


Opening = Callable[..., "AsyncIterator[Gateways]"]


@pytest.fixture
def open_gateways(world: "World", settings: dict[str, str], no_waits: "Callable[[], NoWaits]") -> Opening:
    """Open gateways on free ports and deliver to them for the length of a block."""

    @asynccontextmanager
    async def opening(mail: MailSink, sms: SmsSink) -> AsyncIterator[Gateways]:
        loop = asyncio.get_running_loop()
        smtp = await loop.create_server(lambda: SMTP(mail, hostname="sink", loop=loop), "127.0.0.1", 0)
        http = await asyncio.start_server(sms.serve, "127.0.0.1", 0)
        ports = [server.sockets[0].getsockname()[1] for server in (smtp, http)]
        settings["AUTH_SERVER_SMTP"] = f"127.0.0.1:{ports[0]}"
        settings["AUTH_SERVER_SMS_URL"] = f"http://127.0.0.1:{ports[1]}/sms"
        world.app = create_app(settings, world.clock.now)
        delivery = asyncio.create_task(deliver(world.broker, no_waits()))
        try:
            yield Gateways(mail, sms, world)
        finally:
            delivery.cancel()
            await asyncio.wait([delivery])
            world.broker.database.close()
            smtp.close()
            http.close()

    return opening


def queue_mail(world: "World", *, undo: bool = False, **more: object) -> None:
    with world.broker.database.writing() as tx:
        world.broker.outbox.queue_mail(
            tx,
            at=world.clock.at,
            to="chan@example.com",
            subject="登入驗證碼",
            text="登入驗證碼：281704",
            html='<p>登入驗證碼：281704</p><img src="cid:qr">',
            pictures={"qr": b"\x89PNG picture"},
            account="9999-9990",
            **more,
        )
        if undo:
            tx.rollback()


def queue_text(world: "World", **more: object) -> None:
    with world.broker.database.writing() as tx:
        world.broker.outbox.queue_text(
            tx, at=world.clock.at, to="+852 5555 0101", text="登入驗證碼是 281704", account="9999-9990", **more
        )


async def arrival(sink: MailSink | SmsSink) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        await sink.arrived.wait()
    sink.arrived.clear()


async def until_rows(world: "World", state: str, count: int = 1) -> list[tuple[str, int, bytes | None]]:
    """Wait until so many rows of the outbox have ended in `state`."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            with world.broker.database.reading() as tx:
                rows = tx.exec_driver_sql("SELECT state, attempts, content FROM outbox").all()
            found = [(row.state, row.attempts, row.content) for row in rows if row.state == state]
            if len(found) == count:
                return found
            await asyncio.sleep(0)


def test_a_mail_arrives_complete_and_what_it_said_is_wiped(world: "World", open_gateways: Opening) -> None:
    async def play() -> None:
        async with open_gateways(MailSink(), SmsSink()) as gateways:
            await asyncio.to_thread(queue_mail, world)
            await arrival(gateways.mail)
            [mail] = gateways.mail.seen
            assert str(mail["From"]) == "Anue Securities Service <service@anue.example>"
            assert (str(mail["To"]), str(mail["Subject"])) == ("chan@example.com", "登入驗證碼")
            assert mail["Date"].datetime.timestamp() == 1_800_000_000
            assert mail["Message-ID"].endswith("@localhost>")
            plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
            assert plain is not None
            assert html is not None
            assert plain.get_content().strip() == "登入驗證碼：281704"
            assert "cid:qr" in html.get_content()
            [picture] = [part for part in mail.walk() if part.get_content_type() == "image/png"]
            assert (picture["Content-ID"], picture.get_content()) == ("<qr>", b"\x89PNG picture")
            assert await until_rows(world, "sent") == [("sent", 1, None)]

    asyncio.run(play())


def test_a_refused_mail_is_tried_again_under_the_same_message_id(world: "World", open_gateways: Opening) -> None:
    async def play() -> None:
        sink = MailSink(answers=["451 4.3.0 not now", "421 4.3.2 closing", "452 4.3.1 full"])
        async with open_gateways(sink, SmsSink()) as gateways:
            await asyncio.to_thread(queue_mail, world)
            await arrival(gateways.mail)
            ids = [mail["Message-ID"] for mail in gateways.mail.seen]
            assert len(ids) == 4
            assert len(set(ids)) == 1
            assert await until_rows(world, "sent") == [("sent", 4, None)]

    asyncio.run(play())


def test_a_refused_text_is_tried_again_under_the_same_id(world: "World", open_gateways: Opening) -> None:
    async def play() -> None:
        sink = SmsSink(answers=["500 Broken", "429 Slow Down\r\nRetry-After: 0", "401 Who", "302 Elsewhere"])
        async with open_gateways(MailSink(), sink) as gateways:
            await asyncio.to_thread(queue_text, world)
            await arrival(gateways.sms)
            assert len(gateways.sms.seen) == 5
            [message] = {tuple(sorted(message.items())) for message in gateways.sms.seen}
            said = dict(message)
            assert (said["to"], said["from"], said["text"]) == ("+852 5555 0101", "#Anue", "登入驗證碼是 281704")
            assert set(said) == {"to", "from", "text", "id"}

    asyncio.run(play())


def test_what_a_gateway_refuses_for_good_is_given_up_with_an_audit_row(world: "World", open_gateways: Opening) -> None:
    async def play() -> None:
        mail, sms = MailSink(answers=["550 5.1.1 no such customer"]), SmsSink(answers=["422 No Such Number"])
        async with open_gateways(mail, sms):
            await asyncio.to_thread(queue_mail, world)
            await asyncio.to_thread(queue_text, world)
            assert await until_rows(world, "given-up", 2) == [("given-up", 1, None)] * 2
        rows = world.audit(event="message-given-up")
        assert {(row.account, row.result, row.reason, row.channel) for row in rows} == {
            ("9999-9990", "refused", "SMTP 550", "mail"),
            ("9999-9990", "refused", "HTTP 422", "sms"),
        }

    asyncio.run(play())


def test_a_message_is_given_up_once_its_time_is_over(world: "World", open_gateways: Opening) -> None:
    async def play() -> None:
        sink = SmsSink(answers=["500 Broken"] * 1000)
        async with open_gateways(MailSink(), sink):
            await asyncio.to_thread(queue_text, world, until=world.clock.at + 300)
            await asyncio.to_thread(queue_text, world)
            world.clock.advance(300)
            await until_rows(world, "given-up")
            # At the last try, or, if that was just before, without another.
            assert [row.reason for row in world.audit(event="message-given-up")] in (["HTTP 500"], ["late"])
            world.clock.advance(86400)
            await until_rows(world, "given-up", 2)

    asyncio.run(play())


def test_one_mail_that_fails_does_not_hold_up_the_next(world: "World", open_gateways: Opening) -> None:
    async def play() -> None:
        sink = MailSink(answers=["451 4.3.0 not now"] * 3)
        async with open_gateways(sink, SmsSink(answers=["500 Broken"] * 3)) as gateways:
            await asyncio.to_thread(queue_text, world)
            for _ in range(4):
                await asyncio.to_thread(queue_mail, world)
            await until_rows(world, "sent", 5)
            assert len({mail["Message-ID"] for mail in gateways.mail.seen}) == 4
            assert len(gateways.mail.seen) == 7

    asyncio.run(play())


def test_nothing_is_sent_for_a_transaction_that_was_undone(world: "World", open_gateways: Opening) -> None:
    async def play() -> None:
        async with open_gateways(MailSink(), SmsSink()) as gateways:
            await asyncio.to_thread(queue_mail, world, undo=True)
            await asyncio.to_thread(queue_mail, world)
            await arrival(gateways.mail)
            await until_rows(world, "sent")
            assert len(gateways.mail.seen) == 1

    asyncio.run(play())


def test_what_an_earlier_process_left_behind_is_sent_at_the_start(world: "World", open_gateways: Opening) -> None:
    queue_mail(world)
    with world.broker.database.writing() as tx:  # it died between handing over and writing that down
        [waiting] = world.broker.outbox.waiting(tx, "mail")
        assert world.broker.outbox.begin_attempt(tx, waiting)
        assert not world.broker.outbox.begin_attempt(tx, waiting)

    async def play() -> None:
        async with open_gateways(MailSink(), SmsSink()) as gateways:
            await arrival(gateways.mail)
            assert gateways.mail.seen[0]["Message-ID"] == waiting.message_id
            assert await until_rows(world, "sent") == [("sent", 2, None)]

    asyncio.run(play())


def test_a_message_that_was_tampered_with_is_given_up_and_the_next_one_sent(
    world: "World", open_gateways: Opening
) -> None:
    queue_mail(world)
    with world.broker.database.writing() as tx:
        tx.exec_driver_sql("UPDATE outbox SET message_id = '<other@localhost>'")
    queue_mail(world)

    async def play() -> None:
        async with open_gateways(MailSink(), SmsSink()) as gateways:
            await arrival(gateways.mail)
            await until_rows(world, "sent")
            assert [row.reason for row in world.audit(event="message-given-up")] == ["damaged"]

    asyncio.run(play())


def test_an_answer_does_not_wait_for_a_gateway_that_hangs_nor_does_closing(
    world: "World", settings: dict[str, str]
) -> None:
    async def play() -> None:
        connected = asyncio.Event()

        async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connected.set()
            await reader.read()
            writer.close()

        server = await asyncio.start_server(hang, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        settings["AUTH_SERVER_SMTP"] = f"127.0.0.1:{port}"
        settings["AUTH_SERVER_SMS_URL"] = f"http://127.0.0.1:{port}/"
        world.app = create_app(settings, world.clock.now)
        delivery = asyncio.create_task(deliver(world.broker))
        queue_mail(world)
        queue_text(world)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await connected.wait()
            delivery.cancel()
            await asyncio.wait([delivery])
        assert delivery.cancelled()
        server.close()
        world.broker.database.close()

    asyncio.run(play())


def test_no_message_can_be_read_in_the_database(world: "World") -> None:
    queue_mail(world)
    queue_text(world)
    with world.broker.database.reading() as tx:
        dump = repr(tx.exec_driver_sql("SELECT * FROM outbox").all())
        [mail] = world.broker.outbox.waiting(tx, "mail")
    assert "281704" not in dump
    assert "chan@example.com" not in dump
    assert "281704" not in repr(mail)
