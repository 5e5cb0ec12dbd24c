"""Searching the audit trail: newest first, each row once, and never more work than a window."""

import csv
from io import StringIO
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event as sql_events
from sqlalchemy import insert, text

from auth_server import audit
from auth_server.back_office import audit_search
from auth_server.back_office.audit_search import AuditQuery, search
from auth_server.tables import audit_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.auth_server.back_office.conftest import StaffBrowser
    from tests.auth_server.conftest import World

AT = 1_800_000_000.0


def write(world: "World", *rows: "Mapping[str, object]") -> None:
    blank = {"account": "", "event": "login", "result": "success", "reason": "", "channel": "", "address": ""}
    with world.broker.database.writing() as tx:
        tx.execute(insert(audit_rows), [{**blank, "staff": "", "at": AT, **row} for row in rows])


def found(world: "World", query: AuditQuery, *, limit: int = 50) -> list[str]:
    with world.broker.database.reading() as tx:
        return [row.reason for row in search(tx, query, limit=limit).rows]


SEARCHES: list[tuple[dict[str, object], str]] = [
    ({}, "edcba"),
    ({"account": "9999-9990"}, "dba"),
    ({"event": "login-code"}, "dc"),
    ({"result": "refused"}, "cb"),
    ({"account": "9999-9990", "event": "login", "result": "success"}, "a"),
    ({"since": AT + 1}, "edcb"),
    ({"until": AT + 2}, "ba"),
    ({"since": AT + 1, "until": AT + 3}, "cb"),
    ({"text": "203.0"}, "c"),
    ({"text": "WONG"}, "e"),
    ({"text": "login-code 9999"}, "d"),
    ({"text": "%"}, ""),
    ({"account": "9999-9990", "since": AT + 9}, ""),
]


@pytest.mark.on_both_databases
def test_rows_are_found_by_what_is_asked(world: "World") -> None:
    write(
        world,
        {"reason": "a", "account": "9999-9990"},
        {"reason": "b", "account": "9999-9990", "result": "refused", "at": AT + 1},
        {"reason": "c", "account": "1000-0000", "result": "refused", "event": "login-code", "at": AT + 2}
        | {"address": "203.0.113.7"},
        {"reason": "d", "account": "9999-9990", "event": "login-code", "at": AT + 3},
        {"reason": "e", "staff": "wong", "at": AT + 4},
    )
    for query, expected in SEARCHES:
        assert "".join(found(world, AuditQuery(**query))) == expected, query


def test_pages_join_without_gap_or_repetition_also_where_the_clock_went_back(world: "World") -> None:
    write(world, *({"reason": str(number), "at": AT + (number * 7) % 30} for number in range(100)))
    seen: list[tuple[float, int]] = []
    before: int | None = None
    while True:
        with world.broker.database.reading() as tx:
            page = search(tx, AuditQuery(before=before), limit=7)
        seen += [(row.at, row.id) for row in page.rows]
        if page.next is None:
            break
        before = page.next
    assert len(seen) == 100
    assert all(one > other for one, other in pairwise(seen))


def test_a_row_that_nobody_has_is_the_end(world: "World") -> None:
    write(world, {"reason": "a"})
    assert found(world, AuditQuery(before=999)) == []


