"""What is answered when a request cannot be answered: one shape for the APIs, and never a word about the inside."""

import logging
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from auth_server.broker import broker_of
from auth_server.languages import preferred_language, translate
from auth_server.pages.visit import Visit

_log: Final = logging.getLogger(__name__)

_APIS: Final = ("/phone-api/", "/back-office/api/")


def refusal(request: Request, status: int, code: str, message: str, *, retry_after: int | None = None) -> JSONResponse:
    """Make the answer that refuses an API request: `code` for programs, `message` for people, in their language."""
    words = translate(message, preferred_language(request.headers.get("accept-language")))
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return JSONResponse({"error": {"code": code, "message": words}}, status, headers)


def answer_failures(app: FastAPI) -> None:
    """Have `app` answer its failures as described in docs/phone-api.md, on pages as a page."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _busy)
    app.add_exception_handler(PoolTimeout, _busy)
    app.add_exception_handler(Exception, _broken)


def _invalid(request: Request, _error: Exception) -> Response:
    return _answer(request, 422, "invalid-request", "請求格式不正確。")


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = "找不到所需的資料。" if error.status_code == 404 else "請求格式不正確。"
    answer = _answer(request, error.status_code, "invalid-request", message)
    answer.headers.update(error.headers or {})
    return answer


def _busy(request: Request, error: Exception) -> Response:
    _log.warning("The database is busy or away: %s", type(error).__name__)
    return _answer(request, 503, "busy", "系統繁忙，請稍後再試。", retry_after=1)


def _broken(request: Request, _error: Exception) -> Response:
    # Starlette logs the traceback and then raises it to the server; the customer learns nothing of it.
    return _answer(request, 500, "internal-error", "系統發生錯誤，請稍後再試。")


def _answer(request: Request, status: int, code: str, message: str, *, retry_after: int | None = None) -> Response:
    if request.url.path.startswith(_APIS):
        return refusal(request, status, code, message, retry_after=retry_after)
    page = Visit(request, broker_of(request)).refused("未能處理請求", message, status=status)
    if retry_after is not None:
        page.headers["Retry-After"] = str(retry_after)
    return page
