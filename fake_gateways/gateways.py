"""All gateways of one world: the doors of the networks, and the one inbox behind them."""

from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache

from starlette.requests import Request
from starlette.responses import Response
from uvicorn import Config

from fake_gateways.desk import Desk
from fake_gateways.desk_shapes import Doors
from fake_gateways.http_door import Application, Receive, Scope, Send, http_door, prepared
from fake_gateways.inbox import Inbox
from fake_gateways.sms_doors.generic import GenericShape, GenericSmsDoor
from fake_gateways.smtp_door import SIZE_LIMIT_BYTES, smtp_door


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateways:
    """Where a server under test is to be pointed, and what it sent.

    `http_origin` is the desk's address, for people and for programs in other languages; `sms_url` takes texts.
    """

    inbox: Inbox
    desk: Desk
    smtp_host: str
    smtp_port: int
    http_origin: str
    sms_url: str


@asynccontextmanager
async def open_gateways(
    *,
    now: Callable[[], float],
    host: str = "127.0.0.1",
    smtp_port: int = 0,
    http_port: int = 0,
    sms_shape: GenericShape | None = None,
    mail_limit_bytes: int = SIZE_LIMIT_BYTES,
    desk_names: Collection[str] = (),
) -> AsyncGenerator[Gateways]:
    """Open every door in the running loop, port 0 being any free one, until the block ends.

    `now` is the world's clock in Unix seconds; messages bear its time. `desk_names` are host names that the desk
    answers to besides `localhost` and IP addresses. Raises `PortTaken`, `DoorNotOpened`.
    """
    inbox = Inbox()
    state: dict[str, object] = {"generic_sms": GenericSmsDoor(inbox, now=now, shape=sms_shape)}
    async with (
        smtp_door(inbox, now=now, host=host, port=smtp_port, size_limit_bytes=mail_limit_bytes) as smtp,
        http_door(_application(), state, host=host, port=http_port) as http,
    ):
        doors = Doors(smtp_host=smtp.host, smtp_port=smtp.port, sms_url=f"{http.origin}/sms")
        desk = state["desk"] = Desk(inbox, doors, names=desk_names)
        yield Gateways(
            inbox=inbox,
            desk=desk,
            smtp_host=smtp.host,
            smtp_port=smtp.port,
            http_origin=http.origin,
            sms_url=doors.sms_url,
        )


@cache
def _application() -> Config:
    """Prepared once in a process; what belongs to one world travels in the state."""
    return prepared(_answer)


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Texts come to their door; everything else is the desk's."""
    if scope["path"] != "/sms":
        await _desk()(scope, receive, send)
        return
    request = Request(scope, receive)
    door: GenericSmsDoor = request.state.generic_sms
    allowed = {"Allow": "GET, POST"}
    answer = await door.answer(request) if request.method in ("GET", "POST") else Response(None, 405, allowed)
    await answer(scope, receive, send)


@cache
def _desk() -> Application:
    """The desk's routes are dear to build, and most worlds are gone before anybody looks in."""
    from fake_gateways.desk_routes import desk_application  # noqa: PLC0415

    return desk_application()
