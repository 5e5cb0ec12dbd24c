"""How much longer a back-office search takes with a million audit rows than with a thousand.

Two servers in this process, alike but for their audit trails; each search is one request of the JSON API, asked of both
in turn. The trail of the large one is that of the small one gone on with: the same accounts and events in the same
proportions. A search for a word that nobody wrote is the worst that there is: it looks through its whole window.
"""

import asyncio
import base64
import statistics
import tempfile
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from auth_server.app import AuthServer, create_app
from benchmarks.figures import Figure, ratio

FEW, MANY = 1_000, 1_000_000
RUNS, WARMING_UP = 31, 5

_BEGUN_AT: Final = 1_800_000_000
_LIMIT: Final = 3.0
_KEY: Final = "back-office-key-of-a-benchmark"
_SEARCHES: Final[Mapping[str, str]] = {
    "newest": "",
    "one account": "account=1000-0007",
    "one event": "event=message-given-up",
    "refused": "result=refused",
    "a day long past": f"since={_BEGUN_AT}&until={_BEGUN_AT + 400}",
    "a word": "text=203.0.113.9",
    "a word nobody wrote": "text=nobody-wrote-this",
}

# One row a second; thirty-one events, a hundred accounts and a refusal in seven, spread evenly.
_ROWS: Final = """
WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count - 1)
INSERT INTO audit_rows (at, account, event, result, reason, channel, address, staff)
SELECT :begun_at + n,
       printf('1000-%04d', n % 100),
       CASE n % 31 WHEN 0 THEN 'message-given-up' WHEN 1 THEN 'login' WHEN 2 THEN 'code-sent' ELSE 'login-code' END,
       CASE n % 7 WHEN 0 THEN 'refused' ELSE 'success' END,
       CASE n % 7 WHEN 0 THEN 'wrong' ELSE '' END,
       'web',
       printf('203.0.113.%d', n % 200),
       ''
FROM numbers
"""


def figures() -> Iterator[Figure]:
    """Measure each kind of search."""
    with (
        tempfile.TemporaryDirectory() as folder,
        _server(Path(folder), FEW) as few,
        _server(Path(folder), MANY) as many,
    ):
        yield from asyncio.run(_measure(few, many))


async def _measure(few: AuthServer, many: AuthServer) -> list[Figure]:
    measured: list[Figure] = []
    async with _client(few) as small, _client(many) as large:
        for name, query in _SEARCHES.items():
            times = [(await _search(large, query), await _search(small, query)) for _ in range(WARMING_UP + RUNS)]
            ours, theirs = zip(*times[WARMING_UP:], strict=True)
            against = f"the same in {FEW:,} ({statistics.median(theirs) * 1000:.1f} ms)"
            measured.append(ratio(f"{MANY:,} audit rows: {name}", ours, theirs, limit=_LIMIT, against=against))
    return measured


def _client(app: AuthServer) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://localhost",
        headers={"Authorization": f"Bearer {_KEY}"},
    )


async def _search(client: httpx.AsyncClient, query: str) -> float:
    """Ask once; the seconds that it took."""
    began = time.perf_counter()
    answer = await client.get(f"/back-office/api/audit/search?{query}")
    took = time.perf_counter() - began
    if answer.status_code != 200:
        raise ValueError(f"the search for {query!r} was answered {answer.status_code}")
    return took


@contextmanager
def _server(folder: Path, rows: int) -> Generator[AuthServer]:
    """Open a server whose audit trail has so many rows."""
    app = create_app(
        {
            "AUTH_SERVER_ORIGIN": "http://localhost",
            "AUTH_SERVER_DATABASE_URL": f"sqlite:///{folder}/{rows}.db",
            "AUTH_SERVER_MASTER_KEY": base64.urlsafe_b64encode(bytes(32)).decode(),
            "AUTH_SERVER_BACK_OFFICE_KEY": _KEY,
            "AUTH_SERVER_SMTP": "localhost:1025",
            "AUTH_SERVER_SMS_URL": "http://localhost:8025/sms",
            "AUTH_SERVER_TEST_WORLD": "true",
        },
        lambda: float(_BEGUN_AT + MANY),
    )
    app.broker.open()
    try:
        with app.broker.database.writing() as tx:
            tx.exec_driver_sql(_ROWS, {"count": rows, "begun_at": _BEGUN_AT})
        yield app
    finally:
        app.broker.database.close()
