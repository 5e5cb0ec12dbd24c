"""From the offer of a token to the proof of the phone number (M13, M14)."""

from typing import ClassVar

from textual.app import ComposeResult

from simulator.securities.refusals import Field as FieldName
from simulator.view.screens.awaiting import AwaitingScreen
from simulator.view.screens.screen import PhoneScreen
from simulator.view.terms import CONSENT
from simulator.view.widgets.field import Field
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words


class OfferTokenScreen(PhoneScreen):
    """Set up the token, now or later."""

    NAME: ClassVar[str] = "offer-token"

    @property
    def title(self) -> str:
        return self.say("保安編碼器")

    def body(self) -> ComposeResult:
        yield Words(self.say("啟用保安編碼器"), classes="-strong")
        yield Words(self.say("保安編碼器在此電話上產生一次性驗證碼，令網上交易登入更安全、更方便。"))
        yield Words(self.say("啟用需時約兩分鐘。請準備好接收短訊的電話號碼及已登記的電郵。"))

    def foot(self) -> ComposeResult:
        yield Touch(self.say("啟用"), self._set_up, id="set-up", kind="primary")
        yield Touch(self.say("稍後"), self.view.open_entry, id="later")

    async def _set_up(self) -> None:
        await self.view.show(ConsentScreen)


class ConsentScreen(PhoneScreen):
    """What the customer agrees to before the SMS code is sent."""

    NAME: ClassVar[str] = "consent"

    @property
    def title(self) -> str:
        return self.say("同意條款")

    def body(self) -> ComposeResult:
        for paragraph in CONSENT:
            yield Words(self.say(paragraph))

    def foot(self) -> ComposeResult:
        yield Touch(self.say("同意"), self._consent, id="consent", kind="primary")
        yield Touch(self.say("取消"), self.view.back, id="cancel", interrupts=True)

    async def _consent(self) -> None:
        await self.ask(self.securities.start_enrolment())
        await self.view.open_token()


CODE_DIGITS = 6


class SmsCodeScreen(AwaitingScreen):
    """The code that went to the registered phone number."""

    NAME: ClassVar[str] = "sms-code"

    @property
    def title(self) -> str:
        return self.say("驗證電話號碼")

    def body(self) -> ComposeResult:
        if self.securities.sent_to:
            yield Words(self.say("驗證碼已傳送至 {number}", number=self.securities.sent_to))
        yield self.delivery
        yield Field(self.say("6位數字驗證碼"), id=FieldName.SMS_CODE, changed=self._let_confirm)
        yield Words(id="done", classes="-good")

    def foot(self) -> ComposeResult:
        yield Touch(self.say("啟用"), self._confirm, id="confirm", kind="primary", disabled=True)
        yield Touch(self.say("重新發送"), self._send_again, id="send-again")

    def _let_confirm(self) -> None:
        """There is nothing to enable before as much stands there as a code has (M14)."""
        self.query_one("#confirm", Touch).disabled = len(self.query_one(Field).value.strip()) < CODE_DIGITS

    async def _confirm(self) -> None:
        field = self.query_one(Field)
        await self.ask(self.securities.confirm_sms_code(field.value))
        await self.view.open_token()

    async def _send_again(self) -> None:
        done = self.query_one("#done", Words)
        done.say("")
        await self.ask(self.securities.resend_activation_code())
        self.query_one(Field).fill("")
        done.say("✔ " + self.say("已重新發送，請輸入最新的驗證碼。"))
