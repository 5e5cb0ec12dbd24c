"""What the set-up says when it cannot do its work: one line, with what to type."""

import importlib.util
import os
import shutil
import stat
import sys
from pathlib import Path
from types import ModuleType

import pytest

from harness.errors import EnvironmentNotReady
from harness.set_up import set_up

ROOT = Path(__file__).resolve().parents[3]
NOBODY_ANSWERS = "http://127.0.0.1:9"


@pytest.fixture
def bare_machine(tmp_path: Path) -> dict[str, str]:
    """A machine without programs, browsers or network; whoever is on it may not install anything."""
    programs = tmp_path / "bin"
    programs.mkdir()
    return {
        "PATH": str(programs),
        "HOME": str(tmp_path),
        "PLAYWRIGHT_BROWSERS_PATH": os.devnull,  # nothing can be unpacked there
    }


def add_program(machine: dict[str, str], name: str, script: str) -> None:
    program = Path(machine["PATH"]) / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def test_without_chromium_and_a_way_to_get_one_it_says_what_to_type(bare_machine: dict[str, str]) -> None:
    told: list[str] = []
    with pytest.raises(EnvironmentNotReady) as refusal:
        set_up(bare_machine, told.append)
    assert str(refusal.value) == "Chromium is missing; type: sudo apt-get install chromium"
    assert told == ["getting Chromium"]


def test_without_a_chinese_font_and_leave_to_install_one_it_says_what_to_type(bare_machine: dict[str, str]) -> None:
    add_program(bare_machine, "chromium", "exit 0")
    add_program(bare_machine, "fc-list", "exit 0")  # a machine that knows no such font
    add_program(bare_machine, "apt-get", "exit 100")  # what apt says to one who may not
    with pytest.raises(EnvironmentNotReady) as refusal:
        set_up(bare_machine, lambda _: None)
    assert str(refusal.value) == "a font for Chinese text is missing; type: sudo apt-get install fonts-noto-cjk"


def test_on_a_machine_that_has_both_it_installs_nothing(bare_machine: dict[str, str]) -> None:
    add_program(bare_machine, "chromium", "exit 0")
    add_program(bare_machine, "fc-list", "echo Noto Sans CJK TC")
    told: list[str] = []
    set_up(bare_machine, told.append)
    assert told == [f"ready: {bare_machine['PATH']}/chromium, Python {sys.version.split()[0]}"]


def test_without_a_network_it_says_so_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pyproject.toml", "constraints.txt", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / name)
    script = load_script()
    monkeypatch.setattr(script, "ROOT", tmp_path)
    monkeypatch.setattr(script, "PYTHON", Path(sys.executable))  # it never comes to installing anything
    for name, value in {"INDEX_URL": NOBODY_ANSWERS, "EXTRA_INDEX_URL": "", "RETRIES": "0"}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    with pytest.raises(SystemExit) as end:
        script.install_packages()
    (line,) = str(end.value).splitlines()
    assert line.startswith("set-up: the packages could not be installed (")
    assert line.endswith("); check the network, then type make again")


def load_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("set_up_script", ROOT / "scripts" / "set_up.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script
