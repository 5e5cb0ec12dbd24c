"""What the actors of one world share: the clock, the inbox with its bookmark, the redactor, and how long to wait."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from fake_gateways.inbox import Inbox
from harness.clock import WorldClock
from harness.redaction import Redactor


@dataclass(slots=True, kw_only=True)
class Scene:
    """The common ground of the actors in one world.

    `origin` is the server's address. `patience_seconds` is how long the step at hand may wait. `bookmark` is the
    inbox's sequence number at the last step that acted: what an expectation may match came after it. `consumed` are
    the messages that an expectation took. `stirred` says that something was done since the server was last looked at.
    """

    clock: WorldClock
    inbox: Inbox
    redactor: Redactor
    origin: str
    patience_seconds: float = 10.0
    bookmark: int = 0
    consumed: set[int] = field(default_factory=set[int])
    waited_seconds: float = 0.0
    stirred: bool = False

    def acts(self) -> None:
        """Note that a step does something: messages that it causes come after this bookmark."""
        self.bookmark = self.inbox.bookmark
        self.stirred = True

    def touches(self) -> None:
        """Note that a step touches a phone or a field: a new bookmark; whether the server notices is yet to be seen."""
        self.bookmark = self.inbox.bookmark

    async def note_request(self, _: object) -> None:
        """Note that the server was asked for something."""
        self.stirred = True

    @contextmanager
    def waiting(self) -> Generator[None]:
        """Count the time of the block as waiting, not as work."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.waited_seconds += time.monotonic() - began
