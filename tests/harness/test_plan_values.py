"""Plans: names resolved, flows run in, rows expanded, steps bound to the variables of the moment."""

from dataclasses import dataclass
from typing import Any

import pytest

from harness.errors import StepFailed
from harness.plan import Plan, PlannedSoft, PlannedStage, PlannedStep, describe


@dataclass(frozen=True)
class Chan:
    account: str = "9999-9990"
    name: str = "陳大文"
    email: str = "chan@example.com"
    phone: str = "+852 5555 0101"
    password: str = "Kowloon88"
    pin: str = "240719"


CHAN = Chan()


def steps(plan: Plan) -> list[PlannedStep]:
    found = list[PlannedStep]()
    for part in plan.steps:
        for inner in part.steps if isinstance(part, PlannedStage) else (part,):
            found += inner.steps if isinstance(inner, PlannedSoft) else (inner,)
    return found


def only(plan: Plan) -> PlannedStep:
    (step,) = steps(plan)
    return step


def test_a_step_is_bound_to_what_its_method_takes(theatre: Any) -> None:
    step = only(theatre.plan("web.fill: {field: 登入帳號, with: $chan.account}"))
    assert step.bind({"chan": CHAN}) == {"field": "登入帳號", "with_": "9999-9990"}
    assert step.definition.function.__name__ == "fill"
    assert (step.actor, step.text) == ("web", "web.fill: {field: 登入帳號, with: $chan.account}")
    assert str(step.place) == "a.scenario.yaml:8:5"


def test_texts_are_converted_to_what_the_parameter_is(theatre: Any) -> None:
    assert only(theatre.plan("clock.advance: 7h59m59s")).bind({}) == {"by": 28799.0}
    assert only(theatre.plan("phone.drift: -45s")).bind({}) == {"by": -45.0}


def test_a_customer_is_handed_over_whole(theatre: Any) -> None:
    assert only(theatre.plan("server.reset-password: $chan")).bind({"chan": CHAN}) == {"of": CHAN}


def test_what_a_step_saves_is_there_for_the_steps_after_it(theatre: Any) -> None:
    first, second, third = steps(
        theatre.plan(
            "mail.expect: {to: $chan, profile: token-registration, save: {qr: qr, code: code}}",
            "phone.scan: $qr",
            "phone.type: {into: 註冊編碼, text: 'code ${code}.'}",
        )
    )
    assert first.saves == {"qr": "qr", "code": "code"}
    assert second.bind({"qr": b"\x89PNG"}) == {"picture": b"\x89PNG"}
    assert third.bind({"code": "ABCDE"}) == {"into": "註冊編碼", "text": "code ABCDE."}


def test_a_variable_that_nothing_saved_fails_its_step_and_not_the_run(theatre: Any) -> None:
    _, second = steps(theatre.plan("phone.code: {pin: '240719', save: {code: code}}", "web.sees: $code"))
    with pytest.raises(StepFailed, match=r"\$code has no value"):
        second.bind({})


def test_a_picture_does_not_pass_for_a_text_nor_a_text_for_a_picture(theatre: Any) -> None:
    _, sees, scan = steps(
        theatre.plan(
            "mail.expect: {to: $chan, profile: token-registration, save: {qr: qr}}", "web.sees: $qr", "phone.scan: $qr"
        )
    )
    with pytest.raises(StepFailed, match=r"\$qr is not a text"):
        sees.bind({"qr": b"\x89PNG"})
    with pytest.raises(StepFailed, match="not a picture"):
        scan.bind({"qr": "text"})


def test_a_saved_text_of_the_wrong_kind_fails_its_step(theatre: Any) -> None:
    _, second = steps(theatre.plan("phone.code: {pin: '240719', save: {code: code}}", "web.open: $code"))
    with pytest.raises(StepFailed, match='"287082" is not a path or address'):
        second.bind({"code": "287082"})


def test_a_wrong_secret_is_not_named_when_its_step_fails(theatre: Any) -> None:
    _, second = steps(theatre.plan("phone.code: {pin: '240719', save: {code: code}}", "phone.code: {pin: $code}"))
    assert second.secrets({"code": "287082"}) == (("pin", "287082"),)
    assert second.secrets({}) == ()
    assert second.sentence({"code": "287082"}) == "on phone, read a code with the PIN •••"


def test_the_sentence_names_what_is_not_known_yet(theatre: Any) -> None:
    step = only(theatre.plan("web.fill: {field: 登入帳號, with: $chan.account}"))
    assert step.sentence() == "web fills “登入帳號” with $chan.account"
    assert step.sentence({"chan": CHAN}) == "web fills “登入帳號” with 9999-9990"


def test_a_customer_shows_by_its_name_and_a_default_as_written(theatre: Any) -> None:
    assert only(theatre.plan("mail.none: {to: $chan}")).sentence({"chan": CHAN}) == "chan gets no message for 1s"


def test_secrets_are_known_before_the_run_and_hidden_in_sentences(theatre: Any) -> None:
    plan = theatre.plan(
        "phone.type: {into: 密碼, text: $password}",
        "phone.type: {into: PIN, text: $pin}",
        head="vars: {password: $random.password, pin: 012345, word: $$5}\n",
    )
    kinds = dict(plan.secrets)
    assert kinds["pin"] == "012345"
    assert steps(plan)[0].bind({})["text"] == kinds["password"]
    assert [step.sentence({}) for step in steps(plan)] == [
        "on phone, type ••• into “密碼”",
        "on phone, type ••• into “PIN”",
    ]


