"""Holds a step as written against its definition: what it is given, what it saves, how long it may wait."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from harness.errors import Place
from harness.parameters import CUSTOMER_ATTRIBUTES, DURATION, ParameterKind, Takes, Vocabulary
from harness.plan.scope import Scope
from harness.plan.texts import HIDDEN, Fixed, Holds, ResolvedText, Slot
from harness.plan.values import PlannedArgument, TargetFacts
from harness.scenario.problems import Findings, did_you_mean, listed, nearest, quoted
from harness.scenario.values import StepNode, Value
from harness.steps import FROM_PROFILE, StepDefinition

_PROFILE: Final = "profile"


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks the arguments of steps and the options of needs. `customers` are the aliases that a reference may mean."""

    target: TargetFacts
    findings: Findings
    customers: tuple[str, ...] = ()

    def arguments(self, node: StepNode, step: StepDefinition, scope: Scope) -> tuple[PlannedArgument, ...]:
        """Check what a step is given: nothing unknown, nothing missing, each of its parameter's kind."""
        given = self._given(node, step)
        found = list[PlannedArgument]()
        for parameter in step.parameters:
            value = given.get(parameter.name)
            if value is None:
                continue
            text = self.text(value, parameter.kind, scope)
            if text is not None:
                found.append(PlannedArgument(parameter, text))
        return tuple(found)

    def text(self, value: Value, kind: ParameterKind, scope: Scope) -> ResolvedText | None:
        """Resolve a value and see to it that it is of its kind, as far as that is known. None when it is not."""
        text = scope.resolve(value)
        if text is None:
            return None
        match kind.takes:
            case Takes.TEXT:
                return text if self._is_text(text, value) and self._converts(text, value, kind) else None
            case Takes.CUSTOMER | Takes.PICTURE:
                return text if self._is_thing(text, value, kind) else None

    def within(self, node: StepNode, step: StepDefinition, scope: Scope) -> float | None:
        """Read `within`, in seconds."""
        if node.within is None:
            return None
        if not step.waits:
            self.findings.add(node.within_place or node.place, f"{node.name} does not wait", 'leave "within" out')
            return None
        text = self.text(node.within, DURATION, scope)
        if text is None:
            return None
        if text.fixed is None:
            self.findings.add(
                node.within.place, '"within" must be known before the run', "write a duration, such as 3s"
            )
            return None
        seconds = DURATION.convert(text.fixed)
        assert isinstance(seconds, float)
        return seconds

    def outputs(self, node: StepNode, step: StepDefinition, arguments: tuple[PlannedArgument, ...]) -> None:
        """See to it that the step has the outputs that are to be saved."""
        if not node.save:
            return
        known, of = self._outputs(step, arguments)
        if known is None:
            return
        for output, place in node.save_places.items():
            if not known:
                self.findings.add(place, f"{node.name}{of} saves nothing", 'leave "save" out')
            elif output not in known:
                hint = did_you_mean(output, known, whole="it saves")
                self.findings.add(place, f"{node.name}{of} does not save {quoted(output)}", hint)

    def _outputs(
        self, step: StepDefinition, arguments: tuple[PlannedArgument, ...]
    ) -> tuple[tuple[str, ...] | None, str]:
        """Name a step's outputs; None when only the run can tell."""
        if step.saves is not FROM_PROFILE:
            return step.saves, ""
        argument = next((argument for argument in arguments if argument.parameter.name == _PROFILE), None)
        profile = None if argument is None else argument.text.fixed
        if profile is None:
            return None, ""
        return self.target.profiles.get(profile), f" with the profile {profile}"

    def _given(self, node: StepNode, step: StepDefinition) -> Mapping[str, Value]:
        known = {parameter.name: parameter for parameter in step.parameters}
        missing = [name for name, parameter in known.items() if parameter.required and name not in node.arguments]
        if node.bare is not None:
            positional = step.positional
            if positional is None:
                hint = f"write {_pattern(node, step)}" if known else f'write "{node.name}:" with nothing after it'
                takes = "named values, not one bare one" if known else "no value"
                self.findings.add(node.bare.place, f"{node.name} takes {takes}", hint)
                return {}
            missing = [name for name in missing if name != positional.name]
        for name, place in node.argument_places.items():
            if name not in known:
                has = [*known, *(["within"] if step.waits else []), *(["save"] if step.saves else [])]
                hint = did_you_mean(name, has, whole="it takes") if known else 'write it with nothing after the ":"'
                self.findings.add(place, f"{node.name} has no {quoted(name)}", hint)
                missing = [other for other in missing if other != nearest(name, known)]
        for name in missing:
            self.findings.add(node.place, f"{node.name} needs {quoted(name)}", f"write {_pattern(node, step)}")
        bare = {} if node.bare is None or step.positional is None else {step.positional.name: node.bare}
        return {**bare, **node.arguments}

    def _is_text(self, text: ResolvedText, value: Value) -> bool:
        for part in text.parts:
            if isinstance(part, Slot) and part.holds is Holds.CUSTOMER and not part.attribute:
                others = listed((f"{part.shown}.{attribute}" for attribute in CUSTOMER_ATTRIBUTES), 4)
                self.findings.add(value.place, f'"{part.shown}" is a customer, not a text', f"write one of {others}")
                return False
        return True

    def _is_thing(self, text: ResolvedText, value: Value, kind: ParameterKind) -> bool:
        slot = text.slot
        wanted = Holds.CUSTOMER if kind.takes is Takes.CUSTOMER else Holds.SAVED
        if slot is not None and not slot.attribute and slot.holds in (wanted, Holds.ANYTHING):
            return True
        hint = f"write {kind.advice}"
        if kind.takes is Takes.CUSTOMER:
            alias = slot.keys[0] if slot is not None and slot.attribute else text.fixed or ""
            near = nearest(alias, self.customers)
            hint = f'did you mean "${near}"?' if near else hint
        self.findings.add(value.place, f"{quoted(value.text)} is not a {kind.name}", hint)
        return False

    def _converts(self, text: ResolvedText, value: Value, kind: ParameterKind) -> bool:
        fixed = text.fixed
        if fixed is None:
            return True
        place = _origin(text) or value.place
        if kind.vocabulary is Vocabulary.PROFILES:
            if fixed in self.target.profiles:
                return True
            shown = quoted(fixed)
            hint = did_you_mean(fixed, self.target.profiles, whole="it knows")
            message = f'{shown} is not a message profile of the target "{self.target.name}"'
            self.findings.add(place, message, hint or "it knows none")
            return False
        try:
            kind.convert(fixed)
        except ValueError as problem:
            shown = HIDDEN if kind.secret or text.secret else quoted(fixed)
            if kind.choices:
                hint = did_you_mean(fixed, kind.choices)
                self.findings.add(place, f"{shown} is not {kind.name}", hint)
            else:
                self.findings.add(place, f"{shown} is not {with_article(kind.name)}", str(problem))
            return False
        return True


def with_article(noun: str) -> str:
    """Put `a` or `an` before a noun."""
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def _origin(text: ResolvedText) -> Place | None:
    match text.parts:
        case (Fixed(origin=origin),):
            return origin
        case _:
            return None


def _pattern(node: StepNode, step: StepDefinition) -> str:
    """Show how a step is written, with all that it must be given."""
    required = [parameter for parameter in step.parameters if parameter.required]
    if len(required) == 1 and required[0].positional:
        return f"{node.name}: …"
    return f"{node.name}: {{{', '.join(f'{parameter.name}: …' for parameter in required)}}}"
