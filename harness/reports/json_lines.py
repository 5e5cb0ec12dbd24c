"""A run as JSON lines: one event a line, `{"event": "StepFinished", …}`, for other programs and for the next run."""

import json
from collections.abc import Generator, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TextIO, get_args

from pydantic import TypeAdapter, ValidationError

from harness.errors import Place, TwofoldError
from harness.events import Event, Verdict
from harness.reports.reporter import writing

_OWN_EVENT = "audit_event"
"""What an audit row's own `event` is called in a line, where `event` names the kind of the line."""


class EventsNotRead(TwofoldError):
    """A line of a file of events is not an event. `place` is that line."""

    def __init__(self, place: Place, trouble: str) -> None:
        super().__init__(f"{place}: {trouble}")
        self.place = place


class JsonLinesReport:
    """Writes each event as it comes, so that a run that breaks off leaves what it knew.

    Raises:
        ReportNotWritten: when the file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with writing(str(path)):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: TextIO = path.open("w", encoding="utf-8", newline="\n", buffering=1)

    def tell(self, event: Event) -> None:
        """Write one line.

        Raises:
            ReportNotWritten: when the disk takes no more.
        """
        with writing(str(self._path)):
            self._file.write(line_of(event) + "\n")

    def close(self) -> None:
        """Close the file.

        Raises:
            ReportNotWritten: when the last lines could not be written.
        """
        with writing(str(self._path)):
            self._file.close()


def line_of(event: Event) -> str:
    """An event as one line of JSON (RFC 8259), without the line end. Times are seconds, verdicts their words."""
    kind = type(event).__name__
    facts = asdict(event)
    if "event" in facts:
        facts = {_OWN_EVENT if name == "event" else name: fact for name, fact in facts.items()}
    return json.dumps({"event": kind, **facts}, ensure_ascii=False, separators=(", ", ": ")).translate(_LONE_SURROGATES)


def read_events(path: Path) -> Generator[Event]:
    """The events of a file that `JsonLinesReport` wrote, read strictly, one line at a time.

    Raises:
        EventsNotRead: at the first line that is not an event, or when the file cannot be opened.
    """
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            for number, line in enumerate(file, start=1):
                yield _event_of(line, Place(str(path), number))
    except OSError as refusal:
        raise EventsNotRead(Place(str(path)), refusal.strerror or str(refusal)) from refusal
    except UnicodeDecodeError as damage:
        raise EventsNotRead(Place(str(path)), "this is not UTF-8 text") from damage


def last_verdicts(path: Path) -> Mapping[str, Verdict]:
    """How each scenario ended in the run whose events are at `path`, by id: what a new run is compared with.

    Empty when there is no such file, or when it is damaged from its first line on: there is then no earlier run to
    compare with. A file that breaks off, as one does when the power goes, counts as far as it can be read.
    """
    ended = dict[str, Verdict]()
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            for line in file:
                # Only the lines that matter are read: this stands between a run and its first step.
                if line.startswith('{"event": "ScenarioFinished"'):
                    facts = json.loads(line)
                    ended[str(facts["scenario"])] = Verdict(facts["verdict"])
    except (OSError, ValueError, KeyError):
        pass
    return ended


@cache
def _adapters() -> Mapping[str, TypeAdapter[Event]]:
    """What reads each kind of event; dear to make, and a run only writes."""
    return {kind.__name__: TypeAdapter(kind) for kind in get_args(Event)}


@cache
def _facts() -> TypeAdapter[dict[str, object]]:
    return TypeAdapter(dict[str, object])


_LONE_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
"""Half a character has no UTF-8 form (RFC 3629, 3), and readers refuse its JSON escape: it is written as U+FFFD."""


def _event_of(line: str, place: Place) -> Event:
    try:
        facts = _facts().validate_json(line, strict=True)
    except ValidationError as damage:
        raise EventsNotRead(place, "this line is not a JSON object") from damage
    kind = facts.pop("event", None)
    adapter = _adapters().get(kind) if isinstance(kind, str) else None
    if adapter is None:
        raise EventsNotRead(place, f"there is no event {json.dumps(kind, ensure_ascii=False)}")
    if _OWN_EVENT in facts:
        facts["event"] = facts.pop(_OWN_EVENT)
    try:
        return adapter.validate_json(json.dumps(facts), strict=True)
    except ValidationError as trouble:
        first = trouble.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise EventsNotRead(place, f"{kind}.{where}: {first['msg']}") from trouble
