"""Tells a plan in plain English, line by line, for somebody who wants to know what a run will do."""

from collections.abc import Iterator, Sequence

from harness.plan.values import Plan, Planned, PlannedSoft, PlannedStage, PlannedStep


def describe(plan: Plan) -> tuple[str, ...]:
    """Tell a plan: its id and title, and under it each stage and each step as a sentence. Secrets are hidden."""
    return tuple(_lines(plan))


def _lines(plan: Plan) -> Iterator[str]:
    yield f"{plan.id} {plan.title}"
    for need in plan.needs:
        options = "".join(
            f", {name} {value}" for name, value in need.options.items() if name not in ("password", "pin")
        )
        yield f"  given a {need.kind}, {need.alias}{options}"
    for title, steps in (
        ("before", plan.before),
        ("", plan.steps),
        ("if it fails", plan.on_failure),
        ("after", plan.after),
    ):
        if title and steps:
            yield f"  {title}:"
        yield from _told(steps, "    " if title else "  ")


def _told(steps: Sequence[Planned], indent: str) -> Iterator[str]:
    for planned in steps:
        match planned:
            case PlannedStage(title=title, steps=inner):
                yield f"{indent}{title}"
                yield from _told(inner, f"{indent}  ")
            case PlannedSoft(steps=inner):
                yield f"{indent}all of these:"
                yield from _told(inner, f"{indent}  ")
            case PlannedStep():
                if planned.note:
                    yield f"{indent}({' '.join(planned.note.split())})"
                yield f"{indent}{planned.sentence()}"
