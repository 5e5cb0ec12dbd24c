"""The command `twofold` as its users type it, and what it leaves behind."""

import os
import select
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from harness.events import Event
from harness.reports.json_lines import read_events

ROOT = Path(__file__).resolve().parents[2]
TWOFOLD = Path(sys.executable).parent / "twofold"
LONGEST_SECONDS = 600
MARK = "TWOFOLD_TEST_MARK"

Kind = TypeVar("Kind", bound=Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str
    report: Path

    def events(self, kind: type[Kind]) -> list[Kind]:
        """The run's events of one kind, from `run.jsonl`."""
        return [event for event in read_events(self.report / "run.jsonl") if isinstance(event, kind)]


class Command:
    """`twofold …`, typed in the project's root; a run's report goes to a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.report = folder / "report"

    def __call__(self, *words: str | Path, environ: dict[str, str] | None = None) -> Ran:
        """Run it to its end."""
        done = subprocess.run(
            self._typed(words),
            cwd=ROOT,
            env={**os.environ, **(environ or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
        return Ran(code=done.returncode, out=done.stdout, err=done.stderr, report=self.report)

    def start(self, *words: str | Path) -> "Running":
        """Start it in a process group of its own, as a shell does."""
        mark = uuid4().hex
        return Running(
            subprocess.Popen(
                self._typed(words),
                cwd=ROOT,
                env={**os.environ, MARK: mark},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            ),
            self.report,
            mark,
        )

    def _typed(self, words: tuple[str | Path, ...]) -> list[str]:
        report = ["--report", str(self.report)] if words[0] == "run" else []
        return [str(TWOFOLD), *map(str, words), *report]


class Running:
    """A command that has not ended yet."""

    def __init__(self, process: "subprocess.Popen[str]", report: Path, mark: str) -> None:
        self._process = process
        self._report = report
        self._mark = mark

    def until_told(self, *parts: str) -> None:
        """Wait until a line of the run's events holds all these parts; `tail` follows the file as it grows."""
        lines = self._report / "run.jsonl"
        follow = ["timeout", "60", "tail", "--retry", "-f", "-n", "+1", str(lines)]
        with subprocess.Popen(follow, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as following:
            assert following.stdout is not None
            told = any(all(part in line for part in parts) for line in following.stdout)
            following.kill()
        assert told, f"no event with {parts} within a minute"

    def signal(self, sign: int) -> None:
        """Send a signal to the whole group, as a terminal does."""
        os.killpg(self._process.pid, sign)

    def processes(self) -> dict[int, str]:
        """The command lines of all that it started, however far they went from it: they bear its mark."""
        alive = dict[int, str]()
        for task in Path("/proc").glob("[0-9]*"):
            try:
                marked = f"{MARK}={self._mark}".encode() in (task / "environ").read_bytes()
                command = (task / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
            if marked and command:
                alive[int(task.name)] = command
        return alive

    def end(self) -> Ran:
        """Wait for its end."""
        out, err = self._process.communicate(timeout=60)
        return Ran(code=self._process.returncode, out=out, err=err, report=self._report)

    def left_running(self) -> dict[int, str]:
        """What still lives of all that it started, given five seconds each to leave."""
        for process in self.processes():
            try:
                handle = os.pidfd_open(process)
            except ProcessLookupError:
                continue
            select.select([handle], [], [], 5)
            os.close(handle)
        return self.processes()

    def kill(self) -> None:
        """End all of it, whatever happens."""
        for process in self.processes():
            os.kill(process, 9)
        self._process.wait()
