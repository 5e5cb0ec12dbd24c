"""The SMTP door, with real clients: what they may send, how they are refused, and how they break off."""

import asyncio
import base64
import os
import smtplib
import socket
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

import pytest

from fake_gateways.inbox import NothingCame
from fake_gateways.listening import DoorNotOpened, PortTaken
from fake_gateways.smtp_door import smtp_door

NOON = 1_795_406_400.0


def letter(subject="登入驗證碼", text="登入驗證碼：281704\n"):
    mail = EmailMessage()
    mail["From"] = "Anue Securities Service <service@anue.example>"
    mail["To"] = "chan@example.com"
    mail["Subject"] = subject
    mail.set_content(text)
    return mail


async def any_mail(inbox, patience_seconds=20):
    return await inbox.wait_for(lambda _: True, patience_seconds=patience_seconds)


def talk(door, *lines):
    """Say lines to the door as raw bytes, each after the answer to the one before; the answers."""
    with socket.create_connection((door.host, door.port), timeout=20) as client, client.makefile("rb") as answers:

        def answer():
            whole = b""
            while True:
                line = answers.readline()
                whole += line
                if line[3:4] != b"-":
                    return whole.decode()

        heard = [answer()]
        for line in lines:
            client.sendall(line)
            heard.append(answer())
        return heard


OPENING = (b"EHLO client\r\n", b"MAIL FROM:<a@b.example>\r\n", b"RCPT TO:<chan@example.com>\r\n", b"DATA\r\n")


def test_a_mail_is_in_the_inbox_with_its_envelope_and_the_gateways_time(inbox, sent, played):
    async def story():
        async with smtp_door(inbox, now=lambda: NOON) as door:
            await sent(door, letter())
            return await any_mail(inbox)

    mail = played(story())
    assert (mail.subject, mail.text) == ("登入驗證碼", "登入驗證碼：281704\n")
    assert (mail.envelope_sender, mail.recipients) == ("service@anue.example", ("chan@example.com",))
    assert mail.received_at == NOON


def test_a_waiter_has_the_mail_by_the_time_the_client_has_quit(inbox, sent, played):
    async def story():
        async with smtp_door(inbox, now=lambda: NOON) as door:
            waiter = asyncio.ensure_future(any_mail(inbox))
            await sent(door, letter())
            return waiter.done()

    assert played(story())


def test_blind_copies_are_in_the_envelope_and_nowhere_else(inbox, played):
    def send(door):
        with smtplib.SMTP(door.host, door.port, timeout=20) as client:
            client.sendmail("a@b.example", ["chan@example.com", "wong@example.com"], letter().as_bytes())

    async def story():
        async with smtp_door(inbox, now=lambda: NOON) as door:
            await asyncio.to_thread(send, door)

    played(story())
    assert inbox.messages()[0].recipients == ("chan@example.com", "wong@example.com")


def test_several_mails_on_one_connection_keep_their_order(inbox, played):
    def send(door):
        with smtplib.SMTP(door.host, door.port, timeout=20) as client:
            for number in range(5):
                client.send_message(letter(subject=f"mail {number}"))

    async def story():
        async with smtp_door(inbox, now=lambda: NOON) as door:
            await asyncio.to_thread(send, door)

    played(story())
    assert [mail.subject for mail in inbox.messages()] == [f"mail {number}" for number in range(5)]


