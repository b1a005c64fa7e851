"""Style sheets that are parsed once in a process, and styles that are found out once.

Finding out which rules apply to a widget takes Textual a third of the time until the first
screen, and it does so for each widget of a screen whenever that comes to the front. Here, what
was found out for one widget is used for all that no rule tells apart, in all apps of the process.

Like `textual_internals`, it uses Textual's private API.
"""

from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias
from weakref import WeakKeyDictionary

from textual.cache import LRUCache
from textual.css.model import RuleSet
from textual.css.styles import RenderStyles, RulesMap, Styles
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation
from textual.dom import DOMNode

# Style sheets, each as parsed for one theme: those of all widgets and screens, for some themes.
MAX_PARSED: Final = 1_000

# Widgets that rules tell apart, by where they are and in which state. The client has some
# hundreds in one theme, of two kilobytes each.
MAX_FOUND: Final = 4_000

_ORDERS: Final = frozenset({"first-of-type", "last-of-type", "first-child", "last-child", "empty"})
_PARITIES: Final = frozenset({"odd", "even"})

_Seen: TypeAlias = tuple[object, ...]
"""What rules see of one node of a path."""


class Candidates:
    """Rules that may apply to a node of some type, id and classes, and what they look at."""

    def __init__(self, rules: tuple[RuleSet, ...]) -> None:
        states = frozenset[str]().union(*[rule.pseudo_classes for rule in rules])
        self._states = sorted(states)
        self._hover = "hover" in states
        self._focus_within = "focus-within" in states
        self._order = not states.isdisjoint(_ORDERS)
        self._parity = not states.isdisjoint(_PARITIES)

    def seen_of(self, node: DOMNode) -> _Seen:
        """Return all that these rules see of `node`, which is on the path to what they style."""
        checks = node._PSEUDO_CLASSES
        states = [name in checks and bool(checks[name](node)) for name in self._states]  # type: ignore[arg-type]
        return (node._css_type_names, node._id, frozenset(node._classes), *states)

    def mark(self, node: DOMNode) -> None:
        """Note on `node` when it has to be styled again."""
        node._has_hover_style = self._hover
        node._has_focus_within = self._focus_within
        node._has_order_style = self._order
        node._has_odd_or_even = self._parity


class _Found:
    """The rules that apply to some nodes, as Textual found them out."""

    def __init__(self, rules: RulesMap) -> None:
        self.rules = rules
        settled = Styles()
        for name, value in rules.items():
            setattr(settled, name, value)
        self._settled = settled._rules
        self._settled.pop("layout", None)  # which has a state: each node needs its own

    def settle(self, styles: Styles) -> None:
        """Set all of them in `styles`, which are new: each value is checked already."""
        styles.merge_rules(self._settled)
        if "layout" in self.rules:
            styles.layout = self.rules["layout"]


class _ComponentStyles(dict[str, RenderStyles]):
    """The styles of the parts of a widget, each found out when it is first needed."""

    def __init__(self, names: frozenset[str], style: Callable[[str], RenderStyles]) -> None:
        super().__init__()
        self._names = names
        self._style = style

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __missing__(self, name: str) -> RenderStyles:
        styles = self[name] = self._style(name)
        return styles


