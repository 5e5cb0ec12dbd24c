"""The phone alone in a terminal."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize

from simulator.phone import Phone
from simulator.view.phone_view import PhoneView
from simulator.view.prompt_screen import PromptScreen
from simulator.view.stylesheet import SharedStylesheet
from simulator.view.themes import DARK, LIGHT
from simulator.view.widgets.words import Words

if TYPE_CHECKING:
    from simulator.securities.app import SecuritiesApp

_COLUMNS_WITH_HELP = 70
"""Below, the phone has the terminal to itself."""


class PhoneApp(App[None]):
    """One phone, in the middle of the terminal, and beside it, where there is room, which keys it takes.

    Args:
        phone: What is shown.
        securities: The broker's app on it, or how to have it: then it is had when it is first opened.
        light: Begin with the light theme, unless the phone's owner has chosen.
        restart: Switches the phone off and on again, if whoever shows it can do that.
    """

    CSS = """
    Screen { layout: horizontal; align: center top; }
    #keys { width: 18; margin: 4 0 0 3; color: $text-muted; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f3", "turn_light", show=False)]

    def __init__(
        self,
        phone: Phone,
        securities: "SecuritiesApp | Callable[[], SecuritiesApp]",
        *,
        light: bool = False,
        restart: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self._phone = phone
        self._light = light
        self._unsubscribe: Callable[[], None] = lambda: None
        self.animation_level = "none"
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.set_reactive(App.theme, self._theme_wanted())
        self.stylesheet = SharedStylesheet(variables=self.get_css_variables())
        self.view = PhoneView(phone, securities, restart=restart)
        self.ready = asyncio.Event()
        self._keys = Words(
            self.view.say("Tab 下一項\nEnter 按下\nEsc 返回\nF2 主畫面\nF3 明暗\nF4 通知\nCtrl+Q 離開"), id="keys"
        )
        self._keys.display = False

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:
        """As Textual's, but a key that nothing is bound to is found to be so at once.

        Textual copies every binding from the focus to the app, twice for each character that is typed.
        """
        nodes = self.screen.ancestors_with_self if self.focused is None else self.focused.ancestors_with_self
        bound = (node._bindings.key_to_bindings for node in nodes)  # noqa: SLF001 - a node's own are shown to nobody
        if not any(key in bindings for bindings in bound):
            return False
        return await super()._check_bindings(key, priority)

    def get_default_screen(self) -> PromptScreen:
        return PromptScreen(id="_default")

    def compose(self) -> ComposeResult:
        yield self.view
        yield self._keys

    def on_resize(self, event: Resize) -> None:
        """Make room."""
        self._keys.display = event.size.width >= _COLUMNS_WITH_HELP

    def on_ready(self) -> None:
        """The first picture is there."""
        if not self.is_headless:
            self.view.shown.take_focus()
        self.ready.set()

    def on_mount(self) -> None:
        """Follow what is set on the phone."""
        self._unsubscribe = self._phone.subscribe(self._phone_changed)

    def on_unmount(self) -> None:
        """Stop following."""
        self._unsubscribe()

    def action_turn_light(self) -> None:
        """Change between the dark and the light theme, as in the phone's settings."""
        settings = replace(self._phone.settings, light=self.theme == DARK.name)
        self.view.act(lambda: self._phone.change(settings))

    def _phone_changed(self) -> None:
        if self.theme != (wanted := self._theme_wanted()):
            self.call_later(setattr, self, "theme", wanted)

    def _theme_wanted(self) -> str:
        light = self._phone.settings.light
        return (LIGHT if (self._light if light is None else light) else DARK).name

    async def close(self) -> None:
        """End the app, once every key that is still on its way has been handled: late ones would meet no screen."""
        if self.is_running:
            handled = asyncio.Event()
            self.call_later(handled.set)
            await handled.wait()
            self.exit()

    @property
    def failure(self) -> Exception | None:
        """What ended the app, if it was not asked to end."""
        return self._exception
