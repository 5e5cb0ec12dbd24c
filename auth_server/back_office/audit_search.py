"""Searching the audit trail, newest first: as fast with a million rows as with a thousand.

Each page begins where an index leads: that of the account, else of the event, else of the time, with the time span as
its range and the last row seen as its bound, so nothing that was seen is read again and nothing is counted. What no
index knows (the result, the free text) is looked for in the next `WINDOW` rows from there and no further: a page may
hold few rows, or none, and still say where to go on.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from io import StringIO
from typing import Final

from sqlalchemy import ColumnElement, Connection, FromClause, or_, select, tuple_

from auth_server.audit import AuditRow, Event, Result
from auth_server.database import Database
from auth_server.languages import HONG_KONG
from auth_server.tables import audit_rows

WINDOW: Final = 2500
LONGEST_TEXT: Final = 100

_EXPORTED_AT_ONCE: Final = 1000
_SEARCHED: Final = ("account", "event", "reason", "channel", "address", "staff")
_EXPORTED: Final = ("id", "time", "account", "event", "result", "reason", "channel", "address", "staff")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """What is looked for: rows from the unix time `since` on and before `until`, of one account, event or result.

    `text` is somewhere in the row, in any case. `before` is the id of a row: only older ones are given.
    """

    account: str | None = None
    event: Event | None = None
    result: Result | None = None
    since: float | None = None
    until: float | None = None
    text: str = ""
    before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Rows, newest first, and the id of the row to go on `before`; None at the end of the trail."""

    rows: tuple[AuditRow, ...]
    next: int | None


def search(tx: Connection, query: AuditQuery, *, limit: int) -> AuditPage:
    """Find the newest rows that `query` wants: up to `limit`, among `WINDOW` where no index knows all that is asked."""
    in_index = _in_index(query)
    if query.before is not None:
        last_seen = tx.execute(select(audit_rows.c.at).where(audit_rows.c.id == query.before)).scalar_one_or_none()
        if last_seen is None:
            return AuditPage(rows=(), next=None)
        in_index.append(tuple_(audit_rows.c.at, audit_rows.c.id) < tuple_(last_seen, query.before))
    newest_first = (audit_rows.c.at.desc(), audit_rows.c.id.desc())
    from_here = select(audit_rows).where(*in_index).order_by(*newest_first)
    window = from_here.limit(WINDOW).subquery()
    looked_for = tuple(_looked_for(query, window))
    if looked_for:
        matching = select(window).where(*looked_for).order_by(window.c.at.desc(), window.c.id.desc())
    else:
        matching = from_here
    rows = [AuditRow(**row) for row in tx.execute(matching.limit(limit + 1)).mappings()]
    if len(rows) > limit:
        return AuditPage(rows=tuple(rows[:limit]), next=rows[limit - 1].id)
    if not looked_for:
        return AuditPage(rows=tuple(rows), next=None)
    end = select(audit_rows.c.id).where(*in_index).order_by(*newest_first).offset(WINDOW - 1).limit(1)
    return AuditPage(rows=tuple(rows), next=tx.execute(end).scalar_one_or_none())


def as_csv(database: Database, query: AuditQuery) -> Iterator[str]:
    """Write all rows that `query` wants as CSV (RFC 4180), newest first, in portions; times are those of Hong Kong.

    What came from outside cannot become a formula in a spreadsheet (OWASP, CSV injection).
    """
    yield "\ufeff" + _as_lines([_EXPORTED])  # spreadsheets take CSV for UTF-8 only with the mark
    while True:
        with database.reading() as tx:
            page = search(tx, query, limit=_EXPORTED_AT_ONCE)
        if page.rows:
            yield _as_lines(_cells(row) for row in page.rows)
        if page.next is None:
            return
        query = replace(query, before=page.next)


def _in_index(query: AuditQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.account is not None:
        conditions.append(audit_rows.c.account == query.account)
    elif query.event is not None:
        conditions.append(audit_rows.c.event == query.event)
    if query.since is not None:
        conditions.append(audit_rows.c.at >= query.since)
    if query.until is not None:
        conditions.append(audit_rows.c.at < query.until)
    return conditions


def _looked_for(query: AuditQuery, window: FromClause) -> Iterator[ColumnElement[bool]]:
    if query.event is not None and query.account is not None:
        yield window.c.event == query.event
    if query.result is not None:
        yield window.c.result == query.result
    for word in query.text.split():
        yield or_(*(window.c[name].icontains(word, autoescape=True) for name in _SEARCHED))


def _cells(row: AuditRow) -> tuple[str, ...]:
    time = datetime.fromtimestamp(row.at, HONG_KONG).isoformat(timespec="milliseconds")
    texts = (row.account, row.event, row.result, row.reason, row.channel, row.address, row.staff)
    return (str(row.id), time, *("'" + text if text.startswith(("=", "+", "-", "@")) else text for text in texts))


def _as_lines(rows: "Iterator[tuple[str, ...]] | list[tuple[str, ...]]") -> str:
    lines = StringIO()
    csv.writer(lines).writerows(rows)
    return lines.getvalue()
