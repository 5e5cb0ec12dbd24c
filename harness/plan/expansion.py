"""Walks through a list of steps, runs flows into it, and turns each step into one that can be played."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from harness.errors import Place
from harness.plan.arguments import Checker, with_article
from harness.plan.flows import FlowLibrary
from harness.plan.needs import NEEDS
from harness.plan.scope import Scope, Surroundings
from harness.plan.texts import Holds, ResolvedText, Slot
from harness.plan.values import Planned, PlannedSoft, PlannedStage, PlannedStep
from harness.scenario.problems import did_you_mean, listed, nearest, quoted
from harness.scenario.values import Flow, Node, NoteNode, RunNode, SoftNode, StageNode, StepNode
from harness.steps import StepDefinition

DEEPEST_RUN: Final = 20


@dataclass(frozen=True, slots=True)
class Level:
    """Where in the expansion we are: the file's folder, its names, the flows outside it, and the line that ran it."""

    folder: Path
    scope: Scope
    flows: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    outermost: RunNode | None = None


@dataclass(slots=True, kw_only=True)
class Expander:
    """Turns nodes into planned steps.

    `vocabulary` gives each actor kind's steps, `nouns` what messages call it, `actors` the kind behind each actor's
    name. A `lenient` one does not ask who acts: it reads a flow for itself, and its actors are those of a scenario
    not known yet.
    """

    vocabulary: Mapping[str, Mapping[str, StepDefinition]]
    nouns: Mapping[str, str]
    actors: Mapping[str, str]
    library: FlowLibrary
    checker: Checker
    around: Surroundings
    lenient: bool = False
    required: set[str] = field(default_factory=set[str])
    runs: int = 0
    used: set[Path] = field(default_factory=set[Path])

    def expand(self, nodes: Sequence[Node], level: Level) -> tuple[Planned, ...]:
        """Plan a list of steps that may hold stages."""
        planned = list[Planned]()
        note = ""
        for node in nodes:
            match node:
                case StageNode(place, title, steps):
                    planned.append(PlannedStage(place, title, _noted(self._inside(steps, level), note)))
                case NoteNode():
                    note = node.text
                    continue
                case _:
                    planned += _noted(self._inside((node,), level), note)
            note = ""
        return tuple(planned)

    def _inside(self, nodes: Sequence[Node], level: Level) -> tuple[PlannedStep | PlannedSoft, ...]:
        """Plan a list of steps that holds no stages."""
        planned = list[PlannedStep | PlannedSoft]()
        note = ""
        for node in nodes:
            match node:
                case StepNode():
                    step = self._step(node, level)
                    found = () if step is None else (step,)
                case RunNode():
                    found = self._run(node, level)
                case SoftNode(place, steps):
                    found = (PlannedSoft(place, tuple(_flat(self._inside(steps, level)))),)
                case NoteNode():
                    note = node.text
                    continue
                case StageNode():
                    raise AssertionError("the reader lets no stage into a stage or a flow")
            planned += _noted(found, note)
            note = ""
        return tuple(planned)

    def _step(self, node: StepNode, level: Level) -> PlannedStep | None:
        step = self._definition(node, level)
        if step is None:
            for value in node.save.values():
                level.scope.save(value.text, value.place)
            return None
        if step.requires:
            self.required.add(step.requires)
        arguments = self.checker.arguments(node, step, level.scope)
        within = self.checker.within(node, step, level.scope)
        self.checker.outputs(node, step, arguments)
        return PlannedStep(
            definition=step,
            actor=node.actor,
            place=node.place,
            flow=level.flows,
            text=node.text,
            arguments=arguments,
            within_seconds=within,
            saves={output: level.scope.save(value.text, value.place) for output, value in node.save.items()},
        )

    def _definition(self, node: StepNode, level: Level) -> StepDefinition | None:
        kind = self.actors.get(node.actor)
        if kind is None:
            if not self.lenient or nearest(node.actor, self.actors):
                self._unknown_actor(node, level)
            return None
        steps = self.vocabulary[kind]
        if node.verb in steps:
            return steps[node.verb]
        near = nearest(node.verb, steps)
        elsewhere = next((name for name, other in self.actors.items() if node.verb in self.vocabulary[other]), None)
        if elsewhere is not None:
            hint = f'did you mean "{elsewhere}.{node.verb}"?'
        else:
            hint = did_you_mean(node.verb, steps, whole="" if near else "it has", prefix=f"{node.actor}.")
        noun = with_article(self.nouns[kind])
        self.around.findings.add(node.place, f"{noun} has no step {quoted(node.verb)}", hint)
        return None

    def _unknown_actor(self, node: StepNode, level: Level) -> None:
        if level.outermost is not None:
            place = level.outermost.flow.place
            message = f"the flow {quoted(level.flows[0])} needs {quoted(node.actor)}, and this scenario has none"
            hint = f"{node.place} says {node.name}"
        else:
            place = replace(node.place, length=len(node.actor))
            message = f"this scenario has no {quoted(node.actor)}"
            near = nearest(node.actor, self.actors)
            hint = f'did you mean "{near}.{node.verb}"?' if near else f"it has {listed(self.actors, 8)}"
        need = next((need for need, kind in NEEDS.items() if kind.actor == node.actor), None)
        self.around.findings.add(place, message, f'add "- {need}: {node.actor}" to its needs' if need else hint)

    def _run(self, node: RunNode, level: Level) -> tuple[PlannedStep | PlannedSoft, ...]:
        name = node.flow.text
        file = self.library.find(name, level.folder)
        flow: Flow | None = None
        if file is None:
            hint = did_you_mean(name, self.library.names(level.folder), whole="there is") or "there are none yet"
            self.around.findings.add(node.flow.place, f"there is no flow {quoted(name)}", hint)
        elif file in level.files:
            way = " → ".join([*level.flows[level.files.index(file) :], name])
            self.around.findings.add(node.flow.place, f"the flow {quoted(name)} runs itself", way)
        elif len(level.files) >= DEEPEST_RUN:
            self.around.findings.add(node.flow.place, "flows run flows too deeply here", "put their steps into one")
        else:
            flow = self.library.read(file)
        if file is None or flow is None:
            for value in node.save.values():
                level.scope.save(value.text, value.place)
            return ()
        self.used.add(file)
        self.runs += 1
        scope = Scope(self.around, later=saved_names(flow.steps), flow=flow.name, prefix=f"{flow.name}#{self.runs}.")
        self._hand_in(node, flow, level.scope, scope)
        inner = Level(file.parent, scope, (*level.flows, flow.name), (*level.files, file), level.outermost or node)
        planned = self._inside(flow.steps, inner)
        check_outputs(flow, scope, self.around)
        self._hand_out(node, flow, scope, level.scope)
        return planned

    def _hand_in(self, node: RunNode, flow: Flow, outer: Scope, inner: Scope) -> None:
        for name, place in node.with_places.items():
            if name not in flow.inputs:
                hint = did_you_mean(name, flow.inputs, whole="it takes") or "it takes none"
                self.around.findings.add(place, f"the flow {quoted(flow.name)} has no input {quoted(name)}", hint)
        for name, default in flow.inputs.items():
            given = node.with_.get(name)
            if given is not None:
                text = outer.resolve(given)
            elif default is not None:
                text = inner.resolve(default)
            else:
                text = None
                if not any(nearest(other, [name]) for other in node.with_ if other not in flow.inputs):
                    needed = ", ".join(f"{other}: …" for other, value in flow.inputs.items() if value is None)
                    hint = f"write with: {{{needed}}} under it"
                    self.around.findings.add(
                        node.flow.place, f"the flow {quoted(flow.name)} needs {quoted(name)}", hint
                    )
            inner.define(name, anything(name) if text is None else text)

    def _hand_out(self, node: RunNode, flow: Flow, inner: Scope, outer: Scope) -> None:
        outputs = [output.text for output in flow.outputs]
        for name, value in node.save.items():
            if name not in outputs:
                hint = did_you_mean(name, outputs, whole="it has") or "it has none"
                message = f"the flow {quoted(flow.name)} has no output {quoted(name)}"
                self.around.findings.add(node.save_places[name], message, hint)
            outer.save(value.text, value.place, inner.saved_keys(name)[:1])


