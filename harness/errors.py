"""What can be wrong, and where: every trouble of ours names its place, what it is, and the way out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A spot in a text file. Lines and columns count from 1; `length` is how many characters the caret underlines."""

    path: str
    line: int = 1
    column: int = 1
    length: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class TwofoldError(Exception):
    """A trouble that has a sentence for the person who can mend it. Printed in `__main__`, never with a traceback."""


class EnvironmentNotReady(TwofoldError):
    """The machine or a server is not as the run needs it: nothing can be said about the system under test."""


class StepFailed(TwofoldError):
    """A step's check did not hold.

    The sentence says what was seen; `expected`, `seen`, `why` and `candidates` go into the report.
    """

    def __init__(
        self, summary: str, *, expected: str = "", seen: str = "", why: str = "", candidates: tuple[str, ...] = ()
    ) -> None:
        super().__init__(summary)
        self.summary = summary
        self.expected = expected
        self.seen = seen
        self.why = why
        self.candidates = candidates