def test_eight_bit_mails_and_addresses_beyond_ascii_are_taken(inbox, played):
    def send(door):
        mail = EmailMessage(policy=SMTPUTF8)
        mail["From"] = "服務@anue.example"
        mail["To"] = "陳@example.com"
        mail["Subject"] = "登入驗證碼"
        mail.set_content("登入驗證碼：281704\n", cte="8bit")
        with smtplib.SMTP(door.host, door.port, timeout=20) as client:
            client.ehlo()
            assert client.has_extn("8bitmime")
            client.sendmail("服務@anue.example", ["陳@example.com"], mail.as_bytes(), ["SMTPUTF8", "BODY=8BITMIME"])

    async def story():
        async with smtp_door(inbox, now=lambda: NOON) as door:
            await asyncio.to_thread(send, door)

    played(story())
    mail = inbox.messages()[0]
    assert mail.recipients == ("陳@example.com",)
    assert mail.sender.address == "服務@anue.example"
    assert (mail.subject, mail.text) == ("登入驗證碼", "登入驗證碼：281704\n")
    assert b"\xe7\x99\xbb" in mail.raw


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_every_name_and_password_is_let_in_and_the_name_is_noted(inbox, played, mechanism, caplog):
    def send(door):
        with smtplib.SMTP(door.host, door.port, timeout=20) as client:
            client.user, client.password = "broker", "hunter2-secret"
            client.ehlo()
            client.auth(mechanism, getattr(client, f"auth_{mechanism.lower()}"))
            client.send_message(letter())

    async def story():
        async with smtp_door(inbox, now=lambda: NOON) as door:
            await asyncio.to_thread(send, door)

    caplog.set_level(0)
    played(story())
    mail = inbox.messages()[0]
    assert mail.authenticated_as == "broker"
    for hiding_place in (
        "hunter2-secret",
        base64.b64encode(b"hunter2-secret").decode(),
        base64.b64encode(b"\0broker\0hunter2-secret").decode(),
    ):
        assert hiding_place not in caplog.text + repr(mail)


def test_what_a_mail_says_is_not_in_the_log(inbox, sent, played, caplog):
    async def story():
        async with smtp_door(inbox, now=lambda: NOON) as door:
            await sent(door, letter(text="code 281704\n"))

    caplog.set_level(0)
    played(story())
    assert inbox.bookmark == 1
    assert "281704" not in caplog.text


def test_a_bounce_has_an_empty_sender(inbox, played):
    async def story():
        async with smtp_door(inbox, now=lambda: NOON) as door:
            await asyncio.to_thread(
                talk,
                door,
                b"EHLO c\r\n",
                b"MAIL FROM:<>\r\n",
                b"RCPT TO:<a@b.example>\r\n",
                b"DATA\r\n",
                b"\r\nx\r\n.\r\n",
            )

    played(story())
    assert inbox.messages()[0].envelope_sender == ""


@pytest.mark.parametrize(
    ("on_the_wire", "raw"),
    [
        (b"one\r\n..two\r\n.\r\n", b"one\r\n.two\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"ends with a stop.\r\nnot yet\n.\nnor now\r\n.\r\n", b"ends with a stop.\r\nnot yet\n.\nnor now\r\n"),
    ],
)
def test_dots_are_undoubled_and_only_a_lone_dot_between_line_ends_is_the_end(inbox, played, on_the_wire, raw):
    # RFC 5321, 4.5.2; a bare line feed is no line end (4.1.1.4), or mails could be smuggled.
    async def story():
        async with smtp_door(inbox, now=lambda: NOON) as door:
            return await asyncio.to_thread(talk, door, *OPENING, on_the_wire, b"QUIT\r\n")

    assert [answer[:3] for answer in played(story())] == ["220", "250", "250", "250", "354", "250", "221"]
    assert [mail.raw for mail in inbox.messages()] == [raw]


def test_commands_and_mails_may_come_all_at_once(inbox, played):
    # RFC 2920: a client may send on without waiting for each answer.
    whole = b"".join(OPENING[1:]) + b"first\r\n.\r\n" + b"".join(OPENING[1:]) + b"second\r\n.\r\nQUIT\r\n"

    def send(door):
        with socket.create_connection((door.host, door.port), timeout=20) as client:
            client.sendall(b"EHLO c\r\n" + whole)
            with client.makefile("rb") as answers:
                return answers.read()

    async def story():
        async with smtp_door(inbox, now=lambda: NOON) as door:
            return await asyncio.to_thread(send, door)

    answers = played(story())
    assert b"250-PIPELINING\r\n" in answers
    assert answers.endswith(b"221 Bye\r\n")
    assert [mail.raw for mail in inbox.messages()] == [b"first\r\n", b"second\r\n"]


def test_a_slow_client_that_sends_byte_by_byte_is_understood(inbox, played):
    async def story():
        async with smtp_door(inbox, now=lambda: NOON) as door:
            reader, writer = await asyncio.open_connection(door.host, door.port)
            await reader.readline()
            for command in OPENING:
                writer.write(command)
                while (await reader.readline())[3:4] == b"-":
                    pass
            for byte in b"Subject: slow\r\n\r\n..\r\n.\r\n":
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0)
            answer = await reader.readline()
            writer.close()
            await writer.wait_closed()
            return answer

    assert played(story()) == b"250 OK\r\n"
    assert inbox.messages()[0].raw == b"Subject: slow\r\n\r\n.\r\n"


