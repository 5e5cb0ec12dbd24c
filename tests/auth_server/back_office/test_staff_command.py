"""``python -m auth_server staff``: the one way by which anybody gets into the back office."""

import base64
import io
import re
import sys
from collections.abc import Mapping

import numpy as np
import pyotp
import pytest
import zxingcpp

from auth_server import __main__ as command
from auth_server.app import create_app
from auth_server.back_office import staff_login

AT = 1_800_000_000.0


class Terminal:
    """A person at a terminal."""

    def __init__(self, settings: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.settings = settings
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("auth_server.commands.staff.time.time", lambda: AT)

    def type(self, *words: str, passwords: tuple[str, ...] = ()) -> tuple[int, str]:
        """Type a command, and a password each time it asks for one; the exit code and all that was printed."""
        answers = iter(passwords)
        printed = io.StringIO()
        self._monkeypatch.setattr("auth_server.commands.staff.getpass", lambda _prompt: next(answers))
        self._monkeypatch.setattr(sys, "argv", ["auth_server", "staff", *words])
        self._monkeypatch.setattr(sys, "stdout", printed)
        self._monkeypatch.setattr(sys, "stderr", printed)
        return command.main(), printed.getvalue()

    def logs_in(self, name: str, password: str, seed: str) -> bool:
        """Try the login."""
        broker = create_app(self.settings, lambda: AT).broker
        broker.open()
        token = staff_login.log_in(broker, name, password, pyotp.TOTP(seed).at(int(AT)), address="")
        broker.database.close()
        return token is not None


@pytest.fixture
def terminal(settings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(settings, monkeypatch)


def seed_of(printed: str) -> str:
    found = re.search(
        r"^otpauth://totp/Anue%20back%20office:wong\?secret=([A-Z2-7]{32})&issuer=Anue%20back%20office$",
        printed,
        re.MULTILINE,
    )
    assert found, printed
    return found[1]


def read_qr(printed: str) -> str:
    """Read the QR code as a camera would: each character is two modules, one over the other."""
    drawn = [line for line in printed.splitlines() if set(line) <= set(" ▀▄█") and len(line.strip()) > 20]
    upper = {"▀": (255, 0), "▄": (0, 255), "█": (255, 255), " ": (0, 0)}
    width = max(map(len, drawn))
    rows = [[upper[c][half] for c in line.ljust(width)] for line in drawn for half in (0, 1)]
    picture = np.kron(np.array(rows, dtype=np.uint8), np.ones((8, 8), dtype=np.uint8))
    codes = zxingcpp.read_barcodes(picture)
    return codes[0].text if codes else ""


def test_a_member_is_added_listed_reset_and_removed(terminal: Terminal) -> None:
    assert terminal.type("list") == (0, "")
    status, printed = terminal.type("add", "Wong", passwords=("correct horse battery",) * 2)
    assert status == 0
    seed = seed_of(printed)
    assert base64.b32decode(seed)
    assert "correct horse" not in printed
    assert terminal.logs_in("wong", "correct horse battery", seed)
    assert re.fullmatch(r"wong +added 2027-01-15 16:00:00   last login 2027-01-15 16:00:00\n", terminal.type("list")[1])
    assert terminal.type("add", "wong", "--make-password") == (1, "wong is there already\n")
    status, printed = terminal.type("reset", "wong", "--make-password")
    made = re.search(r"^Password of wong: ([a-z2-7-]{23})$", printed, re.MULTILINE)
    assert status == 0
    assert made
    assert not terminal.logs_in("wong", "correct horse battery", seed)
    assert terminal.logs_in("wong", made[1], seed_of(printed))
    assert terminal.type("remove", "wong") == (0, "wong was removed\n")
    assert terminal.type("remove", "wong") == (1, "there is nobody called wong\n")
    assert terminal.type("reset", "wong", "--make-password") == (1, "there is nobody called wong\n")


def test_the_qr_code_holds_the_address_for_the_authenticator(terminal: Terminal) -> None:
    _, printed = terminal.type("add", "wong", "--make-password")
    address = next(line for line in printed.splitlines() if line.startswith("otpauth:"))
    assert read_qr(printed) == address


def test_what_will_not_do_is_refused_with_a_reason(terminal: Terminal) -> None:
    assert terminal.type("add", "wong", passwords=("short",)) == (
        1,
        "the password must be 12 characters or longer; --make-password makes one\n",
    )
    assert terminal.type("add", "wong", passwords=("correct horse battery", "correct horse")) == (
        1,
        "the two passwords differ\n",
    )
    status, printed = terminal.type("add", "9!", "--make-password")
    assert status == 1
    assert printed.startswith("'9!' is not a name")
    assert terminal.type("list") == (0, "")
