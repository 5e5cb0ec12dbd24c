"""Flows: found by name, run in place, with checked inputs and outputs."""

from typing import Any

import pytest

from harness.plan import PlannedStep

NEEDS = "needs:\n  - customer: chan\n  - phone: phone\n  - browser: web\n"
READ_A_CODE = "flow: Read\ninputs: [pin]\noutputs: [code]\nsteps:\n  - phone.code: {pin: $pin, save: {code: code}}\n"


def scenario(*steps: str) -> str:
    return f"scenario: A\nid: A-1\n{NEEDS}steps:\n" + "".join(f"  - {step}\n" for step in steps)


def planned(theatre: Any, flows: dict[str, str], *steps: str) -> list[PlannedStep]:
    files = {f"flows/{name}.flow.yaml": text for name, text in flows.items()} | {"a.scenario.yaml": scenario(*steps)}
    (plan,) = theatre.check(files)
    return list(plan.steps)


def problems(theatre: Any, flows: dict[str, str], *steps: str) -> list[str]:
    files = {f"flows/{name}.flow.yaml": text for name, text in flows.items()} | {"a.scenario.yaml": scenario(*steps)}
    return [
        problem.split("\n")[0] + " | " + problem.split("\n")[-1].partition("= ")[2]
        for problem in theatre.problems(files)
    ]


def test_a_flow_is_run_in_place_with_its_inputs(theatre: Any) -> None:
    (code,) = planned(theatre, {"read": READ_A_CODE}, "run: read\n    with: {pin: '240719'}")
    assert code.bind({}) == {"pin": "240719"}
    assert (code.flow, str(code.place)) == (("read",), "flows/read.flow.yaml:5:5")


def test_an_output_is_there_for_the_scenario_under_the_name_that_it_gives(theatre: Any) -> None:
    run = "run: read\n    with: {pin: '240719'}\n    save: {code: my_code}"
    code, sees = planned(theatre, {"read": READ_A_CODE}, run, "web.sees: $my_code")
    assert sees.bind({code.saves["code"]: "287082"}) == {"text": "287082"}


def test_two_runs_of_a_flow_do_not_share_what_they_save(theatre: Any) -> None:
    run = "run: read\n    with: {pin: '240719'}\n    save: {code: %s}"
    first, second, sees = planned(theatre, {"read": READ_A_CODE}, run % "a", run % "b", "web.sees: $a $b")
    saved = {first.saves["code"]: "111111", second.saves["code"]: "222222"}
    assert sees.bind(saved) == {"text": "111111 222222"}


def test_an_input_keeps_its_value_when_the_output_goes_under_the_same_name(theatre: Any) -> None:
    flow = READ_A_CODE.replace("[pin]", "[pin, old]") + "  - web.sees: $old\n"
    run = "run: read\n    with: {pin: '240719', old: $code}\n    save: {code: code}"
    before = "phone.code: {pin: '240719', save: {code: code}}"
    first, second, inside, after = planned(theatre, {"read": flow}, before, run, "web.sees: $code")
    saved = {first.saves["code"]: "111111", second.saves["code"]: "222222"}
    assert inside.bind(saved) == {"text": "111111"}
    assert after.bind(saved) == {"text": "222222"}


def test_a_customer_goes_through_flows_as_a_customer(theatre: Any) -> None:
    inner = "flow: Inner\ninputs: [account]\nsteps:\n  - web.sees: $account\n"
    outer = "flow: Outer\ninputs: [person]\nsteps:\n  - run: inner\n    with: {account: $person.account}\n"
    (sees,) = planned(theatre, {"inner": inner, "outer": outer}, "run: outer\n    with: {person: $chan}")
    assert (sees.flow, sees.sentence()) == (("outer", "inner"), "web shows $chan.account")


def test_a_flow_beside_the_scenario_is_found_after_those_of_the_target(theatre: Any) -> None:
    tap = "flow: Tap\nsteps:\n  - phone.tap: %s\n"
    files = {"tap.flow.yaml": tap % "here", "only.flow.yaml": tap % "beside", "flows/tap.flow.yaml": tap % "target"}
    (plan,) = theatre.check(files | {"a.scenario.yaml": scenario("run: tap", "run: only")})
    assert [step.bind({})["label"] for step in plan.steps] == ["target", "beside"]


def test_a_default_stands_in_for_an_input_that_is_not_given(theatre: Any) -> None:
    flow = READ_A_CODE.replace("[pin]", "{pin: '012345'}")
    (code,) = planned(theatre, {"read": flow}, "run: read")
    assert code.bind({}) == {"pin": "012345"}


