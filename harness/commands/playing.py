"""`twofold run`, its main part: checks everything, plays it, and writes the reports."""

import platform
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version

from harness.browsers import BrowserKeeper
from harness.commands.exit_codes import ExitCode, exit_code_of
from harness.commands.holding import hold
from harness.commands.options import RunOptions
from harness.commands.reporting import Reporting
from harness.plan import check
from harness.plan.values import Plan
from harness.redaction import Redactor
from harness.reports.album import Album
from harness.runner import Runner
from harness.targets.target import Target, load_target
from harness.world.opening import REGISTRY, open_world
from harness.world.servers import find_app
from harness.world.surroundings import Surroundings
from harness.world.world import World


@dataclass(frozen=True, slots=True)
class Prepared:
    """A target and the plans to be played against it, all checked."""

    target: Target
    plans: tuple[Plan, ...]


def prepare(options: RunOptions) -> Prepared:
    """Load the target and its server, and check all files.

    Raises TwofoldError with everything that is wrong, before anything runs.
    """
    target = load_target(options.target)
    if target.server.app is not None:
        find_app(target.server.app)
    plans = check(options.paths, registry=REGISTRY, target=target.facts, environ=options.environ, seed=options.seed)
    return Prepared(target, plans)


async def play(options: RunOptions, prepared: Prepared, keeper: BrowserKeeper, began: float) -> ExitCode:
    """Play the plans and write the reports, whole or interrupted.

    Raises ReportNotWritten when the report's folder takes nothing.
    """
    redactor = Redactor()
    with Reporting(options, redactor) as reporting:
        around = Surroundings(
            target=prepared.target,
            browser=keeper.get,
            redactor=redactor,
            album=Album(options.report),
            environ=options.environ,
            real_now=time.time,
            seed=options.seed,
            tell=reporting.tell,
            began=began,
        )

        @asynccontextmanager
        async def open_stage(plan: Plan) -> AsyncGenerator[World]:
            async with open_world(plan, around) as world:
                yield world
                if options.keep:
                    await hold(plan.id, world)

        runner = Runner(
            open_stage=open_stage,
            tell=reporting.tell,
            redactor=redactor,
            target=prepared.target.name,
            seed=options.seed,
            versions=_versions(),
            real_now=time.time,
            began=began,
        )
        counts = await runner.run(prepared.plans)
    return exit_code_of(counts, leaks=bool(reporting.leaks))


def _versions() -> dict[str, str]:
    """What a reader of the report must know to play the same again."""
    return {
        "twofold": version("twofold"),
        "python": platform.python_version(),
        "playwright": version("playwright"),
        "textual": version("textual"),
    }
