"""The desk: the inbox over HTTP, for people (`/`) and for programs in other languages (`/messages`)."""

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, TypeAlias

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse

from fake_gateways.desk import Desk
from fake_gateways.desk_guard import GuardedRoute
from fake_gateways.desk_shapes import Doors, MessageShown, MessagesShown
from fake_gateways.inbox import Message, NothingCame
from fake_gateways.mail import Mail
from fake_gateways.mail_page import MAIL_PAGE_POLICY, mail_page
from fake_gateways.mime import media_type_of
from fake_gateways.people import same_recipient

LONGEST_PATIENCE_SECONDS = 300


async def _desk_of(request: Request) -> Desk:
    return request.state.desk


DESK = APIRouter(route_class=GuardedRoute)

AtDesk: TypeAlias = Annotated[Desk, Depends(_desk_of)]
After: TypeAlias = Annotated[int, Query(ge=0, description="Only messages with a higher number.")]
Kind: TypeAlias = Annotated[Literal["mail", "sms"] | None, Query(description="Only messages of this kind.")]
To: TypeAlias = Annotated[str, Query(description="Only messages to this mail address or telephone number.")]
Patience: TypeAlias = Annotated[
    float, Query(ge=0, le=LONGEST_PATIENCE_SECONDS, description="How long to wait, seconds.")
]


@DESK.get("/", response_class=Response, include_in_schema=False)
async def page() -> Response:
    """The page for people."""
    return Response(_page_file("index.html"), media_type="text/html")


@DESK.get("/desk.{ending}", response_class=Response, include_in_schema=False)
async def page_part(ending: Literal["css", "js", "svg"]) -> Response:
    """Its style, its script and its sign."""
    media = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
    return Response(_page_file(f"desk.{ending}"), media_type=media[ending])


@cache
def _page_file(name: str) -> bytes:
    return files("fake_gateways").joinpath("desk_page", name).read_bytes()


@DESK.get("/doors")
async def doors(desk: AtDesk) -> Doors:
    """Where to point a server."""
    return desk.doors


@DESK.get("/messages")
async def messages(desk: AtDesk, after: After = 0, kind: Kind = None, to: To = "") -> MessagesShown:
    """The messages in the order of their arrival, and the number to ask for the next ones after."""
    wanted = _wanted(kind, to)
    chosen = [desk.show(message) for message in desk.inbox.messages(after) if wanted(message)]
    return MessagesShown(messages=chosen, bookmark=desk.inbox.bookmark)


@DESK.get("/messages/wait", response_model=MessageShown, responses={404: {"description": "Nothing came in time."}})
async def wait(
    desk: AtDesk, after: After = 0, kind: Kind = None, to: To = "", patience: Patience = 10
) -> MessageShown | JSONResponse:
    """The first such message, as soon as it is there; 404 with a sentence about what there is instead."""
    name = {"mail": "mail", "sms": "SMS", None: "message"}[kind] + (f" for {to}" if to else "")
    try:
        message = await desk.inbox.wait_for(_wanted(kind, to), after=after, patience_seconds=patience, wanted=name)
    except NothingCame as nothing:
        return JSONResponse({"error": str(nothing)}, 404)
    return desk.show(message)


@DESK.get("/messages/{number}", response_model=MessageShown)
async def message(desk: AtDesk, number: int) -> MessageShown | JSONResponse:
    """One message, whole."""
    found = desk.inbox.message(number)
    return desk.show(found) if found else _no_such(f"message {number}")


@DESK.get("/messages/{number}/raw", response_class=Response)
async def raw(desk: AtDesk, number: int) -> Response:
    """What came over the wire, octet for octet: the mail, or the body (else the query) of the request."""
    found = desk.inbox.message(number)
    return Response(found.raw, media_type="text/plain") if found else _no_such(f"message {number}")


@DESK.get("/messages/{number}/html", response_class=Response)
async def html(desk: AtDesk, number: int) -> Response:
    """The HTML of a mail as a page that can neither run scripts nor fetch anything."""
    found = desk.inbox.message(number)
    if not isinstance(found, Mail) or not found.html:
        return _no_such(f"HTML in message {number}")
    page = Response(mail_page(found), media_type="text/html")
    page.headers["Content-Security-Policy"] = MAIL_PAGE_POLICY
    return page


@DESK.get("/messages/{number}/pictures/{content_id:path}", response_class=Response)
async def picture(desk: AtDesk, number: int, content_id: str) -> Response:
    """A PNG or JPEG of a mail, by its content id."""
    found = desk.inbox.message(number)
    if not isinstance(found, Mail) or content_id not in found.pictures:
        return _no_such(f"picture {content_id} in message {number}")
    content = found.pictures[content_id]
    return Response(content, media_type=media_type_of(content))


def _wanted(kind: str | None, to: str) -> Callable[[Message], bool]:
    def wanted(message: Message) -> bool:
        of_kind = kind is None or message.kind == kind
        return of_kind and (not to or any(same_recipient(recipient, to) for recipient in message.recipients))

    return wanted


def _no_such(what: str) -> JSONResponse:
    return JSONResponse({"error": f"there is no {what}"}, 404)


def desk_application() -> FastAPI:
    """The desk's pages and its API, described at `/openapi.json`; its `Desk` travels in the state of a request."""
    application = FastAPI(title="Twofold gateways", docs_url=None, redoc_url=None)
    application.include_router(DESK)
    return application
