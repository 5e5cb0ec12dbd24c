"""Durations and variables in texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import Place
from harness.scenario.durations import offset_of, seconds_of
from harness.scenario.problems import Findings
from harness.scenario.templates import Literal, Template, Variable, parse_template
from harness.scenario.values import Value


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2m", 120),
        ("90s", 90),
        ("7h59m59s", 28799),
        ("8h", 28800),
        ("1d", 86400),
        ("500ms", 0.5),
        ("0s", 0),
        ("1.5s", 1.5),
        ("1d2h3m4s5ms", 93784.005),
    ],
)
def test_a_duration_is_read_in_seconds(text: str, seconds: float) -> None:
    assert seconds_of(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "5", "s", "8 h", "8H", "-8h", "3s2m", "2m2m", "８h", "1e3s", "8h\n", "1,5s", ".5s"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write it like 500ms, 90s, 2m, 7h59m59s or 1d"):
        seconds_of(text)


@given(st.integers(0, 9), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_days_hours_minutes_and_seconds_add_up(days: int, hours: int, minutes: int, seconds: int) -> None:
    assert seconds_of(f"{days}d{hours}h{minutes}m{seconds}s") == ((days * 24 + hours) * 60 + minutes) * 60 + seconds


@pytest.mark.parametrize(("text", "seconds"), [("-45s", -45), ("+30s", 30), ("2m", 120)])
def test_a_time_difference_goes_either_way(text: str, seconds: float) -> None:
    assert offset_of(text) == seconds


@pytest.mark.parametrize("text", ["--45s", "+-1s", "- 45s", "45"])
def test_what_is_no_time_difference_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="-45s for behind"):
        offset_of(text)


def template(text: str) -> tuple[Template, list[str]]:
    findings = Findings()
    parts = parse_template(Value(text, Place("p", 3, 11, len(text)), 11), findings)
    return parts, [f"{problem.place.column} {problem.message}" for problem in findings.problems]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("plain", ["plain"]),
        ("", [""]),
        ("$name", ["<name.>"]),
        ("$chan.account", ["<chan.account>"]),
        ("${chan.account}s", ["<chan.account>", "s"]),
        ("${name}.txt", ["<name.>", ".txt"]),
        ("Welcome, $name.", ["Welcome, ", "<name.>", "."]),
        ("$$5 and $$name", ["$5 and $name"]),
        ("$a$b", ["<a.>", "<b.>"]),
    ],
)
def test_variables_are_found_in_texts(text: str, parts: list[str]) -> None:
    found, problems = template(text)
    shown = [part.text if isinstance(part, Literal) else f"<{part.name}.{part.attribute}>" for part in found]
    assert (shown, problems) == (parts, [])


def test_a_variable_knows_its_place_in_the_line() -> None:
    (_, variable), _ = template("to $chan.email")
    assert isinstance(variable, Variable)
    assert variable.place == Place("p", 3, 14, 11)


@pytest.mark.parametrize(("text", "column"), [("$5", 11), ("a $", 13), ("${a-b}", 11), ("${", 11), ("$ a", 11)])
def test_a_sign_that_begins_no_variable_is_a_problem(text: str, column: int) -> None:
    _, problems = template(text)
    assert problems == [f'{column} a "$" begins a variable, and none follows it']


@given(st.text())
def test_a_text_with_its_signs_doubled_stands_for_itself(text: str) -> None:
    assert template(text.replace("$", "$$")) == ((Literal(text),), [])
