"""The figures of the phone: touching it, starting it, many of them, and one that nobody touches.

What is compared with a floor is measured beside it, in turn, in one process; the value is the median of the pairs.
"""

import asyncio
import fcntl
import os
import pty
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from textual.app import App
from textual.pilot import Pilot

from benchmarks.figures import Figure, in_turn, ratio
from simulator.hands import Hands, phone_in_hand
from simulator.phone import Phone
from simulator.securities.app import SecuritiesApp
from simulator.securities.http_api import HttpBrokerApi
from simulator.storage import Storage
from simulator.view.app import PhoneApp

ROOT = Path(__file__).resolve().parent.parent
NOBODY = "http://localhost:9"
TAPS, TYPINGS, STARTS, PICTURES = 15, 7, 15, 5
CODE = "281704"
IDLE_SECONDS = 15.0
SETTLING_SECONDS = 3.0
HOME_BAR = "━━━━".encode()


def figures() -> Iterator[Figure]:
    """Measure all of them."""
    yield from asyncio.run(_hands_against_pilot())
    yield asyncio.run(_start_against_an_empty_app())
    yield Figure(
        name="each of 200 phones without a view",
        value=_megabytes_of_a_core(),
        unit="MB",
        limit=0.2,
        against="resident memory beyond the first",
        runs=1,
    )
    yield Figure(
        name="twofold phone: process start to picture",
        value=statistics.median(_milliseconds_to_the_picture() for _ in range(PICTURES)),
        unit="ms",
        limit=300,
        against="on a terminal of 80 × 24",
        runs=PICTURES,
    )
    yield Figure(
        name="a phone that nobody touches",
        value=_percent_of_a_core_when_idle(),
        unit="%",
        limit=1,
        against=f"of a core, over {IDLE_SECONDS:g} s",
        runs=1,
    )


async def _hands_against_pilot() -> tuple[Figure, Figure]:
    """The same app, the same screens: touched by our hands, and by Textual's own."""
    with _device() as (phone, securities):
        app = PhoneApp(phone, securities)
        async with app.run_test(size=(44, 40)) as pilot:
            hands = Hands(app.view)
            await hands.tap("鉅亨證券 2")
            for label in ("允許", "我明白及同意", "立即開始"):
                await hands.tap(label)
            taps = await in_turn(lambda: _tap(hands), lambda: _tap_by_pilot(pilot), TAPS)
            await hands.tap("登入")
            typings = await in_turn(lambda: _type(hands), lambda: _type_by_pilot(pilot), TYPINGS)
    return (
        ratio("a tap with its new screen", *taps, limit=0.15, against="the same by Textual's Pilot"),
        ratio("typing a 6-digit code", *typings, limit=0.15, against="the same by Textual's Pilot"),
    )


async def _tap(hands: Hands) -> None:
    await hands.tap("登入")
    await hands.screen("login")
    await hands.back()
    await hands.screen("welcome")


async def _tap_by_pilot(pilot: Pilot[None]) -> None:
    await pilot.click("#lock")
    await pilot.click("#back")


async def _type(hands: Hands) -> None:
    await hands.type(into="用戶名稱", text=CODE)


async def _type_by_pilot(pilot: Pilot[None]) -> None:
    await pilot.click("#account Entry")
    await pilot.press("end", "ctrl+u", *CODE)


async def _start_against_an_empty_app() -> Figure:
    class Empty(App[None]):
        def on_ready(self) -> None:
            self.exit()

    async def start_an_empty_app() -> None:
        await Empty().run_async(headless=True, size=(44, 40))

    with _device() as (phone, securities):

        async def start_a_phone() -> None:
            async with phone_in_hand(phone, securities):
                pass

        series = await in_turn(start_a_phone, start_an_empty_app, STARTS)
    return ratio("phone start, headless, and its end", *series, limit=1.5, against="an empty Textual app")


def _megabytes_of_a_core() -> float:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.phone_cores"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def _milliseconds_to_the_picture() -> float:
    """Until the terminal gets the bar at the phone's bottom, the last line that is painted."""
    with _phone_on_a_terminal() as (began, _, terminal):
        _wait_for_the_picture(terminal)
        return 1000 * (time.monotonic() - began)


def _percent_of_a_core_when_idle() -> float:
    with _phone_on_a_terminal() as (_, process, terminal):
        _wait_for_the_picture(terminal)
        time.sleep(SETTLING_SECONDS)
        before = _cpu_seconds(process)
        time.sleep(IDLE_SECONDS)
        return 100 * (_cpu_seconds(process) - before) / IDLE_SECONDS


@contextmanager
def _phone_on_a_terminal() -> Generator[tuple[float, int, int]]:
    """When `twofold phone` was started, its process, and our end of its terminal."""
    ours, its_own = pty.openpty()
    fcntl.ioctl(its_own, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = [str(Path(sys.executable).parent / "twofold"), "phone", "--server", NOBODY]
    environ = {**os.environ, "TERM": "xterm-256color"}
    began = time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdin=its_own, stdout=its_own, stderr=its_own) as running:
        os.close(its_own)
        try:
            yield began, running.pid, ours
        finally:
            running.kill()
            os.close(ours)


def _wait_for_the_picture(terminal: int) -> None:
    seen = b""
    while HOME_BAR not in seen:
        seen += os.read(terminal, 65536)


def _cpu_seconds(process: int) -> float:
    """User and system time so far (proc(5), fields 14 and 15 of stat)."""
    after_the_name = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(after_the_name[11]) + int(after_the_name[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _device() -> Generator[tuple[Phone, SecuritiesApp]]:
    with tempfile.TemporaryDirectory() as folder, Storage(Path(folder), durable=False) as storage:
        phone = Phone(storage, now=time.time)
        yield phone, SecuritiesApp(phone, HttpBrokerApi(NOBODY))
