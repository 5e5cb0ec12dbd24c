"""The pages that only show: the audit trail, also as CSV, and the state of the outbox."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.responses import Response, StreamingResponse

from auth_server import accounts
from auth_server.audit import Event, Result
from auth_server.back_office import audit_search, outbox_state
from auth_server.back_office.audit_search import LONGEST_TEXT, WINDOW, AuditQuery
from auth_server.back_office.outbox_state import MessageState
from auth_server.back_office.pages.visit import OnDuty, StaffRoute, StaffVisit
from auth_server.languages import HONG_KONG

AUDIT_PAGE: Final = "/back-office/audit"
EXPORT: Final = "/back-office/audit.csv"

_EVENTS: Final[dict[str, Event]] = {event: event for event in get_args(Event)}
_RESULTS: Final[dict[str, Result]] = {result: result for result in get_args(Result)}
_STATES: Final[dict[str, MessageState]] = {state: state for state in get_args(MessageState)}

_PAGE_ROWS: Final = 50
_A_MINUTE: Final = timedelta(minutes=1)

router = APIRouter(route_class=StaffRoute)


def filters_of(
    account: str = "", event: str = "", result: str = "", since: str = "", until: str = "", text: str = ""
) -> Mapping[str, str]:
    """Take the fields of the search as they were typed (a FastAPI dependency)."""
    return {"account": account, "event": event, "result": result, "since": since, "until": until, "text": text}


Filters = Annotated[Mapping[str, str], Depends(filters_of)]


@router.api_route(AUDIT_PAGE, methods=["GET", "HEAD"])
def show_audit_trail(visit: OnDuty, filters: Filters, before: str = "") -> Response:
    """Show what a search finds, newest first."""
    query, wrong = _read(visit, filters, before)
    if wrong:
        return _audit_page(visit, filters, wrong=wrong, status=422)
    with visit.broker.database.reading() as tx:
        page = audit_search.search(tx, query, limit=_PAGE_ROWS)
    return _audit_page(visit, filters, rows=page.rows, next=page.next, before=before)


@router.get(EXPORT)
def export_audit_trail(visit: OnDuty, filters: Filters) -> Response:
    """Give all that a search finds as CSV."""
    query, wrong = _read(visit, filters, "")
    if wrong:
        return _audit_page(visit, filters, wrong=wrong, status=422)
    with visit.broker.database.writing() as tx:
        visit.clerk.note(visit.broker, tx, "audit-exported", account=query.account or "")
    day = datetime.fromtimestamp(visit.broker.now(), HONG_KONG)
    return StreamingResponse(
        audit_search.as_csv(visit.broker.database, query),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="audit-{day:%Y%m%d-%H%M}.csv"'},
    )


@router.api_route("/back-office/outbox", methods=["GET", "HEAD"])
def show_outbox(visit: OnDuty, state: str = "waiting", before: str = "") -> Response:
    """Show which messages wait and which were given up."""
    shown = _STATES.get(state, "waiting")
    with visit.broker.database.reading() as tx:
        messages = outbox_state.messages(tx, shown, before=_row_id(before), limit=_PAGE_ROWS)
    return visit.page("outbox", here="outbox", state=shown, before=before, **messages)


def _audit_page(
    visit: StaffVisit,
    filters: Mapping[str, str],
    *,
    status: int = 200,
    rows: tuple[object, ...] = (),
    next: int | None = None,
    before: str = "",
    wrong: Mapping[str, tuple[str, ...]] | None = None,
) -> Response:
    given = urlencode({name: value for name, value in filters.items() if value})
    return visit.page(
        "audit",
        status=status,
        here="audit",
        filters=filters,
        given=given,
        events=list(_EVENTS.items()),
        rows=rows,
        next=next,
        before=before,
        window=WINDOW,
        wrong=wrong or {},
    )


def _read(
    visit: StaffVisit, filters: Mapping[str, str], before: str
) -> tuple[AuditQuery, Mapping[str, tuple[str, ...]]]:
    """Read a search, and say what is wrong with which field."""
    wrong: dict[str, tuple[str, ...]] = {}
    since, until = _moment(filters["since"]), _moment(filters["until"])
    for name, moment in (("since", since), ("until", until)):
        if filters[name] and moment is None:
            wrong[name] = (visit.words("必須是日期及時間，例如 2027-01-15 16:00"),)
    event = _EVENTS.get(filters["event"])
    if filters["event"] and event is None:
        wrong["event"] = (visit.words("沒有此事件"),)
    result = _RESULTS.get(filters["result"])
    if filters["result"] and result is None:
        wrong["result"] = (visit.words("沒有此結果"),)
    if len(filters["text"]) > LONGEST_TEXT:
        wrong["text"] = (visit.words("不能多於{count}個字元", count=LONGEST_TEXT),)
    account = filters["account"].strip()
    query = AuditQuery(
        account=(accounts.read_account(account) or account) if account else None,
        event=event,
        result=result,
        since=since.timestamp() if since else None,
        until=(until + _A_MINUTE).timestamp() if until else None,  # the minute that is named is meant too
        text=filters["text"],
        before=_row_id(before),
    )
    return query, wrong


def _moment(text: str) -> datetime | None:
    """Read a day and a time in Hong Kong, as browsers send them (HTML, local date and time) or as people type them."""
    match = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?", text)
    if match is None:
        return None
    try:
        return datetime.fromisoformat(f"{match[1]}T{match[2]}").replace(tzinfo=HONG_KONG)
    except ValueError:
        return None


def _row_id(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None
