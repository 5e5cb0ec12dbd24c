"""Targets: how their description is read, what is refused in it, and how their servers are had."""

import asyncio
import os
import sys
from pathlib import Path

import httpx
import pytest

from harness.errors import EnvironmentNotReady
from harness.scenario.problems import Problems
from harness.targets.target import TargetNotUsable, load_target
from harness.world.servers import by_command, in_process
from harness.world.serving import listen

GOOD = """\
target: mine
says: A server of ours.
server:
  address: http://localhost:8000
messages:
  code: {kind: sms, values: {code: {after: "is ", pattern: "[0-9]{6}"}}, secret: [code]}
"""


def target(tmp_path: Path, text: str) -> str:
    (tmp_path / "target.yaml").write_text(text, encoding="utf-8")
    return str(tmp_path)


def test_the_reference_target_knows_the_messages_of_the_manual() -> None:
    reference = load_target("reference")
    assert {"password-reset", "token-registration", "login-code", "activation-code"} <= set(reference.profiles)
    assert reference.facts.profiles["token-registration"] == ("code", "qr")
    assert "clock" in reference.capabilities


def test_a_target_in_a_folder_of_ones_own_is_loaded_by_its_path(tmp_path: Path) -> None:
    mine = load_target(target(tmp_path, GOOD))
    assert (mine.name, mine.server.address) == ("mine", "http://localhost:8000")
    assert mine.capabilities == frozenset()
    assert mine.flow_folders[0] == tmp_path / "flows"


@pytest.mark.parametrize(
    ("wrong", "right", "complaint"),
    [
        (
            "sais: A",
            "says: A",
            '2:1: error: sais: unknown key\n  |\n2 | sais: A server of ours.\n  | ^^^^\n  = did you mean "says"?',
        ),
        ("  adress:", "  address:", "4:3: error: server.adress: unknown key"),
        ("  command: []\n", "  address: http://localhost:8000\n", "4:3: error: server.command"),
        ("  address: localhost\n", "  address: http://localhost:8000\n", "4:3: error: server.address"),
        ("  settings: {A: b}\n", "  address: http://localhost:8000\n", "write one of app, command and address"),
        ("target: Mine", "target: mine", "1:1: error: target"),
    ],
)
def test_a_mistake_in_a_target_is_shown_with_its_place(tmp_path: Path, wrong: str, right: str, complaint: str) -> None:
    assert right in GOOD
    with pytest.raises(Problems) as problems:
        load_target(target(tmp_path, GOOD.replace(right, wrong)))
    assert complaint in str(problems.value)


def test_a_mistake_in_a_message_profile_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TargetNotUsable, match=r"target\.yaml: messages: message profile code: .*kind"):
        load_target(target(tmp_path, GOOD.replace("kind: sms", "kind: post")))


def test_an_unknown_target_names_the_nearest() -> None:
    with pytest.raises(TargetNotUsable, match=r"there is no target referense; did you mean reference\?"):
        load_target("referense")


def test_a_server_by_command_is_ready_once_it_answers_and_gone_at_the_end() -> None:
    async def play() -> None:
        with listen() as free:
            port = free.getsockname()[1]
        command = (sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port))
        origin = f"http://127.0.0.1:{port}"
        async with by_command(command, {}, origin, ready="/", environ=os.environ), httpx.AsyncClient() as client:
            assert (await client.get(origin)).status_code == 200
        listen(port).close()  # the port is free again

    asyncio.run(play())


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (("sh", "-c", "echo no licence; exit 3"), "ended with code 3 before it answered: no licence"),
        (("sh", "-c", "exit 1"), "ended with code 1 before it answered: it printed nothing"),
        (("/nowhere/server",), "cannot be run: /nowhere/server: No such file or directory"),
    ],
)
def test_a_server_that_does_not_start_says_what_it_said(command: tuple[str, ...], complaint: str) -> None:
    async def play() -> None:
        async with by_command(command, {}, "http://127.0.0.1:1", ready="/", environ=os.environ):
            raise AssertionError("it never answered")

    with pytest.raises(EnvironmentNotReady, match=complaint):
        asyncio.run(play())


@pytest.mark.parametrize(
    ("app", "settings", "complaint"),
    [
        ("nowhere.at_all:app", {}, "cannot be found: No module named 'nowhere'"),
        ("auth_server.app:nothing", {}, "cannot be found: module 'auth_server.app' has no attribute 'nothing'"),
        ("auth_server.app:create_app", {"AUTH_SERVER_ORIGN": "x"}, "refused its settings: .*AUTH_SERVER_ORIGN"),
    ],
)
def test_a_server_in_process_that_cannot_be_made_says_why(app: str, settings: dict[str, str], complaint: str) -> None:
    async def play() -> None:
        async with in_process(app, settings, listen(), now=lambda: 0.0, real_now=lambda: 0.0):
            raise AssertionError("it never started")

    with pytest.raises(EnvironmentNotReady, match=complaint):
        asyncio.run(play())


def test_a_taken_port_is_named() -> None:
    with listen() as taken:
        port = taken.getsockname()[1]
        with pytest.raises(EnvironmentNotReady, match=f"port {port} on 127.0.0.1 cannot be used"):
            listen(port)
