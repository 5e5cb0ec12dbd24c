"""What works once works once, however many use it at the same moment (ASVS 5.0, 2.3.4 and 15.4.2).

32 clients, in threads of two processes; fifty rounds, and in each one thing of each kind.
"""

from typing import TYPE_CHECKING

import pytest

from tests.auth_server.proofs.one_time_things import BY_HALVES, THINGS
from tests.auth_server.proofs.racing import make_hashes_cheap, prepare, race

if TYPE_CHECKING:
    from tests.auth_server.conftest import World

PROCESSES, THREADS = 2, 16


@pytest.mark.on_both_databases
def test_of_32_clients_at_once_each_time_exactly_one_succeeds(world: "World", database_kind: str) -> None:
    # One server has the whole series; what the other could do otherwise, its locks, shows in fewer rounds.
    rounds = 50 if database_kind == "sqlite" else 5
    make_hashes_cheap(world.broker)
    prepared = [prepare(world.broker, number, *THINGS) for number in range(rounds)]
    won = race(world.settings, prepared, processes=PROCESSES, threads=THREADS)
    assert won == {kind: [1] * rounds for kind in THINGS}


def test_a_rule_that_looks_first_and_writes_then_is_noticed(world: "World") -> None:
    prepared = [prepare(world.broker, number, *BY_HALVES) for number in range(5)]
    [won] = race(world.settings, prepared, processes=PROCESSES, threads=THREADS).values()
    assert max(won) > 1
