"""What is read off a decorated method, and which methods cannot be steps."""

from typing import ClassVar, Literal

import pytest

from harness.events import Lane
from harness.steps import (
    FROM_PROFILE,
    Actor,
    Count,
    CustomerRef,
    Duration,
    Label,
    Offset,
    Outputs,
    ProfileName,
    Secret,
    Text,
    Url,
    YesOrNo,
    step,
    steps_of,
)


class Kettle(Actor):
    """Boils water."""

    kind: ClassVar[str] = "kettle"
    lane: ClassVar[Lane] = Lane.SERVER

    @step("on {kettle}, pour {text} into “{with}”[ for {for}]", saves=("code",), requires="water")
    async def pour_in(
        self, text: Text, *, with_: Label, for_: Duration | None = None, is_: Literal["hot", "cold"] = "hot"
    ) -> Outputs:
        """Pour it in.

        Slowly.
        """
        return {"code": f"{text} {with_} {for_} {is_}"}

    @step("{actor} waits", waits=False)
    async def rest(self) -> None:
        """Do nothing."""

    async def helper(self) -> None:
        """No step: it is not decorated."""


class LoudKettle(Kettle):
    """Whistles."""

    kind: ClassVar[str] = "loud-kettle"

    async def rest(self) -> None:
        """Whistle instead."""

    @step("whistle {times} times")
    async def whistle(self, times: Count) -> None:
        """Whistle."""


def test_a_step_is_read_off_its_method() -> None:
    pour = steps_of(Kettle)["pour-in"]
    assert (pour.name, pour.doc, pour.saves, pour.waits, pour.requires) == (
        "kettle.pour-in",
        "Pour it in.\n\nSlowly.",
        ("code",),
        True,
        "water",
    )
    assert [(p.name, p.argument, p.kind.name, p.required, p.default, p.positional) for p in pour.parameters] == [
        ("text", "text", "text", True, None, True),
        ("with", "with_", "label", True, None, False),
        ("for", "for_", "duration", False, None, False),
        ("is", "is_", "hot or cold", False, "hot", False),
    ]
    assert pour.positional is pour.parameters[0]


def test_only_decorated_methods_are_steps_in_the_order_written() -> None:
    assert [*steps_of(Kettle)] == ["pour-in", "rest"]


def test_a_subclass_may_override_what_a_step_does_and_add_steps() -> None:
    class Quiet(Kettle):
        """Does not whistle."""

        async def rest(self) -> None:
            """Rest quietly."""

        @step("{kettle} cools")
        async def cool(self) -> None:
            """Cool down."""

    steps = steps_of(Quiet)
    assert [*steps] == ["pour-in", "rest", "cool"]
    assert steps["rest"].function is Quiet.rest
    assert str(steps["rest"].sentence) == "{actor} waits"


def test_a_sentence_with_a_field_that_is_nobody_is_refused() -> None:
    with pytest.raises(TypeError, match=r"loud-kettle\.pour-in: the sentence has \{kettle\}, which is no parameter"):
        steps_of(LoudKettle)


def filled(sentence: str, **values: str) -> str:
    """The sentence of a step with three parameters, filled with these values."""

    class Somebody(Actor):
        """Anybody."""

        kind: ClassVar[str] = "somebody"
        lane: ClassVar[Lane] = Lane.PHONE

        @step(sentence)
        async def act(self, *, a: Text = "x", b: Text | None = None, c: Text | None = None) -> None:
            """Act."""

    return steps_of(Somebody)["act"].sentence.fill(values.get)


def test_a_part_in_brackets_is_left_out_when_a_value_in_it_is_missing() -> None:
    sentence = "do {a}[ with {b}][ and {c} after {b}]"
    assert filled(sentence, a="it") == "do it"
    assert filled(sentence, a="it", b="care") == "do it with care"
    assert filled(sentence, a="it", b="care", c="rest") == "do it with care and rest after care"


