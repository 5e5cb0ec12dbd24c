"""One request of a customer's browser: its cookies, its language, and the pages that it is answered with."""

from dataclasses import dataclass
from typing import Annotated, Final, Literal
from urllib.parse import urlencode

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from auth_server import audit
from auth_server.broker import Broker, broker_of
from auth_server.channels import Channel
from auth_server.languages import DEFAULT_LANGUAGE, Language, read_language, translate
from auth_server.pages.static_files import MARK, STYLESHEET
from auth_server.templating import render

_A_YEAR: Final = 365 * 86400
# Each in its own words, so that whoever cannot read the page finds it.
_LANGUAGE_NAMES: Final[dict[Language, str]] = {"zh-Hant": "繁體中文", "en": "English"}


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie of ours: its name without prefix, the path below which browsers send it, and with whose requests."""

    name: str
    path: str
    same_site: Literal["lax", "strict"] = "lax"


SESSION: Final = Cookie("session", "/")
LOGIN: Final = Cookie("login", "/")
RESET: Final = Cookie("reset", "/")
LANGUAGE: Final = Cookie("language", "/")


@dataclass(frozen=True, slots=True)
class Visit:
    """A request and the server that it came to."""

    request: Request
    broker: Broker

    @property
    def address(self) -> str:
        """Where the connection comes from; what headers say about it is anyone's word."""
        return self.request.client.host if self.request.client else ""

    @property
    def language(self) -> Language:
        """The language that was chosen on the pages: Traditional Chinese unless another was."""
        return read_language(self.cookie(LANGUAGE)) or DEFAULT_LANGUAGE

    @property
    def only_looks(self) -> bool:
        """Tell whether this is a request that must not change anything: a mail scanner's, or a preview's (HEAD)."""
        return self.request.method == "HEAD"

    def words(self, text: str, **values: object) -> str:
        """Translate `text` for this visit and fill in `values`."""
        return translate(text, self.language).format(**values)

    def cookie(self, cookie: Cookie) -> str:
        """Read a cookie; empty if the browser did not send it."""
        return self.request.cookies.get(self._name(cookie), "")

    def put(self, response: Response, cookie: Cookie, value: str) -> None:
        """Have the browser keep a cookie: the language for a year, the others until it is closed."""
        response.set_cookie(
            self._name(cookie),
            value,
            max_age=_A_YEAR if cookie is LANGUAGE else None,
            path=cookie.path,
            secure=self._is_secure,
            httponly=True,
            samesite=cookie.same_site,
        )

    def drop(self, response: Response, cookie: Cookie) -> None:
        """Have the browser forget a cookie, if it has it."""
        if self.cookie(cookie):
            response.delete_cookie(
                self._name(cookie), path=cookie.path, secure=self._is_secure, httponly=True, samesite=cookie.same_site
            )

    def page(self, template: str, *, status: int = 200, service: str | None = None, **values: object) -> HTMLResponse:
        """Answer with the page `template`; `service` is the CAS service that its forms may lead on to."""
        common = {
            "settings": self.broker.settings,
            "stylesheet": STYLESHEET.address,
            "mark": MARK.address,
            "language_links": self._language_links(service),
            "layout": self._template("layout"),
        }
        html = render(self._template(template), self.language, {**common, "service": service, **values})
        return HTMLResponse(html, status)

    def refused(self, heading: str, explanation: str, *, status: int) -> HTMLResponse:
        """Answer with a page that says why a request cannot be carried out, in the visit's language."""
        return self.page("refused", status=status, heading=self.words(heading), explanation=self.words(explanation))

    def record_refusal(self, reason: str, channel: Channel = Channel.WEB) -> None:
        """Write down that a request was refused before anything looked at what it wants (M33)."""
        with self.broker.database.writing() as tx:
            audit.record(
                tx,
                at=self.broker.now(),
                event="request-refused",
                result="refused",
                reason=reason,
                channel=channel,
                address=self.address,
            )

    def _template(self, name: str) -> str:
        return f"pages/{name}.html"

    def _language_links(self, service: str | None) -> list[dict[str, str]]:
        kept = {"service": service} if service else {}
        return [
            {"language": language, "name": name, "href": "?" + urlencode({**kept, "lang": language})}
            for language, name in _LANGUAGE_NAMES.items()
        ]

    @property
    def _is_secure(self) -> bool:
        # Plain http is for the machine itself, where cookies need no protection from the wire.
        return self.broker.settings.origin.startswith("https:")

    def _name(self, cookie: Cookie) -> str:
        # RFC 6265bis, 4.1.3: nobody but this very host, over TLS, can have set a cookie with such a prefix.
        if not self._is_secure:
            return cookie.name
        return f"__Host-{cookie.name}" if cookie.path == "/" else f"__Secure-{cookie.name}"


def visit_of(request: Request, broker: Annotated[Broker, Depends(broker_of)]) -> Visit:
    """Give the visit that a request is (a FastAPI dependency)."""
    return Visit(request, broker)


AVisit = Annotated[Visit, Depends(visit_of)]


def go_to(path: str) -> RedirectResponse:
    """Answer with the way to another page, to be fetched with GET."""
    return RedirectResponse(path, 303)
