"""One request of a staff member's browser, and what it must have before it may do anything: a session."""

from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from auth_server.back_office import staff_login
from auth_server.back_office.acts import Clerk
from auth_server.broker import broker_of
from auth_server.channels import Channel
from auth_server.pages.guard import PageRoute
from auth_server.pages.static_files import BACK_OFFICE_STYLESHEET
from auth_server.pages.visit import Cookie, Visit, go_to

HOME: Final = "/back-office/customers"
LOGIN_PAGE: Final = "/back-office/login"

# Strict: no other site, not even by a link, opens a page of the back office with a staff member's session.
STAFF: Final = Cookie("staff", "/back-office", same_site="strict")


class NotLoggedInError(Exception):
    """Nobody of the staff is logged in with this browser, or no longer."""


@dataclass(frozen=True)
class StaffVisit(Visit):
    """A request and the server that it came to; `name` is the staff member's, empty before the login."""

    name: str = ""

    @property
    def clerk(self) -> Clerk:
        """Who is to be named for what this request does."""
        return Clerk(name=self.name, address=self.address)

    def page(self, template: str, *, status: int = 200, service: str | None = None, **values: object) -> HTMLResponse:
        """Answer with the page `template` of the back office."""
        return super().page(
            template,
            status=status,
            service=service,
            **{"staff_name": self.name, "office_stylesheet": BACK_OFFICE_STYLESHEET.address, "here": "", **values},
        )

    def record_refusal(self, reason: str, channel: Channel = Channel.BACK_OFFICE) -> None:
        """Write down that a request was refused before anything looked at what it wants (M33)."""
        super().record_refusal(reason, channel)

    def _template(self, name: str) -> str:
        return f"back_office/{name}.html"

    def _language_links(self, service: str | None) -> list[dict[str, str]]:
        # A search stays what it is in the other language; after a form that was refused its page is asked for anew.
        kept = [] if self.request.method == "POST" else self.request.query_params.multi_items()
        links = super()._language_links(service)
        return [{**link, "href": "?" + urlencode([*kept, ("lang", link["language"])])} for link in links]


class StaffRoute(PageRoute):
    """A route of the back office's pages."""

    @staticmethod
    def visit_of(request: Request) -> StaffVisit:
        """Give the visit that `request` is."""
        return StaffVisit(request, broker_of(request))


def on_duty(request: Request) -> StaffVisit:
    """Find whose request it is, and put off the session's idle limit (a FastAPI dependency).

    Raises `NotLoggedInError`.
    """
    visit = StaffRoute.visit_of(request)
    token = visit.cookie(STAFF)
    name = None
    if token:
        with visit.broker.database.writing() as tx:
            name = staff_login.resume(visit.broker, tx, token, address=visit.address)
    if name is None:
        if request.method == "POST":
            visit.record_refusal("not-logged-in")
        raise NotLoggedInError
    return StaffVisit(request, visit.broker, name)


AStaffVisit = Annotated[StaffVisit, Depends(StaffRoute.visit_of)]
OnDuty = Annotated[StaffVisit, Depends(on_duty)]


def to_the_login(request: Request, _error: Exception) -> Response:
    """Answer `NotLoggedInError`: the way to the login page, which says so if there was a session."""
    visit = StaffRoute.visit_of(request)
    response: RedirectResponse = go_to(f"{LOGIN_PAGE}?ended=1" if visit.cookie(STAFF) else LOGIN_PAGE)
    visit.drop(response, STAFF)
    return response
