"""The plain HTTP gateway for texts: what it takes, what it refuses, and that nothing is lost."""

import asyncio
import json

import httpx
import pytest

from fake_gateways.gateways import open_gateways
from fake_gateways.sms_doors.generic import GenericShape

NOON = 1_795_406_400.0
WORDS = "鉅亨證券：登入驗證碼是 281704，5分鐘內有效。"
GOOD = {"to": "+852 5555 0101", "from": "#Anue", "text": WORDS, "id": "out-1"}


@pytest.fixture
def told(played, http_client):
    """Make requests to a fresh gateway; their answers and the inbox."""

    def tell(*requests, shape=None):
        async def story():
            async with open_gateways(now=lambda: NOON, sms_shape=shape) as gateways, http_client() as client:
                answers = [
                    await client.request(request.pop("method", "POST"), gateways.sms_url, **request)
                    for request in map(dict, requests)
                ]
                return answers, gateways.inbox

        return played(story())

    return tell


@pytest.mark.parametrize(
    "request_",
    [
        {"json": GOOD},
        {"data": GOOD},
        {"params": GOOD},
        {"method": "GET", "params": GOOD},
        {"files": {name: (None, value) for name, value in GOOD.items()}},
        {"params": {"from": "#Anue", "id": "out-1"}, "json": {"to": "+852 5555 0101", "text": WORDS}},
        {"content": json.dumps(GOOD).encode(), "headers": {"Content-Type": "text/plain"}},
        {"content": json.dumps(GOOD).encode(), "headers": {"Content-Type": "application/vnd.x+json; charset=utf-8"}},
        {"json": GOOD | {"to": ["+852 5555 0101"]}},
    ],
    ids=[
        "JSON",
        "form",
        "POST query",
        "GET query",
        "multipart",
        "query and JSON",
        "bare JSON",
        "a kind of JSON",
        "list of one",
    ],
)
def test_a_text_is_taken_in_every_dress(told, request_):
    [answer], inbox = told(request_)
    assert (answer.status_code, answer.json()) == (200, {"status": "accepted", "id": "out-1"})
    [text] = inbox.messages()
    assert (text.recipient, text.sender, text.text, text.provider_id) == ("+852 5555 0101", "#Anue", WORDS, "out-1")
    assert (text.received_at, text.trouble) == (NOON, "")


def test_a_number_sent_as_a_json_number_is_a_number(told):
    [answer], inbox = told({"json": {"to": 85255550101, "text": "x"}})
    assert answer.status_code == 200
    assert inbox.messages()[0].digits == "85255550101"


def test_a_text_without_an_id_is_given_one(told):
    answers, inbox = told({"json": {"to": "+85255550101", "text": "x"}}, {"json": {"to": "+85255550101", "text": "x"}})
    assert [answer.json()["id"] for answer in answers] == ["sms-1", "sms-2"]
    assert [text.provider_id for text in inbox.messages()] == ["sms-1", "sms-2"]


def test_the_same_id_again_gets_the_same_answer_and_is_recorded_once(told):
    answers, inbox = told({"json": GOOD}, {"data": GOOD}, {"json": GOOD})
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, answers[0].text)}
    assert inbox.bookmark == 1
    assert inbox.notes(1) == ("sent again with the same id; recorded once",) * 2


