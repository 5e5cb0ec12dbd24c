"""JSON bodies as the APIs read them: UTF-8, and in one way only (RFC 8259, 4 and 8.1; ASVS 5.0, 15.3.7)."""

import json
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response


class JsonRoute(APIRoute):
    """A route of an API. A body in which a name stands twice is refused: two readers could see two requests in it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's own handler."""
        handle = super().get_route_handler()

        async def read_strictly(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return read_strictly


class _StrictRequest(Request):
    async def json(self) -> object:
        """Read the body.

        Raises `json.JSONDecodeError`, or `UnicodeDecodeError`.
        """
        text = (await self.body()).decode()
        return json.loads(text, object_pairs_hook=_each_once, parse_constant=_not_json)


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise json.JSONDecodeError("a name stands twice", "", 0)
    return found


def _not_json(constant: str) -> NoReturn:
    # Python's reader takes NaN and Infinity, which are no JSON.
    raise json.JSONDecodeError(f"{constant} is not JSON", "", 0)
