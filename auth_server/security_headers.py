"""Headers that every answer carries, whoever makes it: pages, APIs, style sheets and refusals alike."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CSP: Final = "Content-Security-Policy"

# No script runs anywhere and nothing comes from elsewhere; what an answer sets itself stays.
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action {forms}; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    _CSP: _POLICY.format(forms="'self'"),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_A_YEAR: Final = "max-age=31536000; includeSubDomains"


def policy_with_forms_to(origin: str) -> dict[str, str]:
    """Make the header that lets a page's forms lead on to `origin` too: browsers apply it to redirects as well."""
    return {_CSP: _POLICY.format(forms=f"'self' {origin}")}


class SecurityHeaders:
    """Adds the headers to what `app` answers; over TLS, also that it is to be reached by TLS only."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection (ASGI 3)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        over_tls = scope["state"]["broker"].settings.origin.startswith("https:")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if over_tls:
                    headers.setdefault("Strict-Transport-Security", _A_YEAR)
            await send(message)

        await self._app(scope, receive, send_with_headers)
