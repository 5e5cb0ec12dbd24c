"""The figures of the auth server: what a login costs beside its one hash, many logins, and what the clock tells.

Everything is asked over HTTP of a server in this process. What is compared is measured in turn.
"""

import asyncio
import re
import statistics
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager

import httpx

from benchmarks import back_office
from benchmarks.figures import Figure, in_turn, ratio
from benchmarks.memory import resident_bytes
from benchmarks.open_server import PASSWORD, OpenServer, open_server, phone_of
from fake_gateways.sms import Text

RUNS = 41
AT_ONCE = 200
PAIRS = 300
SLOW_GATEWAY_SECONDS = 5.0
PATIENCE_SECONDS = 60.0

STRANGER = "9999-9999"
WRONG = "Wrong1Wrong"


def figures() -> Iterator[Figure]:
    """Measure all of them, those of the back office included."""
    yield from asyncio.run(_cost_of_a_login())
    yield from asyncio.run(_many_logins())
    yield from asyncio.run(_what_the_clock_tells())
    yield from back_office.figures()


async def _cost_of_a_login() -> list[Figure]:
    async with open_server() as server, server.browser() as browser:
        [account] = server.add_customers(range(1))
        passwords = server.app.broker.passwords
        password_hash = passwords.hash_password(PASSWORD)

        async def one_hash() -> None:
            passwords.verify_password(password_hash, PASSWORD)

        async def password_step() -> None:
            answer = await _give_password(browser, account, PASSWORD)
            _expect(answer, 303)

        async def page() -> None:
            _expect(await browser.get("/cas/login"), 200)

        async def phone_request() -> None:
            _expect(await browser.get("/phone-api/v1/server"), 200)

        async def refused_code() -> None:
            _expect(await browser.post("/cas/login/code", data={"code": "000000"}), 303)

        compared = "its one Argon2id hash"
        measured = [
            ratio(
                "password step of a login", *await in_turn(password_step, one_hash, RUNS), limit=1.2, against=compared
            )
        ]
        for name, request in (
            ("the login page", page),
            ("who the server is", phone_request),
            ("a code without a login", refused_code),
        ):
            browser.cookies.clear()
            times = await in_turn(request, one_hash, RUNS)
            measured.append(ratio(f"without a hash: {name}", *times, limit=0.1, against="one Argon2id hash"))
        return measured


async def _many_logins() -> list[Figure]:
    async with open_server() as server:
        accounts = server.add_customers(range(AT_ONCE))
        failed = await _log_in_all(server, accounts)
        before = resident_bytes()
        failed += await _log_in_all(server, accounts)
        grown = (resident_bytes() - before) / 1e6
    return [
        Figure(
            name=f"{AT_ONCE} logins at once, twice: failed",
            value=failed,
            unit="",
            limit=0,
            against="each with password, text message and code",
            runs=2,
        ),
        Figure(
            name=f"memory after {AT_ONCE} more logins",
            value=grown,
            unit="MB",
            limit=20,
            against="with the gateways' copies of their messages",
            runs=1,
        ),
    ]


async def _log_in_all(server: OpenServer, accounts: list[str]) -> int:
    """Log everybody in at once, a day later than the last time; how many did not get in."""
    server.clock.at += 86400
    inside = await asyncio.gather(*(_log_in(server, number, account) for number, account in enumerate(accounts)))
    return inside.count(False)


async def _log_in(server: OpenServer, number: int, account: str) -> bool:
    """Log a customer in with a code by text message; whether the customer's page opened."""
    bookmark = server.gateways.inbox.bookmark
    async with server.browser() as browser:
        await _give_password(browser, account, PASSWORD)
        await browser.post("/cas/login/channel", data={"channel": "sms"})
        message = await server.gateways.inbox.wait_for(
            lambda message: isinstance(message, Text) and message.recipient == phone_of(number),
            after=bookmark,
            patience_seconds=PATIENCE_SECONDS,
            wanted=f"text for {phone_of(number)}",
        )
        code = re.findall("code is ([0-9]{6})", message.text)[0]
        await browser.post("/cas/login/code", data={"code": code})
        return (await browser.get("/iweb")).status_code == 200


async def _what_the_clock_tells() -> list[Figure]:
    async with _slow_gateway() as smtp, open_server(smtp=smtp) as server, server.browser() as browser:
        [account] = server.add_customers(range(1))

        async def asked(what: str, password: str) -> None:
            server.clock.at += 1000  # no limit is ever reached
            answer = await _give_password(browser, what, password)
            _expect(answer, 403)

        async def forgotten(what: str) -> None:
            server.clock.at += 1000
            _expect(await browser.post("/cas/forgot-password", data={"username": what}), 200)

        measured = {
            "known, unknown account": await in_turn(
                lambda: asked(account, WRONG), lambda: asked(STRANGER, WRONG), PAIRS
            ),
            "wrong, empty password": await in_turn(lambda: asked(account, WRONG), lambda: asked(account, ""), PAIRS),
            "forgotten: known, unknown account": await in_turn(
                lambda: forgotten(account), lambda: forgotten(STRANGER), PAIRS
            ),
        }
    return [_difference(name, *times) for name, times in measured.items()]


def _difference(name: str, ours: list[float], theirs: list[float]) -> Figure:
    pairs = [mine - other for mine, other in zip(ours, theirs, strict=True)]
    return Figure(
        name=name,
        value=abs(statistics.median(pairs)) * 1000,
        unit="ms",
        limit=5,
        against=f"difference, of {statistics.median(theirs) * 1000:.0f} ms",
        runs=len(pairs),
    )


@asynccontextmanager
async def _slow_gateway() -> AsyncGenerator[str]:
    """Have a mail server that says nothing for five seconds; its address."""

    class SaysNothing(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            asyncio.get_running_loop().call_later(SLOW_GATEWAY_SECONDS, transport.close)

    server = await asyncio.get_running_loop().create_server(SaysNothing, "127.0.0.1", 0)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def _give_password(browser: httpx.AsyncClient, account: str, password: str) -> httpx.Response:
    return await browser.post("/cas/login", data={"username": account, "password": password})


def _expect(answer: httpx.Response, status: int) -> None:
    if answer.status_code != status:
        raise ValueError(f"{answer.request.url.path} was answered {answer.status_code} instead of {status}")
