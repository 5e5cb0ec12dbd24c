"""The phone's client: answers are read strictly, and each way for a server to fail is told apart."""

import asyncio
import json

import httpx
import pytest

from simulator.securities import http_exchange
from simulator.securities.answers import Delivery, ServerStep
from simulator.securities.api import BrokenRule, Refused, ServerBroken, ServerFailed, ServerSlow, ServerUnreachable
from simulator.securities.app import AppRefusal
from simulator.securities.http_api import HttpBrokerApi
from simulator.strict_json import JsonObject, NotAsDescribed, from_base64url, to_base64url

IDENTITY = {"name": "鉅亨證券", "origin": "http://b.example", "key_id": "k", "public_key": "B" + "A" * 86, "time": 1}
BINDING = {
    "step": "activation",
    "token_id": "t",
    "server_ephemeral_key": "B" + "A" * 86,
    "confirmation": "A" * 43,
    "server_time": 1,
}


def _api(answer) -> HttpBrokerApi:
    handler = answer if callable(answer) else lambda _request: answer
    return HttpBrokerApi("http://b.example", httpx.AsyncClient(transport=httpx.MockTransport(handler)))


def _server(answer):
    return asyncio.run(_api(answer).server())


def test_an_answer_as_described_is_taken_wide_blanks_and_all():
    assert _server(httpx.Response(200, json=IDENTITY | {"name": "鉅亨　證券"})).name == "鉅亨　證券"
    identity = _server(httpx.Response(200, json=IDENTITY))
    assert (identity.name, identity.key_id, len(identity.public_key)) == ("鉅亨證券", "k", 65)


@pytest.mark.parametrize(
    "change",
    [
        {"name": None},
        {"name": ""},
        {"name": "\x1b[2Jgone"},
        {"name": "two\nlines"},
        {"time": "1"},
        {"time": 1.5},
        {"time": True},
        {"key_id": 7},
        {"public_key": "BA"},
        {"public_key": "B" + "A" * 85 + "="},
        {"public_key": "+" + "A" * 86},
        {"public_key": "B" + "A" * 85 + "B"},
        {"name": "x" * 501},
    ],
)
def test_a_wrong_type_and_unprintable_words_are_refused(change):
    with pytest.raises(ServerBroken):
        _server(httpx.Response(200, json=IDENTITY | change))


def test_what_a_later_server_adds_to_its_answers_and_refusals_is_left_alone():
    assert _server(httpx.Response(200, json=IDENTITY | {"more": {"of": "it"}})).name == "鉅亨證券"
    error = {"code": "wrong-code", "message": "no", "hint": ["?"]}
    with pytest.raises(Refused, match="wrong-code"):
        _server(httpx.Response(403, json={"error": error, "trace": 1}))


def test_a_refused_password_names_its_rules_and_suspended_biometrics_their_reason():
    rules = [{"rule": "digit", "message": "包含最少一個數字", "id": 4}, {"rule": "too-long", "message": "太長"}]
    error = {"code": "password-refused", "message": "不符合", "rules": rules}
    with pytest.raises(Refused) as refused:
        _server(httpx.Response(422, json={"error": error}))
    assert refused.value.rules == (BrokenRule("digit", "包含最少一個數字"), BrokenRule("too-long", "太長"))
    error = {"code": "biometrics-suspended", "message": "已暫停", "reason": "new-phone"}
    with pytest.raises(Refused) as refused:
        _server(httpx.Response(403, json={"error": error}))
    assert (refused.value.reason, refused.value.rules) == ("new-phone", ())


def test_a_server_that_has_failed_is_told_from_one_that_talks_nonsense():
    for answer in (httpx.Response(500, text="oops"), httpx.Response(502), httpx.Response(503, text="later")):
        with pytest.raises(ServerFailed):
            _server(answer)
    for answer in (httpx.Response(200, text="garbage"), httpx.Response(404, text="who?")):
        with pytest.raises(ServerBroken) as broken:
            _server(answer)
        assert not isinstance(broken.value, ServerFailed)