def test_random_texts_are_the_same_for_the_same_seed_and_differ_between_variables(theatre: Any) -> None:
    head = "scenario: A\nid: A-1\nneeds: [browser: web]\nvars: {a: $random.password, b: $random.password}\n"
    files = {"a.scenario.yaml": f"{head}steps:\n  - web.sees: $a\n  - web.sees: $b\n"}
    texts = [[step.bind({})["text"] for step in steps(theatre.check(files, seed=seed)[0])] for seed in ("x", "x", "y")]
    assert texts[0] == texts[1]
    assert len({*texts[0], *texts[2]}) == 4


def test_the_environment_is_read_when_the_files_are_checked(theatre: Any) -> None:
    text = "scenario: A\nid: A-1\nneeds: [browser: web]\nsteps:\n  - web.open: $env.ORIGIN\n"
    (plan,) = theatre.check({"a.scenario.yaml": text}, environ={"ORIGIN": "https://broker.example"})
    assert only(plan).bind({}) == {"address": "https://broker.example"}


def test_each_row_is_a_plan_of_its_own(theatre: Any) -> None:
    rows = "examples:\n  - {case: one second before, age: 7h59m59s}\n  - {case: at eight hours, age: 8h}\n"
    text = f"scenario: A\nid: RUL-006\n{rows}steps:\n  - clock.advance: $row.age\n"
    plans = theatre.check({"a.scenario.yaml": text})
    assert [(plan.id, plan.case, plan.row["age"]) for plan in plans] == [
        ("RUL-006[one second before]", "one second before", "7h59m59s"),
        ("RUL-006[at eight hours]", "at eight hours", "8h"),
    ]
    assert [only(plan).bind({})["by"] for plan in plans] == [28799.0, 28800.0]


def test_within_is_patience_in_seconds(theatre: Any) -> None:
    assert only(theatre.plan("phone.tap: {label: 啟用, within: 1m}")).within_seconds == 60.0
    assert only(theatre.plan("phone.tap: 啟用")).within_seconds is None


def test_a_plan_names_the_capabilities_that_the_target_lacks(theatre: Any) -> None:
    assert theatre.plan("clock.advance: 1s").missing == ()
    poor = type(theatre)(theatre.folder, theatre.registry, type(theatre.target)(name="poor"))
    assert poor.plan("clock.advance: 1s", "server.reset-password: $chan").missing == ("back-office", "clock")


def test_after_a_failure_a_variable_has_the_newest_value_that_was_saved(theatre: Any) -> None:
    code = "phone.code: {pin: '240719', save: {code: code}}"
    played = f"steps:\n  - {code}\n  - {code}\n  - web.sees: $code\nafter:\n  - web.sees: $code\n"
    text = f"scenario: A\nid: A-1\nneeds: [phone: phone, browser: web]\n{played}"
    (plan,) = theatre.check({"a.scenario.yaml": text})
    first, second, sees = steps(plan)
    (after,) = plan.after
    assert isinstance(after, PlannedStep)
    saved = {first.saves["code"]: "111111"}
    assert after.bind(saved) == {"text": "111111"}
    with pytest.raises(StepFailed):
        sees.bind(saved)
    saved |= {second.saves["code"]: "222222"}
    assert after.bind(saved) == sees.bind(saved) == {"text": "222222"}


def test_stages_soft_blocks_and_notes_keep_their_shape(theatre: Any) -> None:
    text = (
        "scenario: A\nid: A-1\nneeds: [phone: phone]\nsteps:\n  - stage: One\n    steps:\n"
        "      - note: Slowly.\n      - phone.tap: a\n      - soft:\n          - phone.tap: b\n"
    )
    (plan,) = theatre.check({"a.scenario.yaml": text})
    (stage,) = plan.steps
    assert isinstance(stage, PlannedStage)
    tap, soft = stage.steps
    assert isinstance(tap, PlannedStep)
    assert isinstance(soft, PlannedSoft)
    assert (stage.title, tap.note, [step.text for step in soft.steps]) == ("One", "Slowly.", ["phone.tap: b"])
    assert describe(plan) == (
        "A-1 A",
        "  given a phone, phone",
        "  One",
        "    (Slowly.)",
        "    on phone, tap “a”",
        "    all of these:",
        "      on phone, tap “b”",
    )


def test_needs_are_resolved_and_references_become_names(theatre: Any) -> None:
    needs = "needs:\n  - customer: {as: chan, password: $password, token: active}\n  - phone: {of: $chan}\n"
    text = f"scenario: A\nid: A-1\n{needs}vars: {{password: Kowloon88}}\nsteps:\n  - phone.restart:\n"
    (plan,) = theatre.check({"a.scenario.yaml": text})
    assert [(need.kind, need.alias, dict(need.options)) for need in plan.needs] == [
        ("customer", "chan", {"password": "Kowloon88", "token": "active"}),
        ("phone", "phone", {"of": "chan"}),
    ]
