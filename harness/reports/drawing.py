"""From what was told of a scenario to its lanes: who did what when, what came of it, and where each of it stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from harness.events import (
    ClockMoved,
    Lane,
    MessageArrived,
    PictureTaken,
    ScenarioFinished,
    ServerNoted,
    StageStarted,
    StepFinished,
    StepStarted,
)
from harness.reports.axis import Axis, Moment, laid_out
from harness.reports.lanes import Bar, Jump, Lanes, Mark, Row, Span, Thread, Tick
from harness.reports.record import InScenario, ScenarioRecord, StepRecord
from harness.reports.words import briefly, clock_time, jump

TOKEN_STEP_SECONDS = 30
"""How long one code of the soft token is the current one (RFC 6238, 4.1; docs/phone-api.md)."""

_NAMES = {
    Lane.PHONE: "phone",
    Lane.BROWSER: "browser",
    Lane.MAIL: "mail",
    Lane.SMS: "SMS",
    Lane.SERVER: "server",
    Lane.CLOCK: "clock",
}

# Pixels that things take, so that none covers its neighbour.
_BAR = 19.0
_BETWEEN_BARS = 2.0
_MESSAGE = 20.0
_NOTE = 12.0
_LETTER = 7.0
_TICK = 56.0


def rows_of(record: ScenarioRecord) -> tuple[Row, ...]:
    """All six lanes, in the order of the story; a second phone or browser has its own."""
    rows: list[Row] = []
    for lane in Lane:
        if lane in {Lane.PHONE, Lane.BROWSER}:
            actors = [step.started.actor for step in record.steps if step.started.lane is lane]
            actors += [picture.actor for picture in record.pictures if picture.lane is lane]
            several = len(set(actors)) > 1
            rows += [Row(lane, actor if several else _NAMES[lane]) for actor in dict.fromkeys(actors or [""])]
        else:
            rows.append(Row(lane, _NAMES[lane]))
    return tuple(rows)


def drawing_of(record: ScenarioRecord, zone: tzinfo) -> Lanes:
    """Lay out one try of a scenario; times of the world's clock are told in `zone`."""
    rows = rows_of(record)
    placing = _Placing(record, rows)
    for event in record.events:
        placing.take(event)
    placing.end()
    axis = laid_out(placing.moments)
    bars = tuple(_bar(axis, open_bar) for open_bar in placing.bars)
    messages = tuple(_marks(axis, placing.messages))
    return Lanes(
        pixels=axis.pixels,
        rows=rows,
        bars=bars,
        messages=messages,
        notes=tuple(_marks(axis, placing.notes)),
        threads=tuple(_threads(messages, bars, axis.pixels)),
        jumps=tuple(
            Jump(left=axis.positions[index], label=jump(move.to - move.at), to=clock_time(move.to, zone))
            for index, move in placing.jumps
        ),
        stages=tuple(_stages(record, bars)),
        token_steps=tuple(_token_steps(record, axis)),
        ticks=tuple(_ticks(record, axis)),
        clock=clock_time(record.started.at, zone),
    )


@dataclass(slots=True)
class _OpenBar:
    row: int
    step: StepRecord
    begin: int
    end: int = -1


@dataclass(slots=True)
class _Placing:
    """Collects the moments to lay out, and which of them belongs to what."""

    record: ScenarioRecord
    rows: tuple[Row, ...]
    moments: list[Moment] = field(default_factory=list[Moment])
    bars: list[_OpenBar] = field(default_factory=list[_OpenBar])
    messages: list[tuple[int, int, int, MessageArrived]] = field(
        default_factory=list[tuple[int, int, int, MessageArrived]]
    )
    notes: list[tuple[int, int, int, ServerNoted]] = field(default_factory=list[tuple[int, int, int, ServerNoted]])
    jumps: list[tuple[int, ClockMoved]] = field(default_factory=list[tuple[int, ClockMoved]])

    def __post_init__(self) -> None:
        self.moments.append(Moment(elapsed=self.record.started.elapsed))

    def take(self, event: InScenario) -> None:
        """Find room for one event; those of one scenario come in the order of time."""
        match event:
            case StepStarted():
                step = self.record.step(event.number)
                if step is not None:
                    row = self._row(event.lane, event.actor)
                    self.bars.append(_OpenBar(row, step, self._add(event.elapsed, gap=_BETWEEN_BARS)))
            case StepFinished():
                for bar in self.bars:
                    if bar.step.started.number == event.number:
                        bar.end = self._add(event.elapsed, after=bar.begin, reach=_BAR)
            case MessageArrived():
                row = self._row(event.lane)
                self.messages.append((self._fact(event.elapsed, row, _MESSAGE), row, self._step(), event))
            case ServerNoted():
                row = self._row(Lane.SERVER)
                self.notes.append((self._fact(event.elapsed, row, _NOTE), row, self._step(), event))
            case ClockMoved():
                room = _LETTER * (len(jump(event.to - event.at)) + 14)
                self.jumps.append((self._fact(event.elapsed, self._row(Lane.CLOCK), room), event))
            case StageStarted() | PictureTaken() | ScenarioFinished():
                pass  # a stage is as long as its steps, a picture belongs to its step

    def end(self) -> None:
        """Let the steps that never ended reach to where the run broke off."""
        for bar in self.bars:
            if bar.end < 0:
                bar.end = self._add(self.record.last_elapsed, after=bar.begin, reach=_BAR)

    def _add(self, elapsed: float, *, gap: float = 0.0, after: int = -1, reach: float = 0.0) -> int:
        self.moments.append(Moment(elapsed=self._later(elapsed), gap=gap, after=after, reach=reach))
        return len(self.moments) - 1

    def _fact(self, elapsed: float, row: int, room: float) -> int:
        self.moments.append(Moment(elapsed=self._later(elapsed), gap=6.0, row=str(row), room=room))
        return len(self.moments) - 1

    def _later(self, elapsed: float) -> float:
        return max(elapsed, self.moments[-1].elapsed)

    def _step(self) -> int:
        return self.bars[-1].step.started.number if self.bars else 0

    def _row(self, lane: Lane, actor: str = "") -> int:
        indices = [index for index, row in enumerate(self.rows) if row.lane is lane]
        return next((index for index in indices if self.rows[index].name == actor), indices[0])


