"""What the end-to-end tests share: the command, one run of all that ships, and a way to write a scenario."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.command import Command, Ran


@pytest.fixture
def twofold(tmp_path: Path) -> Command:
    return Command(tmp_path)


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """One run of everything that comes with Twofold."""
    return Command(tmp_path_factory.mktemp("shipped"))("run", "scenarios")


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Write a scenario file and give its path."""

    def write(text: str, name: str = "written.scenario.yaml") -> Path:
        path = tmp_path / "scenarios" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write