MISTAKES = {
    "a misspelt flow": ({}, "run: raed", 'a.scenario.yaml:8:10: error: there is no flow "raed" | did you mean "read"?'),
    "a path for a name": (
        {},
        "run: ../read",
        'a.scenario.yaml:8:10: error: there is no flow "../read" | did you mean "read"?',
    ),
    "a missing input": (
        {},
        "run: read",
        'a.scenario.yaml:8:10: error: the flow "read" needs "pin" | write with: {pin: …} under it',
    ),
    "a misspelt input": (
        {},
        "run: read\n    with: {pni: x}",
        'a.scenario.yaml:9:12: error: the flow "read" has no input "pni" | did you mean "pin"?',
    ),
    "a misspelt output": (
        {},
        "run: read\n    with: {pin: x}\n    save: {cod: y}",
        'a.scenario.yaml:10:12: error: the flow "read" has no output "cod" | did you mean "code"?',
    ),
    "a flow that runs itself": (
        {"a": "flow: A\nsteps:\n  - run: b\n", "b": "flow: B\nsteps:\n  - run: a\n"},
        "run: a",
        'flows/b.flow.yaml:3:10: error: the flow "a" runs itself | a → b → a',
    ),
    "a promise that no step keeps": (
        {"x": "flow: X\noutputs: [code]\nsteps:\n  - phone.tap: a\n"},
        "run: x",
        'flows/x.flow.yaml:2:11: error: no step of this flow saves "code" | save it in a step: save: {…: code}',
    ),
    "the scenario's names in a flow": (
        {"x": "flow: X\ninputs: [pin]\nsteps:\n  - web.sees: $chan.account $pin\n"},
        "run: x\n    with: {pin: a}",
        (
            'flows/x.flow.yaml:4:15: error: there is no variable "$chan" | '
            "a flow knows only its own inputs and what it saves: pin"
        ),
    ),
    "the row in a flow": (
        {"x": "flow: X\nsteps:\n  - web.sees: $row.x\n"},
        "run: x",
        'flows/x.flow.yaml:3:15: error: a flow does not see the row | make it an input of "x"',
    ),
    "a stage in a flow": (
        {"x": "flow: X\nsteps:\n  - stage: Y\n    steps: [phone.tap: a]\n"},
        "run: x",
        (
            'flows/x.flow.yaml:3:5: error: "stage" cannot stand here | '
            "stages stand side by side in a scenario's list of steps, not inside each other"
        ),
    ),
    "a text that a flow needs to be a customer": (
        {"x": "flow: X\ninputs: [person]\nsteps:\n  - server.reset-password: $person\n"},
        "run: x\n    with: {person: chan}",
        'flows/x.flow.yaml:4:28: error: "$person" is not a customer | did you mean "$chan"?',
    ),
}


@pytest.mark.parametrize(("flows", "step", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_with_a_flow_is_named_with_its_way_out(
    theatre: Any, flows: dict[str, str], step: str, message: str
) -> None:
    assert problems(theatre, {"read": READ_A_CODE, **flows}, step) == [message]


def test_a_mistake_in_a_flow_is_told_once_however_often_it_is_run(theatre: Any) -> None:
    flow = "flow: X\nsteps:\n  - phone.tapp: a\n"
    assert len(problems(theatre, {"x": flow}, "run: x", "run: x")) == 1


def test_an_actor_that_the_scenario_lacks_is_told_where_the_flow_is_run(theatre: Any) -> None:
    files = {
        "flows/x.flow.yaml": "flow: X\nsteps:\n  - phone.tap: a\n",
        "a.scenario.yaml": "scenario: A\nid: A-1\nsteps:\n  - run: x\n",
    }
    (problem,) = theatre.problems(files)
    assert problem.startswith('a.scenario.yaml:4:10: error: the flow "x" needs "phone", and this scenario has none')
    assert problem.endswith('= add "- phone: phone" to its needs')


def test_a_flow_that_no_scenario_runs_is_checked_too(theatre: Any) -> None:
    steps = "  - mail.expect: {to: $person, profile: login-cod}\n  - phone.tapp: $person.account\n"
    flow = f"flow: X\ninputs: [person]\nsteps:\n{steps}"
    first, second = theatre.problems({"flows/x.flow.yaml": flow})
    assert '"login-cod" is not a message profile' in first
    assert 'a phone has no step "tapp"' in second


def test_a_flow_that_no_scenario_runs_may_name_a_second_browser(theatre: Any) -> None:
    assert theatre.check({"flows/x.flow.yaml": "flow: X\nsteps:\n  - second.click: a\n"}) == ()


def test_flows_nested_without_end_are_refused(theatre: Any) -> None:
    flows = {f"f{n}": f"flow: F\nsteps:\n  - run: f{n + 1}\n" for n in range(30)}
    flows["f30"] = "flow: F\nsteps:\n  - phone.tap: a\n"
    (problem,) = problems(theatre, flows, "run: f0")
    assert "flows run flows too deeply here" in problem
