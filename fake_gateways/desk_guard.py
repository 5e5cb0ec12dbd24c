"""Who may look at the desk, and what its pages may do: codes and links lie there in the open."""

import ipaddress
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
}


class GuardedRoute(APIRoute):
    """Answers only to names that are this machine's, and lets no page fetch from elsewhere.

    A web page that the developer has open could otherwise give its own name this machine's address (DNS rebinding)
    and read every code. An IP address cannot be rebound; further names are the desk's own setting.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            host = request.headers.get("host", "")
            try:
                if _is_known(host, request.state.desk.names):
                    response = await answer(request)
                else:
                    why = f"the desk does not answer to the name {host}; use its IP address, or let it be told the name"
                    response = JSONResponse({"error": why}, 421)
            except RequestValidationError as error:
                response = JSONResponse({"error": "; ".join(_sentence(one) for one in error.errors())}, 422)
            for name, value in _HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return guarded


def _is_known(host: str, names: frozenset[str]) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name == "localhost" or name.endswith(".localhost") or name in names
    return True


def _sentence(error: Any) -> str:
    return f"{error['loc'][-1]}: {error['msg']}"
