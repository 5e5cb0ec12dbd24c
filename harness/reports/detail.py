"""How much a run tells on the terminal."""

from enum import StrEnum


class Detail(StrEnum):
    """How much is told of a scenario that passed."""

    SCENARIOS = "scenarios"
    STAGES = "stages"
    STEPS = "steps"
