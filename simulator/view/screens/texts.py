"""The messages app: the list of text messages, and one of them."""

from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from simulator.phone import TextOnPhone
from simulator.storage import StorageError
from simulator.view.copying import codes_in
from simulator.view.screens.screen import PhoneScreen
from simulator.view.widgets.frame import local_time, when_words
from simulator.view.widgets.message_row import MessageRow
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import MessageWords, Words

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView


class TextsScreen(PhoneScreen):
    """All text messages, newest first."""

    NAME: ClassVar[str] = "texts"

    def __init__(self, view: "PhoneView") -> None:
        super().__init__(view)
        self._listed = self.phone.texts

    @property
    def title(self) -> str:
        return self.say("短訊")

    def body(self) -> ComposeResult:
        now = self.phone.now()
        for text in reversed(self._listed):
            yield MessageRow(
                text.text,
                lambda text=text: self.view.show(lambda view: TextScreen(view, text)),
                id=f"text-{text.number}",
                sender=text.sender,
                when=when_words(text.received_at, now),
                unread=not self.phone.is_read(text),
            )
        if not self._listed:
            yield Words(self.say("沒有短訊"), classes="-quiet -centred")
        if damaged := self.phone.damaged_texts:
            yield Words("✘ " + self.say("有 {count} 則短訊已損毀，未能讀取。", count=damaged), classes="-failed")
            yield Touch(self.say("刪除已損毀的訊息"), self._delete_damaged, id="delete-damaged", kind="quiet")

    async def _delete_damaged(self) -> None:
        self.phone.delete_damaged_messages()
        await self.view.replace(TextsScreen)

    def phone_changed(self) -> None:
        if self.phone.texts != self._listed:
            self.view.act(lambda: self.view.replace(TextsScreen))


class TextScreen(PhoneScreen):
    """One text message.

    Args:
        view: The phone that shows it.
        text: What was opened.
    """

    NAME: ClassVar[str] = "text"

    def __init__(self, view: "PhoneView", text: TextOnPhone) -> None:
        super().__init__(view)
        self._text = text

    @property
    def title(self) -> str:
        return self.say("短訊")

    def body(self) -> ComposeResult:
        yield Words(self._text.sender, classes="-strong -tight")
        yield Words(f"{local_time(self._text.received_at):%Y-%m-%d %H:%M}", classes="-quiet")
        yield MessageWords(self._text.text.strip(), id="text", classes="-bubble")

    def foot(self) -> ComposeResult:
        yield Words(id="done", classes="-good")
        if codes := codes_in(self._text.text):
            yield Touch(self.say("複製"), lambda: self._copy(codes[0]), id="copy", kind="primary")

    def on_mount(self) -> None:
        """Whoever opens a message has read it. When that cannot be kept, it is unread again later: nothing is lost."""
        with suppress(StorageError):
            self.phone.mark_read(self._text)

    def _copy(self, text: str) -> None:
        self.phone.clipboard = text
        self.query_one("#done", Words).say("✔ " + self.say("已複製"))
