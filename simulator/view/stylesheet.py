"""Textual's stylesheet, which parses each piece of CSS once in a process and not once for every phone."""

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation

_Variables = tuple[tuple[str, str], ...]

_parsed: dict[tuple[_Variables, str, CSSLocation, bool, int, str], list[RuleSet]] = {}
"""Rules by the theme's variables and by all that Textual itself tells pieces of CSS apart by. Nobody changes a rule."""


class SharedStylesheet(Stylesheet):
    """A stylesheet that shares what it parsed with those of other phones: a third of a phone's start is parsing."""

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._theme: _Variables = tuple(sorted((variables or {}).items()))

    def set_variables(self, variables: dict[str, str]) -> None:
        """As Textual's: the theme has changed."""
        super().set_variables(variables)
        self._theme = tuple(sorted(variables.items()))

    def _parse_rules(
        self, css: str, read_from: CSSLocation, is_default_rules: bool = False, tie_breaker: int = 0, scope: str = ""
    ) -> list[RuleSet]:
        key = (self._theme, css, read_from, is_default_rules, tie_breaker, scope)
        if key not in _parsed:
            _parsed[key] = super()._parse_rules(css, read_from, is_default_rules, tie_breaker, scope)
        return _parsed[key]
