"""The server as an ASGI application: pages, phone API, CAS and back office on one origin.

Routes are put together once in a process; what differs from one server to the next travels with the request.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from auth_server import back_office, phone_api
from auth_server.bodies import SmallBodies
from auth_server.broker import Broker
from auth_server.database import UnusableDatabaseError
from auth_server.delivery import deliver
from auth_server.failures import answer_failures
from auth_server.pages.routes import router as pages
from auth_server.security_headers import SecurityHeaders
from auth_server.settings import Settings

_log: Final = logging.getLogger(__name__)


def create_app(settings: Mapping[str, str], now: Callable[[], float]) -> "AuthServer":
    """Make a server from ``AUTH_SERVER_*`` variables, with its own clock (unix seconds).

    Raises `SettingsError` or `UnusableDatabaseError`.
    """
    return AuthServer(Broker.of(Settings.read(settings), now))


class AuthServer:
    """One server. The lifespan protocol opens and closes its database and its delivery of mails and texts."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self._routes = _routes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection (ASGI 3)."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        scope["state"] = {**scope.get("state", {}), "broker": self.broker}
        await self._routes(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()  # lifespan.startup
        try:
            self.broker.database.open(self.broker.key_id)
        except UnusableDatabaseError as error:
            self.broker.database.close()
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        delivery = asyncio.create_task(deliver(self.broker))
        delivery.add_done_callback(_tell_if_broken)
        await send({"type": "lifespan.startup.complete"})
        await receive()  # lifespan.shutdown
        delivery.cancel()
        await asyncio.wait([delivery])
        self.broker.database.close()
        await send({"type": "lifespan.shutdown.complete"})


def _tell_if_broken(delivery: "asyncio.Task[None]") -> None:
    if not delivery.cancelled() and (error := delivery.exception()) is not None:
        _log.critical("No mails and texts are sent any more", exc_info=error)


@cache
def _routes() -> ASGIApp:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(phone_api.router)
    app.include_router(back_office.router)
    app.include_router(pages)
    app.add_exception_handler(phone_api.NotLoggedInError, phone_api.not_logged_in)
    app.add_exception_handler(back_office.BackOfficeRefusalError, back_office.back_office_refused)
    answer_failures(app)
    return SecurityHeaders(SmallBodies(app, strict_prefix=phone_api.PREFIX))
