"""Textual's stylesheet, which works out once in a process what would else be worked out anew for every phone.

Phones look alike: their CSS is the same, and so are the widgets that it is matched with. Parsing is a third of a
phone's start, and matching half of the work of a new screen.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import cast

from textual.css.model import CombinatorType, RuleSet, Selector, SelectorType
from textual.css.styles import RulesMap
from textual.css.stylesheet import CssSource, Stylesheet
from textual.css.types import CSSLocation
from textual.dom import DOMNode

_Variables = tuple[tuple[str, str], ...]
_Selectable = tuple[type[DOMNode], str | None, frozenset[str]]
_Outcome = tuple[RulesMap, tuple[bool, ...]]
"""The styles of a node, and the notes that Textual made on it."""

_NOTES = ("_has_hover_style", "_has_focus_within", "_has_order_style", "_has_odd_or_even")
"""Where Textual notes on a node what else its styles depend on, so that it knows when to match them again."""

_parsed: dict[tuple[_Variables, str, CSSLocation, bool, int, str], list[RuleSet]] = {}
"""Rules by the theme's variables and by all that Textual itself tells pieces of CSS apart by. Nobody changes a rule."""


class _Candidates:
    """The rules that end in a type, class or id of a node, and what they have come to for each place in the tree.

    Args:
        rules: The rules, the last one in the CSS first.
    """

    def __init__(self, rules: tuple[RuleSet, ...]) -> None:
        chains = [chain.selectors for rule in rules for chain in rule.selector_set]
        ends = [(chain, _start_of_end(chain)) for chain in chains]
        self._ids = _names(selector for chain in chains for selector in chain if selector.type is SelectorType.ID)
        self._own_states = _states(selector for chain, start in ends for selector in chain[start:])
        self._outer_states = _states(selector for chain, start in ends for selector in chain[:start])
        self.outcomes: dict[Hashable, _Outcome] = {}
        """What the rules came to, by the place."""

    def place_of(self, node: DOMNode) -> Hashable:
        """All that these rules can tell nodes apart by: names and states of the node, and of those around it."""
        return (
            tuple(node.has_pseudo_class(state) for state in self._own_states),
            *((type(n), n.id if n.id in self._ids else None, n.classes) for n in node.css_path_nodes),
            *(n.has_pseudo_class(state) for state in self._outer_states for n in node.css_path_nodes),
        )


def _start_of_end(chain: Sequence[Selector]) -> int:
    """Where in a chain of selectors those begin that speak of the node itself: `.c:focus` in `A > B.c:focus`."""
    start = len(chain) - 1
    while start and chain[start].combinator is CombinatorType.SAME:
        start -= 1
    return start


def _names(selectors: Iterable[Selector]) -> frozenset[str]:
    return frozenset(selector.name for selector in selectors)


def _states(selectors: Iterable[Selector]) -> tuple[str, ...]:
    return tuple(sorted({state for selector in selectors for state in selector.pseudo_classes}))


_candidates: dict[tuple[RuleSet, ...], _Candidates] = {}


class _Sheet:
    """All rules of a stylesheet, and which of them are candidates for a node.

    Args:
        rules: The rules, in the CSS's order.
    """

    def __init__(self, rules: list[RuleSet]) -> None:
        self.rules = rules
        self._ids = {name for rule in rules for name in rule.selector_names if name.startswith("#")}
        self._candidates: dict[_Selectable, _Candidates] = {}

    def candidates_for(self, node: DOMNode) -> _Candidates:
        """The rules that end in `node`'s type, in one of its classes or in its id."""
        key = (type(node), node.id if f"#{node.id}" in self._ids else None, frozenset(node.classes))
        if key not in self._candidates:
            names = node._selector_names  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - Textual's own
            rules = tuple(rule for rule in reversed(self.rules) if not rule.selector_names.isdisjoint(names))
            self._candidates[key] = _candidates.setdefault(rules, _Candidates(rules))
        return self._candidates[key]


_sheets: dict[tuple[_Variables, tuple[tuple[CSSLocation, CssSource], ...]], _Sheet] = {}
"""Sheets by their text. A phone's grows as it shows widgets of more classes, much as the other phones' do."""


class SharedStylesheet(Stylesheet):
    """A stylesheet that shares with those of other phones what it has parsed and what it has matched."""

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._theme: _Variables = tuple(sorted((variables or {}).items()))
        self._sheet = _Sheet([])

    def set_variables(self, variables: dict[str, str]) -> None:
        """As Textual's: the theme has changed."""
        super().set_variables(variables)
        self._theme = tuple(sorted(variables.items()))

    def parse(self) -> None:
        """As Textual's, but what another phone has parsed already is taken as it is. Nobody changes a rule."""
        text = (self._theme, tuple(self.source.items()))
        if text not in _sheets:
            super().parse()
            _sheets[text] = _Sheet(self._rules)
        self._sheet = _sheets[text]
        self._rules = self._sheet.rules
        self._rules_map = None
        self._require_parse = False

    def reparse(self) -> None:
        """As Textual's, but by way of what is shared."""
        self.parse()

    def _parse_rules(
        self, css: str, read_from: CSSLocation, is_default_rules: bool = False, tie_breaker: int = 0, scope: str = ""
    ) -> list[RuleSet]:
        key = (self._theme, css, read_from, is_default_rules, tie_breaker, scope)
        if key not in _parsed:
            _parsed[key] = super()._parse_rules(css, read_from, is_default_rules, tie_breaker, scope)
        return _parsed[key]

    def apply(
        self, node: DOMNode, *, animate: bool = False, cache: dict[tuple[object, ...], RulesMap] | None = None
    ) -> None:
        """As Textual's, but a node that looks like an earlier one to every rule gets what that one got."""
        del animate, cache  # nothing on a phone glides, and a place is remembered for longer than for one update
        if self._require_parse:
            self.parse()
        candidates = self._sheet.candidates_for(node)
        place = candidates.place_of(node)
        outcome = candidates.outcomes.get(place)
        if outcome is None:
            super().apply(node)  # pyright: ignore[reportUnknownMemberType] - its type leaves the cache's open
            # What the styles keep, not what the rules say: styles turn the words of some rules into values.
            candidates.outcomes[place] = (node.styles.base.get_rules(), tuple(getattr(node, name) for name in _NOTES))
            return
        rules, notes = outcome
        for name, note in zip(_NOTES, notes, strict=True):
            setattr(node, name, note)
        self._put(rules, node)
        self._process_component_classes(node)

    @staticmethod
    def _put(rules: RulesMap, node: DOMNode) -> None:
        """Let `node` have these styles: a new node all of them at once, another one those that it has not."""
        styles = node.styles.base
        before, after = cast("dict[str, object]", styles.get_rules()), cast("dict[str, object]", rules)
        if before:
            for name in before.keys() | after.keys():
                if before.get(name) != after.get(name):
                    setattr(styles, name, after.get(name))
        else:
            styles.merge_rules(rules)
        node.notify_style_update()
