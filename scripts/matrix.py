"""`make matrix`: plants every bug in a server of its own, and prints what catches it.

First every attack must call the server as it is safe. Then each bug must be found by its attack, and by a scenario
where one ships that is to notice it. Ends with exit code 1 if a bug survives, or if the server as it is does not.
"""

import contextlib
import io
import logging
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from tests.auth_server.attacks.pack import ATTACKS
from tests.auth_server.attacks.server import opened
from tests.auth_server.attacks.trial import Finding, Verdict
from tests.end_to_end.planted import CATCHES, red_cases

WORKERS = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One bug, or none: what is to catch it, and what came of that."""

    bug: str
    row: str
    finding: Future[Finding]
    red: Future[set[str]] | None

    @property
    def is_caught(self) -> bool:
        """Whether everything that is to notice the bug did; what could not be run did not."""
        if self.finding.exception() or self.finding.result().verdict is not Verdict.VULNERABLE:
            return False
        return self.red is None or (self.red.exception() is None and bool(self.red.result()))

    def __str__(self) -> str:
        caught = "caught" if self.is_caught else "SURVIVES"
        return f"{self.bug:22} {caught:9} {self.row:5} {self._by_attack()}{self._by_scenario()}"

    def _by_attack(self) -> str:
        if trouble := self.finding.exception():
            return f"cannot be run: {trouble!r}"
        finding = self.finding.result()
        return f"{finding.verdict.value}: {finding.says}"

    def _by_scenario(self) -> str:
        if self.red is None:
            return ""
        if trouble := self.red.exception():
            return f"; {CATCHES[self.bug]} cannot be played: {trouble!r}"
        return f"; red: {', '.join(sorted(self.red.result())) or 'none of ' + CATCHES[self.bug]}"


def main() -> int:
    """Print the matrix; the exit code."""
    with ProcessPoolExecutor(WORKERS, get_context("spawn"), _keep_quiet) as pool:
        honest = {str(attack): pool.submit(find, number) for number, attack in enumerate(ATTACKS)}
        rows = [
            Row(bug, attack.row, pool.submit(find, number, bug), pool.submit(play, bug) if bug in CATCHES else None)
            for number, attack in enumerate(ATTACKS)
            for bug in attack.bugs
        ]
        unsafe = list(_unsafe(honest))
        print(f"no bug: {len(honest) - len(unsafe)} of {len(honest)} attacks find the server safe", flush=True)
        for line in unsafe:
            print(f"  {line}")
        for row in rows:
            print(row, flush=True)
    survivors = [row.bug for row in rows if not row.is_caught]
    print(f"{len(rows)} bugs, {len(survivors)} survive" + (f": {', '.join(survivors)}" if survivors else ""))
    return 1 if survivors or unsafe else 0


def find(number: int, *bugs: str) -> Finding:
    """Run one attack against a server with these bugs."""
    attack = ATTACKS[number]
    with opened(*bugs, settings=attack.settings) as server:
        return attack.on(server)


def play(bug: str) -> set[str]:
    """Play the scenario that is to notice `bug`; the cases that failed."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        return red_cases(bug, Path(folder))


def _keep_quiet() -> None:
    """Leave out warnings of servers that lose their gateways: it is what some attacks do to them."""
    logging.getLogger().addHandler(logging.NullHandler())


def _unsafe(honest: dict[str, Future[Finding]]) -> Iterator[str]:
    for name, finding in honest.items():
        if trouble := finding.exception():
            yield f"{name}: cannot be run: {trouble!r}"
        elif finding.result().verdict is not Verdict.SAFE:
            yield f"{name}: {finding.result().verdict.value}: {finding.result().says}"


if __name__ == "__main__":
    sys.exit(main())
