"""All doors together: one inbox, one clock, opened and closed as a block."""

import asyncio
import smtplib
import socket
import subprocess
import sys
from email.message import EmailMessage

import httpx
import pytest

from fake_gateways.gateways import open_gateways
from fake_gateways.listening import PortTaken

NOON = 1_795_406_400.0


def letter():
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@b.example", "chan@example.com", "x"
    mail.set_content("x")
    return mail


def test_mails_and_texts_end_in_one_inbox_under_one_clock(played, http_client):
    clock = {"now": NOON}

    def send(gateways):
        with smtplib.SMTP(gateways.smtp_host, gateways.smtp_port, timeout=20) as client:
            client.send_message(letter())

    async def story():
        async with open_gateways(now=lambda: clock["now"]) as gateways, http_client() as client:
            await asyncio.to_thread(send, gateways)
            clock["now"] += 8 * 3600
            await client.post(gateways.sms_url, json={"to": "+85255550101", "text": "x"})
            return [(message.number, message.kind, message.received_at) for message in gateways.inbox.messages()]

    assert played(story()) == [(1, "mail", NOON), (2, "sms", NOON + 8 * 3600)]


def test_two_worlds_never_see_each_others_messages(played, http_client):
    async def story():
        async with (
            open_gateways(now=lambda: NOON) as one,
            open_gateways(now=lambda: NOON) as other,
            http_client() as client,
        ):
            await client.post(one.sms_url, json={"to": "+85255550101", "text": "x", "id": "same"})
            answer = await client.post(other.sms_url, json={"to": "+85255550177", "text": "y", "id": "same"})
            return (
                answer.status_code,
                [text.text for text in one.inbox.messages()],
                [text.text for text in other.inbox.messages()],
            )

    assert played(story()) == (200, ["x"], ["y"])


@pytest.mark.parametrize("which", ["smtp_port", "http_port"])
def test_a_taken_port_is_told_and_leaves_no_door_open(played, which):
    async def story():
        async with open_gateways(now=lambda: NOON) as gateways:
            taken = {"smtp_port": gateways.smtp_port, "http_port": httpx.URL(gateways.http_origin).port}[which]
            with pytest.raises(PortTaken, match=f"^port {taken} on 127.0.0.1 is taken by another program") as trouble:
                async with open_gateways(now=lambda: NOON, **{which: taken}):
                    pass
            assert trouble.value.port == taken
        async with open_gateways(now=lambda: NOON, **{which: taken}):
            pass

    played(story())


def test_an_idle_kept_alive_connection_does_not_hold_the_gateways_open(played, http_client):
    async def story():
        async with http_client() as client, open_gateways(now=lambda: NOON) as gateways:
            await client.get(f"{gateways.http_origin}/messages")

    played(story())


@pytest.mark.parametrize("turns", range(5))
@pytest.mark.parametrize("door", ["smtp", "http"])
def test_a_client_that_comes_while_the_door_closes_is_not_left_hanging(played, door, turns):
    async def story():
        async with open_gateways(now=lambda: NOON) as gateways:
            port = gateways.smtp_port if door == "smtp" else httpx.URL(gateways.http_origin).port
            client = socket.create_connection(("127.0.0.1", port), timeout=20)
            for _ in range(turns):
                await asyncio.sleep(0)
        with client:
            try:
                return await asyncio.to_thread(client.makefile("rb").read)
            except ConnectionResetError:
                return b""

    assert played(story()) in (
        b"",
        b"421 4.3.2 the gateway is closing\r\n",
        b"220 localhost Twofold\r\n421 4.3.2 the gateway is closing\r\n",
    )


def test_a_request_that_is_no_http_is_refused(played):
    async def story():
        async with open_gateways(now=lambda: NOON) as gateways:
            reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(gateways.http_origin).port)
            writer.write(b"EHLO this-is-the-wrong-door\r\n\r\n")
            answer = await reader.read()
            writer.close()
            await writer.wait_closed()
            return answer

    assert played(story()).startswith(b"HTTP/1.1 400 ")


def test_queries_with_codes_are_not_logged(played, caplog):
    caplog.set_level(0)

    async def story():
        async with open_gateways(now=lambda: NOON) as gateways:
            reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(gateways.http_origin).port)
            writer.write(b"GET /sms?to=85255550101&text=281704 HTTP/1.0\r\nHost: localhost\r\n\r\n")
            await reader.read()
            writer.close()
            await writer.wait_closed()
            return gateways.inbox.bookmark

    assert played(story()) == 1
    assert "281704" not in caplog.text


def test_the_gateways_serve_alone_and_end_quietly():
    command = [sys.executable, "-m", "fake_gateways", "--smtp-port", "0", "--http-port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        lines = [process.stdout.readline().split() for _ in range(3)]
        host, _, port = lines[0][2].partition(":")
        with smtplib.SMTP(host, int(port), timeout=20) as client:
            client.send_message(letter())
        [message] = httpx.get(f"{lines[2][1]}messages", trust_env=False).json()["messages"]
        process.terminate()
        _, errors = process.communicate(timeout=20)
    assert message["recipients"] == ["chan@example.com"]
    assert (process.returncode, errors) == (0, "")


def test_a_port_that_cannot_be_had_ends_with_one_sentence():
    command = [sys.executable, "-m", "fake_gateways", "--smtp-port", "70000"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert (ended.returncode, ended.stderr) == (4, "cannot listen on port 70000: ports are 0 to 65535\n")