@pytest.mark.parametrize("said", [b"", b"Subject: half\r\n\r\nyour co", b"Subject: all but the dot\r\n\r\nx\r\n"])
@pytest.mark.parametrize("reset", [True, False])
def test_a_connection_cut_in_the_middle_of_a_mail_leaves_no_mail(inbox, sent, played, said, reset):
    def cut(door):
        client = socket.create_connection((door.host, door.port), timeout=20)
        with client, client.makefile("rb") as answers:
            for command in (b"", *OPENING):
                client.sendall(command)
                while answers.readline()[3:4] == b"-":
                    pass
            client.sendall(said)
            if reset:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    async def story():
        async with smtp_door(inbox, now=lambda: NOON) as door:
            await asyncio.to_thread(cut, door)
            await sent(door, letter(subject="the next one"))

    played(story())
    assert [mail.subject for mail in inbox.messages()] == ["the next one"]


def test_a_huge_mail_with_one_huge_line_is_taken_whole(inbox, played):
    raw = b"From: a@b.example\r\nSubject: huge\r\n\r\n" + b"x" * 3_000_000 + b"\r\n"

    def send(door):
        with smtplib.SMTP(door.host, door.port, timeout=20) as client:
            client.sendmail("a@b.example", ["chan@example.com"], raw)

    async def story():
        async with smtp_door(inbox, now=lambda: NOON) as door:
            await asyncio.to_thread(send, door)

    played(story())
    assert inbox.messages()[0].raw == raw
    assert len(inbox.messages()[0].text) == 3_000_001


def test_a_mail_as_large_as_the_limit_is_taken_and_one_octet_more_is_refused_with_the_limit(inbox, played):
    def send(door, octets):
        answers = talk(door, b"EHLO c\r\n", *OPENING[1:], b"x" * (octets - 2) + b"\r\n.\r\n", b"NOOP\r\n")
        return answers[1], answers[-2], answers[-1]

    async def story():
        async with smtp_door(inbox, now=lambda: NOON, size_limit_bytes=200_000) as door:
            return await asyncio.to_thread(lambda: (send(door, 200_000), send(door, 200_001), send(door, 900_000)))

    exact, above, far_above = played(story())
    assert "250-SIZE 200000\r\n" in exact[0]
    assert exact[1] == "250 OK\r\n"
    refusal = "552 5.3.4 the mail is larger than this gateway takes, 200000 bytes\r\n"
    assert above[1:] == (refusal, "250 OK\r\n")
    assert far_above[1:] == (refusal, "250 OK\r\n")
    assert [len(mail.raw) for mail in inbox.messages()] == [200_000]


