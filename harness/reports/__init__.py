"""Tells people and machines what happened in a run: on the terminal, as a page, as JUnit XML, as JSON lines."""

from harness.reports.reporter import Reporter, ReportNotWritten

__all__ = ["ReportNotWritten", "Reporter"]