@pytest.mark.parametrize("key", list(IDENTITY))
def test_a_missing_key_is_refused(key):
    with pytest.raises(ServerBroken, match=key):
        _server(httpx.Response(200, json={name: value for name, value in IDENTITY.items() if name != key}))


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>hello</html>"),
        httpx.Response(200, content=b"", headers={"Content-Type": "application/json"}),
        httpx.Response(200, content=b"[]", headers={"Content-Type": "application/json"}),
        httpx.Response(200, content=b"null", headers={"Content-Type": "application/json"}),
        httpx.Response(200, content=b'{"name": ', headers={"Content-Type": "application/json"}),
        httpx.Response(200, content=b"\xff\xfe", headers={"Content-Type": "application/json"}),
        httpx.Response(200, content=b"[" * 15000, headers={"Content-Type": "application/json"}),
        httpx.Response(200, content=json.dumps(IDENTITY).encode(), headers={"Content-Type": "text/plain"}),
        httpx.Response(
            200,
            content=json.dumps(IDENTITY).replace('"time": 1', '"time": 1, "time": 1').encode(),
            headers={"Content-Type": "application/json"},
        ),
        httpx.Response(
            200,
            content=json.dumps(IDENTITY).replace('"time": 1', '"time": NaN').encode(),
            headers={"Content-Type": "application/json"},
        ),
        httpx.Response(201, json=IDENTITY),
        httpx.Response(204),
        httpx.Response(302, headers={"Location": "http://evil.example/"}),
        httpx.Response(500, json={"error": {"code": "busy", "message": "later"}}),
        httpx.Response(502, text="Bad Gateway"),
        httpx.Response(404, text="Not Found"),
        httpx.Response(400, json={"detail": "no"}),
        httpx.Response(403, json={"error": {"code": "wrong-code", "message": "no", "reason": 7}}),
        httpx.Response(422, json={"error": {"code": "password-refused", "message": "no", "rules": ["digit"]}}),
        httpx.Response(403, json={"error": {"code": "Wrong Code!", "message": "no"}}),
        httpx.Response(403, json={"error": {"code": "wrong-code", "message": "\x1b[31mno"}}),
        httpx.Response(200, json=IDENTITY | {"name": "x" * 17000}),
    ],
    ids=lambda answer: f"{answer.status_code}-{answer.content[:12]!r}",
)
def test_an_answer_that_is_none_is_the_servers_failure(answer):
    with pytest.raises(ServerBroken):
        _server(answer)


def test_a_body_that_grows_while_it_is_decoded_is_not_even_read():
    def handler(request):
        assert request.headers["Accept-Encoding"] == "identity"
        return httpx.Response(200, stream=_NeverRead(), headers={"Content-Encoding": "gzip"})

    with pytest.raises(ServerBroken, match="encoding"):
        _server(handler)


class _NeverRead(httpx.AsyncByteStream):
    async def __aiter__(self):
        pytest.fail("the body was read")
        yield b""


def test_a_refusal_brings_its_words_and_how_long_to_wait():
    answer = httpx.Response(
        429, json={"error": {"code": "too-many-requests", "message": "請稍後再試。"}}, headers={"Retry-After": "60"}
    )
    with pytest.raises(Refused) as refused:
        _server(answer)
    assert (refused.value.code, refused.value.message, refused.value.retry_after) == (
        "too-many-requests",
        "請稍後再試。",
        60,
    )


@pytest.mark.parametrize("wait", ["", "-1", "soon", "1.5", "١٢", "Wed, 21 Oct 2026 07:28:00 GMT", "9" * 9])
def test_a_waiting_time_that_is_no_number_of_seconds_is_left_out(wait):
    error = {"error": {"code": "busy", "message": "忙"}}
    with pytest.raises(Refused) as refused:
        _server(httpx.Response(503, json=error, headers={"Retry-After": wait.encode()}))
    assert refused.value.retry_after is None


def test_nobody_there_and_a_broken_line_are_unreachable_and_no_http_is_broken():
    for error, told in (
        (httpx.ConnectError("refused"), ServerUnreachable),
        (httpx.ReadError("reset"), ServerUnreachable),
        (httpx.ReadTimeout("slow"), ServerSlow),
        (httpx.RemoteProtocolError("not HTTP"), ServerBroken),
    ):

        def handler(_request, error=error):
            raise error

        with pytest.raises(told):
            _server(handler)


def test_a_server_that_never_answers_and_one_that_drips_are_given_up(monkeypatch):
    monkeypatch.setattr(http_exchange, "TIMEOUT_SECONDS", 0.02)

    async def silent(_request):
        await asyncio.Event().wait()

    def dripping(_request):
        return httpx.Response(200, stream=_Drip(), headers={"Content-Type": "application/json"})

    for handler in (silent, dripping):
        with pytest.raises(ServerSlow):
            _server(handler)


class _Drip(httpx.AsyncByteStream):
    async def __aiter__(self):
        yield b"{"
        await asyncio.Event().wait()


