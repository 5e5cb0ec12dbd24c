"""What happened, as a stream of frozen facts. The runner yields them; reports, the lab and JUnit only read them.

Every text in an event has been through the redactor. `at` is the time on the world's clock (Unix seconds);
`elapsed` is the time on the monotonic clock since the run began (seconds).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from harness.errors import Place


class Verdict(StrEnum):
    """How a scenario or a step ended."""

    PASSED = "passed"
    FAILED = "failed"
    FLAKY = "flaky"
    NOT_APPLICABLE = "not applicable"
    ENVIRONMENT = "environment"


class Lane(StrEnum):
    """Whose time line a fact belongs to."""

    PHONE = "phone"
    BROWSER = "browser"
    MAIL = "mail"
    SMS = "sms"
    SERVER = "server"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """The first event. `total` counts scenarios with their example rows; `seed` makes this run's chance repeatable."""

    elapsed: float
    total: int
    seed: str
    target: str
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioStarted:
    """One scenario, or one row of its examples (`case`), begins in a fresh world.

    `id` is unique in a run: `RUL-006` or `RUL-006[at eight hours]`. `source` is the file's text, redacted.
    """

    elapsed: float
    at: float
    id: str
    title: str
    case: str
    manual: tuple[str, ...]
    tags: tuple[str, ...]
    place: Place
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStarted:
    """A named part of a scenario begins."""

    elapsed: float
    at: float
    scenario: str
    title: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted:
    """A step begins. `number` counts from 1 in its scenario; `flow` names the flows around it, outermost first."""

    elapsed: float
    at: float
    scenario: str
    number: int
    lane: Lane
    actor: str
    text: str
    sentence: str
    place: Place
    flow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a step did not pass, in the domain's words.

    `summary` is one sentence; `seen` and `expected` are what was there and what should have been; `why` is the
    diagnosis, if there is one; `candidates` are the nearest things that were there instead.
    """

    summary: str
    expected: str = ""
    seen: str = ""
    why: str = ""
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFinished:
    """A step ended. `waited` is the part of its time spent waiting for something to appear (seconds)."""

    elapsed: float
    at: float
    scenario: str
    number: int
    verdict: Verdict
    waited: float
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageArrived:
    """A mail or a text message reached a gateway. `code`-like values show as their aliases."""

    elapsed: float
    at: float
    scenario: str
    lane: Lane
    number: int
    sender: str
    recipient: str
    subject: str
    text: str
    profile: str
    values: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureTaken:
    """What an actor's screen showed. `path` is relative to the report's folder; `text` is what could be read on it.

    `media` is `image/svg+xml`, `image/png` or `image/jpeg`. `step` is the number of the step it was taken after.
    """

    elapsed: float
    at: float
    scenario: str
    lane: Lane
    actor: str
    step: int
    caption: str
    path: str
    media: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerNoted:
    """A row of the server's audit trail."""

    elapsed: float
    at: float
    scenario: str
    event: str
    result: str
    reason: str
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockMoved:
    """The world's clock was moved from `at` to `to`."""

    elapsed: float
    at: float
    scenario: str
    to: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioFinished:
    """A scenario ended. `reason` says why when it did not pass; `again` is the command that repeats it."""

    elapsed: float
    at: float
    scenario: str
    verdict: Verdict
    seconds: float
    reason: str = ""
    again: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished:
    """The last event. `interrupted` is true after Ctrl-C; `leaks` lists artefacts in which a secret was found."""

    elapsed: float
    seconds: float
    counts: Mapping[Verdict, int]
    interrupted: bool = False
    leaks: tuple[str, ...] = ()


Event = (
    RunStarted
    | ScenarioStarted
    | StageStarted
    | StepStarted
    | StepFinished
    | MessageArrived
    | PictureTaken
    | ServerNoted
    | ClockMoved
    | ScenarioFinished
    | RunFinished
)
