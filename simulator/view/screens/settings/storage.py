"""The phone's storage: what it holds, how to make room, and how to have none."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from simulator.storage import StorageError
from simulator.view.screens.settings.page import SettingsPage
from simulator.view.widgets.setting import Setting
from simulator.view.widgets.still import Column
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView


class StorageScreen(SettingsPage):
    """How full it is."""

    NAME: ClassVar[str] = "settings-storage"

    def __init__(self, view: "PhoneView") -> None:
        super().__init__(view)
        self._no_room = Words("✘ " + self.say("電話的儲存空間不足，未能儲存新的內容。"), classes="-failed")
        self._used = Words(classes="-tight")
        self._messages = Words()
        self.phone_changed()

    @property
    def title(self) -> str:
        return self.say("儲存空間")

    def body(self) -> ComposeResult:
        phone = self.phone
        yield from (self._no_room, self._used, self._messages)
        with Column(classes="-settings"):
            yield Setting(
                self.say("模擬儲存空間已滿"),
                self._turn_full,
                id="full",
                value=lambda: self.say("開") if phone.storage.full else self.say("關"),
            )
        yield Words(self.say("儲存空間已滿時，新的電郵、短訊及設定都不能儲存；已儲存的不受影響。"), classes="-quiet")

    def foot(self) -> ComposeResult:
        yield Words(id="done", classes="-good")
        yield Touch(self.say("刪除所有電郵及短訊"), self._delete_messages, id="delete-messages")

    def phone_changed(self) -> None:
        super().phone_changed()
        phone = self.phone
        self._no_room.display = phone.storage.ran_out_of_room
        self._used.say(self.say("已使用 {kilobytes} KB", kilobytes=self._kilobytes()))
        self._messages.say(self.say("電郵 {mails} 封，短訊 {texts} 則", mails=len(phone.mails), texts=len(phone.texts)))

    def _kilobytes(self) -> str:
        try:
            return f"{self.phone.storage.used_bytes / 1000:.1f}"
        except StorageError:
            return "?"

    def _turn_full(self) -> None:
        storage = self.phone.storage
        storage.full = not storage.full
        storage.ran_out_of_room = storage.full
        self.phone.announce_change()

    def _delete_messages(self) -> None:
        self.phone.delete_messages()
        self.query_one("#done", Words).say("✔ " + self.say("已刪除"))