def anything(name: str) -> ResolvedText:
    """What an input stands for while nobody has said it."""
    return ResolvedText((Slot((name,), f"${name}", holds=Holds.ANYTHING),))


def check_outputs(flow: Flow, scope: Scope, around: Surroundings) -> None:
    """See to it that a flow's steps save what it promises."""
    for output in flow.outputs:
        if not scope.saved_keys(output.text):
            hint = f"save it in a step: save: {{…: {output.text}}}"
            around.findings.add(output.place, f"no step of this flow saves {quoted(output.text)}", hint)


def saved_names(nodes: Sequence[Node]) -> dict[str, Place]:
    """Find the names that steps save, each with the first place where that is done."""
    found = dict[str, Place]()
    for node in nodes:
        match node:
            case StepNode() | RunNode():
                for value in node.save.values():
                    found.setdefault(value.text, value.place)
            case StageNode() | SoftNode():
                for name, place in saved_names(node.steps).items():
                    found.setdefault(name, place)
            case NoteNode():
                pass
    return found


def _flat(planned: Sequence[PlannedStep | PlannedSoft]) -> Iterator[PlannedStep]:
    for part in planned:
        if isinstance(part, PlannedSoft):
            yield from part.steps
        else:
            yield part


def _noted(planned: Sequence[PlannedStep | PlannedSoft], note: str) -> tuple[PlannedStep | PlannedSoft, ...]:
    """Give a note to the first step that it explains."""
    if not note or not planned:
        return tuple(planned)
    first, *others = planned
    if isinstance(first, PlannedSoft):
        if not first.steps:
            return tuple(planned)
        first = replace(first, steps=(replace(first.steps[0], note=note), *first.steps[1:]))
    else:
        first = replace(first, note=note)
    return (first, *others)
