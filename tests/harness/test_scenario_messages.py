"""How a mistake is shown: place, source line, caret and way out. The expected texts are those of SCENARIOS.md."""

from pathlib import Path
from typing import Any

from harness.errors import Place
from harness.scenario import Problem, Problems, load, render

HEAD = """\
scenario: Binding by QR code
id: MAN-017
needs:
  - customer: {as: chan, password: none, token: none}
  - phone: {as: phone, biometrics: none}

steps:
  - stage: Bind the soft token
    steps:
"""


# The page has 36:55 in the first line of the second; its caret, and the text that it points at, stand in column 43.
AS_ON_THE_PAGE = """\
scenarios/manual/bind_by_qr.scenario.yaml:31:9: error: a phone has no step "tapp"
   |
31 |       - phone.tapp: 啟用
   |         ^^^^^^^^^^
   = did you mean "phone.tap"?

scenarios/manual/bind_by_qr.scenario.yaml:36:43: error: "token-registraton" is not a message profile of the target "reference"
   |
36 |       - mail.expect: {to: $chan, profile: token-registraton, save: {qr: qr}}
   |                                           ^^^^^^^^^^^^^^^^^
   = did you mean "token-registration"? (it also knows password-reset, login-code, …)"""  # noqa: E501


def numbered(*steps: tuple[int, str]) -> str:
    """A scenario in which each of these steps stands in the line that is given with it."""
    lines = HEAD.splitlines()
    for number, line in steps:
        lines += ["      - phone.tap: 登入"] * (number - 1 - len(lines)) + [line]
    return "\n".join(lines) + "\n"


def test_the_mistakes_of_the_page_about_scenarios_read_as_there(theatre: Any) -> None:
    text = numbered(
        (31, "      - phone.tapp: 啟用"),
        (36, "      - mail.expect: {to: $chan, profile: token-registraton, save: {qr: qr}}"),
    )
    problems = theatre.problems({"scenarios/manual/bind_by_qr.scenario.yaml": text})
    assert "\n\n".join(problems) == AS_ON_THE_PAGE


def test_the_caret_stands_under_wide_characters() -> None:
    source = "- web.fill: {field: 登入帳號, with: $chn}\n"
    shown = render(Problem(Place("a.yaml", 1, 32, 4), 'there is no variable "$chn"'), source)
    caret = shown.split("\n")[3]
    # Four characters of two cells each stand before it: it is four cells further right than its column.
    assert caret == "  | " + " " * (31 + 4) + "^^^^"


def test_a_wide_text_is_underlined_whole() -> None:
    shown = render(Problem(Place("a.yaml", 1, 1, 2), "x"), "啟用\n")
    assert shown.split("\n")[3] == "  | ^^^^"


def test_a_problem_without_a_source_shows_its_place_and_its_way_out() -> None:
    assert render(Problem(Place("a.yaml"), "there is no such file", "look at its name"), "") == (
        "a.yaml:1:1: error: there is no such file\n  = look at its name"
    )


def test_a_long_line_is_cut_around_the_caret() -> None:
    source = "x" * 5000 + "BAD" + "y" * 5000
    lines = render(Problem(Place("a.yaml", 1, 5001, 3), "x"), source).split("\n")
    assert len(lines[2]) < 200
    start = lines[3].index("^")
    assert lines[2][start : start + 3] == "BAD"


def test_what_a_terminal_would_obey_is_not_printed() -> None:
    shown = render(Problem(Place("a.yaml", 1, 1, 1), "x"), "a\x1b[31mred\u202e")
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_tab_takes_one_cell_above_the_caret() -> None:
    assert render(Problem(Place("a.yaml", 1, 2, 1), "x"), "\tb").split("\n")[2:4] == ["1 |  b", "  |  ^"]


def test_problems_are_sorted_by_file_and_line_and_told_once() -> None:
    first, second = Problem(Place("a.yaml", 2), "x"), Problem(Place("b.yaml", 1), "y")
    assert Problems([second, first, second], {}).problems == (first, second)


def test_places_are_relative_to_the_root(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.scenario.yaml"
    path.parent.mkdir()
    path.write_text("scenario: A\nid: A-1\nsteps:\n  - clock.advance: 1s\n", encoding="utf-8")
    assert load(path, tmp_path).place.path == "deep/a.scenario.yaml"
