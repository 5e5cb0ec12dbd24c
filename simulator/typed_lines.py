"""Lines that somebody types, or that a pipe brings, one at a time and without holding anything else up."""

import asyncio
import sys
import termios
from collections.abc import Generator
from contextlib import contextmanager
from threading import Thread

from simulator.read_aloud import Ask

_CHARACTERS_AT_MOST = 10_000


@contextmanager
def reading_lines() -> Generator[Ask]:
    """Read the standard input for the block, and give `ask(prompt, secret)`: the next line, or None when it has ended.

    A secret is not echoed by the terminal. Lines are read by a thread that nobody waits for: one that still stands in
    a read does not keep the process alive.
    """
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        try:
            while line := sys.stdin.readline(_CHARACTERS_AT_MOST):
                loop.call_soon_threadsafe(lines.put_nowait, line.removesuffix("\n").removesuffix("\r"))
            loop.call_soon_threadsafe(lines.put_nowait, None)
        except (RuntimeError, ValueError):
            pass  # the loop, or the input, was closed meanwhile: nobody asks any more

    async def ask(prompt: str, secret: bool) -> str | None:
        print(prompt, end="", flush=True)  # noqa: T201 - this is the terminal's side
        with _unechoed(secret and sys.stdin.isatty()):
            return await lines.get()

    Thread(target=read, name="typed lines", daemon=True).start()
    yield ask


@contextmanager
def _unechoed(wanted: bool) -> Generator[None]:
    if not wanted:
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    silent = [*before]
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(sys.stdin, termios.TCSADRAIN, silent)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
        print()  # noqa: T201 - the line end that was not echoed either