REFUSED = {
    "not async": "a step is an async method",
    "no docstring": "a step has a docstring; the reference page shows it",
    "two positional": r"only one parameter may stand before the \*",
    "a required parameter not mentioned": r"the sentence does not mention \{b\}, which must always be given",
    "one that may be missing outside brackets": r"\{b\} may be missing; put its part of the sentence in \[ \]",
    "a reserved name": "save is a word of the language",
    "an ordinary type": "a needs one of the parameter types",
    "any number of values": "values must be an ordinary or a keyword-only parameter",
    "an open bracket": r"a '\[' without its '\]'",
    "a stray bracket": r"a stray '\]' at character 3",
    "a profile that is not there": "FROM_PROFILE needs a parameter named profile",
}


def define(what: str) -> None:
    match what:
        case "not async":

            @step("x")
            def a1(self: Actor) -> None:
                """Act."""
        case "no docstring":

            @step("x")
            async def a2(self: Actor) -> None: ...
        case "two positional":

            @step("{a} {b}")
            async def a3(self: Actor, a: Text, b: Text) -> None:
                """Act."""
        case "a required parameter not mentioned":

            @step("{a}")
            async def a4(self: Actor, *, a: Text, b: Text) -> None:
                """Act."""
        case "one that may be missing outside brackets":

            @step("{a} {b}")
            async def a5(self: Actor, *, a: Text, b: Text | None = None) -> None:
                """Act."""
        case "a reserved name":

            @step("{save}")
            async def a6(self: Actor, *, save: Text) -> None:
                """Act."""
        case "an ordinary type":

            @step("{a}")
            async def a7(self: Actor, *, a: str) -> None:
                """Act."""
        case "any number of values":

            @step("x")
            async def a8(self: Actor, *values: Text) -> None:
                """Act."""
        case "an open bracket":

            @step("x[y")
            async def a9(self: Actor) -> None:
                """Act."""
        case "a stray bracket":

            @step("xy]")
            async def a10(self: Actor) -> None:
                """Act."""
        case _:

            @step("x", saves=FROM_PROFILE)
            async def a11(self: Actor) -> Outputs:
                """Act."""
                return {}


@pytest.mark.parametrize(("what", "message"), REFUSED.items(), ids=REFUSED.keys())
def test_a_method_that_cannot_be_a_step_is_refused_at_import(what: str, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        define(what)


class Converter(Actor):
    """Has a parameter of each kind."""

    kind: ClassVar[str] = "converter"
    lane: ClassVar[Lane] = Lane.CLOCK

    @step("{text} {label} {secret} {duration} {offset} {count} {flag} {url} {profile} {customer}")
    async def take(
        self,
        *,
        text: Text,
        label: Label,
        secret: Secret,
        duration: Duration,
        offset: Offset,
        count: Count,
        flag: YesOrNo,
        url: Url,
        profile: ProfileName,
        customer: CustomerRef,
    ) -> None:
        """Take everything."""


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("text", " as it is ", " as it is "),
        ("label", "啟用", "啟用"),
        ("secret", "012345", "012345"),
        ("duration", "7h59m59s", 28799.0),
        ("offset", "-45s", -45.0),
        ("count", "007", 7),
        ("flag", "no", False),
        ("url", "/cas/login?service=x", "/cas/login?service=x"),
        ("url", "https://broker.example", "https://broker.example"),
    ],
)
def test_a_text_becomes_the_methods_argument(name: str, text: str, value: object) -> None:
    (parameter,) = (p for p in steps_of(Converter)["take"].parameters if p.name == name)
    assert parameter.kind.convert(text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("label", " "),
        ("count", "-1"),
        ("count", "１２"),
        ("count", "1\n"),
        ("flag", "true"),
        ("url", "javascript:x"),
        ("url", "/a b"),
    ],
)
def test_a_text_of_another_kind_is_refused(name: str, text: str) -> None:
    (parameter,) = (p for p in steps_of(Converter)["take"].parameters if p.name == name)
    with pytest.raises(ValueError, match="write"):
        parameter.kind.convert(text)
