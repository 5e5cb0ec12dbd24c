"""Scenario and flow files: what is read, and that any text is either a scenario or located problems."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.scenario import Flow, NoteNode, Problems, RunNode, Scenario, SoftNode, StageNode, StepNode, load
from harness.scenario.loading import LARGEST_BYTES, parse
from harness.scenario.problems import Findings

MAN_001 = """\
# yaml-language-server: $schema=../schema/scenario.schema.json
scenario: A new customer resets the password
id: MAN-001
manual: [M2, M3]
tags: [smoke, enrolment]
timeout: 2m
needs:
  - customer: {as: chan, password: none, token: none}
  - phone: {as: phone, biometrics: none}
  - browser: web
vars:
  password: $random.password
  pin: 012345

steps:
  - stage: Reset the login password
    steps:
      - server.reset-password: $chan
      - mail.expect: {to: $chan, profile: password-reset, save: {link: reset_link}}
      - note: The page asks twice.
      - web.fill: {field: 新密碼, with: $password}
  - run: choose-a-pin
    with: {pin: $pin}
    save: {code: pin_code}
  - soft:
      - web.sees: 成功更改          # the words of M5
      - phone.tap: {label: 登入, within: 3s}
after:
  - phone.restart:
"""


def loaded(tmp_path: Path, text: str, name: str = "a.scenario.yaml") -> Scenario | Flow:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return load(path, tmp_path)


def told(tmp_path: Path, content: bytes, name: str = "a.scenario.yaml") -> str:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Problems) as caught:
        load(path, tmp_path)
    return str(caught.value)


def test_a_scenario_is_read_into_values(tmp_path: Path) -> None:
    scenario = loaded(tmp_path, MAN_001)
    assert isinstance(scenario, Scenario)
    assert (scenario.id, scenario.title) == ("MAN-001", "A new customer resets the password")
    assert (scenario.manual, scenario.tags) == (("M2", "M3"), ("smoke", "enrolment"))
    assert (scenario.timeout_seconds, scenario.wait_seconds) == (120.0, 10.0)
    assert (scenario.clock, scenario.expect, scenario.expect_reason) == ("virtual", "pass", "")
    assert [(need.kind, need.alias, [*need.options]) for need in scenario.needs] == [
        ("customer", "chan", ["password", "token"]),
        ("phone", "phone", ["biometrics"]),
        ("browser", "web", []),
    ]
    assert {name: value.text for name, value in scenario.vars.items()} == {
        "password": "$random.password",
        "pin": "012345",
    }


def test_steps_and_words_are_read_into_nodes(tmp_path: Path) -> None:
    scenario = loaded(tmp_path, MAN_001)
    assert isinstance(scenario, Scenario)
    stage, run, soft = scenario.steps
    assert isinstance(stage, StageNode)
    assert isinstance(run, RunNode)
    assert isinstance(soft, SoftNode)
    reset, mail, note, _fill = stage.steps
    assert isinstance(reset, StepNode)
    assert reset.bare is not None
    assert (reset.name, reset.bare.text, str(reset.place)) == ("server.reset-password", "$chan", "a.scenario.yaml:18:9")
    assert isinstance(mail, StepNode)
    assert mail.text == "mail.expect: {to: $chan, profile: password-reset, save: {link: reset_link}}"
    assert {output: value.text for output, value in mail.save.items()} == {"link": "reset_link"}
    assert note == NoteNode(note.place, "The page asks twice.")
    assert (run.flow.text, run.with_["pin"].text, run.save["code"].text) == ("choose-a-pin", "$pin", "pin_code")
    tap = soft.steps[1]
    assert isinstance(tap, StepNode)
    assert tap.within is not None
    assert tap.within.text == "3s"
    restart = scenario.after[0]
    assert isinstance(restart, StepNode)
    assert (restart.bare, restart.text) == (None, "phone.restart:")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("expect: fail", ("fail", "")),
        ("expect: {fail: no mail for}", ("fail", "no mail for")),
        ("clock: real", ("pass", "")),
    ],
)
def test_what_is_expected_of_a_scenario_is_read(tmp_path: Path, written: str, expected: tuple[str, str]) -> None:
    scenario = loaded(tmp_path, f"scenario: A\nid: A-1\n{written}\nsteps:\n  - a.b:\n")
    assert isinstance(scenario, Scenario)
    assert (scenario.expect, scenario.expect_reason) == expected


def test_a_flow_is_read_with_its_inputs_defaults_and_outputs(tmp_path: Path) -> None:
    head = "flow: Choose a PIN\ninputs: {pin: , again: '240719'}\noutputs: [code]\n"
    text = f"{head}steps:\n  - phone.code: {{pin: $pin, save: {{code: code}}}}\n"
    flow = loaded(tmp_path, text, "choose-a-pin.flow.yaml")
    assert isinstance(flow, Flow)
    assert (flow.name, flow.title) == ("choose-a-pin", "Choose a PIN")
    assert {name: default and default.text for name, default in flow.inputs.items()} == {"pin": None, "again": "240719"}
    assert [output.text for output in flow.outputs] == ["code"]


def test_examples_are_rows_with_names(tmp_path: Path) -> None:
    rows = "  - {case: at eight hours, age: 8h}\n  - {case: later, age: 24h}\n"
    text = f"scenario: A\nid: A-1\nexamples:\n{rows}steps:\n  - a.b:\n"
    scenario = loaded(tmp_path, text)
    assert isinstance(scenario, Scenario)
    assert [(row.case, row.values["age"].text) for row in scenario.examples] == [
        ("at eight hours", "8h"),
        ("later", "24h"),
    ]


def test_rows_without_a_name_are_numbered(tmp_path: Path) -> None:
    scenario = loaded(tmp_path, "scenario: A\nid: A-1\nexamples: [{x: a}, {x: b}]\nsteps:\n  - a.b:\n")
    assert isinstance(scenario, Scenario)
    assert [row.case for row in scenario.examples] == ["row 1", "row 2"]


def test_examples_may_stand_in_a_table_beside_the_scenario(tmp_path: Path) -> None:
    (tmp_path / "ages.csv").write_text('case,age\nearly,1s\n"later, much",24h\n', encoding="utf-8")
    scenario = loaded(tmp_path, "scenario: A\nid: A-1\nexamples: ages.csv\nsteps:\n  - a.b:\n")
    assert isinstance(scenario, Scenario)
    assert [(row.case, row.values["age"].text) for row in scenario.examples] == [
        ("early", "1s"),
        ("later, much", "24h"),
    ]
    assert str(scenario.examples[1].place) == "ages.csv:3:1"


def test_a_table_with_a_row_too_short_points_into_the_table(tmp_path: Path) -> None:
    (tmp_path / "ages.csv").write_text("case,age\nearly\n", encoding="utf-8")
    text = b"scenario: A\nid: A-1\nexamples: ages.csv\nsteps:\n  - a.b:\n"
    assert told(tmp_path, text).startswith("ages.csv:2:1: error: this row has 1 values for 2 columns\n")


UNREADABLE = {
    "nothing": (b"", "a.scenario.yaml:1:1: error: there is no scenario in this file"),
    "a list": (b"- a\n", "a.scenario.yaml:1:1: error: there is no scenario in this file"),
    "another encoding": (b"scenario: A\nid: \xb1\xd2\n", "a.scenario.yaml:2:1: error: this file is not UTF-8 text"),
    "too much": (b"#" * (LARGEST_BYTES + 1), "a.scenario.yaml:1:1: error: this file is larger than 1000 kB"),
    "a control character": (
        b"scenario: A\nid: \x07\n",
        "a.scenario.yaml:2:5: error: this character cannot be seen and must not stand here",
    ),
    "a directive": (b"%YAML 1.1\n---\na: b\n", 'a.scenario.yaml:1:1: error: a line cannot begin with "%"'),
}  # fmt: skip


@pytest.mark.parametrize(("content", "message"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_file_that_holds_no_scenario_says_so(tmp_path: Path, content: bytes, message: str) -> None:
    assert told(tmp_path, content).split("\n")[0] == message


def test_a_file_that_is_not_there_and_a_file_of_another_kind_are_problems(tmp_path: Path) -> None:
    with pytest.raises(Problems, match="this file cannot be read: No such file"):
        load(tmp_path / "no.scenario.yaml", tmp_path)
    with pytest.raises(Problems, match="neither a scenario nor a flow"):
        load(tmp_path / "no.yaml", tmp_path)


def test_line_ends_of_windows_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbf" + MAN_001.replace("\n", "\r\n").encode()
    path = tmp_path / "a.scenario.yaml"
    path.write_bytes(text)
    assert load(path, tmp_path) == loaded(tmp_path, MAN_001, "a.scenario.yaml")


def parsed(text: str) -> tuple[object, Findings]:
    findings = Findings()
    return parse(findings, text, Path("a.scenario.yaml"), "a.scenario.yaml"), findings


LINES = st.sampled_from(
    [*MAN_001.splitlines(), "  - a:", "examples: [{a: b}]", "\t", "- - {", "inputs: x", "expect: {}"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(max_size=60), st.lists(LINES, max_size=12).map("\n".join)))
def test_any_text_is_either_a_scenario_or_located_problems(text: str) -> None:
    scenario, findings = parsed(text)
    assert isinstance(scenario, Scenario) or findings.problems
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for problem in findings.problems:
        assert 1 <= problem.place.line <= len(lines)
        assert problem.message
    assert str(Problems(findings.problems, findings.sources)).count(": error: ") >= len(set(findings.problems))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(MAN_001)), st.integers(0, 8), st.text(alphabet=" :-{}[]'\"#\n$&*!|>%@\\a啟", max_size=3))
def test_a_scenario_with_a_slip_in_it_is_still_read_or_refused_with_a_place(at: int, lost: int, typed: str) -> None:
    text = MAN_001[:at] + typed + MAN_001[at + lost :]
    scenario, findings = parsed(text)
    assert isinstance(scenario, Scenario) or findings.problems
