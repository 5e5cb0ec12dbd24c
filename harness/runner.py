"""Plays plans, one after the other, each in a world of its own, and tells what happens as events."""

import asyncio
import shlex
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Protocol

from harness.clock import start_of_a_token_step
from harness.errors import EnvironmentNotReady, StepFailed
from harness.events import (
    Event,
    Failure,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioStarted,
    StageStarted,
    StepFinished,
    StepStarted,
    Verdict,
)
from harness.plan.values import Plan, Planned, PlannedSoft, PlannedStage, PlannedStep
from harness.redaction import SHORTEST_SECRET, Redactor
from harness.steps import Actor, Customer

OPENING_PATIENCE_SECONDS = 60.0
CLOSING_PATIENCE_SECONDS = 20.0


class Stage(Protocol):
    """What the runner asks of a world."""

    @property
    def actors(self) -> Mapping[str, Actor]: ...
    @property
    def customers(self) -> Mapping[str, Customer]: ...
    def now(self) -> float: ...
    def allow(self, patience_seconds: float) -> None: ...
    @property
    def waited_seconds(self) -> float: ...
    async def look_around(self) -> str: ...
    async def release(self, actor: str) -> None: ...
    async def take_pictures(self, step: int, caption: str, actors: Collection[str]) -> None: ...


OpenStage = Callable[[Plan], AbstractAsyncContextManager[Stage]]
Tell = Callable[[Event], None]


class _GaveUp(Exception):
    """A step did not pass; `failure` says why, `verdict` whose trouble it is."""

    def __init__(self, verdict: Verdict, failure: Failure) -> None:
        super().__init__(failure.summary)
        self.verdict = verdict
        self.failure = failure


class Runner:
    """Plays plans and tells events. `began` is the run's begin on the monotonic clock (seconds)."""

    def __init__(
        self,
        *,
        open_stage: OpenStage,
        tell: Tell,
        redactor: Redactor,
        target: str,
        seed: str,
        versions: Mapping[str, str],
        real_now: Callable[[], float],
        began: float,
    ) -> None:
        self._open_stage = open_stage
        self._tell = tell
        self._redactor = redactor
        self._target = target
        self._seed = seed
        self._versions = versions
        self._real_now = real_now
        self._began = began
        self._counts = Counter[Verdict]()

    async def run(self, plans: Sequence[Plan]) -> Mapping[Verdict, int]:
        """Play all plans and count their verdicts.

        Cancelled, it tells that the run was interrupted, and passes the cancellation on.
        """
        self._tell(
            RunStarted(
                elapsed=self._elapsed,
                total=len(plans),
                seed=self._seed,
                target=self._target,
                versions=self._versions,
            )
        )
        interrupted = True
        try:
            for plan in plans:
                self._counts[await self._play(plan)] += 1
            interrupted = False
        finally:
            self._tell(
                RunFinished(
                    elapsed=self._elapsed, seconds=self._elapsed, counts=dict(self._counts), interrupted=interrupted
                )
            )
        return dict(self._counts)

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    async def _play(self, plan: Plan) -> Verdict:
        """Play one plan in a fresh world and tell its verdict."""
        for kind, value in plan.secrets:
            if len(value) >= SHORTEST_SECRET:
                self._redactor.register(value, kind)
        self._tell(
            ScenarioStarted(
                elapsed=self._elapsed,
                at=start_of_a_token_step(self._real_now()),
                id=plan.id,
                title=plan.title,
                case=plan.case,
                manual=plan.scenario.manual,
                tags=plan.scenario.tags,
                place=plan.scenario.place,
                source=self._redactor.redact(plan.scenario.source),
            )
        )
        started = time.monotonic()
        performance = Performance(plan, self._tell, self._redactor, self._began)
        verdict, reason = Verdict.NOT_APPLICABLE, f"{self._target} cannot: {', '.join(plan.missing)}"
        if not plan.missing:
            verdict, reason = await self._perform(plan, performance)
        verdict, reason = _as_expected(plan, verdict, reason, performance.last_failure)
        self._tell(
            ScenarioFinished(
                elapsed=self._elapsed,
                at=performance.now(),
                scenario=plan.id,
                verdict=verdict,
                seconds=time.monotonic() - started,
                reason=self._redactor.redact(reason),
                again=self._again(plan),
            )
        )
        return verdict

    async def _perform(self, plan: Plan, performance: "Performance") -> tuple[Verdict, str]:
        """Open the world, play, and close it again; a world that does not open in time is not ready."""
        try:
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(OPENING_PATIENCE_SECONDS):
                    stage = await stack.enter_async_context(self._open_stage(plan))
                return await performance.play(stage)
        except EnvironmentNotReady as trouble:
            return Verdict.ENVIRONMENT, str(trouble)
        except TimeoutError:
            return Verdict.ENVIRONMENT, f"the world did not open within {OPENING_PATIENCE_SECONDS:g} s"

    def _again(self, plan: Plan) -> str:
        return f"twofold run {shlex.quote(plan.scenario.place.path)} --seed {self._seed}"


