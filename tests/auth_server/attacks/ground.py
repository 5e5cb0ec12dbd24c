"""What all attacked servers of a process stand on: a loop, the gateways in it, and passwords that cost little."""

import asyncio
import atexit
import queue
import shutil
import tempfile
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from argon2 import PasswordHasher

from auth_server.app import AuthServer
from fake_gateways.gateways import Gateways, open_gateways
from tests.auth_server.conftest import Clock

Answer = TypeVar("Answer")

PATIENCE_SECONDS = 5.0


class CountingHasher(PasswordHasher):
    """Hashes in a millisecond instead of two hundred, and counts: what a login costs is measured in hashes."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=64, parallelism=1)
        self.verified = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        """Check a password, and count that."""
        self.verified += 1
        return super().verify(hash, password)


_HASHES: dict[str, str] = {}


def cheap_hash(passwords: Any, password: str) -> str:
    if password not in _HASHES:
        _HASHES[password] = passwords.hash_password(password)
    return _HASHES[password]


@cache
def hash_of_nobody() -> str:
    return CountingHasher().hash("of nobody")


@contextmanager
def living(app: AuthServer) -> Iterator[None]:
    """Have `app` live in the loop, by the lifespan protocol (ASGI 3)."""
    loop = ground().loop
    to_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    answers: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()

    async def answer(message: Any) -> None:
        answers.put(message)

    def tell(what: str) -> Mapping[str, Any]:
        loop.call_soon_threadsafe(to_app.put_nowait, {"type": what})
        return answers.get(timeout=PATIENCE_SECONDS)

    life = asyncio.run_coroutine_threadsafe(app({"type": "lifespan"}, to_app.get, answer), loop)
    life.add_done_callback(lambda ended: answers.put({"type": "ended", "why": ended.exception()}))
    started = tell("lifespan.startup")
    assert started["type"] == "lifespan.startup.complete", started
    try:
        yield
    finally:
        tell("lifespan.shutdown")
        life.result(timeout=PATIENCE_SECONDS)


@dataclass
class Ground:
    """What all servers of a process stand on: a loop in a thread of its own, and the gateways in it."""

    folder: Path
    clock: Clock
    loop: asyncio.AbstractEventLoop
    gateways: Gateways


@cache
def ground() -> Ground:
    """Made once and left standing until the process ends: a door opens in ten milliseconds, and there are hundreds."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    clock, doors = Clock(), AsyncExitStack()
    folder = Path(tempfile.mkdtemp(prefix="attacked-servers-"))

    def run(what: Coroutine[Any, Any, Answer]) -> Answer:
        return asyncio.run_coroutine_threadsafe(what, loop).result()

    def leave() -> None:
        run(doors.aclose())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        shutil.rmtree(folder)

    gateways = run(doors.enter_async_context(open_gateways(now=clock.now)))
    atexit.register(leave)
    return Ground(folder, clock, loop, gateways)
