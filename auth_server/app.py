"""The server as an ASGI application: pages, phone API, CAS and back office on one origin.

Routes are put together once in a process; what differs from one server to the next travels with the request.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Final

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from auth_server import back_office, pages, phone_api
from auth_server.bodies import SmallBodies
from auth_server.broker import Broker
from auth_server.database import UnusableDatabaseError
from auth_server.delivery import deliver
from auth_server.failures import answer_failures, too_large
from auth_server.lazy_routes import LazyRoutes
from auth_server.security_headers import SecurityHeaders
from auth_server.settings import Settings

_log: Final = logging.getLogger(__name__)


def create_app(settings: Mapping[str, str], now: Callable[[], float]) -> "AuthServer":
    """Make a server from ``AUTH_SERVER_*`` variables, with its own clock (unix seconds).

    Raises `SettingsError` or `UnusableDatabaseError`.
    """
    read = Settings.read(settings)
    if read.planted_bugs:
        from auth_server.planted_bugs.planting import plant  # noqa: PLC0415 - for practice servers only

        return plant(read, now)
    return AuthServer(Broker.of(read, now))


class AuthServer:
    """One server. The lifespan protocol opens and closes its database, and what it does without being asked."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self._routes = _routes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection (ASGI 3)."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if self.broker.chores.are_due:
            await run_in_threadpool(self.broker.chores.do)
        scope["state"] = {**scope.get("state", {}), "broker": self.broker}
        await self._routes(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()  # lifespan.startup
        try:
            self.broker.open()
        except UnusableDatabaseError as error:
            self.broker.database.close()
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        tasks = [asyncio.create_task(deliver(self.broker)), asyncio.create_task(self.broker.chores.keep_doing())]
        tasks[0].add_done_callback(partial(_tell_if_broken, "No mails and texts are sent any more"))
        tasks[1].add_done_callback(partial(_tell_if_broken, "No chores are done any more"))
        await send({"type": "lifespan.startup.complete"})
        await receive()  # lifespan.shutdown
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        self.broker.database.close()
        await send({"type": "lifespan.shutdown.complete"})


def _tell_if_broken(consequence: str, task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.critical(consequence, exc_info=error)


@cache
def _routes() -> ASGIApp:
    """What programs ask the back office for is there from the start; the rest when somebody first comes to it."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(back_office.router)
    app.router.routes += (
        LazyRoutes(back_office.PATH, back_office.load),
        LazyRoutes(phone_api.PREFIX, phone_api.load),
        LazyRoutes("", pages.load),
    )
    answer_failures(app)
    return SecurityHeaders(SmallBodies(app, phone_api.PREFIX, too_large))
