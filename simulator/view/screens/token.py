"""The token in use (M29, M30): the PIN or a finger, and the code of this moment."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from simulator.securities.refusals import Field as FieldName
from simulator.securities.refusals import PinNeeded, TokenEnded
from simulator.view.screens.screen import PhoneScreen
from simulator.view.screens.warnings import about_codes
from simulator.view.widgets.big_digits import BigDigits
from simulator.view.widgets.countdown import Countdown
from simulator.view.widgets.field import Field
from simulator.view.widgets.sensor import Sensor
from simulator.view.widgets.still import Row
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words

if TYPE_CHECKING:
    from simulator.securities.token_use import UnlockedToken
    from simulator.view.phone_view import PhoneView


class TokenPinScreen(PhoneScreen):
    """Asks for the token PIN. A wrong one gives a plausible wrong code, unless the phone counts them itself."""

    NAME: ClassVar[str] = "token-pin"

    @property
    def title(self) -> str:
        return self.say("保安編碼器")

    def body(self) -> ComposeResult:
        yield from about_codes(self)
        yield Field(self.say("保安編碼器密碼"), id=FieldName.PIN, look=(self.say("顯示"), self.say("隱藏")))

    def foot(self) -> ComposeResult:
        yield Touch(self.say("確定"), self._unlock, id="unlock", kind="primary")
        if self.securities.opens_by_biometrics:
            yield Touch(self.say("以生物認證開啟"), self._use_biometrics, id="use-biometrics")

    async def _unlock(self) -> None:
        try:
            token = await self.securities.unlock_token(self.query_one(Field).value)
        except TokenEnded:
            await self.view.open_token()
        else:
            await self.view.replace(lambda view: TokenCodeScreen(view, token))

    async def _use_biometrics(self) -> None:
        await self.view.replace(SensorScreen)


class SensorScreen(PhoneScreen):
    """Asks for a finger or a face. What the sensor finds is set in the phone's own settings."""

    NAME: ClassVar[str] = "sensor"

    @property
    def title(self) -> str:
        return self.say("生物認證")

    def body(self) -> ComposeResult:
        yield Sensor()
        yield Words(self.say("請將手指放在感應器上，或望向鏡頭。"), classes="-centred")

    def foot(self) -> ComposeResult:
        yield Touch(self.say("感應"), self._scan, id="scan", kind="primary")
        yield Touch(self.say("輸入密碼"), self._use_pin, id="use-pin", interrupts=True)

    async def _scan(self) -> None:
        try:
            token = await self.ask(self.securities.biometrics.unlock())
        except PinNeeded:
            await self._use_pin()
            raise
        await self.view.replace(lambda view: TokenCodeScreen(view, token))

    async def _use_pin(self) -> None:
        await self.view.replace(TokenPinScreen)


class TokenCodeScreen(PhoneScreen):
    """The code of this moment, and how long it lives; the next one takes its place while the token is open.

    After half a minute, or once the screen was left, the token is closed: it has to be opened again.

    Args:
        view: The phone that shows it.
        token: The open token.
    """

    NAME: ClassVar[str] = "token-code"

    def __init__(self, view: "PhoneView", token: "UnlockedToken") -> None:
        super().__init__(view)
        self._token = token
        self._digits = BigDigits(id="code")
        self._countdown = Countdown(unit=self.say("秒"), id="countdown")
        self._words = Words(self.say("請在網上交易登入頁面輸入此驗證碼"), id="what-for")
        self._done = Words(id="done", classes="-good")
        self._copy = Touch(self.say("複製"), self._copy_code, id="copy")
        self._again = Touch(self.say("再次顯示"), self._open_again, id="again", kind="quiet")
        self._again.display = False

    @property
    def title(self) -> str:
        return self.say("保安編碼器")

    @property
    def forgets(self) -> bool:
        return True

    def body(self) -> ComposeResult:
        session = self.securities.session
        yield Words(session.account if session else self.securities.last_account, id="account")
        yield self._digits
        yield self._countdown
        yield self._words
        yield self._again
        yield self._done
        yield from about_codes(self)

    def foot(self) -> ComposeResult:
        with Row(classes="-pair"):
            yield self._copy
            yield Touch(self.say("完成"), self.view.back, id="done-with-it", kind="primary", interrupts=True)

    def on_mount(self) -> None:
        """Show the code, and begin the countdown where the clock is."""
        self.clock_moved(self.phone.now())

    def on_unmount(self) -> None:
        """Whoever leaves the screen opens the token again to see a code."""
        self._token.close()

    def clock_moved(self, moment: float) -> None:
        code = self._token.code()
        if code is None:
            self._hide()
            return
        if code.code != self._digits.digits:
            self._digits.show(code.code)
            self._done.say("")
        self._countdown.show(left_seconds=code.valid_until - moment, whole_seconds=code.valid_until - code.valid_from)

    def _hide(self) -> None:
        """Leave nothing of the code to be seen."""
        if not self._again.display:
            self._digits.show("")
            self._countdown.display = False
            self._words.say(self.say("為保障您的帳戶，驗證碼已隱藏。"))
            self._done.say("")
            self._copy.disabled = True
            self._again.display = True
            self.view.note_change()

    def _copy_code(self) -> None:
        self.phone.clipboard = self._digits.digits
        self._done.say("✔ " + self.say("已複製"))

    async def _open_again(self) -> None:
        await self.view.replace(TokenPinScreen)