class SharedStylesheet(Stylesheet):
    """A stylesheet that shares its rules, and what they come to, with those of other apps.

    Textual keeps the rules of one app only; it does not change them once they are parsed.
    """

    _parsed: Final[LRUCache[object, list[RuleSet]]] = LRUCache(MAX_PARSED)
    _all_candidates: Final[LRUCache[tuple[RuleSet, ...], Candidates]] = LRUCache(MAX_FOUND)
    _found: Final[LRUCache[object, _Found]] = LRUCache(MAX_FOUND)

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._positions: dict[str, list[int]] = {}  # of rules, by the last name in their selectors
        self._positions_in: list[RuleSet] | None = None
        self._candidates: dict[frozenset[str], Candidates] = {}  # by such names
        self._looked_for: object = None
        # To each node, what was found for it last, and how often its style had changed then.
        self._given: WeakKeyDictionary[DOMNode, tuple[_Found, int]] = WeakKeyDictionary()

    def _parse_rules(
        self,
        css: str,
        read_from: CSSLocation,
        is_default_rules: bool = False,
        tie_breaker: int = 0,
        scope: str = "",
    ) -> list[RuleSet]:
        source = (css, read_from, is_default_rules, tie_breaker, scope)
        key = (*source, frozenset(self._variables.items()))
        if (rules := self._parsed.get(key)) is None:
            rules = self._parsed[key] = super()._parse_rules(*source)
        return rules

    def apply(
        self,
        node: DOMNode,
        *,
        animate: bool = False,
        cache: object = None,
    ) -> None:
        """Apply the style sheet to `node`; there is no use for Textual's `cache`."""
        candidates = self._candidates_for(node)
        key = (candidates, *map(candidates.seen_of, node.css_path_nodes))
        if (found := self._found.get(key)) is None:
            self._looked_for = key
            super().apply(node, animate=animate)
            self._looked_for = None
        else:
            candidates.mark(node)
            self._give(node, found, animate)
            self._process_component_classes(node)

    def replace_rules(  # type: ignore[override]
        self, node: DOMNode, rules: RulesMap, animate: bool = False
    ) -> None:
        """Take from Textual what it has found out, and give it to `node`."""
        found = _Found(rules)
        if self._looked_for is not None:
            self._found[self._looked_for] = found
            self._looked_for = None
        self._give(node, found, animate)

    def _give(self, node: DOMNode, found: _Found, animate: bool) -> None:
        """Give `node` the rules that were found for it. Most often it has them already."""
        base = node.styles.base
        has, updates = self._given.get(node, (None, 0))
        if has is found and updates == base._updates:
            node.notify_style_update()
            return
        if base._rules or node._is_mounted or animate:
            super().replace_rules(node, found.rules, animate)
        else:
            found.settle(base)
            node.notify_style_update()
        self._given[node] = found, base._updates

    def _candidates_for(self, node: DOMNode) -> Candidates:
        rules = self.rules
        if rules is not self._positions_in:
            self._take_positions(rules)
        names = frozenset(self._positions.keys() & node._selector_names)
        if (candidates := self._candidates.get(names)) is None:
            positions = {position for name in names for position in self._positions[name]}
            key = tuple([rules[position] for position in sorted(positions)])
            if (candidates := self._all_candidates.get(key)) is None:
                candidates = self._all_candidates[key] = Candidates(key)
            self._candidates[names] = candidates
        return candidates

    def _take_positions(self, rules: list[RuleSet]) -> None:
        self._positions_in = rules
        self._positions.clear()
        self._candidates.clear()
        for position, rule in enumerate(rules):
            for name in rule.selector_names:
                self._positions.setdefault(name, []).append(position)

    def _process_component_classes(self, node: DOMNode) -> None:
        """Style the parts of `node` that have been drawn; draw it again if they look different.

        Textual makes a node for each part, of which the log has dozens, and most are never drawn.
        """
        if not isinstance(node._component_styles, _ComponentStyles):
            if names := node._get_component_classes():
                node._component_styles = _ComponentStyles(
                    frozenset(names), partial(self._style_of_part, node)
                )
            return
        parts = list(node._component_styles.values())
        before = [styles.base._updates for styles in parts]
        for styles in parts:
            assert styles.node is not None
            self.apply(styles.node)
        if [styles.base._updates for styles in parts] != before:
            node.refresh()

    def _style_of_part(self, node: DOMNode, name: str) -> RenderStyles:
        part = DOMNode(classes=name)
        part._attach(node)
        self.apply(part, animate=False)
        return part.styles

    def reparse(self) -> None:
        """Parse with new variables. Textual does so in a new stylesheet, which shares nothing."""
        self.parse()
