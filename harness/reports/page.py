"""What the HTML report shows, in the order in which it shows it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from itertools import groupby

from harness.events import Lane, MessageArrived, PictureTaken, Verdict
from harness.reports import summary
from harness.reports.changes import Changes, changes
from harness.reports.drawing import drawing_of
from harness.reports.excerpt import SourceLine, excerpt
from harness.reports.lanes import Lanes
from harness.reports.pictures import PictureShelf
from harness.reports.record import RunRecord, ScenarioRecord, StepRecord, verdict_of
from harness.reports.words import NAMES, calendar_time

TONES: Mapping[Verdict | None, str] = {
    Verdict.PASSED: "passed",
    Verdict.FAILED: "failed",
    Verdict.FLAKY: "held",
    Verdict.ENVIRONMENT: "held",
    Verdict.NOT_APPLICABLE: "past",
    None: "held",
}
"""What each verdict's colour is called in the style sheet."""

_ORDER: tuple[Verdict | None, ...] = (
    Verdict.FAILED,
    Verdict.ENVIRONMENT,
    Verdict.FLAKY,
    None,
    Verdict.NOT_APPLICABLE,
    Verdict.PASSED,
)
"""What needs a reader's eye comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureCard:
    """A step that did not pass, with the lines of the file around it."""

    step: StepRecord
    lines: tuple[SourceLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRun:
    """Steps in a row that came through the same flows; `flow` is empty for the scenario's own."""

    flow: tuple[str, ...]
    path: str
    steps: tuple[StepRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageView:
    """A stage with its steps; `title` is empty for steps that stand before the first stage."""

    title: str
    verdict: Verdict | None
    seconds: float
    runs: tuple[StepRun, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureView:
    """A picture by its number on the page; `number` is `None` when its file was not there."""

    taken: PictureTaken
    number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What an actor's screen showed at the moment the page opens at.

    `source` is an address that holds the picture: given where the picture must show without a script.
    """

    actor: str
    lane: Lane
    picture: PictureView | None
    source: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioView:
    """One try of one scenario. `moment` is the step that the page opens at."""

    record: ScenarioRecord
    tone: str
    opens: bool
    packed: bool
    """Whether it waits packed until someone opens it: what passed is looked at seldom."""
    trial: int
    cards: tuple[FailureCard, ...]
    lanes: Lanes
    stages: tuple[StageView, ...]
    pictures: tuple[PictureView, ...]
    moment: StepRecord | None
    screens: tuple[Screen, ...]
    last_messages: tuple[MessageArrived, ...]
    began: str
    earlier: tuple["ScenarioView", ...]

    @property
    def name(self) -> str:
        """The scenario's id without its case, which is shown beside the title."""
        return self.record.started.id.removesuffix(f"[{self.record.started.case}]")

    @property
    def index(self) -> list[tuple[int, str, int | None, str]]:
        """For the script: after which step whose screen showed which picture, and what it is called."""
        return [(view.taken.step, view.taken.actor, view.number, view.taken.caption) for view in self.pictures]

    @property
    def slowest(self) -> float:
        """How long the longest step took, in seconds: the measure for the small bars beside the steps."""
        return max((step.seconds for step in self.record.steps), default=0.0) or 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The scenarios that ended alike."""

    verdict: Verdict | None
    name: str
    tone: str
    scenarios: tuple[ScenarioView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A requirement of the manual and the scenarios that touch it, the troubled ones first."""

    name: str
    scenarios: tuple[ScenarioRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The whole report."""

    run: RunRecord
    verdict: Verdict | None
    sentence: str
    details: str
    written: str
    changes: Changes | None
    groups: tuple[Group, ...]
    requirements: tuple[Requirement, ...]


def page_of(
    run: RunRecord, shelf: PictureShelf, *, written_at: float, zone: tzinfo, before: Mapping[str, Verdict]
) -> Page:
    """Arrange a run for its readers; the pictures it shows go to `shelf`. `written_at` is in Unix seconds."""
    alone = run.total == 1
    groups = tuple(
        Group(
            verdict=verdict,
            name=NAMES[verdict],
            tone=TONES[verdict],
            scenarios=tuple(
                _scenario(record, shelf, zone=zone, opens=alone or verdict in {Verdict.FAILED, None})
                for record in run.ended(verdict)
            ),
        )
        for verdict in _ORDER
        if run.ended(verdict)
    )
    return Page(
        run=run,
        verdict=_worst(run),
        sentence=summary.sentence(run),
        details=summary.details(run),
        written=calendar_time(written_at, zone),
        changes=changes(before, run) if before else None,
        groups=groups,
        requirements=tuple(_requirements(run)),
    )


def _worst(run: RunRecord) -> Verdict | None:
    if run.leaks or run.ended(Verdict.FAILED):
        return Verdict.FAILED
    if not run.whole:
        return None
    present = run.counts
    order = (Verdict.ENVIRONMENT, Verdict.FLAKY, Verdict.PASSED)
    return next((verdict for verdict in order if verdict in present), Verdict.NOT_APPLICABLE)


def _scenario(
    record: ScenarioRecord, shelf: PictureShelf, *, zone: tzinfo, opens: bool, trial: int = 0
) -> ScenarioView:
    failed = record.failed_steps
    moment = failed[0] if failed else record.steps[-1] if record.steps else None
    pictures = tuple(PictureView(taken=taken, number=shelf.number_of(taken)) for taken in record.pictures)
    packed = record.verdict is Verdict.PASSED and not opens
    return ScenarioView(
        record=record,
        tone=TONES[record.verdict],
        opens=opens,
        packed=packed,
        trial=trial or (len(record.earlier) + 1 if record.earlier else 0),
        cards=tuple(
            FailureCard(
                step=step,
                lines=excerpt(step.started.place, record.started.place.path, record.started.source, step.started.text),
            )
            for step in failed
        ),
        lanes=drawing_of(record, zone),
        stages=tuple(_stages(record)),
        pictures=pictures,
        moment=moment,
        screens=tuple(_screens(pictures, moment, None if packed else shelf)),
        last_messages=tuple(_last_messages(record, moment)),
        began=calendar_time(record.started.at, zone),
        earlier=tuple(
            _scenario(earlier, shelf, zone=zone, opens=False, trial=number)
            for number, earlier in enumerate(record.earlier, start=1)
        ),
    )


def _stages(record: ScenarioRecord) -> Iterable[StageView]:
    for stage in (None, *record.stages):
        steps = record.steps_of(stage)
        if stage is None and not steps:
            continue
        yield StageView(
            title=stage.title if stage else "",
            verdict=verdict_of(steps),
            seconds=sum(step.seconds for step in steps),
            runs=tuple(
                StepRun(flow=flow, path=path, steps=tuple(run))
                for (flow, path), run in groupby(steps, key=lambda step: (step.started.flow, step.started.place.path))
            ),
        )


def _screens(
    pictures: tuple[PictureView, ...], moment: StepRecord | None, shelf: PictureShelf | None
) -> Iterable[Screen]:
    until = moment.started.number if moment else 0
    for actor in dict.fromkeys(picture.taken.actor for picture in pictures):
        own = [picture for picture in pictures if picture.taken.actor == actor]
        seen = [picture for picture in own if picture.taken.step <= until]
        last = seen[-1] if seen else None
        number = last.number if last else None
        ready = shelf is not None and number is not None
        yield Screen(
            actor=actor,
            lane=own[0].taken.lane,
            picture=last,
            source=shelf.source_of(number) if shelf is not None and number is not None else "",
            words=last.taken.text if last and ready else "",
        )


def _last_messages(record: ScenarioRecord, moment: StepRecord | None) -> Iterable[MessageArrived]:
    until = moment.finished.elapsed if moment and moment.finished else record.last_elapsed
    for lane in (Lane.MAIL, Lane.SMS):
        seen = [message for message in record.messages if message.lane is lane and message.elapsed <= until]
        if seen:
            yield seen[-1]


def _requirements(run: RunRecord) -> Iterable[Requirement]:
    names = {name for record in run.scenarios.values() for name in record.started.manual}
    for name in sorted(names, key=_natural):
        touching = [record for record in run.scenarios.values() if name in record.started.manual]
        yield Requirement(name=name, scenarios=tuple(sorted(touching, key=lambda record: _ORDER.index(record.verdict))))


def _natural(name: str) -> tuple[tuple[int, int | str], ...]:
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in re.findall(r"\d+|\D+", name))
