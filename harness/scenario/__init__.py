"""The language: reads scenario and flow files into frozen values, or says everything that is wrong with them."""

from harness.scenario.loading import load
from harness.scenario.problems import Problem, Problems, render
from harness.scenario.values import (
    Flow,
    Need,
    Node,
    NoteNode,
    Row,
    RunNode,
    Scenario,
    SoftNode,
    StageNode,
    StepNode,
    Value,
)

__all__ = [
    "Flow",
    "Need",
    "Node",
    "NoteNode",
    "Problem",
    "Problems",
    "Row",
    "RunNode",
    "Scenario",
    "SoftNode",
    "StageNode",
    "StepNode",
    "Value",
    "load",
    "render",
]
