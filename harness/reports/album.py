"""Keeps the pictures of a run beside its report, each with a name that says whose it is and when."""

import re
from pathlib import Path

from harness.reports.reporter import write_whole

SUFFIXES = {"image/svg+xml": ".svg", "image/png": ".png", "image/jpeg": ".jpg"}


class Album:
    """Writes pictures into `pictures/` of the report's folder. Without a folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._count = 0

    @property
    def open(self) -> bool:
        """Whether pictures are kept at all: taking one costs time."""
        return self._folder is not None

    def keep(self, scenario: str, actor: str, media: str, content: bytes) -> str:
        """Write one picture and return its path, relative to the report's folder.

        Raises ReportNotWritten when the folder takes no more.
        """
        assert self._folder is not None
        self._count += 1
        name = f"{_file_name(scenario)}-{self._count:03d}-{_file_name(actor)}{SUFFIXES[media]}"
        write_whole(self._folder / "pictures" / name, content)
        return f"pictures/{name}"


def _file_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")
