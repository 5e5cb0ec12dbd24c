"""What the YAML reader's complaints mean for somebody who writes a scenario."""

from typing import Protocol, cast

from ruamel.yaml.error import MarkedYAMLError

from harness.errors import Place
from harness.scenario.problems import Findings


class _Mark(Protocol):
    line: int
    column: int


def say_what_is_wrong(trouble: MarkedYAMLError, lines: list[str], path: str, findings: Findings) -> None:
    """Note a complaint in the words of somebody who has never heard of a token or a block end."""
    problem = str(cast("object", trouble.problem))
    at = cast("_Mark | None", trouble.problem_mark)
    began = cast("_Mark | None", trouble.context_mark)
    place = _place(path, at, lines)
    letter = lines[at.line][at.column : at.column + 1] if at is not None and at.line < len(lines) else ""
    message, hint = _words(problem, letter)
    if (
        "could not find expected ':'" in problem or "end of stream" in problem or "stream end" in problem
    ) and began is not None:
        place = _place(path, began, lines)
    if letter == "{" and place.column > 1 and lines[place.line - 1][place.column - 2] == "$":
        message, hint = "inside { } this cannot stand without quotes", 'write "${name}" in quotes, or $name'
    findings.add(place, message, hint)


def _words(problem: str, letter: str) -> tuple[str, str]:  # noqa: PLR0911 - one answer for each complaint
    if "mapping values are not allowed" in problem:
        return (
            'a ":" is not expected here',
            'put a text with ": " in it into quotes; if it is a key, indent it like the keys beside it',
        )
    if "that cannot start any token" in problem:
        if letter == "\t":
            return "a tab cannot indent a line", "use spaces"
        return f'a text cannot begin with "{letter}"', "put the whole text into quotes"
    if "could not find expected ':'" in problem:
        return "this line has no value", 'write "key: value"; a step without a value still ends in ":"'
    if "end of stream" in problem:
        return "this quote is never closed", "close it in the same line"
    if "stream end" in problem:
        return "this bracket is never closed", "close it in the same line"
    if "expected ',' or" in problem:
        return (
            "a comma or a closing bracket is missing before this",
            "a text with { } [ ] or a comma in it needs quotes",
        )
    if "expected <block end>" in problem or "expected '<document start>'" in problem or "sequence entries" in problem:
        return "this line does not fit to those above it", "indent it exactly like the lines that it belongs with"
    if "escape" in problem:
        return "this escape means nothing", r"in double quotes a backslash is written twice: \\"
    return f"this is not YAML: {problem}", "put the text into quotes, or look at the indentation"


def _place(path: str, mark: _Mark | None, lines: list[str]) -> Place:
    if mark is None:
        return Place(path)
    line = min(mark.line, len(lines) - 1)
    return Place(path, line + 1, min(mark.column, len(lines[line])) + 1)
