"""Which files a check looks at, and what it says of those that are not there."""

from pathlib import Path
from typing import Any

import pytest

from harness.plan import check
from harness.plan.chance import RANDOM_KINDS, draw
from harness.scenario import Problems

GOOD = "scenario: A\nid: {id}\nsteps:\n  - clock.advance: 1s\n"


def checked(theatre: Any, *paths: Path) -> list[str]:
    plans = check(paths, registry=theatre.registry, target=theatre.target, environ={}, root=theatre.folder)
    return [plan.id for plan in plans]


def test_a_folder_stands_for_all_scenarios_in_it_in_the_order_of_their_names(theatre: Any) -> None:
    for name in ("b", "a", "deep/c"):
        path = theatre.folder / f"{name}.scenario.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(GOOD.format(id=path.name[0]), encoding="utf-8")
    (theatre.folder / "target.yaml").write_text("not: ours\n", encoding="utf-8")
    assert checked(theatre, theatre.folder) == ["a", "b", "c"]


def test_a_file_named_twice_is_planned_once(theatre: Any) -> None:
    path = theatre.folder / "a.scenario.yaml"
    path.write_text(GOOD.format(id="A-1"), encoding="utf-8")
    assert checked(theatre, path, theatre.folder, path) == ["A-1"]


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        ("a.scenari.yaml", "there is no such file or folder", 'did you mean "a.scenario.yaml"?'),
        ("nowhere/x", "there is no such file or folder", "look at its name"),
        ("empty", "there is no scenario in this folder", "scenarios are files whose names end in .scenario.yaml"),
    ],
)
def test_a_path_that_holds_nothing_is_a_problem(theatre: Any, path: str, message: str, hint: str) -> None:
    (theatre.folder / "empty").mkdir()
    (theatre.folder / "a.scenario.yaml").write_text(GOOD.format(id="A-1"), encoding="utf-8")
    with pytest.raises(Problems) as caught:
        checked(theatre, theatre.folder / path)
    assert str(caught.value) == f"{path}:1:1: error: {message}\n  = {hint}"


def test_the_mistakes_of_all_files_are_found_at_once(theatre: Any) -> None:
    files = {f"{name}.scenario.yaml": f"scenario: A\nid: {name}\nsteps:\n  - clock.x: 1\n" for name in "abc"}
    assert [problem[0] for problem in theatre.problems(files)] == ["a", "b", "c"]


def test_a_file_that_is_no_yaml_does_not_hide_the_mistakes_of_others(theatre: Any) -> None:
    files = {"a.scenario.yaml": "a: {b", "b.scenario.yaml": "scenario: A\nid: b\nsteps:\n  - clock.x: 1\n"}
    assert [problem.split("\n")[0] for problem in theatre.problems(files)] == [
        "a.scenario.yaml:1:4: error: this bracket is never closed",
        'b.scenario.yaml:4:5: error: a clock has no step "x"',
    ]


@pytest.mark.parametrize("seed", range(40))
def test_what_is_drawn_keeps_the_rules_of_the_manual(seed: int) -> None:
    drawn = {kind: draw(kind, "key", str(seed)) for kind in RANDOM_KINDS}
    password, pin = drawn["password"], drawn["pin"]
    # M4: at least eight characters, letters and digits only, at least one of each.
    assert len(password) >= 8
    assert password.isascii()
    assert password.isalnum()
    assert any(letter.isalpha() for letter in password)
    assert any(letter.isdigit() for letter in password)
    # M15: guessable PINs are refused; six digits, not all alike, no run up or down.
    assert len(pin) == 6
    assert pin.isdigit()
    assert len(set(pin)) > 3
    assert pin not in "0123456789876543210"
    assert len(drawn["code"]) == 6
