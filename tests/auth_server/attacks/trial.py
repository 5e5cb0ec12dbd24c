"""What an attack is, and what can be said of a server after one.

An attack first does what its twin may do, and is believed only if that worked: a server that is down, or that answers
everything alike, withstands nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import httpx

from fake_gateways.inbox import NothingCame
from tests.auth_server.attacks.server import Server

# What goes wrong when a server does not do what it should on the way to the point of an attack.
_WENT_WRONG = (AssertionError, AttributeError, LookupError, TypeError, ValueError, httpx.HTTPError, NothingCame)


class Verdict(Enum):
    """What an attack found."""

    SAFE = "safe"
    VULNERABLE = "vulnerable"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict and what it rests on."""

    verdict: Verdict
    says: str = ""


class Trial:
    """One attack under way: what it expects, in order."""

    def __init__(self) -> None:
        self.controls = 0
        self.checks = 0

    def control(self, held: object, says: str) -> None:
        """Expect of the honest twin that `held`; if not, nothing can be said of the server."""
        if not held:
            raise _ControlFailedError(says)
        self.controls += 1

    def safe(self, held: object, says: str) -> None:
        """Expect of the attack that `held`: the safe outcome, which `says` puts in words."""
        assert self.controls, "no positive control before the attack"
        self.checks += 1
        if not held:
            raise _VulnerableError(says)


class _ControlFailedError(Exception):
    """The honest twin of an attack failed."""


class _VulnerableError(Exception):
    """An attack succeeded."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One row of the attack list: `fact` is what it proves, `bugs` are those that it must notice."""

    row: str
    bugs: tuple[str, ...]
    fact: str
    run: Callable[[Trial, Server], None]
    settings: dict[str, str]

    def __str__(self) -> str:
        return f"{self.row} {self.fact}"

    def on(self, server: Server) -> Finding:
        """Attack `server`."""
        trial = Trial()
        try:
            self.run(trial, server)
        except _VulnerableError as found:
            return Finding(Verdict.VULNERABLE, str(found))
        except _ControlFailedError as failed:
            return Finding(Verdict.INCONCLUSIVE, f"the honest twin failed: {failed}")
        except _WENT_WRONG as trouble:
            return Finding(Verdict.INCONCLUSIVE, repr(trouble))
        if not trial.checks:
            return Finding(Verdict.INCONCLUSIVE, "nothing was checked")
        return Finding(Verdict.SAFE)


ATTACKS: list[Attack] = []
"""All attacks, once `tests.auth_server.attacks.pack` is imported."""

Run = Callable[[Trial, Server], None]


def attack(row: str, *, bugs: str | tuple[str, ...], **settings: str) -> Callable[[Run], Run]:
    """Enter a function, named by the fact it proves, as the attack of a row of the list.

    `settings` are those of the server, such as ``code_tries="2"``.
    """

    def enter(run: Run) -> Run:
        variables = {f"AUTH_SERVER_{name.upper()}": value for name, value in settings.items()}
        names = (bugs,) if isinstance(bugs, str) else bugs
        ATTACKS.append(Attack(row, names, run.__name__.replace("_", " "), run, variables))
        return run

    return enter