def _bar(axis: Axis, bar: _OpenBar) -> Bar:
    left, right = axis.positions[bar.begin], axis.positions[bar.end]
    waited = bar.step.finished.waited if bar.step.finished else 0.0
    took = bar.step.seconds
    share = min(waited / took, 1.0) if took else 0.0
    return Bar(row=bar.row, left=left, width=right - left, waited=share, step=bar.step)


def _marks(axis: Axis, facts: Sequence[tuple[int, int, int, MessageArrived | ServerNoted]]) -> list[Mark]:
    return [
        Mark(row=row, left=axis.positions[index], number=number, step=step, fact=fact)
        for number, (index, row, step, fact) in enumerate(facts, start=1)
    ]


def _threads(messages: Sequence[Mark], bars: Sequence[Bar], pixels: float) -> list[Thread]:
    """Secrets show as aliases that stand for one value each: where an alias of a message turns up, it was used."""
    threads: list[Thread] = []
    for mark in messages:
        if not isinstance(mark.fact, MessageArrived):
            continue
        aliases = [value for value in mark.fact.values.values() if value.startswith("‹")]
        users = [
            bar
            for bar in bars
            if bar.left > mark.left
            and bar.row < mark.row
            and any(alias in bar.step.started.sentence for alias in aliases)
        ]
        if users:
            first = users[0]
            threads.append(
                Thread(
                    row=mark.row,
                    left=mark.left,
                    to_row=first.row,
                    to_left=first.left + min(first.width / 2, _BAR / 2 / pixels),
                )
            )
    return threads


def _stages(record: ScenarioRecord, bars: Sequence[Bar]) -> list[Span]:
    spans: list[Span] = []
    for stage in record.stages:
        own = [bar for bar in bars if bar.step.stage is stage]
        if own:
            left = own[0].left
            spans.append(Span(left=left, width=max(bar.left + bar.width for bar in own) - left, name=stage.title))
    return spans


def _token_steps(record: ScenarioRecord, axis: Axis) -> list[Span]:
    """Every second step of the soft token's clock, for stripes; none when the clock stayed within one step."""
    edges: list[tuple[float, int]] = [(0.0, int(record.started.at // TOKEN_STEP_SECONDS))]
    elapsed, at = record.started.elapsed, record.started.at
    for event in record.events:
        number = int(event.at // TOKEN_STEP_SECONDS)
        for step in range(max(edges[-1][1] + 1, number - 1_000), number + 1):
            share = (step * TOKEN_STEP_SECONDS - at) / (event.at - at)
            edges.append((axis.at(elapsed + share * (event.elapsed - elapsed)), step))
        elapsed, at = event.elapsed, event.at
        if isinstance(event, ClockMoved):
            at = event.to
            edges.append((axis.at(elapsed), int(at // TOKEN_STEP_SECONDS)))
    ends = [left for left, _ in edges[1:]] + [1.0]
    if len(edges) == 1:
        return []
    return [
        Span(left=left, width=end - left)
        for (left, step), end in zip(edges, ends, strict=True)
        if step % 2 and end > left
    ]


def _ticks(record: ScenarioRecord, axis: Axis) -> list[Tick]:
    ticks: list[Tick] = []
    for seconds in axis.ticks():
        left = axis.at(record.started.elapsed + seconds)
        apart = not ticks or (left - ticks[-1].left) * axis.pixels >= _TICK
        if apart and (1 - left) * axis.pixels >= _TICK / 2:
            ticks.append(Tick(left=left, label=briefly(seconds) if seconds else "0 s"))
    return ticks
