"""What every reporter is, and how one fails."""

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from harness.errors import TwofoldError
from harness.events import Event


class ReportNotWritten(TwofoldError):
    """A report could not be written: the disk is full, the folder is a file, the pipe is closed."""


class Reporter(Protocol):
    """Reads the events of one run in their order, then is closed once.

    A run that breaks off is closed without a `RunFinished`; the reporter then tells what it knows and says that the
    end is missing. Both methods raise `ReportNotWritten`.
    """

    def tell(self, event: Event) -> None:
        """Take note of one event."""
        ...

    def close(self) -> None:
        """Write what is left to write and let go of files. Calling it again does nothing."""
        ...


@contextmanager
def writing(what: str) -> Generator[None]:
    """Turn an operating system's refusal into one sentence about `what`.

    Raises:
        ReportNotWritten: for any `OSError` inside the block.
    """
    try:
        yield
    except OSError as refusal:
        reason = refusal.strerror or str(refusal) or type(refusal).__name__
        message = f"{what} cannot be written: {reason[:1].lower()}{reason[1:]}"
        raise ReportNotWritten(message) from refusal


def write_whole(path: Path, data: bytes) -> None:
    """Put `data` at `path` in one step, making its folder: a reader sees the old file or the new one, never a half.

    Raises:
        ReportNotWritten: when the folder cannot be made or the file cannot be written.
    """
    with writing(str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            # mkstemp makes a file that only its owner may read; a report is shared like any other output.
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
