"""What a thumb can press."""

from collections.abc import Awaitable, Callable
from typing import ClassVar, Literal

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.visual import VisualType

from simulator.view.plain import plain
from simulator.view.widgets.readable import Leaf
from simulator.view.widgets.still import Still

Action = Callable[[], Awaitable[None] | None]
"""What a touch sets off."""

TouchKind = Literal["primary", "secondary", "quiet", "row", "tile"]


class Performer(Still):
    """The widget around all touches, which carries out what they set off: one action at a time."""

    def perform(self, touch: "Touch") -> None:
        """Begin `touch.action`, or leave it be when an earlier action still runs and the touch does not interrupt."""
        raise NotImplementedError


class Touch(Leaf, can_focus=True):
    """A button, a row of a list, an icon: anything with a label that does one thing when it is pressed.

    Args:
        label: The visible words; also the name by which hands find it.
        action: What pressing it does. May be a coroutine function.
        id: Stable id.
        kind: `primary` (the screen's main action), `secondary`, `quiet` (words only), `row` (of a list), `tile`.
        interrupts: May be pressed while an earlier action still waits, and ends that: the ways out of a screen.
        disabled: Cannot be pressed yet.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "press", show=False)]
    LEAVES: ClassVar[bool] = False
    """Whether it leads out of the app in front, whose own actions then go on behind."""

    ALLOW_SELECT = False
    FOCUS_ON_CLICK = False

    def __init__(
        self,
        label: str,
        action: Action,
        *,
        id: str,
        kind: TouchKind = "secondary",
        interrupts: bool = False,
        disabled: bool = False,
    ) -> None:
        super().__init__(id=id, classes=f"-{kind}", disabled=disabled)
        self._label = plain(label)
        self.action = action
        self.interrupts = interrupts
        self.presses = 0
        """How often it was pressed, so that a finger can tell that it has hit."""

    @property
    def label(self) -> str:
        """The words on it."""
        return self._label

    @property
    def said(self) -> tuple[str, ...]:
        return (self.label,)

    def render(self) -> VisualType:
        return Content(self.label)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A finger comes down. It concerns nobody around."""
        event.stop()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """A finger goes up. It concerns nobody around."""
        event.stop()

    def on_click(self, event: events.Click) -> None:
        """A finger, or the mouse."""
        event.stop()
        self.action_press()

    def action_press(self) -> None:
        """Press it, as a click or the enter key does. Without effect while it is disabled."""
        if not self.is_disabled:
            self.presses += 1
            next(widget for widget in self.ancestors if isinstance(widget, Performer)).perform(self)
