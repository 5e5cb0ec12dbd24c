"""Scenarios that ship, played against the reference server with a bug planted by its target's settings."""

import os
from pathlib import Path
from typing import Final

from harness.commands.exit_codes import ExitCode
from harness.commands.options import RunOptions
from harness.commands.run import run
from harness.events import ScenarioFinished, Verdict
from harness.reports.json_lines import read_events

SCENARIOS: Final = Path(__file__).resolve().parents[2] / "scenarios"

CATCHES: Final = {
    "expiry_not_checked": "rules/reset_link_life",
    "late_code_valid": "rules/wrong_codes",
    "link_reuse": "rules/reset_link_once",
    "no_notice": "manual/web_login_by_sms",
    "otp_reuse": "rules/token_code_once",
    "policy_unicode": "manual/refused_passwords",
}
"""The bugs that a scenario notices, and which does."""


def red_cases(bug: str, folder: Path) -> set[str]:
    """Play the scenario that notices `bug` against a server that has it, in this process; the cases that failed.

    `folder` gets the target and the report.
    """
    target = folder / "target" / "target.yaml"
    target.parent.mkdir()
    described = (SCENARIOS / "targets" / "reference" / "target.yaml").read_text(encoding="utf-8")
    settings = "  settings:\n"
    assert described.count(settings) == 1
    target.write_text(described.replace(settings, f"{settings}    AUTH_SERVER_PLANTED_BUGS: {bug}\n"), "utf-8")
    code = run(
        RunOptions(
            paths=(SCENARIOS / f"{CATCHES[bug]}.scenario.yaml",),
            target=str(target.parent),
            report=folder / "report",
            seed="7f3a",
            headed=False,
            keep=False,
            detail="stages",
            environ=dict(os.environ),
        )
    )
    ended = [event for event in read_events(folder / "report" / "run.jsonl") if isinstance(event, ScenarioFinished)]
    red = {event.scenario for event in ended if event.verdict is not Verdict.PASSED}
    assert code == (ExitCode.FAILED if red else ExitCode.PASSED)
    return red
