"""The notification shade: what came and was neither opened nor cleared."""

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from simulator.view.screens.screen import PhoneScreen
from simulator.view.widgets.frame import sender_words, when_words
from simulator.view.widgets.message_row import MessageRow
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView


class ShadeScreen(PhoneScreen):
    """The notifications, newest first."""

    NAME: ClassVar[str] = "notifications"

    def __init__(self, view: "PhoneView") -> None:
        super().__init__(view)
        self._listed = self.phone.shade

    @property
    def title(self) -> str:
        return self.say("通知中心")

    @property
    def forgets(self) -> bool:
        return True

    def body(self) -> ComposeResult:
        now = self.phone.now()
        for number, banner in enumerate(reversed(self._listed), 1):
            yield MessageRow(
                banner.text,
                partial(self.view.open_message, banner),
                id=f"notification-{number}",
                sender=sender_words(banner.title),
                when=when_words(banner.message.received_at, now),
                unread=True,
            )
        if not self._listed:
            yield Words(self.say("沒有通知"), classes="-quiet -centred")

    def foot(self) -> ComposeResult:
        yield Touch(self.say("全部清除"), self.phone.clear_shade, id="clear", disabled=not self._listed)

    def phone_changed(self) -> None:
        if self.phone.shade != self._listed:
            self.view.act(lambda: self.view.replace(ShadeScreen))
