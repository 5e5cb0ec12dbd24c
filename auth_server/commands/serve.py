"""``python -m auth_server serve``, or no command at all: serve the auth server alone until Ctrl-C."""

import argparse
import logging
import os
import socket
import sys
import time
from typing import Final

import uvicorn

from auth_server.app import create_app
from auth_server.settings import PREFIX, Settings

HOST: Final = "127.0.0.1"

_NOT_STARTED: Final = 3  # uvicorn's own


class _Announcing(uvicorn.Server):
    """Says where the server is once it can be reached there."""

    def __init__(self, config: uvicorn.Config, announcement: str) -> None:
        super().__init__(config)
        self._announcement = announcement

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(f"{self._announcement}\n")
            sys.stdout.flush()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments: settings come from the environment."""


def run(_arguments: argparse.Namespace) -> int:
    """Serve until interrupted; the exit code: 0 after Ctrl-C, 3 if the server cannot start.

    Raises `SettingsError` and `UnusableDatabaseError`.
    """
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it would tell of every text message
    variables = dict(os.environ)
    variables.setdefault(f"{PREFIX}ORIGIN", f"http://localhost:{variables.get(f'{PREFIX}PORT', '8000')}")
    settings = Settings.read(variables)
    app = create_app(variables, now=time.time)
    app.broker.open()  # what is wrong with it is said in one line, before anything listens
    # No header of a proxy is believed: who asks is who is connected.
    config = uvicorn.Config(
        app, host=HOST, port=settings.port, log_level="warning", proxy_headers=False, server_header=False
    )
    server = _Announcing(
        config, f"{settings.name} at {settings.origin} (listening at {HOST}:{settings.port}); Ctrl-C ends it"
    )
    try:
        server.run()
    except KeyboardInterrupt:
        return 0
    return 0 if server.started else _NOT_STARTED
