"""What the lanes of a scenario show: phone, browser, mail, SMS, server and clock on one time axis.

Places from left to right are shares of the width, 0 to 1; rows count from 0 at the top.
"""

from dataclasses import dataclass

from harness.events import Lane, MessageArrived, ServerNoted
from harness.reports.record import StepRecord


@dataclass(frozen=True, slots=True)
class Row:
    """A lane. Phones and browsers have one for each actor, the others one in all."""

    lane: Lane
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A step: `left`, `width` and `waited` are shares, the first two of the lane, the last of the bar."""

    row: int
    left: float
    width: float
    waited: float
    step: StepRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A message or an audit row. `number` counts its kind within the scenario from 1; `step` is the step it came in."""

    row: int
    left: float
    number: int
    step: int
    fact: MessageArrived | ServerNoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """From a message to the first step that used what stood in it."""

    row: int
    left: float
    to_row: int
    to_left: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """A move of the world's clock."""

    left: float
    label: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of the axis with a name: a stage, or one step of the soft token's clock."""

    left: float
    width: float
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A round time since the scenario began."""

    left: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    """All that is drawn. `pixels` is the least width at which nothing covers anything."""

    pixels: float
    rows: tuple[Row, ...]
    bars: tuple[Bar, ...]
    messages: tuple[Mark, ...]
    notes: tuple[Mark, ...]
    threads: tuple[Thread, ...]
    jumps: tuple[Jump, ...]
    stages: tuple[Span, ...]
    token_steps: tuple[Span, ...]
    ticks: tuple[Tick, ...]
    clock: str

    @property
    def server_row(self) -> int:
        """Which row is the server's: messages come from there."""
        return next(index for index, row in enumerate(self.rows) if row.lane is Lane.SERVER)

    @property
    def clock_row(self) -> int:
        """Which row is the clock's."""
        return next(index for index, row in enumerate(self.rows) if row.lane is Lane.CLOCK)
