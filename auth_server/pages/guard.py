"""What every page request passes before its page is made: where it comes from, and in which language it asks."""

from collections.abc import Callable, Coroutine
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from auth_server.broker import broker_of
from auth_server.languages import read_language
from auth_server.pages.forms import FORM_TYPE, MalformedFormError, read_fields
from auth_server.pages.visit import LANGUAGE, Visit, go_to

_READS: Final = frozenset({"GET", "HEAD"})


class PageRoute(APIRoute):
    """A route of a page. Writes from other sites are refused, and whatever no page of ours sends.

    ``?lang=`` chooses the language and goes away.
    """

    @staticmethod
    def visit_of(request: Request) -> Visit:
        """Give the visit that `request` is."""
        return Visit(request, broker_of(request))

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the page's own handler."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            visit = self.visit_of(request)
            if request.method not in _READS and not _is_ours(request, visit.broker.settings.origin):
                await run_in_threadpool(visit.record_refusal, "cross-site")
                return visit.refused(
                    "請求被拒絕", "此請求並非由本公司的網頁發出。請返回登入頁面，再試一次。", status=403
                )
            try:
                read_fields(request.scope["query_string"])
                if request.method not in _READS:
                    await _check_form(request)
                if request.method in _READS and read_language(request.query_params.get("lang")):
                    return _choose_language(visit)
                return await handle(request)
            except (MalformedFormError, RequestValidationError) as error:
                reason = str(error) if isinstance(error, MalformedFormError) else "malformed"
                await run_in_threadpool(visit.record_refusal, reason)
                return visit.refused("請求格式不正確", "請返回登入頁面，再試一次。", status=400)

        return guarded


async def _check_form(request: Request) -> None:
    """Look at a form before anything reads it.

    Raises `MalformedFormError`.
    """
    body = await request.body()
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and kind != FORM_TYPE:
        raise MalformedFormError("content-type")
    read_fields(body)


def _is_ours(request: Request, origin: str) -> bool:
    """Tell whether a form was sent from our own pages (ASVS 5.0, 3.5.1).

    Pages are under ``Referrer-Policy: no-referrer``, for which browsers write ``Origin: null`` on forms (Fetch, 3.2):
    then ``Sec-Fetch-Site`` decides, which no page can set or leave out. A request with neither is nobody's form.
    """
    said = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    if said not in {None, "null", origin} or site not in {None, "same-origin", "none"}:
        return False
    return said == origin or site is not None


def _choose_language(visit: Visit) -> Response:
    query = visit.request.query_params
    kept = urlencode([(name, value) for name, value in query.multi_items() if name != "lang"])
    response = go_to(visit.request.url.path + (f"?{kept}" if kept else ""))
    visit.put(response, LANGUAGE, query["lang"])
    return response
