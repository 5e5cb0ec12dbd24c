"""The desk's HTTP API: the same inbox, for programs in other languages."""

import asyncio
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import SMTP

import httpx
import pytest

from fake_gateways.gateways import open_gateways
from fake_gateways.mail import parse_mail
from fake_gateways.profiles import parse_profiles

NOON = 1_795_406_400.0
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
PROFILES = parse_profiles(
    {
        "token-registration": {
            "kind": "mail",
            "values": {
                "code": {"after": "註冊編碼：", "pattern": "[A-Z]{5}-[A-Z]{5}"},
                "link": {"link": "{origin}/app"},
                "qr": {"picture": "registration qr"},
            },
        },
    }
)


def registration_mail():
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "鉅亨證券 <service@anue.example>"
    mail["Subject"] = "保安編碼器註冊資料"
    mail.set_content("註冊編碼：ABCDE-FGHIJ\n查詢 2122 8800 http://localhost:8000/app\n")
    mail.add_alternative(
        '<html><head></head><img src="cid:registration%20qr"><img src="cid:none"></html>', subtype="html"
    )
    mail.get_payload()[1].add_related(PNG, "image", "png", cid="<registration qr>")
    return parse_mail(mail.as_bytes(), "service@anue.example", ("chan@example.com",), NOON, authenticated_as="broker")


@pytest.fixture
def a_desk(http_client):
    """Open gateways and a client of their desk."""

    @asynccontextmanager
    async def opened():
        async with open_gateways(now=lambda: NOON) as gateways, http_client(gateways.http_origin) as client:
            yield gateways, client

    return opened


def entered(inbox):
    """An event that is set when somebody has begun to wait for a message."""
    event, wait_for = asyncio.Event(), inbox.wait_for

    async def noted(*arguments, **named):
        event.set()
        return await wait_for(*arguments, **named)

    inbox.wait_for = noted
    return event


def test_a_mail_is_shown_whole(played, a_desk):
    async def story():
        async with a_desk() as (gateways, client):
            gateways.inbox.put(registration_mail())
            return (await client.get("/messages/1")).json()

    shown = played(story())
    headers = dict(shown.pop("headers"))
    assert (headers["Subject"], headers["From"]) == ("保安編碼器註冊資料", "鉅亨證券 <service@anue.example>")
    assert shown == {
        "number": 1,
        "kind": "mail",
        "received_at": NOON,
        "sender": {"name": "鉅亨證券", "address": "service@anue.example"},
        "recipients": ["chan@example.com"],
        "subject": "保安編碼器註冊資料",
        "readable": "註冊編碼：ABCDE-FGHIJ\n查詢 2122 8800 http://localhost:8000/app\n",
        "text": "註冊編碼：ABCDE-FGHIJ\n查詢 2122 8800 http://localhost:8000/app\n",
        "html": '<html><head></head><img src="cid:registration%20qr"><img src="cid:none"></html>\n',
        "links": ["http://localhost:8000/app"],
        "pictures": [
            {
                "content_id": "registration qr",
                "media_type": "image/png",
                "size_bytes": 48,
                "url": "/messages/1/pictures/registration%20qr",
            }
        ],
        "message_id": "",
        "authenticated_as": "broker",
        "provider_id": "",
        "encoding": "",
        "segments": 0,
        "trouble": "",
        "notes": [],
        "matches": [],
    }


def test_a_text_is_shown_in_the_same_shape(played, a_desk):
    async def story():
        async with a_desk() as (gateways, client):
            text = {"to": "+852 5555 0101", "from": "#Anue", "text": "code 281704 http://x.example/a", "id": "o-1"}
            await client.post(gateways.sms_url, json=text)
            await client.post(gateways.sms_url, json=text)
            return (await client.get("/messages/1")).json()

    assert played(story()) == {
        "number": 1,
        "kind": "sms",
        "received_at": NOON,
        "sender": {"name": "", "address": "#Anue"},
        "recipients": ["+852 5555 0101"],
        "subject": "",
        "readable": "code 281704 http://x.example/a",
        "text": "code 281704 http://x.example/a",
        "html": "",
        "links": ["http://x.example/a"],
        "pictures": [],
        "headers": [],
        "message_id": "",
        "authenticated_as": "",
        "provider_id": "o-1",
        "encoding": "GSM-7",
        "segments": 1,
        "trouble": "",
        "notes": ["sent again with the same id; recorded once"],
        "matches": [],
    }