def test_the_same_id_for_another_text_is_refused_and_recorded(told):
    answers, inbox = told({"json": GOOD}, {"json": GOOD | {"text": "another"}}, {"json": GOOD})
    assert [answer.status_code for answer in answers] == [200, 409, 200]
    assert answers[1].json()["error"] == "the id out-1 was used for another message, number 1"
    assert [text.trouble for text in inbox.messages()] == ["", "the id out-1 was used for another message, number 1"]


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        ({"json": {"to": "+85255550101"}}, "text missing or empty; the request has to"),
        ({"json": {"to": "+85255550101", "text": ""}}, "text missing or empty; the request has to, text"),
        ({"json": {"mobile": "+85255550101", "msg": "x"}}, "to and text missing or empty; the request has mobile, msg"),
        ({}, "to and text missing or empty; the request has no fields"),
        ({"json": {"to": "chan@example.com", "text": "x"}}, "“chan@example.com” is not a telephone number"),
        (
            {"content": b"to=+85255550101&text=x", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
            "“ 85255550101” is not a telephone number (in a form or a query, + is written %2B)",
        ),
        (
            {"content": b'{"to": "+85255550101", "text": "he said "hi""}'},
            "the body is not JSON: Expecting ',' delimiter at line 1, column 42",
        ),
        (
            {"content": b'{"to": "+852', "headers": {"Content-Type": "application/json"}},
            "the body is not JSON: Unterminated string starting at at line 1, column 8",
        ),
        ({"json": [1, 2]}, "the body is JSON, but not an object"),
        (
            {"content": b"[" * 60_000, "headers": {"Content-Type": "application/json"}},
            "the body is JSON, but nested or numbered beyond reading",
        ),
        ({"json": {"to": ["+85255550101", "+85255550177"], "text": "x"}}, "to has 2 values, and one is expected"),
        ({"content": b'{"to":"+85255550101","to":"+85255550177","text":"x"}'}, "to has 2 values, and one is expected"),
        ({"data": {"to": ["+85255550101", "+85255550177"], "text": "x"}}, "to has 2 values, and one is expected"),
        ({"json": {"to": "+85255550101", "text": True}}, "text is neither text nor a number"),
        ({"json": {"to": "+85255550101", "text": {"a": "b"}}}, "text is neither text nor a number"),
        ({"json": {"to": "+85255550101", "text": 1.5}}, "text is neither text nor a number"),
        ({"content": b"\xff{", "headers": {"Content-Type": "application/json"}}, "the body is not UTF-8"),
        ({"content": b"to=%2B85255550101&text=%ff"}, "the form is not percent-encoded UTF-8"),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, "the multipart form is broken"),
    ],
)
def test_what_cannot_be_sent_is_recorded_and_answered_with_what_was_expected(told, request_, why):
    [answer], inbox = told(request_)
    assert answer.status_code == 400
    assert answer.json()["error"] == why
    assert set(answer.json()["expected"]["fields"]) == {"to", "from", "text", "id"}
    [text] = inbox.messages()
    assert text.trouble == why


def test_a_refused_text_keeps_what_could_be_read_of_it(told):
    _, inbox = told({"json": GOOD | {"to": "chan@example.com"}}, {"content": b'{"to": "+852'})
    assert [(text.recipient, text.text) for text in inbox.messages()] == [
        ("chan@example.com", WORDS),
        ("", '{"to": "+852'),
    ]
    assert inbox.messages()[1].raw == b'{"to": "+852'


def test_a_refused_text_that_is_tried_again_is_recorded_once(told):
    bad = GOOD | {"to": "chan@example.com"}
    answers, inbox = told({"json": bad}, {"json": bad})
    assert [answer.status_code for answer in answers] == [400, 400]
    assert inbox.bookmark == 1


def test_a_body_beyond_all_measure_is_refused(told):
    [answer], inbox = told({"json": GOOD | {"text": "x" * 70_000}})
    assert answer.status_code == 413
    assert answer.json()["error"] == "the body is larger than 65536 bytes"
    assert inbox.messages()[0].trouble == "the body is larger than 65536 bytes"


def test_names_status_and_answer_are_settings(told):
    shape = GenericShape(
        to_field="phone", sender_field="sig", text_field="message", id_field="ref",
        success_status=202, success_type="text/plain", success_body="0: Accepted for delivery $id to $to",
    )  # fmt: skip
    answers, inbox = told(
        {"params": {"phone": "+85255550101", "message": "x", "ref": "7", "sig": "A"}}, {"json": GOOD}, shape=shape
    )
    assert (answers[0].status_code, answers[0].text) == (202, "0: Accepted for delivery 7 to +85255550101")
    assert answers[1].json()["error"] == "phone and message missing or empty; the request has to, from, text, id"
    assert [text.provider_id for text in inbox.messages()] == ["7", "sms-2"]


def test_an_id_with_quotes_does_not_break_the_json_answer(told):
    [answer], _ = told({"json": GOOD | {"id": '"}, {"x": "\\'}})
    assert answer.json() == {"status": "accepted", "id": '"}, {"x": "\\'}


def test_a_connection_cut_in_the_middle_of_a_request_is_recorded(played):
    async def story():
        async with open_gateways(now=lambda: NOON) as gateways:
            _, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(gateways.sms_url).port)
            writer.write(b'POST /sms HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"to": "+8')
            await writer.drain()
            writer.close()
            await writer.wait_closed()
            return await gateways.inbox.wait_for(lambda _: True, patience_seconds=20)

    assert played(story()).trouble == "the connection ended before the request was whole"


def test_other_methods_are_not_allowed(told):
    [answer], inbox = told({"method": "DELETE"})
    assert answer.status_code == 405
    assert inbox.bookmark == 0
