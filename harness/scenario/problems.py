"""What is wrong with a file: where, what, and the way out; all of it at once, each with its line and a caret."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from harness.errors import Place, TwofoldError

_LONGEST_LINE = 160
_LONGEST_QUOTE = 60


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake. `hint` is the way out, or ""."""

    place: Place
    message: str
    hint: str = ""


class Problems(TwofoldError):
    """All mistakes of all files. Its text shows each as `file:line:column`, source line, caret and hint."""

    def __init__(self, problems: Iterable[Problem], sources: Mapping[str, str]) -> None:
        self.problems = tuple(sorted(set(problems)))
        shown = [render(problem, sources.get(problem.place.path, "")) for problem in self.problems]
        super().__init__("\n\n".join(shown))


class Findings:
    """Collects mistakes and the sources that they point into, so that none hides another."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.sources: dict[str, str] = {}

    def add(self, place: Place, message: str, hint: str = "") -> None:
        """Note a mistake."""
        self.problems.append(Problem(place, message, hint))

    def raise_if_any(self) -> None:
        """Raise Problems when there are any."""
        if self.problems:
            raise Problems(self.problems, self.sources)


def render(problem: Problem, source: str) -> str:
    """Show a mistake: its place and message, the line it is in with a caret under it, and the way out.

    Wide characters (Chinese, full-width) take two cells, and the caret minds that. Without a source only the first
    line and the hint are shown.
    """
    place = problem.place
    shown = [f"{place}: error: {problem.message}"]
    lines = _lines(source)
    margin = " " * (len(str(place.line)) + 1)
    if source and 1 <= place.line <= len(lines):
        line, before, under = _window(lines[place.line - 1], place.column - 1, place.length)
        shown += [
            f"{margin}|",
            f"{place.line} | {line}".rstrip(),
            f"{margin}| {' ' * _width(before)}{'^' * max(1, _width(under))}",
        ]
    if problem.hint:
        shown.append(f"{margin}= {problem.hint}")
    return "\n".join(shown)


def quoted(text: str) -> str:
    """Put a text from a file into quotes for a message: on one line, not too long, without control characters."""
    line = _harmless(" ".join(text.split()))
    return f'"{line}"' if len(line) <= _LONGEST_QUOTE else f'"{line[:_LONGEST_QUOTE]}…"'


def nearest(word: str, names: Iterable[str]) -> str | None:
    """Give the name that is most like `word`, or None when none is like it."""
    by_folded = {name.casefold(): name for name in names}
    found = get_close_matches(word.casefold(), by_folded, n=1)
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, names: Iterable[str], *, whole: str = "", prefix: str = "") -> str:
    """Give a hint: the nearest of `names`, and what else there is.

    `whole` says who knows the names ("it knows"; "" leaves the list out when there is a near one); `prefix` stands
    before the nearest name, such as `phone.`.
    """
    known = [*names]
    near = nearest(word, known)
    if near is None:
        return f"{whole or 'it is one of'} {listed(known, 8)}" if known else ""
    others = [name for name in known if name != near]
    also = whole.replace("it ", "it also ", 1) if whole.startswith("it ") else f"{whole} also"
    rest = f" ({also} {listed(others, 2)})" if whole and others else ""
    return f'did you mean "{prefix}{near}"?{rest}'


def listed(names: Iterable[str], most: int) -> str:
    """List names with commas, `…` standing for those after the first `most`."""
    known = [*names]
    return ", ".join([*known[:most], "…"] if len(known) > most else known)


def _lines(source: str) -> list[str]:
    """Split as YAML does: at line feeds and carriage returns, not at the other separators that `splitlines` knows."""
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _window(line: str, start: int, length: int) -> tuple[str, str, str]:
    """Cut a long line so that the marked part stays in view. Gives the line, what is before the mark, and the mark."""
    line = _harmless(line)
    start = min(start, len(line))
    end = min(len(line), start + max(1, length))
    if len(line) <= _LONGEST_LINE:
        return line, line[:start], line[start:end]
    first = max(0, start - _LONGEST_LINE // 2)
    last = min(len(line), first + _LONGEST_LINE)
    left, right = "…" if first else "", "…" if last < len(line) else ""
    return left + line[first:last] + right, left + line[first:start], line[start : min(end, last)]


def _harmless(text: str) -> str:
    """Replace what a terminal would obey rather than show."""
    return "".join(
        "�" if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") else letter
        for letter in text.replace("\t", " ")
    )


def _width(text: str) -> int:
    """Count terminal cells."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )
