"""`twofold check`, `list` and `steps`: what can be said of scenarios without running them."""

from collections.abc import Mapping
from pathlib import Path

from harness.commands.exit_codes import ExitCode
from harness.plan import Plan
from harness.plan import check as check_plans
from harness.reference import step_reference
from harness.targets.target import load_target
from harness.world.opening import REGISTRY


def check(paths: tuple[Path, ...], target: str, environ: Mapping[str, str]) -> ExitCode:
    """Say how many scenarios are in order. Raises Problems with every mistake of every file."""
    plans = _plans(paths, target, environ)
    files = len({plan.scenario.place.path for plan in plans})
    print(f"{files} files with {len(plans)} scenarios: no mistakes")  # noqa: T201 - the command's answer
    return ExitCode.PASSED


def list_(paths: tuple[Path, ...], target: str, environ: Mapping[str, str]) -> ExitCode:
    """Print each scenario, and each row of its examples, with its manual's requirements. Raises Problems."""
    plans = _plans(paths, target, environ)
    width = max(len(plan.id) for plan in plans)
    for plan in plans:
        manual = f"  ({', '.join(plan.scenario.manual)})" if plan.scenario.manual else ""
        print(f"{plan.id:<{width}}  {plan.title}{manual}")  # noqa: T201
    return ExitCode.PASSED


def steps(*, markdown: bool) -> ExitCode:
    """Print the reference of all steps, read off the actors."""
    print(step_reference(REGISTRY, markdown=markdown))  # noqa: T201
    return ExitCode.PASSED


def _plans(paths: tuple[Path, ...], target: str, environ: Mapping[str, str]) -> tuple[Plan, ...]:
    return check_plans(paths, registry=REGISTRY, target=load_target(target).facts, environ=environ)
