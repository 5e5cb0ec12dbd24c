"""What is answered when a request cannot be answered: one shape for the APIs, and never a word about the inside."""

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from auth_server.broker import broker_of
from auth_server.channels import Channel
from auth_server.languages import preferred_language, translate
from auth_server.pages.visit import Visit

_log: Final = logging.getLogger(__name__)

_APIS: Final = ("/phone-api/", "/back-office/api/")
_CHANNELS: Final = {"/phone-api/": Channel.PHONE, "/back-office": Channel.BACK_OFFICE}


def refusal(
    request: Request,
    status: int,
    code: str,
    message: str,
    *,
    retry_after: int | None = None,
    more: Mapping[str, object] = MappingProxyType({}),
) -> JSONResponse:
    """Make the answer that refuses an API request: `code` for programs, `message` for people, in their language.

    `more` is what else the error tells.
    """
    words = translate(message, preferred_language(request.headers.get("accept-language")))
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return JSONResponse({"error": {"code": code, "message": words, **more}}, status, headers)


def too_large(request: Request) -> Response:
    """Answer a request whose body is too large to be looked at."""
    return _refused(request, 413, "too-large")


def answer_failures(app: FastAPI, visit: type[Visit] = Visit) -> None:
    """Have `app` answer its failures as described in docs/phone-api.md, on pages as a page of that kind of `visit`."""
    app.state.visit = visit
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _busy)
    app.add_exception_handler(PoolTimeout, _busy)
    app.add_exception_handler(Exception, _broken)


def _invalid(request: Request, _error: Exception) -> Response:
    return _refused(request, 422, "malformed")


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return _answer(request, 404, "invalid-request", "找不到所需的資料。")
    answer = _refused(request, error.status_code, "wrong-method" if error.status_code == 405 else "malformed")
    answer.headers.update(error.headers or {})
    return answer


def _refused(request: Request, status: int, reason: str) -> Response:
    path = request.url.path
    channel = next((channel for prefix, channel in _CHANNELS.items() if path.startswith(prefix)), Channel.WEB)
    try:
        Visit(request, broker_of(request)).record_refusal(reason, channel)
    except (OperationalError, PoolTimeout) as error:
        return _busy(request, error)
    return _answer(request, status, "invalid-request", "請求格式不正確。")


def _busy(request: Request, error: Exception) -> Response:
    _log.warning("The database is busy or away: %s", type(error).__name__)
    return _answer(request, 503, "busy", "系統繁忙，請稍後再試。", retry_after=1)


def _broken(request: Request, _error: Exception) -> Response:
    # Starlette logs the traceback and then raises it to the server; the customer learns nothing of it.
    return _answer(request, 500, "internal-error", "系統發生錯誤，請稍後再試。")


def _answer(request: Request, status: int, code: str, message: str, *, retry_after: int | None = None) -> Response:
    if request.url.path.startswith(_APIS):
        return refusal(request, status, code, message, retry_after=retry_after)
    page = _visit(request).refused("未能處理請求", message, status=status)
    if retry_after is not None:
        page.headers["Retry-After"] = str(retry_after)
    return page


def _visit(request: Request) -> Visit:
    # Where a body is too large, no application has been looked for yet.
    app = request.scope.get("app")
    make: type[Visit] = app.state.visit if app is not None else Visit
    return make(request, broker_of(request))
