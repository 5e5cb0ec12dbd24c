"""`twofold phone` as lines of text, and what it says when it cannot be a phone."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.commands.phone import NotAnAddress, PhoneOptions, phone
from simulator.storage import Storage
from tests.end_to_end.command import ROOT, TWOFOLD, Command

NOBODY = "http://localhost:9"


@pytest.fixture
def say(tmp_path: Path) -> Callable[..., str]:
    """Type lines into `twofold phone --plain`; gives what it said."""

    def typed(lines: str, *options: str) -> str:
        done = subprocess.run(
            [TWOFOLD, "phone", "--plain", "--server", NOBODY, "--folder", tmp_path / "phone", *options],
            cwd=ROOT,
            input=lines,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return typed


def test_a_phone_is_played_through_a_pipe_and_switched_off_and_on_again(say: Callable[..., str]) -> None:
    # Settings, App permissions, notifications on; to the first page and restart; then the lines end.
    said = say("7\n8\n2\nb\n12\n", "--english")
    assert "2. Notifications  On" in said
    assert said.count("1. Anue Securities 2") == 2
    assert "2. Notifications  On" in say("7\n8\nq\n", "--english")


def test_a_phone_without_the_brokers_app_gets_it_from_the_store(say: Callable[..., str]) -> None:
    said = say("5\n2\n2\nh\nq\n", "--not-installed")
    first, last = said.split("> ")[0], said.split("> ")[-2]
    assert "鉅亨證券 2" not in first
    assert "1. 鉅亨證券 2" in last


def test_two_phones_on_one_folder_is_one_sentence(twofold: Command, tmp_path: Path) -> None:
    with Storage(tmp_path / "phone"):
        ran = twofold("phone", "--plain", "--server", NOBODY, "--folder", tmp_path / "phone")
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.startswith("twofold: the phone's data cannot be used: another phone is using")
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize(
    "server", ["localhost:8000", "http://", "http://a b", "ftp://a", "http://a/path", "http://u@a", "http://a:b", ""]
)
def test_a_server_that_is_no_address_is_one_sentence(server: str) -> None:
    options = PhoneOptions(
        server=server,
        messages="",
        owner=(),
        folder=None,
        language="en",
        light=False,
        installed=True,
        form="plain",
    )
    with pytest.raises(NotAnAddress, match=r"^--server: [^\n]+$"):
        phone(options)


def test_without_a_terminal_it_names_the_form_that_needs_none(twofold: Command) -> None:
    ran = twofold("phone", "--server", NOBODY)
    assert (ran.code, ran.err) == (4, "twofold: twofold phone is a screen and needs a terminal; --plain needs none\n")
