"""What needs a whole screen to be said."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from simulator.view.screens.screen import PhoneScreen
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView


class NoticeScreen(PhoneScreen):
    """A trouble, and what one can do about it. Subclasses bring the button that does it.

    Args:
        view: The phone that shows it.
        title: Its title, in the phone's language.
        words: What one can do, in the phone's language.
        trouble: What went wrong, in the phone's language; may be empty.
    """

    NAME: ClassVar[str] = "notice"

    def __init__(self, view: "PhoneView", *, title: str, words: str, trouble: str = "") -> None:
        super().__init__(view)
        self._title = title
        self._words = words
        self._trouble = trouble

    @property
    def title(self) -> str:
        return self._title

    def body(self) -> ComposeResult:
        if self._trouble:
            yield Words("✘ " + self._trouble, classes="-failed")
        yield Words(self._words)


class DamagedScreen(NoticeScreen):
    """The app's data cannot be read any more: the way out is to begin anew."""

    def __init__(self, view: "PhoneView") -> None:
        super().__init__(
            view,
            title=view.say("資料已損毀"),
            trouble=view.say("此電話上的應用程式資料已損毀。"),
            words=view.say("清除資料後，本程式會回復至剛安裝的狀態，您可重新登入及啟用保安編碼器。"),
        )

    def foot(self) -> ComposeResult:
        yield Touch(self.say("清除資料"), self._clear, id="clear", kind="primary")

    async def _clear(self) -> None:
        await self.securities.clear_damaged()
        await self.view.open_entry()
