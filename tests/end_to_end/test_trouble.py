"""Everything bad that can happen to a run: one clear message, the right exit code, nothing left running."""

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.events import RunFinished, ScenarioFinished, Verdict
from tests.end_to_end.command import Command

FIRST_JOURNEY = "scenarios/manual/first_journey.scenario.yaml"
PHONE_ONLY = "scenario: A phone\nid: T-9\nneeds:\n  - phone: phone\nsteps:\n  - phone.screen: home\n"
WEB = (
    "scenario: A page\nid: T-{n}\nneeds:\n  - browser: web\nsteps:\n  - web.open: /cas/login\n  - web.sees: 登入帳號\n"
)


def test_a_misspelt_step_is_shown_with_its_place_and_nothing_runs(
    twofold: Command, written: Callable[..., Path]
) -> None:
    path = written(PHONE_ONLY.replace("phone.screen", "phone.scren"))
    ran = twofold("run", path)
    assert ran.code == 2
    assert f'{path}:6:5: error: a phone has no step "scren"' in ran.err
    assert '= did you mean "phone.screen"?' in ran.err
    assert not ran.report.exists()


def test_a_file_that_is_not_there_is_one_sentence(twofold: Command, tmp_path: Path) -> None:
    ran = twofold("run", tmp_path / "nothing.scenario.yaml")
    assert ran.code == 2
    assert "nothing.scenario.yaml" in ran.err
    assert "Traceback" not in ran.err


def test_a_target_that_is_not_there_is_one_sentence_with_the_nearest_name(
    twofold: Command, written: Callable[..., Path]
) -> None:
    ran = twofold("run", written(PHONE_ONLY), "--target", "refrence")
    assert (ran.code, ran.err) == (2, "there is no target refrence; did you mean reference?\n")


def test_a_server_that_does_not_start_is_an_environment_that_is_not_ready(
    twofold: Command, written: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "target.yaml").write_text(
        "target: broken\nsays: It ends at once.\nserver:\n  command: [sh, -c, 'echo no licence found; exit 3']\n"
    )
    ran = twofold("run", written(PHONE_ONLY), "--target", tmp_path / "broken")
    assert ran.code == 4
    assert "the server under test ended with code 3 before it answered: no licence found" in ran.out
    assert (ran.report / "index.html").exists()


def test_no_chromium_is_one_line_with_what_to_type(twofold: Command, written: Callable[..., Path]) -> None:
    ran = twofold("run", written(WEB.format(n=1)), environ={"TWOFOLD_CHROMIUM": "/nowhere/chromium"})
    assert ran.code == 4
    assert ran.err == "twofold: TWOFOLD_CHROMIUM names /nowhere/chromium, which is not a program; correct or unset it\n"


def test_a_taken_port_is_named(twofold: Command) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = twofold("up", "--port", str(port), "--messages-port", "0")
    assert ran.code == 4
    assert f"port {port} on 127.0.0.1 cannot be used (Address already in use)" in ran.err
    assert "Traceback" not in ran.err


def test_a_report_folder_that_is_a_file_is_one_sentence(twofold: Command, written: Callable[..., Path]) -> None:
    twofold.report.write_text("a file")
    ran = twofold("run", written(PHONE_ONLY))
    assert ran.code == 2
    assert str(twofold.report) in ran.err
    assert "Traceback" not in ran.err


def test_a_browser_that_dies_is_not_the_servers_fault_and_the_next_scenario_gets_another(
    twofold: Command, written: Callable[..., Path]
) -> None:
    written(WEB.format(n=1) + "  - web.sees: {text: 這一句永遠不會出現, within: 30s}\n", "a.scenario.yaml")
    folder = written(WEB.format(n=2), "b.scenario.yaml").parent
    running = twofold.start("run", folder)
    try:
        running.until_told("StepStarted", "永遠")
        for process, command in running.processes().items():
            if "--headless" in command and "--type=" not in command:
                os.kill(process, signal.SIGKILL)
        ran = running.end()
    finally:
        running.kill()
    verdicts = {event.scenario: event.verdict for event in ran.events(ScenarioFinished)}
    assert verdicts == {"T-1": Verdict.ENVIRONMENT, "T-2": Verdict.PASSED}, ran.out + ran.err
    assert ran.code == 4
    assert "the browser died" in ran.out


@pytest.mark.parametrize("moment", ["RunStarted", "StepStarted", "MessageArrived"])
def test_ctrl_c_leaves_a_report_and_no_process(twofold: Command, moment: str) -> None:
    running = twofold.start("run", FIRST_JOURNEY)
    try:
        running.until_told(moment)
        running.signal(signal.SIGINT)
        ran = running.end()
        assert running.left_running() == {}
    finally:
        running.kill()
    assert ran.code == 130
    assert "Traceback" not in ran.err + ran.out
    assert "Interrupted" in ran.out
    (finished,) = ran.events(RunFinished)
    assert finished.interrupted
    assert "Interrupted" in (ran.report / "index.html").read_text()
