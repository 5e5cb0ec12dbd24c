"""A labelled field, its error under it, and a way to look at a secret."""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.visual import VisualType
from textual.widgets import Input

from simulator.view.widgets.readable import Readable
from simulator.view.widgets.still import Column, Row, Still
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words

LONGEST_ENTRY = 256
"""Characters that a field takes; more than any password, code or path that makes sense here."""


class Entry(Input, Still, Readable):  # pyright: ignore[reportIncompatibleMethodOverride] - of Still, which is a Widget
    """The line one types on. A secret reads, and is drawn, as bullets until somebody looks.

    Args:
        changed: Called after each change of the value, before anything else can happen.
        secret: Show bullets.
        value: What it holds at first.
    """

    IS_PRIVATE: ClassVar[bool] = True

    def __init__(self, changed: Callable[[], None], *, secret: bool, value: str) -> None:
        self._tell: Callable[[], None] | None = None  # what it holds at first is no change
        super().__init__(value, password=secret, max_length=LONGEST_ENTRY, select_on_focus=False, validate_on=())
        self.disable_messages(Input.Changed, Input.Blurred)  # nobody waits for them, and each would go up to the app
        self.cursor_blink = False
        self._tell = changed

    def watch_value(self) -> None:
        """Tell the field at once: a message would arrive after what the customer does next."""
        if self._tell is not None:
            self._tell()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A finger comes down. It concerns nobody around."""
        event.stop()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """A finger goes up. It concerns nobody around."""
        event.stop()

    def on_click(self, event: events.Click) -> None:
        """A finger, or the mouse."""
        event.stop()

    @property
    def said(self) -> tuple[str, ...]:
        shown = "•" * len(self.value) if self.password else self.value
        return (shown,) if shown else ()


class Look(Touch):
    """Shows a secret while somebody wants to see it, and hides it again.

    Args:
        entry: Whose secret it is.
        show: Its label while the secret is hidden.
        hide: Its label while the secret is shown.
        id: Stable id.
    """

    def __init__(self, entry: Entry, *, show: str, hide: str, id: str) -> None:
        super().__init__(show, self._turn, id=id, kind="quiet")
        self._entry = entry
        self._show = show
        self._hide = hide

    @property
    def label(self) -> str:
        return self._show if self._entry.password else self._hide

    def _turn(self) -> None:
        self._entry.password = not self._entry.password
        self.refresh(layout=True)

    def render(self) -> VisualType:
        return Content(self.label)


class Field(Column, Readable):
    """One thing to type.

    Args:
        label: The visible words in its upper edge; also the name by which hands find it.
        id: Stable id; the core's refusals name fields by it.
        look: For a secret, the words of the way to look and of the way to stop looking.
        value: What it holds at first.
        changed: Called after each change of what it holds.
    """

    ERROR_MARK: ClassVar[str] = "✘ "

    def __init__(
        self,
        label: str,
        *,
        id: str,
        look: tuple[str, str] | None = None,
        value: str = "",
        changed: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(id=id)
        self.label = label
        self._look = look
        self._changed = changed
        self._error: Words | None = None
        self.entry = Entry(self._accept, secret=look is not None, value=value)

    @property
    def said(self) -> tuple[str, ...]:
        return (self.label,)

    @property
    def value(self) -> str:
        """What has been typed, exactly."""
        return self.entry.value

    @property
    def error(self) -> str:
        """What stands under it, without its marks; empty if nothing is wrong."""
        return "" if self._error is None else self._error.text.replace(self.ERROR_MARK, "")

    def compose(self) -> ComposeResult:
        with Row() as box:
            box.border_title = Content(self.label).markup
            box.disable_messages(events.DescendantFocus, events.DescendantBlur)  # its edge is told by :focus-within
            yield self.entry
            if self._look:
                show, hide = self._look
                yield Look(self.entry, show=show, hide=hide, id=f"{self.id}-look")

    def fill(self, text: str) -> None:
        """Put `text` into it in place of what it holds, as pasting does."""
        self.entry.value = text
        self.entry.cursor_position = len(text)

    async def refuse(self, message: str) -> None:
        """Put the error under the field, each line of it marked, and the cursor into it, until the field changes."""
        self._accept()
        self.add_class("-refused")
        lines = (f"{self.ERROR_MARK}{line}" for line in message.split("\n"))
        self._error = Words("\n".join(lines), classes="-error")
        await self.mount(self._error)
        self.entry.focus()

    def _accept(self) -> None:
        if self._error is not None:
            self._error.remove()
            self._error = None
            self.remove_class("-refused")
        if self._changed is not None:
            self._changed()
