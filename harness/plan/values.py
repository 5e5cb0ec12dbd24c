"""What a run will do, with every name resolved: a plan's steps only wait for the variables of the moment."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import Place, StepFailed
from harness.parameters import Takes
from harness.plan.texts import HIDDEN, ResolvedText
from harness.scenario.values import Scenario
from harness.steps import Parameter, StepDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFacts:
    """What a check must know of the target.

    `profiles` gives each message profile's values by its name, `flow_folders` where the target's flows lie (the first
    one that has a flow wins), `capabilities` what the target can do, such as `clock`.
    """

    name: str
    profiles: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    flow_folders: tuple[Path, ...] = ()
    capabilities: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PlannedArgument:
    """What a parameter of a step is given."""

    parameter: Parameter
    text: ResolvedText

    def value(self, variables: Mapping[str, object]) -> object:
        """Give the method's argument. Raises StepFailed when the text of the moment is not of the parameter's kind."""
        kind = self.parameter.kind
        match kind.takes:
            case Takes.TEXT:
                text = self.text.text(variables)
                try:
                    return kind.convert(text)
                except ValueError as problem:
                    shown = HIDDEN if kind.secret else f'"{text}"'
                    raise StepFailed(f"{self.parameter.name}: {shown} is not a {kind.name}; {problem}") from None
            case Takes.PICTURE:
                picture = self.text.thing(variables)
                if not isinstance(picture, bytes):
                    raise StepFailed(f"{self.parameter.name}: {self.text.show(None)} is not a picture")
                return picture
            case Takes.CUSTOMER:
                return self.text.thing(variables)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """A step that can be played.

    `actor` is its name in the scenario; `flow` names the flows it was run through, outermost first; `text` is the
    step as written, on one line; `note` what a note before it says. `within_seconds` is the patience asked for, or
    None. `saves` gives, for each output that is kept, its name in the run's variables.
    """

    definition: StepDefinition
    actor: str
    place: Place
    flow: tuple[str, ...]
    text: str
    arguments: tuple[PlannedArgument, ...]
    within_seconds: float | None = None
    saves: Mapping[str, str] = field(default_factory=dict[str, str])
    note: str = ""

    def bind(self, variables: Mapping[str, object]) -> dict[str, object]:
        """Give the method's keyword arguments: `await step.definition.function(actor, **step.bind(variables))`.

        Raises StepFailed when a variable has no value, or one that is not of the parameter's kind.
        """
        return {argument.parameter.argument: argument.value(variables) for argument in self.arguments}

    def secrets(self, variables: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
        """Give the secrets among the arguments as (kind, text), to be registered for redaction before the step runs."""
        found = list[tuple[str, str]]()
        for argument in self.arguments:
            if argument.parameter.kind.secret:
                # One without a value hides nothing, and fails its step when that is bound.
                with suppress(StepFailed):
                    found.append((argument.parameter.name, argument.text.text(variables)))
        return tuple(found)

    def sentence(self, variables: Mapping[str, object] | None = None) -> str:
        """Say in English what the step does. Secrets are hidden; what has no value yet shows as `$name`."""
        given = {argument.parameter.name: argument for argument in self.arguments}

        def shown(name: str) -> str | None:
            if name in given:
                argument = given[name]
                return HIDDEN if argument.parameter.kind.secret else argument.text.show(variables)
            default = next((p for p in self.definition.parameters if p.name == name), None)
            if default is not None:
                return None if default.default is None else default.kind.show(default.default)
            return self.actor

        return " ".join(self.definition.sentence.fill(shown).split())


@dataclass(frozen=True, slots=True)
class PlannedSoft:
    """Steps that are all played, and fail once, together."""

    place: Place
    steps: tuple[PlannedStep, ...]


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """A named part of a plan."""

    place: Place
    title: str
    steps: tuple[PlannedStep | PlannedSoft, ...]


Planned = PlannedStep | PlannedStage | PlannedSoft


@dataclass(frozen=True, slots=True)
class PlannedNeed:
    """Who or what the scenario starts with. `options` are texts; those that were not written are absent."""

    kind: str
    alias: str
    options: Mapping[str, str]
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One scenario, or one row of its examples, ready to be played.

    The run's variables begin as the customers by their aliases; each step adds what it saves. `secrets` are (kind,
    text) pairs known before anything runs: register them for redaction first. `missing` names the capabilities that
    the plan needs and the target lacks: a plan with any of them is not applicable.
    """

    scenario: Scenario
    id: str
    title: str
    case: str
    row: Mapping[str, str]
    needs: tuple[PlannedNeed, ...]
    before: tuple[Planned, ...]
    steps: tuple[Planned, ...]
    on_failure: tuple[Planned, ...]
    after: tuple[Planned, ...]
    secrets: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
