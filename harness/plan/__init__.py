"""Turns scenarios into plans: all names resolved, all flows expanded, all errors found before anything runs."""

from harness.plan.checking import check
from harness.plan.describing import describe
from harness.plan.values import (
    Plan,
    Planned,
    PlannedArgument,
    PlannedNeed,
    PlannedSoft,
    PlannedStage,
    PlannedStep,
    TargetFacts,
)

__all__ = [
    "Plan",
    "Planned",
    "PlannedArgument",
    "PlannedNeed",
    "PlannedSoft",
    "PlannedStage",
    "PlannedStep",
    "TargetFacts",
    "check",
    "describe",
]
