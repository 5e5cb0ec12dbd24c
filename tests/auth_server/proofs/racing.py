"""Many clients who all use the same one-time things at the same moments, in threads of several processes.

It is the rules that race, on one database, without HTTP between: more of them come at once, and in less time.
"""

import threading
from collections import Counter, deque
from collections.abc import Mapping
from multiprocessing import get_context
from typing import Any

from auth_server import accounts
from auth_server.accounts import Account
from auth_server.app import create_app
from auth_server.broker import Broker
from tests.auth_server.attacks.ground import CountingHasher, hash_of_nobody
from tests.auth_server.conftest import Clock
from tests.auth_server.proofs.one_time_things import BY_HALVES, THINGS, Item

PATIENCE_SECONDS = 120.0

Round = Mapping[str, Item]
"""One item of each kind."""

KINDS = {**THINGS, **BY_HALVES}


def prepare(broker: Broker, number: int, *kinds: str) -> Round:
    """Make one item of each of `kinds`, each for a customer of its own."""
    items: dict[str, Item] = {}
    for place, kind in enumerate(kinds):
        account = Account(
            account=f"{place:04d}-{number:04d}",
            name="陳大文",
            email="chan@example.com",
            phone="+852 5555 0101",
            language="zh-Hant",
        )
        with broker.database.writing() as tx:
            assert accounts.create(tx, account, at=broker.now())
        items[kind] = KINDS[kind].make(broker, account)
    return items


def race(settings: Mapping[str, str], rounds: list[Round], *, processes: int, threads: int) -> dict[str, list[int]]:
    """Have `processes` × `threads` clients use every item at once: by kind, how many uses of each item succeeded.

    Raises `RuntimeError` if a client fell over.
    """
    context = get_context("spawn")
    barrier = context.Barrier(processes * threads)
    results = context.SimpleQueue()
    arguments = (dict(settings), rounds, threads, barrier, results)
    running = [context.Process(target=_take_part, args=arguments, daemon=True) for _ in range(processes)]
    for process in running:
        process.start()
    counts: Counter[tuple[str, int]] = Counter()
    troubles: list[str] = []
    for _ in running:
        found, trouble = results.get()
        counts.update(found)
        troubles += trouble
    for process in running:
        process.join()
    if troubles:
        raise RuntimeError(f"{len(troubles)} clients fell over: {troubles[0]}")
    return {kind: [counts[kind, number] for number in range(len(rounds))] for kind in rounds[0]}


def _take_part(settings: Mapping[str, str], rounds: list[Round], threads: int, barrier: Any, results: Any) -> None:
    """Be one of the processes."""
    broker = create_app(settings, Clock().now).broker
    make_hashes_cheap(broker)
    broker.open()
    won: list[tuple[str, int]] = []
    troubles: list[str] = []

    def client() -> None:
        try:
            for number, each in enumerate(rounds):
                kinds = deque(each)
                kinds.rotate(number)  # another kind comes first each time, when all are at the same line
                barrier.wait(PATIENCE_SECONDS)
                won.extend((kind, number) for kind in kinds if KINDS[kind].use(broker, each[kind]))
        except BaseException as error:  # noqa: BLE001 - told to who waits for the results
            troubles.append(repr(error))
            barrier.abort()

    clients = [threading.Thread(target=client) for _ in range(threads)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    broker.database.close()
    results.put((Counter(won), troubles))


def make_hashes_cheap(broker: Broker) -> None:
    """Hash passwords in a millisecond: what a hash costs is proved where the passwords are."""
    passwords: Any = broker.passwords
    passwords._hasher = CountingHasher()
    passwords._no_hash = hash_of_nobody()
