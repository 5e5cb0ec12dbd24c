"""A run as one page that needs nothing but itself: no server, no network, no other file."""

from collections.abc import Callable, Mapping
from datetime import tzinfo
from pathlib import Path
from types import MappingProxyType

from harness.events import Event, Verdict
from harness.reports.record import RunRecord
from harness.reports.reporter import write_whole
from harness.reports.words import HONG_KONG

Now = Callable[[], float]


class HtmlReport:
    """Writes the page at `path` when it is closed.

    Pictures are read from the folder of `path`, where their events say they are, and travel inside the page. `now`
    tells the real time in Unix seconds; `zone` is the one in which times are told; `before` is how each scenario
    ended in the run before (`json_lines.last_verdicts`), empty when there was none.
    """

    def __init__(
        self,
        path: Path,
        *,
        now: Now,
        zone: tzinfo = HONG_KONG,
        before: Mapping[str, Verdict] = MappingProxyType({}),
    ) -> None:
        self._path = path
        self._now = now
        self._zone = zone
        self._before = before
        self._run = RunRecord()
        self._closed = False

    def tell(self, event: Event) -> None:
        """Take note of one event."""
        self._run.tell(event)

    def close(self) -> None:
        """Write the page.

        Raises:
            ReportNotWritten: when it cannot be written.
        """
        if self._closed:
            return
        self._closed = True
        from harness.reports.rendering import rendered  # noqa: PLC0415 - a run's first step does not wait for templates

        text = rendered(self._run, self._path.parent, written_at=self._now(), zone=self._zone, before=self._before)
        write_whole(self._path, text.encode("utf-8", "xmlcharrefreplace"))