def test_a_mail_announced_as_too_large_is_refused_before_it_is_sent(inbox, played):
    async def story():
        async with smtp_door(inbox, now=lambda: NOON, size_limit_bytes=1000) as door:
            return await asyncio.to_thread(talk, door, b"EHLO c\r\n", b"MAIL FROM:<a@b.example> SIZE=1001\r\n")

    assert played(story())[-1].startswith("552 ")


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        ((b"DATA\r\n",), "503"),
        ((b"EHLO c\r\n", b"DATA\r\n"), "503"),
        ((*OPENING[:3], b"DATA now\r\n"), "501"),
        ((b"EHLO c\r\n", b"RCPT TO:<a@b.example>\r\n"), "503"),
        ((b"EHLO c\r\n", b"MAIL FROM:<a b@@>\r\n"), "553"),
        ((b"FETCH 1\r\n",), "500"),
        ((b"EHLO " + b"x" * 200_000 + b"\r\n",), "500"),
    ],
)
def test_commands_out_of_order_or_out_of_shape_are_refused(inbox, played, lines, answer):
    async def story():
        async with smtp_door(inbox, now=lambda: NOON) as door:
            return await asyncio.to_thread(talk, door, *lines)

    assert played(story())[-1].startswith(answer)
    assert inbox.bookmark == 0


def test_connections_still_open_at_the_end_are_told_and_closed(inbox, played):
    async def story():
        async with smtp_door(inbox, now=lambda: NOON) as door:
            idle_reader, idle = await asyncio.open_connection(door.host, door.port)
            await idle_reader.readline()
            busy_reader, busy = await asyncio.open_connection(door.host, door.port)
            busy.write(b"".join(OPENING) + b"half a m")
            answer = b""
            while not answer.startswith(b"354"):
                answer = await busy_reader.readline()
        endings = (await idle_reader.read(), await busy_reader.read())
        for writer in (idle, busy):
            writer.close()
            await writer.wait_closed()
        return endings

    farewell = b"421 4.3.2 the gateway is closing\r\n"
    assert played(story()) == (farewell, farewell)
    assert inbox.bookmark == 0


def test_a_door_that_is_closed_refuses_connections(inbox, played):
    async def story():
        async with smtp_door(inbox, now=lambda: NOON) as door:
            pass
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(door.host, door.port)

    played(story())


def test_a_taken_port_is_one_clear_sentence(inbox, played):
    async def story():
        async with smtp_door(inbox, now=lambda: NOON) as door:
            with pytest.raises(PortTaken, match=f"^port {door.port} on 127.0.0.1 is taken by another program"):
                await smtp_door(inbox, now=lambda: NOON, port=door.port).__aenter__()

    played(story())


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 0), ("127.0.0.1", 70_000)])
def test_an_address_that_cannot_be_had_is_one_clear_sentence(inbox, played, host, port):
    async def story():
        async with smtp_door(inbox, now=lambda: NOON, host=host, port=port):
            pass

    with pytest.raises(DoorNotOpened, match=f"cannot listen on port {port}"):
        played(story())


def test_a_mistake_of_the_gateway_asks_the_client_to_try_again_and_is_not_hidden(inbox, played):
    mistakes = []

    def broken_clock():
        raise ZeroDivisionError("the clock fell down")

    async def story():
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: mistakes.append(context["exception"]))
        async with smtp_door(inbox, now=broken_clock) as door:
            return await asyncio.to_thread(talk, door, *OPENING, b"x\r\n.\r\n")

    assert played(story())[-1] == "451 4.3.0 the gateway failed; its log says why\r\n"
    assert [str(mistake) for mistake in mistakes] == ["the clock fell down"]


def test_a_picture_of_random_bytes_survives_the_way(inbox, sent, played):
    picture = b"\x89PNG\r\n\x1a\n" + os.urandom(20_000)
    mail = letter()
    mail.add_alternative('<img src="cid:qr">', subtype="html")
    mail.get_payload()[1].add_related(picture, "image", "png", cid="<qr>")

    async def story():
        async with smtp_door(inbox, now=lambda: NOON) as door:
            await sent(door, mail.as_bytes(policy=SMTP))

    played(story())
    assert inbox.messages()[0].pictures["qr"] == picture


def test_nobody_waits_longer_than_their_patience(inbox, played):
    async def story():
        async with smtp_door(inbox, now=lambda: NOON):
            await any_mail(inbox, patience_seconds=0.01)

    with pytest.raises(NothingCame):
        played(story())
