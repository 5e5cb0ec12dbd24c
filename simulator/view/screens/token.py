"""The token in use (M29): the PIN, and the code of this moment."""

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from simulator.securities.refusals import AppRefusal
from simulator.securities.refusals import Field as FieldName
from simulator.securities.states import TokenCode
from simulator.view.screens.screen import PhoneScreen
from simulator.view.widgets.big_digits import BigDigits
from simulator.view.widgets.countdown import Countdown
from simulator.view.widgets.field import Field
from simulator.view.widgets.still import Row
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView


class TokenPinScreen(PhoneScreen):
    """Asks for the token PIN. A wrong one is not noticed here: it gives a plausible wrong code."""

    NAME: ClassVar[str] = "token-pin"

    @property
    def title(self) -> str:
        return self.say("保安編碼器")

    def body(self) -> ComposeResult:
        yield Field(self.say("保安編碼器密碼"), id=FieldName.PIN, look=(self.say("顯示"), self.say("隱藏")))

    def foot(self) -> ComposeResult:
        yield Touch(self.say("確定"), self._unlock, id="unlock", kind="primary")

    async def _unlock(self) -> None:
        pin = self.query_one(Field).value
        code = await self.securities.token_code(pin)
        await self.view.replace(lambda view: TokenCodeScreen(view, pin, code))


class TokenCodeScreen(PhoneScreen):
    """The code of this moment, and how long it lives. At each new step the next code replaces it.

    The PIN is kept for as long as this screen stays, and no longer: whoever leaves it types the PIN again.

    Args:
        view: The phone that shows it.
        pin: The token PIN.
        code: The code that was shown first.
    """

    NAME: ClassVar[str] = "token-code"

    def __init__(self, view: "PhoneView", pin: str, code: TokenCode) -> None:
        super().__init__(view)
        self._pin = pin
        self._code = code
        self._stale = False
        self._digits = BigDigits(code.code, id="code")
        self._countdown = Countdown(unit=self.say("秒"), id="countdown")

    @property
    def title(self) -> str:
        return self.say("保安編碼器")

    @property
    def forgets(self) -> bool:
        return True

    @property
    def settled(self) -> bool:
        return not self._stale

    def body(self) -> ComposeResult:
        session = self.securities.session
        yield Words(session.account if session else self.securities.last_account, id="account")
        yield self._digits
        yield self._countdown
        yield Words(self.say("請在網上交易登入頁面輸入此驗證碼"))
        yield Words(id="done", classes="-good")

    def foot(self) -> ComposeResult:
        with Row(classes="-pair"):
            yield Touch(self.say("複製"), self._copy, id="copy")
            yield Touch(self.say("完成"), self.view.back, id="done-with-it", kind="primary", interrupts=True)

    def on_mount(self) -> None:
        """Begin the countdown where the clock is."""
        self.clock_moved(self.phone.now())

    def clock_moved(self, moment: float) -> None:
        if self._code.valid_from <= moment < self._code.valid_until:
            whole = self._code.valid_until - self._code.valid_from
            self._countdown.show(left_seconds=self._code.valid_until - moment, whole_seconds=whole)
        elif not self._stale:
            self._stale = True
            self._digits.show("")
            self.run_worker(self._renew())

    async def _renew(self) -> None:
        try:
            self._code = await self.securities.token_code(self._pin)
        except AppRefusal as refusal:
            self.view.act(partial(self._close, refusal))
            return
        self._digits.show(self._code.code)
        self.query_one("#done", Words).say("")
        self._stale = False
        self.clock_moved(self.phone.now())
        self.view.note_change()

    async def _close(self, refusal: AppRefusal) -> None:
        """The token has gone while its code was shown: say so where the PIN is asked for."""
        await self.view.replace(TokenPinScreen)
        raise refusal

    def _copy(self) -> None:
        self.phone.clipboard = self._code.code
        self.query_one("#done", Words).say("✔ " + self.say("已複製"))
