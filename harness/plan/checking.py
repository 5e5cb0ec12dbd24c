"""Checks scenarios and makes plans of them: everything that is wrong is found before anything runs."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from harness.plan.arguments import Checker
from harness.plan.chance import draw
from harness.plan.expansion import Expander, Level, anything, check_outputs, saved_names
from harness.plan.files import find_files
from harness.plan.flows import FlowLibrary
from harness.plan.needs import NEEDS, check_tokens, plan_need
from harness.plan.scope import Scope, Surroundings, secret_kind
from harness.plan.texts import Fixed, ResolvedText
from harness.plan.values import Plan, TargetFacts
from harness.scenario.loading import FLOW_SUFFIX, load_into
from harness.scenario.problems import Findings, quoted
from harness.scenario.values import Flow, Row, Scenario
from harness.steps import Actor, steps_of


def check(
    paths: Iterable[Path],
    *,
    registry: Mapping[str, type[Actor]],
    target: TargetFacts,
    environ: Mapping[str, str],
    seed: str = "",
    root: Path | None = None,
) -> tuple[Plan, ...]:
    """Read all scenarios under `paths` (files, or folders with all in them) and make a plan of each row of each.

    `registry` gives the actors by kind; `environ` is what `$env.X` sees; `seed` makes `$random.x` repeatable; places
    are given relative to `root` (the working directory). Flows under `paths` are checked too, whether a scenario runs
    them or not.

    Raises Problems with every mistake in every file.
    """
    check = _Check(registry, target, environ, seed, root or Path.cwd())
    return check.everything(paths)


class _Check:
    def __init__(
        self,
        registry: Mapping[str, type[Actor]],
        target: TargetFacts,
        environ: Mapping[str, str],
        seed: str,
        root: Path,
    ) -> None:
        self._vocabulary = {kind: steps_of(actor) for kind, actor in registry.items()}
        self._nouns = {kind: actor.noun or kind for kind, actor in registry.items()}
        self._target = target
        self._environ = environ
        self._seed = seed
        self._root = root
        self._findings = Findings()
        self._library = FlowLibrary(target.flow_folders, root, self._findings)
        self._used = set[Path]()
        self._ids: dict[str, Scenario] = {}

    def everything(self, paths: Iterable[Path]) -> tuple[Plan, ...]:
        plans = list[Plan]()
        files = find_files(paths, self._root, self._findings)
        for file in files:
            if file.name.endswith(FLOW_SUFFIX):
                continue
            loaded = load_into(self._findings, file, self._root)
            if isinstance(loaded, Scenario):
                self._check_id(loaded)
                rows: tuple[Row | None, ...] = loaded.examples or (None,)
                plans += [self._plan(loaded, file, row) for row in rows]
        for file in files:
            if file.name.endswith(FLOW_SUFFIX) and (flow := self._library.read(file)) and file not in self._used:
                self._check_alone(flow, file)
        self._findings.raise_if_any()
        return tuple(plans)

    def _check_id(self, scenario: Scenario) -> None:
        first = self._ids.setdefault(scenario.id, scenario)
        if first is not scenario:
            hint = f"{first.id_place} has it too; give each scenario its own"
            self._findings.add(scenario.id_place, f"the id {quoted(scenario.id)} is taken", hint)

    def _around(self, plan_id: str) -> Surroundings:
        return Surroundings(
            findings=self._findings,
            environ=self._environ,
            draw=lambda kind, key: draw(kind, f"{plan_id}/{key}", self._seed),
        )

    def _plan(self, scenario: Scenario, file: Path, row: Row | None) -> Plan:
        plan_id = scenario.id if row is None else f"{scenario.id}[{row.case}]"
        around = self._around(plan_id)
        checker = Checker(self._target, self._findings, tuple(n.alias for n in scenario.needs if n.kind == "customer"))
        every = (*scenario.before, *scenario.steps, *scenario.on_failure, *scenario.after)
        scope = Scope(around, later=saved_names(every), row=row)
        _define(scenario, scope, around)
        needs = tuple(plan_need(need, scope, checker) for need in scenario.needs)
        check_tokens(needs, checker)
        options = (option for need in needs for option in need.options.items())
        around.secrets.extend((kind, text) for name, text in options if (kind := secret_kind(name, text)))
        expander = self._expander(scenario, checker, around)
        level = Level(file.parent, scope)
        before = expander.expand(scenario.before, level)
        steps = expander.expand(scenario.steps, level)
        scope.loosen()
        on_failure = expander.expand(scenario.on_failure, level)
        scope.loosen()
        after = expander.expand(scenario.after, level)
        self._used |= expander.used
        return Plan(
            scenario=scenario,
            id=plan_id,
            title=scenario.title,
            case="" if row is None else row.case,
            row={} if row is None else {column: value.text for column, value in row.values.items()},
            needs=needs,
            before=before,
            steps=steps,
            on_failure=on_failure,
            after=after,
            secrets=tuple(dict.fromkeys(around.secrets)),
            missing=tuple(sorted(expander.required - self._target.capabilities)),
        )

    def _expander(self, scenario: Scenario, checker: Checker, around: Surroundings) -> Expander:
        needed = {need.alias: NEEDS[need.kind].actor for need in scenario.needs if NEEDS[need.kind].actor}
        by_need = {kind.actor for kind in NEEDS.values()}
        implicit = {kind: kind for kind in self._vocabulary if kind not in by_need}
        for need in scenario.needs:
            if need.alias in implicit:
                message = f"{quoted(need.alias)} acts in every scenario"
                self._findings.add(need.place, message, f"give this {need.kind} another name: {{as: …}}")
        return Expander(
            vocabulary=self._vocabulary,
            nouns=self._nouns,
            actors={**implicit, **{alias: kind for alias, kind in needed.items() if kind in self._vocabulary}},
            library=self._library,
            checker=checker,
            around=around,
        )

    def _check_alone(self, flow: Flow, file: Path) -> None:
        """Check a flow that no scenario runs: its inputs may be anything, and its actors anybody."""
        around = self._around(flow.name)
        scope = Scope(around, later=saved_names(flow.steps), flow=flow.name)
        for name in flow.inputs:
            scope.define(name, anything(name))
        expander = Expander(
            vocabulary=self._vocabulary,
            nouns=self._nouns,
            actors={kind: kind for kind in self._vocabulary},
            library=self._library,
            checker=Checker(self._target, self._findings),
            around=around,
            lenient=True,
        )
        expander.expand(flow.steps, Level(file.parent, scope, (flow.name,), (file,)))
        check_outputs(flow, scope, around)


def _define(scenario: Scenario, scope: Scope, around: Surroundings) -> None:
    """Define what a scenario knows from the start: its customers, then its variables, each seeing those above it."""
    for need in scenario.needs:
        if need.kind == "customer":
            password = need.options.get("password")
            scope.define_customer(need.alias, has_password=password is None or password.text != "none")
    for name, value in scenario.vars.items():
        if any(need.alias == name for need in scenario.needs):
            around.findings.add(
                scenario.var_places[name], f'"{name}" is already the name of a need', "choose another name"
            )
            continue
        text = scope.resolve(value, key=name)
        if text is None:
            scope.define(name, anything(name))
            continue
        fixed = text.fixed
        if fixed is not None:
            kind = secret_kind(name, fixed)
            if kind:
                around.secrets.append((kind, fixed))
            text = ResolvedText((Fixed(fixed, secret=bool(kind) or text.secret, origin=value.place),))
        scope.define(name, text)
