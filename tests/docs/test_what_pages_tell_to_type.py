"""What the README and the pages of docs/ tell people to type, works."""

import re
import shlex
from pathlib import Path

import pytest

from harness.cli import command_line
from harness.commands.checking import check
from harness.commands.exit_codes import ExitCode

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
MAKE_TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def blocks(language: str) -> list[tuple[str, str]]:
    """Every fenced block of a language, with the page it stands on."""
    fence = re.compile(rf"^```{language}\n(.*?)^```", re.MULTILINE | re.DOTALL)
    return [(page.name, block) for page in PAGES for block in fence.findall(page.read_text("utf-8"))]


def typed() -> list[tuple[str, str]]:
    """Every line that starts with a prompt, without it and without its remark."""
    lines = [(page, line[2:]) for page, block in blocks("console") for line in block.splitlines() if line[:2] == "$ "]
    return [(page, re.split(r"\s#", line)[0].strip()) for page, line in lines]


def test_the_pages_tell_people_what_to_type() -> None:
    assert {line.split()[0] for _, line in typed()} >= {"make", ".venv/bin/twofold"}


@pytest.mark.parametrize(("page", "line"), [entry for entry in typed() if ".venv/bin/twofold" in entry[1]])
def test_every_twofold_command_is_one_and_its_paths_are_there(page: str, line: str) -> None:
    options = command_line().parse_args(shlex.split(line)[1:])
    for path in getattr(options, "paths", ()):
        assert (ROOT / path).exists(), f"{page}: {path}"


@pytest.mark.parametrize(("page", "line"), [entry for entry in typed() if entry[1].startswith("make ")])
def test_every_make_target_is_one(page: str, line: str) -> None:
    assert line.split()[1] in MAKE_TARGETS, page


@pytest.mark.parametrize(("page", "text"), [entry for entry in blocks("yaml") if entry[1].startswith("scenario:")])
def test_every_scenario_shown_passes_the_check(page: str, text: str, tmp_path: Path) -> None:
    shown = tmp_path / f"{page}.scenario.yaml"
    shown.write_text(text, encoding="utf-8")
    assert check((shown,), "reference", {}) is ExitCode.PASSED


def test_a_command_that_is_none_would_be_found() -> None:
    with pytest.raises(SystemExit):
        command_line().parse_args(["rnu", "scenarios"])
