"""The runner: what it tells, in which order, and how each kind of trouble ends a scenario."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar

import pytest

from harness.errors import EnvironmentNotReady, StepFailed
from harness.events import (
    Event,
    Lane,
    RunFinished,
    RunStarted,
    ScenarioFinished,
    ScenarioStarted,
    StageStarted,
    StepFinished,
    StepStarted,
    Verdict,
)
from harness.plan import Plan, TargetFacts, check
from harness.redaction import Redactor
from harness.runner import Runner
from harness.steps import Actor, Outputs, Secret, Text, step


class Teller(Actor):
    """Does what it is told: passes, fails, hangs, saves."""

    kind: ClassVar[str] = "clock"
    lane: ClassVar[Lane] = Lane.CLOCK
    noun: ClassVar[str] = "clock"

    def __init__(self) -> None:
        self.heard = list[str]()

    @step("say {text}")
    async def say(self, text: Text) -> None:
        """Say something."""
        self.heard.append(text)

    @step("fail because of {text}")
    async def fail(self, text: Text) -> None:
        """Fail."""
        raise StepFailed(f"failed because of {text}", expected="a hen", seen="an egg")

    @step("lose the machine", waits=False)
    async def lose(self) -> None:
        """Find the environment gone."""
        raise EnvironmentNotReady("the machine is gone")

    @step("wait for ever", waits=False)
    async def hang(self) -> None:
        """Wait for ever."""
        await asyncio.Event().wait()

    @step("whisper {secret}", saves=("echo",))
    async def whisper(self, secret: Secret) -> Outputs:
        """Take a secret and give it back."""
        self.heard.append(secret)
        return {"echo": secret}


class Theatre:
    """A stage with one teller, on a clock that stands at noon."""

    def __init__(self) -> None:
        self.teller = Teller()
        self.actors: Mapping[str, Actor] = {"clock": self.teller}
        self.customers: Mapping[str, object] = {}
        self.waited_seconds = 0.0
        self.patience = list[float]()
        self.pictures = list[tuple[int, str, list[str]]]()
        self.closed = False

    def now(self) -> float:
        return 43_200.0

    def allow(self, patience_seconds: float) -> None:
        self.patience.append(patience_seconds)

    async def look_around(self) -> str:
        return "the server noted login: wrong"

    async def release(self, actor: str) -> None:
        pass

    async def take_pictures(self, step: int, caption: str, actors: Collection[str]) -> None:
        self.pictures.append((step, caption, sorted(actors)))


def play(tmp_path: Path, text: str, *, capabilities: frozenset[str] = frozenset()) -> tuple[Theatre, list[Event]]:
    """Check and play one scenario, and give what was told."""
    path = tmp_path / "t.scenario.yaml"
    path.write_text(f"scenario: A test\nid: T-1\n{text}", encoding="utf-8")
    facts = TargetFacts(name="theatre", capabilities=capabilities)
    plans = check([path], registry={"clock": Teller}, target=facts, environ={}, root=tmp_path)
    theatre, told = Theatre(), list[Event]()

    @asynccontextmanager
    async def opened(_: Plan) -> AsyncIterator[Theatre]:
        try:
            yield theatre
        finally:
            theatre.closed = True

    runner = Runner(
        open_stage=opened,
        tell=told.append,
        redactor=Redactor(),
        target="theatre",
        seed="7f3a",
        versions={},
        real_now=lambda: 1_000_000_000.0,
        began=0.0,
    )
    asyncio.run(runner.run(plans))
    assert theatre.closed
    return theatre, told


def of(told: list[Event], kind: type[Event]) -> list:
    return [event for event in told if isinstance(event, kind)]


def verdict(told: list[Event]) -> tuple[Verdict, str]:
    (finished,) = of(told, ScenarioFinished)
    return finished.verdict, finished.reason


def test_a_run_is_told_from_its_start_to_its_end(tmp_path: Path) -> None:
    _, told = play(tmp_path, "steps:\n  - stage: Greeting\n    steps:\n      - clock.say: hello\n")
    assert [type(event) for event in told] == [
        RunStarted,
        ScenarioStarted,
        StageStarted,
        StepStarted,
        StepFinished,
        ScenarioFinished,
        RunFinished,
    ]
    assert verdict(told) == (Verdict.PASSED, "")
    (ended,) = of(told, RunFinished)
    assert (ended.counts, ended.interrupted) == ({Verdict.PASSED: 1}, False)


def test_a_failed_step_ends_the_scenario_with_what_was_seen_and_why(tmp_path: Path) -> None:
    theatre, told = play(tmp_path, "steps:\n  - clock.fail: rain\n  - clock.say: never\n")
    assert theatre.teller.heard == []
    assert verdict(told) == (Verdict.FAILED, "failed because of rain")
    (finished,) = of(told, StepFinished)
    assert (finished.failure.expected, finished.failure.seen) == ("a hen", "an egg")
    assert finished.failure.why == "the server noted login: wrong"
    assert theatre.pictures == [(1, "when it failed", ["clock"])]


def test_soft_checks_are_all_made_and_fail_once(tmp_path: Path) -> None:
    theatre, told = play(
        tmp_path,
        "steps:\n  - soft:\n      - clock.fail: rain\n      - clock.say: still here\n      - clock.fail: snow\n"
        "  - clock.say: never\n",
    )
    assert theatre.teller.heard == ["still here"]
    assert verdict(told) == (Verdict.FAILED, "failed because of rain; failed because of snow")


def test_after_a_failure_its_own_steps_run_and_then_those_that_always_do(tmp_path: Path) -> None:
    theatre, told = play(
        tmp_path,
        "before:\n  - clock.say: first\nsteps:\n  - clock.fail: rain\non-failure:\n  - clock.say: sorry\n"
        "after:\n  - clock.say: bye\n",
    )
    assert theatre.teller.heard == ["first", "sorry", "bye"]
    assert verdict(told)[0] is Verdict.FAILED


def test_what_passed_does_not_run_the_steps_for_a_failure(tmp_path: Path) -> None:
    theatre, _ = play(
        tmp_path, "steps:\n  - clock.say: a\non-failure:\n  - clock.say: sorry\nafter:\n  - clock.say: bye\n"
    )
    assert theatre.teller.heard == ["a", "bye"]


def test_cleaning_up_that_fails_changes_no_verdict(tmp_path: Path) -> None:
    _, told = play(tmp_path, "steps:\n  - clock.say: a\nafter:\n  - clock.fail: dust\n")
    assert verdict(told) == (Verdict.PASSED, "")


def test_trouble_of_the_environment_is_not_a_failure(tmp_path: Path) -> None:
    _, told = play(tmp_path, "steps:\n  - clock.lose:\n")
    assert verdict(told) == (Verdict.ENVIRONMENT, "the machine is gone")


def test_a_scenario_that_hangs_is_ended_by_its_time_out(tmp_path: Path) -> None:
    _, told = play(tmp_path, "timeout: 50ms\nsteps:\n  - clock.hang:\n")
    assert verdict(told) == (Verdict.FAILED, "not finished within 0.05 s")


def test_a_scenario_that_must_fail_passes_by_failing_for_its_reason(tmp_path: Path) -> None:
    _, told = play(tmp_path, "expect: {fail: because of rain}\nsteps:\n  - clock.fail: rain\n")
    assert verdict(told)[0] is Verdict.PASSED


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ("  - clock.say: fine\n", "this scenario must fail, and it passed"),
        ("  - clock.fail: snow\n", "this scenario must fail with “rain”, and it failed with: failed because of snow"),
    ],
)
def test_a_scenario_that_must_fail_fails_otherwise(tmp_path: Path, steps: str, reason: str) -> None:
    _, told = play(tmp_path, f"expect: {{fail: rain}}\nsteps:\n{steps}")
    assert verdict(told) == (Verdict.FAILED, reason)


def test_a_step_waits_as_long_as_it_was_given(tmp_path: Path) -> None:
    theatre, _ = play(tmp_path, "wait: 3s\nsteps:\n  - clock.say: a\n  - clock.say: {text: b, within: 500ms}\n")
    assert theatre.patience == [3.0, 0.5]


def test_a_secret_is_nowhere_in_what_is_told(tmp_path: Path) -> None:
    theatre, told = play(
        tmp_path,
        "vars:\n  pin: 583920\nsteps:\n  - clock.whisper: {secret: $pin, save: {echo: heard}}\n"
        "  - clock.fail: the code $heard\n",
    )
    assert theatre.teller.heard == ["583920"]
    assert "583920" not in repr(told)
    assert verdict(told)[1].startswith("failed because of the code ‹pin#1›")


def test_a_plan_that_the_target_cannot_play_is_not_applicable_and_opens_nothing(tmp_path: Path) -> None:
    class Needy(Teller):
        @step("move {text}", requires="clock")
        async def move(self, text: Text) -> None:
            """Move the clock."""

    path = tmp_path / "t.scenario.yaml"
    path.write_text("scenario: A test\nid: T-1\nsteps:\n  - clock.move: on\n", encoding="utf-8")
    plans = check([path], registry={"clock": Needy}, target=TargetFacts(name="theatre"), environ={}, root=tmp_path)
    told = list[Event]()

    def never(_: Plan):
        raise AssertionError("no world is opened")

    runner = Runner(
        open_stage=never,
        tell=told.append,
        redactor=Redactor(),
        target="theatre",
        seed="7f3a",
        versions={},
        real_now=lambda: 0.0,
        began=0.0,
    )
    asyncio.run(runner.run(plans))
    assert verdict(told) == (Verdict.NOT_APPLICABLE, "theatre cannot: clock")


def test_a_run_that_is_cancelled_tells_that_it_was_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "t.scenario.yaml"
    path.write_text("scenario: A test\nid: T-1\nsteps:\n  - clock.hang:\n", encoding="utf-8")
    plans = check([path], registry={"clock": Teller}, target=TargetFacts(name="theatre"), environ={}, root=tmp_path)
    theatre, told = Theatre(), list[Event]()

    @asynccontextmanager
    async def opened(_: Plan) -> AsyncIterator[Theatre]:
        yield theatre

    async def run() -> None:
        begun = asyncio.Event()

        def tell(event: Event) -> None:
            told.append(event)
            if isinstance(event, StepStarted):
                begun.set()

        runner = Runner(
            open_stage=opened,
            tell=tell,
            redactor=Redactor(),
            target="theatre",
            seed="7f3a",
            versions={},
            real_now=lambda: 0.0,
            began=0.0,
        )
        running = asyncio.create_task(runner.run(plans))
        await begun.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(run())
    (ended,) = of(told, RunFinished)
    assert ended.interrupted
    assert ended.counts == {}
