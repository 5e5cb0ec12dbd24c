"""How a binding ends: bound, refused, or not known yet (M19)."""

from collections.abc import Awaitable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from simulator.securities.refusals import AppRefusal
from simulator.securities.states import EnrolmentStep
from simulator.view.screens.account import AccountScreen
from simulator.view.screens.notice import NoticeScreen
from simulator.view.screens.screen import PhoneScreen
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView


async def bind(screen: PhoneScreen, binding: Awaitable[None]) -> None:
    """Await a binding and go on to what has come of it.

    A refusal whose end is not known (no network after the code was given) leads to the screen that tries again; any
    other is raised, so that `screen` shows it where it belongs.
    """
    try:
        await screen.ask(binding)
    except AppRefusal as refusal:
        if screen.securities.enrolment_step is not EnrolmentStep.FINISH:
            raise
        why = refusal.message
        await screen.view.start(AccountScreen, lambda view: UnfinishedScreen(view, why))
    else:
        await screen.view.start(AccountScreen, TokenBoundScreen)


class TokenBoundScreen(PhoneScreen):
    """Done."""

    NAME: ClassVar[str] = "token-bound"

    @property
    def title(self) -> str:
        return self.say("保安編碼器")

    @property
    def forgets(self) -> bool:
        return True

    def body(self) -> ComposeResult:
        yield Words("✔ " + self.say("保安編碼器已成功啟用"), classes="-good -strong")
        yield Words(self.say("登入網上交易時，您可選擇以保安編碼器獲取一次性驗證碼。"))

    def foot(self) -> ComposeResult:
        yield Touch(self.say("完成"), self.view.open_entry, id="done", kind="primary")


class UnfinishedScreen(NoticeScreen):
    """Something was asked of the server and no answer has come: ask again.

    Args:
        view: The phone that shows it.
        why: What went wrong, in a sentence; empty after a restart.
    """

    def __init__(self, view: "PhoneView", why: str = "") -> None:
        words = view.say("保安編碼器的啟用尚未完成。請檢查網絡，然後按「繼續」；已完成的步驟不會重做。")
        super().__init__(view, title=view.say("尚未完成"), words=words, trouble=why)

    def foot(self) -> ComposeResult:
        yield Touch(self.say("繼續"), self._go_on, id="go-on", kind="primary")

    async def _go_on(self) -> None:
        if self.securities.enrolment_step is EnrolmentStep.FINISH:
            await bind(self, self.securities.finish_binding())
        else:
            await self.ask(self.securities.request_registration())
            await self.view.open_token()
