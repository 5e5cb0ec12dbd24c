"""A run's events, gathered by scenario: what the reports that need the whole story read."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from harness.events import (
    ClockMoved,
    Event,
    Failure,
    MessageArrived,
    PictureTaken,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioStarted,
    ServerNoted,
    StageStarted,
    StepFinished,
    StepStarted,
    Verdict,
)

InScenario = (
    StageStarted
    | StepStarted
    | StepFinished
    | MessageArrived
    | PictureTaken
    | ServerNoted
    | ClockMoved
    | ScenarioFinished
)
"""The events that name their scenario."""


@dataclass(slots=True, kw_only=True)
class StepRecord:
    """A step as it started and, unless the run was broken off, as it ended."""

    started: StepStarted
    stage: StageStarted | None
    finished: StepFinished | None = None

    @property
    def verdict(self) -> Verdict | None:
        """How it ended; `None` when it never did."""
        return self.finished.verdict if self.finished else None

    @property
    def failure(self) -> Failure | None:
        """Why it did not pass, if it did not."""
        return self.finished.failure if self.finished else None

    @property
    def seconds(self) -> float:
        """How long it took; 0 when it never ended."""
        return max(self.finished.elapsed - self.started.elapsed, 0.0) if self.finished else 0.0


@dataclass(slots=True, kw_only=True)
class ScenarioRecord:
    """One try of one scenario, or of one row of its examples."""

    started: ScenarioStarted
    anchor: str
    """Where it stands on the page: the part of an address after `#`."""
    earlier: list["ScenarioRecord"] = field(default_factory=list["ScenarioRecord"])
    """The tries before this one, oldest first."""
    events: list[InScenario] = field(default_factory=list[InScenario])
    """All that was told of it after it started, in that order."""
    stages: list[StageStarted] = field(default_factory=list[StageStarted])
    steps: list[StepRecord] = field(default_factory=list[StepRecord])
    messages: list[MessageArrived] = field(default_factory=list[MessageArrived])
    pictures: list[PictureTaken] = field(default_factory=list[PictureTaken])
    notes: list[ServerNoted] = field(default_factory=list[ServerNoted])
    moves: list[ClockMoved] = field(default_factory=list[ClockMoved])
    finished: ScenarioFinished | None = None
    last_elapsed: float = 0.0
    last_at: float = 0.0

    @property
    def verdict(self) -> Verdict | None:
        """How it ended; `None` when it was broken off."""
        return self.finished.verdict if self.finished else None

    @property
    def seconds(self) -> float:
        """How long it took, or had taken when it was broken off."""
        return self.finished.seconds if self.finished else self.last_elapsed - self.started.elapsed

    @property
    def reason(self) -> str:
        """Why it did not pass, where the runner gave a reason."""
        return self.finished.reason if self.finished else ""

    @property
    def again(self) -> str:
        """The command that repeats it."""
        return self.finished.again if self.finished else ""

    @property
    def failed_steps(self) -> tuple[StepRecord, ...]:
        """The steps that say why they did not pass: several where checks were soft."""
        return tuple(step for step in self.steps if step.failure is not None)

    def step(self, number: int) -> StepRecord | None:
        """The step with this number, if it has started."""
        return next((step for step in reversed(self.steps) if step.started.number == number), None)

    def steps_of(self, stage: StageStarted | None) -> tuple[StepRecord, ...]:
        """The steps told after this stage began and before the next; `None` for those before the first."""
        return tuple(step for step in self.steps if step.stage is stage)


@dataclass(slots=True)
class RunRecord:
    """One run. Scenarios keep the order in which they started, whichever of them ends first."""

    started: RunStarted | None = None
    scenarios: dict[str, ScenarioRecord] = field(default_factory=dict[str, ScenarioRecord])
    finished: RunFinished | None = None
    last_elapsed: float = 0.0
    _anchors: set[str] = field(default_factory=set[str])

    @property
    def whole(self) -> bool:
        """Whether the run came to its own end: not stopped by a person, not broken off."""
        return self.finished is not None and not self.finished.interrupted

    @property
    def total(self) -> int:
        """How many scenarios there were to run."""
        return max(self.started.total if self.started else 0, len(self.scenarios))

    @property
    def seconds(self) -> float:
        """How long it took, or had taken when it was broken off."""
        return self.finished.seconds if self.finished else self.last_elapsed

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """How many scenarios ended with each verdict, the last try of each counting."""
        return Counter(record.verdict for record in self.scenarios.values() if record.verdict is not None)

    @property
    def leaks(self) -> tuple[str, ...]:
        """The artefacts in which a secret was found."""
        return self.finished.leaks if self.finished else ()

    def ended(self, *verdicts: Verdict | None) -> tuple[ScenarioRecord, ...]:
        """The scenarios that ended with one of these verdicts, in the order in which they started."""
        return tuple(record for record in self.scenarios.values() if record.verdict in verdicts)

    def tell(self, event: Event) -> None:
        """File one event where it belongs.

        Raises:
            KeyError: when a scenario's event comes before its `ScenarioStarted`.
        """
        self.last_elapsed = max(self.last_elapsed, event.elapsed)
        match event:
            case RunStarted():
                self.started = event
            case RunFinished():
                self.finished = event
                for record in self.ended(None):
                    record.last_elapsed = event.elapsed
            case ScenarioStarted():
                self._begin(event)
            case _:
                self._file(self.scenarios[event.scenario], event)

    def _begin(self, event: ScenarioStarted) -> None:
        earlier: list[ScenarioRecord] = []
        previous = self.scenarios.get(event.id)
        if previous is not None:  # another try of one that did not pass
            anchor = previous.anchor
            previous.anchor = self._free_anchor(f"{anchor}-try-{len(previous.earlier) + 1}")
            earlier = [*previous.earlier, previous]
            previous.earlier = []
        else:
            anchor = self._free_anchor(re.sub(r"[^\w.]+", "-", event.id).strip("-") or "scenario")
        self.scenarios[event.id] = ScenarioRecord(
            started=event, anchor=anchor, earlier=earlier, last_elapsed=event.elapsed, last_at=event.at
        )

    def _free_anchor(self, wanted: str) -> str:
        anchor, copy = wanted, 1
        while anchor in self._anchors:
            copy += 1
            anchor = f"{wanted}-{copy}"
        self._anchors.add(anchor)
        return anchor

    @staticmethod
    def _file(record: ScenarioRecord, event: InScenario) -> None:
        record.last_elapsed = max(record.last_elapsed, event.elapsed)
        record.last_at = event.to if isinstance(event, ClockMoved) else event.at
        record.events.append(event)
        match event:
            case StageStarted():
                record.stages.append(event)
            case StepStarted():
                record.steps.append(StepRecord(started=event, stage=record.stages[-1] if record.stages else None))
            case StepFinished():
                step = record.step(event.number)
                if step is not None:
                    step.finished = event
            case MessageArrived():
                record.messages.append(event)
            case PictureTaken():
                record.pictures.append(event)
            case ServerNoted():
                record.notes.append(event)
            case ClockMoved():
                record.moves.append(event)
            case ScenarioFinished():
                record.finished = event
            case _:
                assert_never(event)


def verdict_of(steps: Iterable[StepRecord]) -> Verdict | None:
    """How a row of steps ended: as the worst of them; `None` when one never ended, or there is none."""
    verdicts = [step.verdict for step in steps]
    for worst in (Verdict.FAILED, Verdict.ENVIRONMENT, None):
        if worst in verdicts:
            return worst
    return Verdict.PASSED if verdicts else None