def test_a_rare_word_is_looked_for_window_by_window(world: "World", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_search, "WINDOW", 10)
    write(world, {"reason": "needle"}, *({"reason": "hay", "at": AT + 1} for _ in range(25)))
    pages: list[list[str]] = []
    before: int | None = None
    while True:
        with world.broker.database.reading() as tx:
            page = search(tx, AuditQuery(text="needle", before=before), limit=50)
        pages.append([row.reason for row in page.rows])
        if page.next is None:
            break
        before = page.next
    assert pages == [[], [], ["needle"]]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"account": "9999-9990"},
        {"event": "login-code"},
        {"since": AT, "until": AT + 9},
        {"account": "9999-9990", "since": AT, "result": "refused", "text": "x", "before": 1},
        {"event": "login", "text": "x", "before": 1},
    ],
)
def test_every_search_begins_in_an_index_in_its_order(world: "World", query: dict[str, object]) -> None:
    write(world, {"reason": "a"})
    statements: list[tuple[str, object]] = []

    def keep(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if "LIMIT" in statement:
            statements.append((statement, parameters))

    engine = world.broker.database._engine
    sql_events.listen(engine, "before_cursor_execute", keep)
    found(world, AuditQuery(**query))
    sql_events.remove(engine, "before_cursor_execute", keep)
    assert statements
    with world.broker.database.reading() as tx:
        for statement, parameters in statements:
            plan = [row[-1] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            inner = next(line for line in plan if "audit_rows" in line)
            assert "USING" in inner, plan
            assert "INDEX ix_audit_rows" in inner, plan
            # The window itself is never sorted: only what it leaves, at the end, may be.
            assert plan.count("USE TEMP B-TREE FOR ORDER BY") <= ("anon_1" in statement), plan
        assert tx.execute(text("SELECT count(*) FROM audit_rows")).scalar_one() == 1


def test_the_page_filters_and_leads_on(office: "StaffBrowser") -> None:
    write(office.world, *({"account": "9999-9990", "reason": f"no-{number}"} for number in range(60)))
    page = office.get("/audit?account=99999990&event=login&since=2027-01-15T16:00&until=2027-01-15T16:00").text
    assert "no-59" in page
    assert "no-9<" not in page
    onward = page.partition('rel="next" href="/back-office')[2].partition('"')[0].replace("&amp;", "&")
    assert "account=99999990" in onward
    page = office.get(onward).text
    assert "no-9<" in page
    assert 'rel="next"' not in page
    assert "沒有符合的紀錄。" in office.get("/audit?since=2027-01-16T16:00").text


def test_the_download_has_all_rows_and_no_formulas(office: "StaffBrowser") -> None:
    write(
        office.world,
        *({"account": "9999-9990", "reason": str(number), "at": AT + 1} for number in range(1200)),
        {"account": "=cmd|'/c calc'!A1", "event": "login-password", "at": AT},
    )
    answer = office.get("/audit.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="audit-20270115-1600.csv"'
    rows = list(csv.DictReader(StringIO(answer.text.removeprefix("\ufeff"))))
    assert len([row for row in rows if row["account"] == "9999-9990"]) == 1200
    assert [row["account"] for row in rows if row["event"] == "login-password"] == ["'=cmd|'/c calc'!A1"]
    assert rows[0]["time"] == "2027-01-15T16:00:01.000+08:00"
    assert [row.staff for row in office.world.audit(event="audit-exported")] == ["wong"]
    only = office.get("/audit.csv?event=login-password").text
    assert only.count("\r\n") == 2


def test_programs_search_by_the_api(world: "World") -> None:
    write(world, *({"reason": str(number)} for number in range(5)))
    first = world.back_office("GET", "/audit/search?limit=3").json()
    assert [row["reason"] for row in first["rows"]] == ["4", "3", "2"]
    rest = world.back_office("GET", f"/audit/search?limit=3&before={first['next']}").json()
    assert ([row["reason"] for row in rest["rows"]], rest["next"]) == (["1", "0"], None)
    for bad in (
        "account=%00",
        "text=%1b",
        "since=nan",
        "event=x",
        "limit=0",
        "limit=201",
        "before=0",
        "since=x",
        "until=1e99",
        f"text={'x' * 101}",
    ):
        assert world.back_office("GET", f"/audit/search?{bad}").status_code == 422, bad


def test_the_staffs_name_is_written_without_terminal_escapes(world: "World") -> None:
    with world.broker.database.writing() as tx:
        audit.record(tx, at=AT, event="staff-login", result="refused", staff="a\x1b[31m")
    assert [row.staff for row in world.audit()] == ["a\\x1b[31m"]
