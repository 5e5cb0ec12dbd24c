"""What a check says to each mistake: place, message and way out, as a reader sees them.

The tables in `mistakes/` have a title, what is written, `> line:column message`, and `= the way out`.
"""

from pathlib import Path
from typing import Any

import pytest


def table(name: str) -> Any:
    """One case for each entry of a table: what is written, and what is to be said about it."""
    cases = list[Any]()
    for entry in (Path(__file__).parent / "mistakes" / f"{name}.txt").read_text(encoding="utf-8").split("\n\n"):
        title, *lines = entry.strip().split("\n")
        written = [line for line in lines if not line.startswith(("> ", "= "))]
        said = [line[2:] for line in lines if line.startswith(("> ", "= "))]
        cases.append(pytest.param("\n".join(written), " | ".join(said), id=title.removeprefix("# ")))
    return pytest.mark.parametrize(("written", "said"), cases)


@table("steps")
def test_a_mistake_in_a_step_is_named_with_its_way_out(theatre: Any, written: str, said: str) -> None:
    assert theatre.mistakes(written) == [said]


@table("heads")
def test_a_mistake_in_the_head_is_named_with_its_way_out(theatre: Any, written: str, said: str) -> None:
    assert theatre.mistakes("phone.tap: a", head=f"{written}\n") == [said]


@table("needs")
def test_a_mistake_in_the_needs_is_named_with_its_way_out(theatre: Any, written: str, said: str) -> None:
    text = f"scenario: A\nid: A-1\nneeds:\n  {written}\nsteps:\n  - clock.advance: 1s\n"
    assert theatre.mistakes_in(text) == [said]


def test_two_needs_with_one_name_are_a_mistake(theatre: Any) -> None:
    text = "scenario: A\nid: A-1\nneeds:\n  - phone: a\n  - browser: a\nsteps:\n  - a.tap: x\n"
    assert 'two needs have the name "a"' in theatre.problems({"a.scenario.yaml": text})[0]


def test_an_actor_that_is_not_needed_is_not_there(theatre: Any) -> None:
    text = "scenario: A\nid: A-1\nsteps:\n  - phone.tap: 登入\n  - web.click: 登入\n"
    first, second = theatre.problems({"a.scenario.yaml": text})
    assert first.startswith('a.scenario.yaml:4:5: error: this scenario has no "phone"')
    assert first.endswith('= add "- phone: phone" to its needs')
    assert second.endswith('= add "- browser: web" to its needs')


def test_a_scenario_without_its_sentence_id_or_steps_says_what_it_lacks(theatre: Any) -> None:
    messages = [problem.split("\n")[0] for problem in theatre.problems({"a.scenario.yaml": "tags: [x]\n"})]
    assert messages == [
        'a.scenario.yaml:1:1: error: a scenario needs "id"',
        'a.scenario.yaml:1:1: error: a scenario needs "scenario"',
        'a.scenario.yaml:1:1: error: a scenario needs "steps"',
    ]


def test_an_id_used_twice_names_both_places(theatre: Any) -> None:
    text = "scenario: A\nid: A-1\nsteps:\n  - clock.advance: 1s\n"
    (problem,) = theatre.problems({"a.scenario.yaml": text, "b.scenario.yaml": text})
    assert problem.startswith('b.scenario.yaml:2:5: error: the id "A-1" is taken')
    assert problem.endswith("= a.scenario.yaml:2:5 has it too; give each scenario its own")


def test_a_value_of_a_row_that_is_of_the_wrong_kind_is_shown_in_its_row(theatre: Any) -> None:
    head = "examples:\n  - {case: good, age: 8h}\n  - {case: bad, age: late}\n"
    assert theatre.mistakes("clock.advance: $row.age", head=head) == [
        '9:22 "late" is not a duration | write it like 500ms, 90s, 2m, 7h59m59s or 1d'
    ]


def test_a_variable_used_before_it_is_saved_names_the_line_that_saves_it(theatre: Any) -> None:
    assert theatre.mistakes("web.sees: $code", "phone.code: {pin: $chan.pin, save: {code: code}}") == [
        '8:15 "$code" is used before it is saved | line 9 saves it; move this below'
    ]


def test_a_customer_created_without_a_password_has_none(theatre: Any) -> None:
    needs = "needs:\n  - customer: {as: c, password: none}\n  - browser: web\n"
    text = f"scenario: A\nid: A-1\n{needs}steps:\n  - web.sees: $c.password\n"
    (problem,) = theatre.problems({"a.scenario.yaml": text})
    assert problem.split("\n")[0] == 'a.scenario.yaml:7:15: error: "c" has no password'


def test_a_wrong_secret_is_not_shown_in_the_message(theatre: Any) -> None:
    (mistake,) = theatre.mistakes("clock.advance: $pin", head="vars: {pin: 240719}\n")
    assert mistake.startswith("7:13 ••• is not a duration")


def test_one_file_shows_all_its_mistakes_at_once(theatre: Any) -> None:
    text = """\
scenario: A page of mistakes
id: A 1
manual: M2
tag: [smoke]
timeout: soon
clock: vitual
needs:
  - customer: {as: chan, pasword: none}
  - fone: phone
  - browser: web
vars:
  password: $random.pasword
steps:
  - web.clik: 登入
  - tap: 登入
  - mail.expect: {to: $chann, profile: login-cod}
  - web.fill: {field: 登入帳號, wit: $chan.account}
  - clock.advance: 8 hours
  - run: log-in-on-the-wev
  - server.token: {of: $chan, is: actve}
"""
    problems = theatre.problems({"a.scenario.yaml": text})
    assert [int(problem.split(":")[1]) for problem in problems] == [
        2,
        3,
        4,
        5,
        6,
        8,
        9,
        12,
        14,
        15,
        16,
        16,
        17,
        18,
        19,
        20,
    ]


def test_an_unknown_column_and_an_attribute_of_a_text_are_mistakes(theatre: Any) -> None:
    assert theatre.mistakes("web.sees: $row.ages $word.x", head="vars: {word: a}\nexamples: [{case: a, age: b}]\n") == [
        '10:15 a row has no "ages" | did you mean "$row.age"? (it also has case)',
        '10:25 "$word" is a text and has no "x" | for a text that goes on after it write "${word}.x"',
    ]


BROKEN_TABLES = {
    "no rows": ("case,age\n", "ages.csv:1:1: error: this table has no rows"),
    "a column twice": ("age,age\n1s,2s\n", "ages.csv:1:1: error: the first line must name the columns, each once"),
    "a column that cannot be named": ("my age\n1s\n", 'ages.csv:1:1: error: "my age" cannot be a column\'s name'),
    "an open quote": ('case\n"a', "ages.csv:2:1: error: this is not comma-separated values: unexpected end of data"),
}


@pytest.mark.parametrize(("table", "message"), BROKEN_TABLES.values(), ids=BROKEN_TABLES.keys())
def test_a_mistake_in_a_table_of_examples_points_into_the_table(theatre: Any, table: str, message: str) -> None:
    (theatre.folder / "ages.csv").write_text(table, encoding="utf-8")
    text = "scenario: A\nid: A-1\nexamples: ages.csv\nsteps:\n  - clock.advance: 1s\n"
    assert theatre.problems({"a.scenario.yaml": text})[0].split("\n")[0] == message
