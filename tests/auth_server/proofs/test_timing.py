"""How long an answer takes tells nothing of whose account it was (A41, A42; ASVS 5.0, 6.3.8).

What an answer takes is counted first: hashes and statements of the database, the same for everybody. Then the clock is
looked at, in turns, so that whatever else the machine does falls on both; that twelve pairs all differ the same way
happens by chance once in two thousand times. `make bench ONLY=server` measures the difference itself.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product

import pytest
from sqlalchemy import event

from auth_server.back_office import staff
from tests.auth_server.attacks.people import STRANGER, VICTIM
from tests.auth_server.conftest import Phone
from tests.auth_server.proofs.local_server import LocalServer, local_server

PASSWORDS = ["Wrong1Wrong", "", "a" * 1000, "密碼"]
WITHOUT_PASSWORD, LOCKED = "1111-1110", "2222-2220"
CUSTOMERS = (VICTIM.account, WITHOUT_PASSWORD, LOCKED, STRANGER)
STAFF = ("wong", "stranger")
PAIRS = 12
NOTICEABLE_SECONDS = 0.005

Ask = Callable[[LocalServer, str, str], object]


@contextmanager
def populated(*bugs: str, cheap_hashes: bool) -> Iterator[LocalServer]:
    """A server with an account of each kind."""
    with local_server(*bugs, cheap_hashes=cheap_hashes) as server:
        server.customer(WITHOUT_PASSWORD, password=None)
        server.customer(LOCKED, password=None)
        assert server.back_office("POST", f"/customers/{LOCKED}/lock").status_code == 204
        with server.broker.database.writing() as tx:
            staff.add(server.broker, tx, STAFF[0], server.broker.passwords.hash_password(VICTIM.password))
        yield server


def on_the_web(server: LocalServer, account: str, password: str) -> None:
    assert server.browser().log_in_with_password(account, password).status_code == 403


def on_a_phone(server: LocalServer, account: str, password: str) -> None:
    assert Phone(server, account=account).log_in(password).status_code == 401


def as_staff(server: LocalServer, name: str, password: str) -> None:
    form = {"name": name, "password": password, "code": "123456"}
    assert server.browser().post("/back-office/login", form).status_code == 403


def having_forgotten(server: LocalServer, account: str, _password: str) -> None:
    assert server.browser().post("/cas/forgot-password", {"username": account}).status_code == 200


@contextmanager
def counted(server: LocalServer) -> Iterator[Callable[[], tuple[int, int]]]:
    """Count hashes and statements from here on."""
    statements: list[str] = []
    hashes = server.broker.passwords._hasher
    before = hashes.verified

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    engine = server.broker.database._engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield lambda: (hashes.verified - before, len(statements))
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(("ask", "names"), [(on_the_web, CUSTOMERS), (on_a_phone, CUSTOMERS), (as_staff, STAFF)])
def test_a_refused_login_takes_one_hash_and_the_same_statements_whoever_it_is_and_whatever_was_typed(
    ask: Ask, names: tuple[str, ...]
) -> None:
    work: dict[tuple[str, str], tuple[int, int]] = {}
    with populated(cheap_hashes=True) as server:
        for name, password in product(names, PASSWORDS):
            server.clock.advance(3600)
            with counted(server) as done:
                ask(server, name, password)
                work[name, password] = done()
    [(hashes, _)] = set(work.values())
    assert hashes == 1


def differs(server: LocalServer, ask: Ask, one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether what one gets takes noticeably longer than what the other gets, or shorter, each time."""
    pairs: list[float] = []
    for _ in range(PAIRS + 1):
        times: list[float] = []
        for asked in (one, other):
            server.clock.advance(3600)
            began = time.perf_counter()
            ask(server, *asked)
            times.append(time.perf_counter() - began)
        pairs.append(times[0] - times[1])
    del pairs[0]  # the first has things to load
    return min(pairs) > NOTICEABLE_SECONDS or max(pairs) < -NOTICEABLE_SECONDS


WRONG = "Wrong1Wrong"


@pytest.mark.parametrize(
    ("ask", "one", "other"),
    [
        pytest.param(on_the_web, (VICTIM.account, WRONG), (STRANGER, WRONG), id="known and unknown on the web"),
        pytest.param(on_the_web, (VICTIM.account, WRONG), (VICTIM.account, ""), id="wrong and empty on the web"),
        pytest.param(having_forgotten, (VICTIM.account, ""), (STRANGER, ""), id="known and unknown having forgotten"),
    ],
)
def test_the_clock_shows_no_difference(
    real: LocalServer, ask: Ask, one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert not differs(real, ask, one, other)


@pytest.fixture(scope="module")
def real() -> Iterator[LocalServer]:
    """A server whose hashes take as long as they do."""
    with populated(cheap_hashes=False) as server:
        yield server


@pytest.mark.parametrize(("bug", "other"), [("enum_time", (STRANGER, WRONG)), ("enum_empty_pw", (VICTIM.account, ""))])
def test_a_difference_is_noticed(bug: str, other: tuple[str, str]) -> None:
    with populated(bug, cheap_hashes=False) as server:
        assert differs(server, on_the_web, (VICTIM.account, WRONG), other)
