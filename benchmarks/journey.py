"""The figures of the journey: a world, the whole journey, the start of a run, and the way of a mail.

Each is measured beside its floor, in turn, in one process; the value is the median of the pairs' ratios.
"""

import asyncio
import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from playwright.async_api import Browser

from benchmarks import bare_journey, mail_to_waiter
from benchmarks.figures import Figure, in_turn, ratio
from harness.actors.phone import Phone
from harness.browsers import keeping_a_browser
from harness.commands.options import RunOptions
from harness.commands.reporting import Reporting
from harness.errors import Place
from harness.events import Event, Verdict
from harness.plan import Plan, PlannedNeed, check
from harness.redaction import Redactor
from harness.reports.album import Album
from harness.reports.detail import Detail
from harness.runner import Runner
from harness.scenario.values import Scenario
from harness.targets.target import bundled, load_target
from harness.world.opening import REGISTRY, open_world
from harness.world.surroundings import Surroundings

ROOT = Path(__file__).resolve().parent.parent
FIRST_JOURNEY = bundled() / "manual" / "first_journey.scenario.yaml"
WORLDS, JOURNEYS, STARTS = 15, 7, 7


def figures() -> Iterator[Figure]:
    """Measure all of them."""
    yield asyncio.run(_world_against_a_context())
    yield asyncio.run(_journey_against_a_bare_script())
    yield _start_against_a_bare_start()
    yield Figure(
        name="mail: 250 OK to the waiter",
        value=mail_to_waiter.measure(),
        unit="ms",
        limit=1.0,
        against="one millisecond, in process",
        runs=mail_to_waiter.RUNS,
    )


async def _world_against_a_context() -> Figure:
    """Opening and closing a world with a phone, against opening a browser context, loading one page, closing it."""
    place = Place("benchmark")
    scenario = Scenario(id="B", title="A world", place=place, id_place=place, source="")
    plan = Plan(
        scenario=scenario,
        id="B",
        title="A world",
        case="",
        row={},
        needs=(PlannedNeed("phone", "phone", {}, place),),
        before=(),
        steps=(),
        on_failure=(),
        after=(),
    )
    async with keeping_a_browser(os.environ) as keeper:
        browser = await keeper.get()
        around = _surroundings(keeper.get, Redactor(), Album(None), lambda _: None)

        async def world() -> None:
            async with open_world(plan, around) as opened:
                phone = opened.actors["phone"]
                assert isinstance(phone, Phone)
                await phone.home()  # a phone's screen lights up at the first touch

        async def context() -> None:
            opened = await browser.new_context()
            await (await opened.new_page()).goto(page)
            await opened.close()

        with tempfile.TemporaryDirectory() as folder:
            page = (Path(folder) / "page.html").as_uri()
            (Path(folder) / "page.html").write_text("<!doctype html><title>page</title><h1>One page</h1>")
            ours, theirs = await in_turn(world, context, WORLDS)
    return ratio("world, opened and closed", ours, theirs, limit=0.3, against="a browser context with one page")


async def _journey_against_a_bare_script() -> Figure:
    """The manual's first journey with its reports, against a script with the same page actions and requests."""
    target = load_target("reference")
    (plan,) = check([FIRST_JOURNEY], registry=REGISTRY, target=target.facts, environ={}, seed="7f3a")
    async with keeping_a_browser(os.environ) as keeper:
        await keeper.get()
        with tempfile.TemporaryDirectory() as folder:
            options = RunOptions(
                paths=(FIRST_JOURNEY,),
                target="reference",
                report=Path(folder) / "report",
                seed="7f3a",
                headed=False,
                keep=False,
                detail=Detail.SCENARIOS,
                environ=os.environ,
            )

            async def ours() -> None:
                redactor, began = Redactor(), time.monotonic()
                with open(os.devnull, "w") as nowhere, Reporting(options, redactor, stream=nowhere) as reporting:  # noqa: ASYNC230, PTH123
                    around = _surroundings(keeper.get, redactor, Album(options.report), reporting.tell)
                    runner = Runner(
                        open_stage=lambda plan: open_world(plan, around),
                        tell=reporting.tell,
                        redactor=redactor,
                        target="reference",
                        seed="7f3a",
                        versions={},
                        real_now=time.time,
                        began=began,
                    )
                    counts = await runner.run((plan,))
                if set(counts) != {Verdict.PASSED}:
                    raise RuntimeError(f"the journey did not pass: {counts}")

            async def bare() -> None:
                await bare_journey.play(await keeper.get())

            gc.freeze()  # as a run does after loading; the bare script gains by it alike
            mine, theirs = await in_turn(ours, bare, JOURNEYS)
    return ratio("first journey, browser warm", mine, theirs, limit=1.3, against="a bare Playwright and httpx script")


def _start_against_a_bare_start() -> Figure:
    """`twofold run` from the process's start to its first step, against Python, Playwright and Chromium starting."""
    ours, theirs = list[float](), list[float]()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(STARTS + 1):
            mine = _seconds_to_the_first_step(Path(folder) / "report")
            other = _seconds_to_a_browser()
            if number:  # the first pair warms the disk
                ours.append(mine)
                theirs.append(other)
    return ratio(
        "process start to the first step", ours, theirs, limit=1.3, against="Python, Playwright, Chromium starting"
    )


def _seconds_to_the_first_step(report: Path) -> float:
    lines = report / "run.jsonl"
    lines.parent.mkdir(exist_ok=True)
    lines.touch()  # a file that is there is followed without polling
    began = time.time()
    command = [Path(sys.executable).parent / "twofold", "run", FIRST_JOURNEY, "--report", report]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as running:
        follow = ["tail", "-f", "-n", "+1", lines]
        with subprocess.Popen(follow, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as following:
            assert following.stdout is not None
            for line in following.stdout:
                if '"StepStarted"' in line:
                    break
            seconds = time.time() - began
            following.kill()
        running.wait()
    lines.unlink()
    return seconds


def _seconds_to_a_browser() -> float:
    began = time.time()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bare_start"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return float(done.stdout) - began


def _surroundings(
    browser: Callable[[], Awaitable[Browser]], redactor: Redactor, album: Album, tell: Callable[[Event], None]
) -> Surroundings:
    return Surroundings(
        target=load_target("reference"),
        browser=browser,
        redactor=redactor,
        album=album,
        environ=os.environ,
        real_now=time.time,
        seed="7f3a",
        tell=tell,
        began=time.monotonic(),
    )
