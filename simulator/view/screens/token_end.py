"""Why the app gives no codes on this phone any more, and the way on."""

from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult

from simulator.securities.states import TokenEnd
from simulator.view.screens.enrolment import ConsentScreen
from simulator.view.screens.login import LoginScreen, WelcomeScreen
from simulator.view.screens.notice import NoticeScreen
from simulator.view.widgets.touch import Touch

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView

_TROUBLES: Final = {
    TokenEnd.WIPED: "已連續10次輸入錯誤密碼，此電話上的保安編碼器已清除。",
    TokenEnd.MOVED: "您的帳戶已在另一部電話上啟用保安編碼器，此電話上的已失效。",
    TokenEnd.CLEARED: "您帳戶的保安編碼器已被清除，此電話上的已失效。",
}
_WAYS_ON: Final = {
    TokenEnd.WIPED: "您可登入並重新啟用保安編碼器。",
    TokenEnd.MOVED: (
        "如非您本人操作，請立即更改登入密碼，並致電客戶服務部。您亦可在此電話上重新啟用，另一部電話上的會隨即失效。"
    ),
    TokenEnd.CLEARED: "如非您本人要求，請立即致電客戶服務部。您可登入並重新啟用保安編碼器。",
}


class TokenEndedScreen(NoticeScreen):
    """There was a token here: wiped, moved to another phone, or cleared."""

    NAME: ClassVar[str] = "token-ended"

    def __init__(self, view: "PhoneView") -> None:
        why = view.securities.token_end or TokenEnd.CLEARED
        super().__init__(
            view, title=view.say("保安編碼器已失效"), trouble=view.say(_TROUBLES[why]), words=view.say(_WAYS_ON[why])
        )

    def foot(self) -> ComposeResult:
        if self.securities.session is None:
            yield Touch(self.say("登入"), self._log_in, id="log-in", kind="primary")
        else:
            yield Touch(self.say("重新啟用"), self._set_up, id="set-up", kind="primary")

    async def _log_in(self) -> None:
        await self.view.start(WelcomeScreen, LoginScreen)

    async def _set_up(self) -> None:
        await self.view.show(ConsentScreen)