def test_profiles_explain_what_a_message_gives(played, a_desk):
    async def story():
        async with a_desk() as (gateways, client):
            gateways.inbox.put(registration_mail())
            gateways.desk.explain_by(PROFILES.values(), origin="http://localhost:8000")
            found = (await client.get("/messages/1")).json()["matches"]
            gateways.desk.explain_by(PROFILES.values(), origin="http://elsewhere.example")
            return found, (await client.get("/messages/1")).json()["matches"]

    found, elsewhere = played(story())
    assert found == [
        {
            "profile": "token-registration",
            "values": {"code": "ABCDE-FGHIJ", "link": "http://localhost:8000/app"},
            "pictures": {"qr": "/messages/1/pictures/registration%20qr"},
            "rejected": [
                {"text": "2122 8800", "why": "not after 註冊編碼："},
                {"text": "8000", "why": "not after 註冊編碼："},
            ],
        }
    ]
    assert elsewhere == []


def test_profiles_with_links_are_not_accepted_without_an_origin(played, a_desk):
    async def story():
        async with a_desk() as (gateways, _):
            with pytest.raises(ValueError, match="the profiles token-registration need the server's origin"):
                gateways.desk.explain_by(PROFILES.values(), origin="")

    played(story())


def test_the_list_can_be_asked_from_a_bookmark_by_kind_and_by_recipient(played, a_desk, a_text):
    async def numbers(client, query):
        answer = (await client.get(f"/messages?{query}")).json()
        assert answer["bookmark"] == 3
        return [message["number"] for message in answer["messages"]]

    async def story():
        async with a_desk() as (gateways, client):
            gateways.inbox.put(registration_mail())
            gateways.inbox.put(a_text("+852 5555 0101"))
            gateways.inbox.put(a_text("+852 5555 0177"))
            return [
                await numbers(client, query)
                for query in (
                    "",
                    "after=1",
                    "kind=mail",
                    "kind=sms",
                    "to=Chan@Example.com",
                    "to=0085255550177",
                    "to=x@y",
                    "after=9",
                )
            ]

    assert played(story()) == [[1, 2, 3], [2, 3], [1], [2, 3], [1], [3], [], []]


def test_waiting_ends_as_soon_as_the_message_is_there(played, a_desk, a_text):
    async def story():
        async with a_desk() as (gateways, client):
            gateways.inbox.put(a_text("+852 5555 0101", "old"))
            begun = entered(gateways.inbox)
            waiting = asyncio.ensure_future(client.get("/messages/wait?after=1&to=%2B85255550101&patience=8"))
            await begun.wait()
            gateways.inbox.put(a_text("+852 5555 0177", "for somebody else"))
            gateways.inbox.put(a_text("+852 5555 0101", "new"))
            return (await waiting).json()

    assert played(story())["text"] == "new"


def test_waiting_in_vain_says_what_is_there_instead(played, a_desk, a_text):
    async def story():
        async with a_desk() as (gateways, client):
            gateways.inbox.put(a_text("+852 5555 0177"))
            return await client.get("/messages/wait?kind=sms&to=%2B85255550101&patience=0")

    answer = played(story())
    assert answer.status_code == 404
    assert answer.json() == {"error": "no SMS for +85255550101 in 0 s; the inbox holds 1, for +852 5555 0177"}


def test_a_waiting_client_does_not_keep_the_gateways_open(played, a_desk, capfd):
    async def story():
        async with a_desk() as (gateways, client):
            begun = entered(gateways.inbox)
            waiting = asyncio.ensure_future(client.get("/messages/wait?patience=300"))
            await begun.wait()
        with pytest.raises(httpx.TransportError):
            await waiting
        return gateways.inbox._waiting

    assert played(story()) == set()
    assert capfd.readouterr().err == ""


