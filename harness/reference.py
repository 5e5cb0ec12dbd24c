"""The reference page of all steps, for the terminal and as Markdown, read off the steps' definitions."""

import inspect
import textwrap
from collections.abc import Iterator, Mapping
from typing import Final

from harness.parameters import ParameterKind
from harness.steps import FROM_PROFILE, Actor, Parameter, StepDefinition, steps_of

_WIDTH: Final = 100
_HOW_TO_READ: Final = (
    "A word in capitals is to be replaced; what stands in [ ] may be left out. A step that waits may also be told how "
    "long: within: 3s; else the scenario's `wait` counts. save: {VALUE: NAME} keeps a value of the step as $NAME."
)


def step_reference(registry: Mapping[str, type[Actor]], *, markdown: bool = False) -> str:
    """Write the page of all steps of all actors, in the order of the registry: plain text, or Markdown."""
    lines = _in_markdown(registry) if markdown else _in_plain_text(registry)
    return "\n".join(lines).rstrip() + "\n"


def how_to_write(step: StepDefinition) -> str:
    """Show how a step is written, what may be left out in brackets: `server.audit: {of: CUSTOMER[, reason: TEXT]}`."""
    positional = step.positional
    others = [parameter for parameter in step.parameters if parameter is not positional]
    if positional is not None and not step.saves and not any(parameter.required for parameter in others):
        bare = f"{step.name}: {_placeholder(positional.kind)}"
        return bare if positional.required else f"{step.name}:[ {_placeholder(positional.kind)}]"
    parts = ""
    for parameter in sorted(step.parameters, key=lambda parameter: not parameter.required):
        part = f"{', ' if parts else ''}{parameter.name}: {_placeholder(parameter.kind)}"
        parts += part if parameter.required else f"[{part}]"
    if step.saves:
        outputs = ["VALUE"] if step.saves is FROM_PROFILE else step.saves
        parts += f"[{', ' if parts else ''}save: {{{', '.join(f'{output}: NAME' for output in outputs)}}}]"
    return f"{step.name}: {{{parts}}}" if parts else f"{step.name}:"


def _in_plain_text(registry: Mapping[str, type[Actor]]) -> Iterator[str]:
    yield from _wrapped(_HOW_TO_READ, "")
    for kind, actor in registry.items():
        yield ""
        yield ""
        yield f"{kind}: {_about(actor)}"
        for step in steps_of(actor).values():
            yield ""
            yield f"  {how_to_write(step)}"
            for paragraph in step.doc.split("\n\n"):
                yield from _wrapped(" ".join(paragraph.split()), "      ")
            rows = [*_facts(step)]
            widest = max(len(name) for name, _ in rows)
            for name, text in rows:
                yield from _wrapped(text, " " * (widest + 10), first=f"        {name:<{widest}}  ")


def _in_markdown(registry: Mapping[str, type[Actor]]) -> Iterator[str]:
    yield from ("# Steps", "", _HOW_TO_READ)
    for kind, actor in registry.items():
        yield from ("", f"## {kind}", "", _about(actor))
        for step in steps_of(actor).values():
            yield from ("", f"### `{step.name}`", "", "```text", f"- {how_to_write(step)}", "```", "", step.doc, "")
            yield from ("| | |", "| --- | --- |")
            for name, text in _facts(step):
                cell = text.replace("|", r"\|")
                yield f"| `{name}` | {cell} |"


def _about(actor: type[Actor]) -> str:
    """Say what an actor is: the first paragraph of its docstring."""
    return " ".join((inspect.getdoc(actor) or "").split("\n\n")[0].split())


def _facts(step: StepDefinition) -> Iterator[tuple[str, str]]:
    """Give what there is to know of a step, row by row: its parameters, its outputs, what it needs, its sentence."""
    for parameter in step.parameters:
        yield parameter.name, _described(parameter)
    if step.saves:
        yield "save", "the values of the message profile" if step.saves is FROM_PROFILE else ", ".join(step.saves)
    if not step.waits:
        yield "within", "does not wait"
    if step.requires:
        yield "target", f"must be able to do this: {step.requires}"
    yield "report", str(step.sentence)


def _described(parameter: Parameter) -> str:
    kind = parameter.kind
    words = kind.name
    if kind.advice:
        words += f": {kind.advice}"
    if not parameter.required:
        words += "; may be left out" + ("" if parameter.default is None else f", then {kind.show(parameter.default)}")
    return words


def _placeholder(kind: ParameterKind) -> str:
    """Give a kind's name as a word to be replaced: `LABEL`, `AUDIT-EVENT`, or the words to choose from."""
    return "|".join(kind.choices) if kind.choices else kind.name.upper().replace(" ", "-")


def _wrapped(text: str, indent: str, first: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first or indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
