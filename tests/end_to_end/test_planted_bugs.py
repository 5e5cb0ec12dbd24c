"""With a bug planted in the server, a scenario turns red.

That the same scenarios are green without it is proved with all others in `test_shipped_scenarios.py`.
"""

import os
from pathlib import Path

import pytest

from auth_server.one_time_codes import OneTimeCodes
from auth_server.one_time_codes import Outcome as CodeOutcome
from auth_server.password_reset import LinkState, PasswordResets
from auth_server.soft_token import SoftTokens
from harness.commands.exit_codes import ExitCode
from harness.commands.options import RunOptions
from harness.commands.run import run
from harness.events import ScenarioFinished, Verdict
from harness.reports.json_lines import read_events

RULES = Path(__file__).resolve().parents[2] / "scenarios" / "rules"


def failed(rule: str, report: Path) -> set[str]:
    """Play one file of `scenarios/rules` in this process, and give the cases that failed."""
    code = run(
        RunOptions(
            paths=(RULES / f"{rule}.scenario.yaml",),
            target="reference",
            report=report,
            seed="7f3a",
            headed=False,
            keep=False,
            detail="stages",
            environ=dict(os.environ),
        )
    )
    ended = [event for event in read_events(report / "run.jsonl") if isinstance(event, ScenarioFinished)]
    red = {event.scenario for event in ended if event.verdict is not Verdict.PASSED}
    assert code == (ExitCode.FAILED if red else ExitCode.PASSED)
    return red


def test_a_server_that_accepts_any_code_is_caught(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(OneTimeCodes, "accept", lambda *_, **__: CodeOutcome.ACCEPTED)
    assert failed("wrong_codes", tmp_path) == {"RUL-027[at five minutes]", "RUL-027[another number]"}


def test_a_server_that_skips_the_expiry_of_a_link_is_caught(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(PasswordResets, "_look", _looking_past(LinkState.LATE))
    assert failed("reset_link_life", tmp_path) == {"RUL-006[at eight hours]", "RUL-006[a day later]"}


def test_a_server_that_takes_a_link_twice_is_caught(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(PasswordResets, "_look", _looking_past(LinkState.USED))
    assert failed("reset_link_once", tmp_path) == {"RUL-007"}


def test_a_server_that_takes_a_code_of_the_token_twice_is_caught(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    honest = SoftTokens.accept_code

    def forgetful(self: SoftTokens, *about: object) -> CodeOutcome:
        outcome = honest(self, *about)
        return CodeOutcome.ACCEPTED if outcome is CodeOutcome.USED else outcome

    monkeypatch.setattr(SoftTokens, "accept_code", forgetful)
    assert failed("token_code_once", tmp_path) == {"RUL-029"}


def _looking_past(wanted: LinkState):
    """A `PasswordResets._look` that takes links in one ended state for open ones."""
    honest = PasswordResets._look

    def look(self: PasswordResets, *about: object):
        state, account = honest(self, *about)
        return (LinkState.OPEN if state is wanted else state), account

    return look
