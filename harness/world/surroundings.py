"""What all worlds of one run share."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from playwright.async_api import Browser

from harness.clock import Now
from harness.events import Event
from harness.redaction import Redactor
from harness.reports.album import Album
from harness.targets.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all worlds of a run share.

    `browser` gives the run's Chromium, waiting until it has started. `tell` takes the events; `began` is the run's
    begin on the monotonic clock (seconds).
    """

    target: Target
    browser: Callable[[], Awaitable[Browser]]
    redactor: Redactor
    album: Album
    environ: Mapping[str, str]
    real_now: Now
    seed: str
    tell: Callable[[Event], None]
    began: float
