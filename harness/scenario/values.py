"""A scenario and a flow as frozen values. Every text keeps its place, so that a later check can still point at it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness.errors import Place


@dataclass(frozen=True, slots=True)
class Value:
    """A text from a file, and where it stands. `place.length` underlines it as written, quotes included.

    `inner` is the column of its first character, or 0 when what is written and what is meant differ (escapes, blocks).
    """

    text: str
    place: Place
    inner: int = 0


@dataclass(frozen=True, slots=True)
class Need:
    """Who or what a scenario starts with: a customer, a phone or a browser, under a name of its own."""

    kind: str
    alias: str
    options: Mapping[str, Value]
    option_places: Mapping[str, Place]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class StepNode:
    """A step as written: `actor.verb: value` or `actor.verb: {named: arguments}`. `place` underlines `actor.verb`."""

    place: Place
    actor: str
    verb: str
    bare: Value | None = None
    arguments: Mapping[str, Value] = field(default_factory=dict[str, Value])
    argument_places: Mapping[str, Place] = field(default_factory=dict[str, Place])
    save: Mapping[str, Value] = field(default_factory=dict[str, Value])
    save_places: Mapping[str, Place] = field(default_factory=dict[str, Place])
    within: Value | None = None
    within_place: Place | None = None

    @property
    def name(self) -> str:
        """The step's name as written: `phone.tap`."""
        return f"{self.actor}.{self.verb}"

    @property
    def text(self) -> str:
        """The step as written, on one line."""
        return " ".join(f"{self.name}: {self._value()}".split())

    def _value(self) -> str:
        if self.bare is not None:
            return self.bare.text
        parts = [f"{name}: {value.text}" for name, value in self.arguments.items()]
        if self.within is not None:
            parts.append(f"within: {self.within.text}")
        if self.save:
            parts.append(f"save: {{{', '.join(f'{output}: {value.text}' for output, value in self.save.items())}}}")
        return f"{{{', '.join(parts)}}}" if parts else ""


@dataclass(frozen=True, slots=True)
class NoteNode:
    """Words that explain the step after them."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNode:
    """A flow to be played here: what goes in, and under which names its outputs are kept."""

    place: Place
    flow: Value
    with_: Mapping[str, Value] = field(default_factory=dict[str, Value])
    with_places: Mapping[str, Place] = field(default_factory=dict[str, Place])
    save: Mapping[str, Value] = field(default_factory=dict[str, Value])
    save_places: Mapping[str, Place] = field(default_factory=dict[str, Place])


@dataclass(frozen=True, slots=True)
class SoftNode:
    """Checks that are all made, and fail once, together."""

    place: Place
    steps: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class StageNode:
    """A named part of a scenario."""

    place: Place
    title: str
    steps: "tuple[Node, ...]"


Node = StepNode | StageNode | SoftNode | RunNode | NoteNode


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a scenario's examples. `case` names it; `values` are its columns."""

    case: str
    values: Mapping[str, Value]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One scenario file. `expect_reason` is part of the reason for which a scenario with `expect: fail` must fail."""

    id: str
    title: str
    place: Place
    id_place: Place
    source: str
    manual: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    timeout_seconds: float = 60.0
    wait_seconds: float = 10.0
    clock: Literal["virtual", "real"] = "virtual"
    expect: Literal["pass", "fail"] = "pass"
    expect_reason: str = ""
    needs: tuple[Need, ...] = ()
    vars: Mapping[str, Value] = field(default_factory=dict[str, Value])
    var_places: Mapping[str, Place] = field(default_factory=dict[str, Place])
    examples: tuple[Row, ...] = ()
    before: tuple[Node, ...] = ()
    steps: tuple[Node, ...] = ()
    on_failure: tuple[Node, ...] = ()
    after: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One flow file: steps with a name, inputs (with a default, or None when it must be given) and outputs."""

    name: str
    title: str
    place: Place
    source: str
    inputs: Mapping[str, Value | None] = field(default_factory=dict[str, "Value | None"])
    input_places: Mapping[str, Place] = field(default_factory=dict[str, Place])
    outputs: tuple[Value, ...] = ()
    steps: tuple[Node, ...] = ()
