"""Servers that die when they are told to: a program that is told on its standard input, and forks each one.

A line of JSON asks for a server: `settings`, `clock` (a file that holds the time), and `dies`: null, or who commits
(``request`` or ``delivery``), which commit of theirs it is, counted from 1, and whether it dies ``before`` it or
``after``. A line of JSON answers: `pid` and `port`. The first server is this program itself, until it is interrupted:
all that servers load and compile when it is first needed is there for those that are forked then.
"""

import json
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn
from argon2 import PasswordHasher

from auth_server.app import AuthServer, create_app

Dies = tuple[str, int, str]


def die_at(app: AuthServer, dies: Dies) -> None:
    """Have the process end at one commit of `app` as if it were killed: nothing is written or said any more."""
    who, number, when = dies
    dialect = app.broker.database._engine.dialect
    commit = dialect.do_commit
    count = 0

    def commit_and_die(connection: Any) -> None:
        nonlocal count
        # Requests are answered in AnyIO's threads; the event loop's own belong to who delivers.
        ours = ("request" if threading.current_thread().name.startswith("AnyIO") else "delivery") == who
        count += ours
        if ours and count == number and when == "before":
            os._exit(1)
        commit(connection)
        if ours and count == number:
            os._exit(1)

    dialect.do_commit = commit_and_die


def serve(listening: socket.socket, settings: dict[str, str], clock: Path, dies: Dies | None) -> None:
    """Serve until killed."""
    app = create_app(settings, now=lambda: float(clock.read_text(encoding="ascii")))
    # What a hash costs is not the point here.
    passwords = app.broker.passwords
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    passwords._no_hash = passwords._hasher.hash("of nobody")
    app.broker.open()
    if dies is not None:
        die_at(app, dies)
    uvicorn.Server(uvicorn.Config(app, log_level="error", proxy_headers=False)).run(sockets=[listening])


def main() -> None:
    """Serve, and then fork servers, until nobody asks for any more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    pid = os.getpid()
    first = True
    for line in sys.stdin:
        asked = json.loads(line)
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen()  # from here on who comes waits; nobody has to try again
            if not first:
                pid = os.fork()
            if pid != 0:
                sys.stdout.write(json.dumps({"pid": pid, "port": listening.getsockname()[1]}) + "\n")
                sys.stdout.flush()
            if pid == 0 or first:
                with suppress(KeyboardInterrupt):
                    serve(listening, asked["settings"], Path(asked["clock"]), asked["dies"])
            if pid == 0:
                os._exit(0)
        first = False


if __name__ == "__main__":
    main()