def test_the_raw_mail_is_given_octet_for_octet(played, a_desk, a_text):
    raw = b"From: a@b.example\r\n\r\n\xff\0<script>"

    async def story():
        async with a_desk() as (gateways, client):
            gateways.inbox.put(parse_mail(raw, "", ("chan@example.com",), NOON))
            await client.post(gateways.sms_url, content=b'{"to":')
            return await client.get("/messages/1/raw"), await client.get("/messages/2/raw")

    mail, text = played(story())
    assert mail.content == raw
    assert mail.headers["content-type"].startswith("text/plain")
    assert mail.headers["x-content-type-options"] == "nosniff"
    assert text.content == b'{"to":'


def test_a_picture_is_given_as_what_it_is(played, a_desk):
    async def story():
        async with a_desk() as (gateways, client):
            gateways.inbox.put(registration_mail())
            return await client.get("/messages/1/pictures/registration%20qr")

    answer = played(story())
    assert (answer.content, answer.headers["content-type"]) == (PNG, "image/png")


def test_a_mails_html_has_its_pictures_in_it_and_may_do_nothing(played, a_desk):
    async def story():
        async with a_desk() as (gateways, client):
            gateways.inbox.put(registration_mail())
            return await client.get("/messages/1/html")

    answer = played(story())
    assert answer.text.startswith(
        '<html><head><base target="_blank"></head><img src="data:image/png;base64,iVBORw0KGgo'
    )
    assert '<img src="cid:none">' in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; ")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy


@pytest.mark.parametrize(
    "path",
    [
        "/messages/9",
        "/messages/0",
        "/messages/-1",
        "/messages/9/raw",
        "/messages/9/html",
        "/messages/1/html",
        "/messages/1/pictures/x",
    ],
)
def test_what_is_not_there_is_said_not_to_be(played, a_desk, a_text, path):
    async def story():
        async with a_desk() as (gateways, client):
            gateways.inbox.put(a_text())
            return await client.get(path)

    answer = played(story())
    assert answer.status_code == 404
    assert answer.json()["error"].startswith("there is no ")


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("after=-1", "after: Input should be greater than or equal to 0"),
        ("after=x", "after: Input should be a valid integer, unable to parse string as an integer"),
        ("kind=fax", "kind: Input should be 'mail' or 'sms'"),
    ],
)
def test_a_question_out_of_shape_is_one_clear_sentence(played, a_desk, query, error):
    async def story():
        async with a_desk() as (_, client):
            return await client.get(f"/messages?{query}")

    answer = played(story())
    assert (answer.status_code, answer.json()) == (422, {"error": error})


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8025", "[::1", ""])
@pytest.mark.parametrize(
    "path", ["/", "/messages", "/messages/wait?patience=0", "/messages/1", "/messages/1/raw", "/doors"]
)
def test_the_desk_does_not_answer_to_names_that_are_not_this_machines(played, a_desk, a_text, host, path):
    async def story():
        async with a_desk() as (gateways, client):
            gateways.inbox.put(a_text(text="code 281704"))
            return await client.get(path, headers={"Host": host})

    answer = played(story())
    assert answer.status_code == 421
    assert "281704" not in answer.text


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8025", "127.0.0.1:1", "[::1]:1", "192.168.1.7", "gateways.localhost", "gateways:80"],
)
def test_the_desk_answers_to_this_machines_names_and_those_it_was_told(played, http_client, host):
    async def story():
        async with open_gateways(now=lambda: NOON, desk_names=["gateways"]) as gateways, http_client() as client:
            return await client.get(f"{gateways.http_origin}/messages", headers={"Host": host})

    assert played(story()).json() == {"messages": [], "bookmark": 0}


def test_the_doors_are_told_to_programs_too(played, a_desk):
    async def story():
        async with a_desk() as (gateways, client):
            return gateways, (await client.get("/doors")).json()

    gateways, doors = played(story())
    assert doors == {"smtp_host": "127.0.0.1", "smtp_port": gateways.smtp_port, "sms_url": gateways.sms_url}


def test_the_api_describes_itself(played, a_desk):
    async def story():
        async with a_desk() as (_, client):
            return (await client.get("/openapi.json")).json()

    assert set(played(story())["paths"]) == {
        "/doors",
        "/messages",
        "/messages/wait",
        "/messages/{number}",
        "/messages/{number}/raw",
        "/messages/{number}/html",
        "/messages/{number}/pictures/{content_id}",
    }
