"""The application as a server runs it: opening and closing, a busy database, and a process of its own."""

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

import httpx
import pytest

from auth_server.app import AuthServer, create_app
from auth_server.settings import SettingsError

if TYPE_CHECKING:
    from conftest import Phone, World


async def live(app: AuthServer) -> list[str]:
    """Open and close `app` by the lifespan protocol; what it answered."""
    to_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    answers: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    task = asyncio.create_task(app({"type": "lifespan"}, to_app.get, answers.put))
    await to_app.put({"type": "lifespan.startup"})
    said = [await answers.get()]
    if said[0]["type"] == "lifespan.startup.complete":
        await to_app.put({"type": "lifespan.shutdown"})
        said.append(await answers.get())
    await task
    return [f"{message['type']} {message.get('message', '')}".strip() for message in said]


def test_a_server_opens_and_closes_and_opens_again(settings: dict[str, str]) -> None:
    for _ in range(2):
        answers = asyncio.run(live(create_app(settings, lambda: 0.0)))
        assert answers == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_database_of_another_key_keeps_the_server_from_starting(settings: dict[str, str]) -> None:
    asyncio.run(live(create_app(settings, lambda: 0.0)))
    settings["AUTH_SERVER_MASTER_KEY"] = "A" * 43
    [answer] = asyncio.run(live(create_app(settings, lambda: 0.0)))
    assert answer == "lifespan.startup.failed the database was made under another master key"


def test_two_servers_in_one_process_know_nothing_of_each_other(world: "World", settings: dict[str, str]) -> None:
    world.customer()
    other = create_app({**settings, "AUTH_SERVER_DATABASE_URL": "sqlite://"}, lambda: 0.0)
    other.broker.open()

    async def find(app: AuthServer) -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            key = {"Authorization": "Bearer back-office-key-of-a-test"}
            return (await client.get("/back-office/api/customers/9999-9990", headers=key)).status_code

    assert asyncio.run(find(world.app)) == 200
    assert asyncio.run(find(other)) == 404
    other.broker.database.close()


def test_a_wrong_setting_makes_no_server(settings: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        create_app({**settings, "AUTH_SERVER_SMTP": "nowhere"}, lambda: 0.0)


def test_a_busy_database_is_503_and_lets_nobody_in(
    world: "World", new_phone: "Callable[..., Phone]", monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]
) -> None:
    world.customer()
    phone = new_phone()
    body = phone.login_body()
    monkeypatch.setattr("auth_server.database._BUSY_SECONDS", 0.05)
    world.broker.database.close()
    world.app = create_app(settings, world.clock.now)
    file = settings["AUTH_SERVER_DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = phone.call("POST", "/sessions", body)
        other.execute("ROLLBACK")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "busy")
    assert answer.headers["Retry-After"] == "1"
    assert phone.call("POST", "/sessions", body).status_code == 201


def run(environment: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "auth_server"],
        env={"PATH": os.environ["PATH"], **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_server_runs_alone_says_where_and_ends_at_ctrl_c(settings: dict[str, str], free_port: int) -> None:
    del settings["AUTH_SERVER_ORIGIN"]
    with run({**settings, "AUTH_SERVER_PORT": str(free_port)}) as process:
        assert process.stdout is not None
        assert f"http://localhost:{free_port}" in process.stdout.readline()
        server = httpx.get(f"http://127.0.0.1:{free_port}/phone-api/v1/server").json()
        assert server["origin"] == f"http://localhost:{free_port}"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")


def test_a_wrong_setting_is_one_line_and_exit_code_2(settings: dict[str, str]) -> None:
    with run({**settings, "AUTH_SERVER_CODE_TRYS": "5"}) as process:
        output, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert errors == "AUTH_SERVER_CODE_TRYS is not a setting; did you mean AUTH_SERVER_CODE_TRIES?\n"
    assert output == ""


def test_a_wrong_master_key_is_one_line_and_exit_code_2(world: "World", settings: dict[str, str]) -> None:
    with run({**settings, "AUTH_SERVER_MASTER_KEY": "A" * 43}) as process:
        output, errors = process.communicate(timeout=20)
    assert (process.returncode, output) == (2, "")
    assert errors == "the database was made under another master key\n"


def test_a_taken_port_is_said_and_the_server_does_not_claim_to_be_there(settings: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with run({**settings, "AUTH_SERVER_PORT": str(taken.getsockname()[1])}) as process:
            output, errors = process.communicate(timeout=20)
    assert process.returncode == 3
    assert "address already in use" in errors
    assert "Traceback" not in errors
    assert output == ""