def test_a_real_socket_with_nobody_behind_it_is_unreachable_and_one_that_talks_no_http_is_broken():
    async def play():
        async def hello(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"220 mail.example ESMTP\r\n")
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(hello, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with HttpBrokerApi(f"http://127.0.0.1:{port}") as api:
            with pytest.raises(ServerBroken):
                await api.server()
            server.close()
            await server.wait_closed()
            with pytest.raises(ServerUnreachable):
                await api.server()

    asyncio.run(play())


def test_each_step_that_an_answer_names_must_be_the_one_that_was_asked_for():
    def bind(answer):
        return asyncio.run(
            _api(httpx.Response(200, json=answer)).bind(
                "s", code="A" * 20, device_ephemeral_key=b"\4" * 65, signature=b"s"
            )
        )

    assert bind(BINDING).token_id == "t"
    for change in (
        {"step": "active"},
        {"step": "surprise"},
        {"confirmation": "AAAA"},
        {"server_ephemeral_key": "AAAA"},
    ):
        with pytest.raises(ServerBroken):
            bind(BINDING | change)


def test_an_activation_of_another_token_is_not_taken_for_ours():
    def activate(token_id):
        answer = httpx.Response(200, json={"step": "active", "token_id": token_id, "server_time": 1})
        return asyncio.run(_api(answer).activate("s", token_id="t", code="123456", confirmation=b"c"))

    assert activate("t") == 1
    with pytest.raises(ServerBroken):
        activate("u")


def test_where_an_enrolment_stands_is_one_of_the_pages_words():
    told = {"step": "binding", "sent_to": None, "message": "given-up"}
    status = asyncio.run(_api(httpx.Response(200, json=told)).enrolment("s"))
    assert (status.step, status.sent_to, status.message) == (ServerStep.BINDING, None, Delivery.GIVEN_UP)
    for change in ({"step": "bound"}, {"message": "lost"}):
        with pytest.raises(ServerBroken):
            asyncio.run(_api(httpx.Response(200, json=told | change)).enrolment("s"))


@pytest.mark.parametrize(
    "origin",
    [
        "broker.example",
        "ftp://b.example",
        "http://",
        "http://b.example/",
        "http://b.example/x",
        "http://b?x",
        "http://me:pw@b",
    ],
)
def test_an_address_that_is_not_scheme_host_and_port_is_refused(origin):
    with pytest.raises(ValueError, match="scheme, host and port"):
        HttpBrokerApi(origin)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (httpx.Response(500, text="oops"), "暫時未能提供服務"),
        (httpx.Response(200, text="garbage"), "未能讀取伺服器的回覆"),
        (httpx.Response(503, text="later"), "暫時未能提供服務"),
        (httpx.Response(503, json={"error": {"code": "busy", "message": "系統繁忙。"}}), "系統繁忙。"),
        (httpx.ConnectError("refused"), "未能連接伺服器"),
        (httpx.ReadTimeout("slow"), "伺服器沒有回應"),
        (httpx.Response(429, json={"error": {"code": "too-many-requests", "message": "太多要求。"}}), "太多要求。"),
    ],
)
def test_every_failure_of_the_server_is_a_sentence_for_the_customer(world, kit, answer, says):
    def instead(_request):
        if isinstance(answer, Exception):
            raise answer
        return answer

    world.server.answer_instead = instead
    with world.opened() as app:
        with pytest.raises(AppRefusal, match=says):
            asyncio.run(app.log_in(kit.account, kit.password))
        assert app.session is None


@pytest.mark.parametrize(("wait", "says"), [("7", "太多。（7秒後可再試）"), ("61", "太多。（約2分鐘後可再試）")])
def test_a_limit_says_how_long_to_wait(world, kit, wait, says):
    error = {"code": "too-many-requests", "message": "太多。"}
    world.server.answer_instead = lambda _: httpx.Response(429, json={"error": error}, headers={"Retry-After": wait})
    with world.opened() as app, pytest.raises(AppRefusal) as refusal:
        asyncio.run(app.log_in(kit.account, kit.password))
    assert refusal.value.message == says


def test_secrets_are_in_no_address_and_no_error_text(world, kit):
    seen = []
    world.server.answer_instead = lambda request: seen.append(str(request.url)) or None
    with world.opened() as app:
        asyncio.run(kit.to_the_end(world, app))
        assert app.session.secret not in repr(app.session)
        world.server.answer_instead = lambda _request: httpx.Response(500, text="x")
        with pytest.raises(AppRefusal) as refusal:
            asyncio.run(app.start_enrolment())
        chain, told = refusal.value, []
        while chain is not None:
            told.append(repr(chain))
            chain = chain.__cause__
        for secret in (app.session.secret, kit.password, kit.pin):
            assert not any(secret in text for text in (*seen, *told))
    assert all("?" not in url for url in seen)


def test_base64url_has_one_spelling_for_each_value():
    assert to_base64url(b"\xfb\xff") == "-_8"
    assert from_base64url("-_8") == b"\xfb\xff"
    for text in ("-_9", "-_8=", "+/8", "-", "-_8\n", "券", "A"):
        assert from_base64url(text) is None


def test_what_nobody_asked_for_is_refused_by_name_and_never_by_value():
    stored = JsonObject.parse(b'{"a": 1, "secret": "hunter2"}')
    stored.whole("a")
    with pytest.raises(NotAsDescribed, match="secret") as error:
        stored.end()
    assert "hunter2" not in str(error.value)
