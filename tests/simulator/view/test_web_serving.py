"""The phone in a browser: served to this machine, and to no other site's page."""

import asyncio
import re
import socket
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

import simulator.view.web
from simulator.view.web.serving import LocalServer


@pytest.fixture
def ask():
    """Ask a server for its pages with these headers; gives each status and text."""

    def run(*asked: tuple[str, dict[str, str]]) -> list[tuple[int, str]]:
        async def main() -> list[tuple[int, str]]:
            with socket.socket() as listening:
                listening.bind(("127.0.0.1", 0))
                port = listening.getsockname()[1]
                server = LocalServer(["true"], port=port, title="Twofold", tell=lambda _: None)
                runner = web.AppRunner(await server._make_app())
                await runner.setup()
                await web.SockSite(runner, listening).start()
                answers = []
                async with aiohttp.ClientSession() as client:
                    for path, headers in asked:
                        named = {"Host": f"localhost:{port}"} | headers
                        async with client.get(f"http://127.0.0.1:{port}{path}", headers=named) as answer:
                            answers.append((answer.status, await answer.text()))
                await runner.cleanup()
            return answers

        return asyncio.run(main())

    return run


def test_the_page_is_served_and_names_nothing_outside_this_machine(ask):
    ((status, page),) = ask(("/", {}))
    assert status == 200
    hosts = set(re.findall(r"(?:https?|wss?)://([a-z0-9.]+)", page))
    assert hosts == {"localhost"}
    assert "textual-terminal" in page


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
    ],
)
@pytest.mark.parametrize("path", ["/", "/ws", "/static/js/textual.js"])
def test_another_sites_page_and_another_name_are_refused(ask, path, headers):
    ((status, _),) = ask((path, headers))
    assert status == 403


def test_its_page_lies_beside_it():
    assert (Path(simulator.view.web.__file__).parent / "app_index.html").is_file()
