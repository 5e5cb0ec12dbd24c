"""What every request of the back office's JSON API passes: the key first, then a clear word about what is wrong."""

import hmac
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from auth_server.back_office.acts import Clerk
from auth_server.back_office.new_customer import WRONG
from auth_server.back_office.refusals import STATUS, Refused
from auth_server.broker import Broker, broker_of
from auth_server.json_bodies import JsonRoute
from auth_server.languages import preferred_language, translate

_MALFORMED: Final = "值不正確"


class KeyedRoute(JsonRoute):
    """A route for who holds the back-office key. Nobody else's body is read, and what is refused is written down."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's own handler."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            broker = broker_of(request)
            if not _has_key(request, broker):
                await run_in_threadpool(_note, request, broker, "wrong-key")
                answer = refused(request, Refused("wrong-key"))
                answer.headers["WWW-Authenticate"] = "Bearer"
                return answer
            try:
                return await handle(request)
            except RequestValidationError as error:
                await run_in_threadpool(_note, request, broker, "malformed")
                return refused(request, Refused("invalid-request"), fields=list(_faults(request, error)))

        return guarded


def clerk_of(request: Request) -> Clerk:
    """Give the program that a request is from: it has no name, but an address."""
    return Clerk(address=request.client.host if request.client else "")


def refused(request: Request, refused: Refused, *, fields: list[dict[str, str]] | None = None) -> JSONResponse:
    """Answer a refusal, in the language that the request asks for, with what is wrong in which field if that is it."""
    language = preferred_language(request.headers.get("accept-language"))
    error: dict[str, object] = {"code": refused.code, "message": translate(refused.message, language)}
    if refused.rules:
        error["rules"] = [translate(rule, language) for rule in refused.rules]
    if fields:
        error["fields"] = fields
    wait = refused.retry_after_seconds
    headers = {} if wait is None else {"Retry-After": str(wait)}
    return JSONResponse({"error": error}, STATUS[refused.code], headers)


def _has_key(request: Request, broker: Broker) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    wanted = broker.settings.back_office_key.get_secret_value()
    return scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), wanted.encode())


def _note(request: Request, broker: Broker, reason: str) -> None:
    with broker.database.writing() as tx:
        clerk_of(request).note(broker, tx, "request-refused", refused=reason)


def _faults(request: Request, error: RequestValidationError) -> Iterator[dict[str, str]]:
    language = preferred_language(request.headers.get("accept-language"))
    for fault in error.errors():
        field = ".".join(str(part) for part in fault["loc"][1:] if isinstance(part, str)) or "body"
        yield {"field": field, "message": translate(WRONG.get(field, _MALFORMED), language)}