class Performance:
    """One plan being played on one stage."""

    def __init__(self, plan: Plan, tell: Tell, redactor: Redactor, began: float) -> None:
        self._plan = plan
        self._tell = tell
        self._redactor = redactor
        self._began = began
        self._number = 0
        self._acted = set[str]()
        self._stage: Stage | None = None
        self._variables = dict[str, object]()
        self.last_failure: Failure | None = None

    def now(self) -> float:
        """The time on the world's clock; 0 before there is a world."""
        return self._stage.now() if self._stage else 0.0

    async def play(self, stage: Stage) -> tuple[Verdict, str]:
        """Play the plan's steps within its time-out; then what is to be done after, passed or not."""
        plan = self._plan
        self._stage = stage
        self._variables.update(stage.customers)
        verdict, reason = Verdict.PASSED, ""
        limit = asyncio.timeout(plan.scenario.timeout_seconds)
        try:
            async with limit:
                await self._play_all(plan.before)
                await self._play_all(plan.steps)
        except _GaveUp as gave_up:
            verdict, reason = gave_up.verdict, gave_up.failure.summary
        except TimeoutError:
            if not limit.expired():
                raise
            verdict, reason = Verdict.FAILED, f"not finished within {plan.scenario.timeout_seconds:g} s"
            self.last_failure = Failure(summary=reason)
        if verdict is Verdict.PASSED:
            await self._take_pictures("at the end")
        else:
            await self._clean_up(plan.on_failure)
        await self._clean_up(plan.after)
        return verdict, reason

    @property
    def _on_stage(self) -> Stage:
        assert self._stage is not None
        return self._stage

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    async def _clean_up(self, steps: Sequence[Planned]) -> None:
        """Play the steps that follow the scenario's own; what fails there is told, and changes no verdict."""
        kept = self.last_failure
        try:
            async with asyncio.timeout(CLOSING_PATIENCE_SECONDS):
                await self._play_all(steps)
        except (_GaveUp, TimeoutError):
            pass
        self.last_failure = kept or self.last_failure

    async def _play_all(self, steps: Sequence[Planned]) -> None:
        for planned in steps:
            match planned:
                case PlannedStep():
                    await self._play_step(planned)
                case PlannedSoft():
                    await self._play_soft(planned)
                case PlannedStage():
                    await self._play_stage(planned)

    async def _play_stage(self, planned: PlannedStage) -> None:
        self._tell(
            StageStarted(
                elapsed=self._elapsed, at=self.now(), scenario=self._plan.id, title=planned.title, place=planned.place
            )
        )
        await self._play_all(planned.steps)
        await self._take_pictures(planned.title)

    async def _take_pictures(self, caption: str) -> None:
        """Keep what those show who acted since the last pictures: the others show what they showed."""
        await self._on_stage.take_pictures(self._number, caption, self._acted)
        self._acted = set[str]()

    async def _play_soft(self, planned: PlannedSoft) -> None:
        """Make all checks, and fail once with all that failed."""
        failed = list[_GaveUp]()
        for step in planned.steps:
            try:
                await self._play_step(step)
            except _GaveUp as gave_up:
                failed.append(gave_up)
        if failed:
            together = "; ".join(gave_up.failure.summary for gave_up in failed)
            raise _GaveUp(failed[0].verdict, Failure(summary=together))

    async def _play_step(self, planned: PlannedStep) -> None:
        self._number += 1
        number, stage = self._number, self._on_stage
        await stage.release(planned.actor)
        redact = self._redactor.redact
        for kind, value in planned.secrets(self._variables):
            if len(value) >= SHORTEST_SECRET:
                self._redactor.register(value, kind)
        actor = stage.actors[planned.actor]
        self._tell(
            StepStarted(
                elapsed=self._elapsed,
                at=self.now(),
                scenario=self._plan.id,
                number=number,
                lane=actor.lane,
                actor=planned.actor,
                text=redact(planned.text),
                sentence=redact(planned.sentence(self._variables)),
                place=planned.place,
                flow=planned.flow,
            )
        )
        within = planned.within_seconds
        stage.allow(self._plan.scenario.wait_seconds if within is None else within)
        verdict, failure = Verdict.PASSED, None
        try:
            outputs = await planned.definition.function(actor, **planned.bind(self._variables))
            self._variables |= {name: (outputs or {})[output] for output, name in planned.saves.items()}
        except StepFailed as failed:
            why = failed.why or await self._look_around()
            verdict, failure = Verdict.FAILED, _redacted(failed, why, redact)
        except EnvironmentNotReady as trouble:
            verdict, failure = Verdict.ENVIRONMENT, Failure(summary=redact(str(trouble)))
        else:
            await self._look_around()
        self._acted.add(planned.actor)
        if failure is not None:
            await stage.take_pictures(number, "when it failed", stage.actors)
        self._tell(
            StepFinished(
                elapsed=self._elapsed,
                at=self.now(),
                scenario=self._plan.id,
                number=number,
                verdict=verdict,
                waited=stage.waited_seconds,
                failure=failure,
            )
        )
        if failure is not None:
            self.last_failure = failure
            raise _GaveUp(verdict, failure)

    async def _look_around(self) -> str:
        """Let the world tell what the server noted; a server that does not answer now has its own step to fail."""
        try:
            return await self._on_stage.look_around()
        except (EnvironmentNotReady, StepFailed):
            return ""


def _redacted(failed: StepFailed, why: str, redact: Callable[[str], str]) -> Failure:
    return Failure(
        summary=redact(failed.summary),
        expected=redact(failed.expected),
        seen=redact(failed.seen),
        why=redact(why),
        candidates=tuple(redact(candidate) for candidate in failed.candidates),
    )


def _as_expected(plan: Plan, verdict: Verdict, reason: str, failure: Failure | None) -> tuple[Verdict, str]:
    """Turn the verdict of a scenario that must fail: passed if it failed for the stated reason, else failed."""
    scenario = plan.scenario
    if scenario.expect == "pass" or verdict not in {Verdict.PASSED, Verdict.FAILED}:
        return verdict, reason
    if verdict is Verdict.PASSED:
        return Verdict.FAILED, "this scenario must fail, and it passed"
    said = f"{reason}\n{failure.expected}\n{failure.seen}\n{failure.why}" if failure else reason
    if scenario.expect_reason not in said:
        return Verdict.FAILED, f"this scenario must fail with “{scenario.expect_reason}”, and it failed with: {reason}"
    return Verdict.PASSED, reason
