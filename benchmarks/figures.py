"""What a figure is: a measured value, what it is held against, and whether it holds."""

import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured value. `runs` is how many runs its median has; `against` says what it is compared with."""

    name: str
    value: float
    unit: str
    limit: float
    against: str
    runs: int

    @property
    def holds(self) -> bool:
        """Whether the value is within its limit."""
        return self.value <= self.limit

    def __str__(self) -> str:
        verdict = "ok" if self.holds else "short"
        held = f"≤ {self.limit:g} {self.unit}".rstrip()
        measured = f"{self.value:.3g} {self.unit}".rstrip()
        return f"{self.name:<44} {measured:>9}   {held:<9} {self.against}; median of {self.runs}   {verdict}"


def ratio(name: str, ours: Sequence[float], theirs: Sequence[float], *, limit: float, against: str) -> Figure:
    """Compare two series that were measured in turn, pair by pair: the median of the pairs' ratios."""
    pairs = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return Figure(name=name, value=statistics.median(pairs), unit="", limit=limit, against=against, runs=len(pairs))


async def in_turn(
    ours: Callable[[], Awaitable[None]], theirs: Callable[[], Awaitable[None]], runs: int
) -> tuple[list[float], list[float]]:
    """Seconds of both, in turn, so that a machine that slows down slows both; the first pair is left out."""
    measured: tuple[list[float], list[float]] = ([], [])
    for number in range(runs + 1):
        for play, seconds in zip((ours, theirs), measured, strict=True):
            began = time.monotonic()
            await play()
            if number:
                seconds.append(time.monotonic() - began)
    return measured
