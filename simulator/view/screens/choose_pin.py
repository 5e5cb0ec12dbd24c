"""The PIN of the token (M15)."""

from typing import ClassVar

from textual.app import ComposeResult

from simulator.securities.refusals import Field as FieldName
from simulator.securities.states import EnrolmentStep
from simulator.view.screens.binding_end import bind
from simulator.view.screens.screen import PhoneScreen
from simulator.view.widgets.field import Field
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words


class ChoosePinScreen(PhoneScreen):
    """The PIN, typed twice. It never leaves the phone; after a restart it is chosen again (M19)."""

    NAME: ClassVar[str] = "choose-pin"

    @property
    def title(self) -> str:
        return self.say("設定密碼")

    def body(self) -> ComposeResult:
        look = (self.say("顯示"), self.say("隱藏"))
        yield Words(self.say("請設定6位數字的保安編碼器密碼。密碼不會離開此電話，本公司亦不會知道。"))
        yield Field(self.say("保安編碼器密碼"), id=FieldName.PIN, look=look)
        yield Field(self.say("確認保安編碼器密碼"), id=FieldName.PIN_AGAIN, look=look)

    def foot(self) -> ComposeResult:
        yield Touch(self.say("確定"), self._choose, id="choose", kind="primary")

    async def _choose(self) -> None:
        pin = self.query_one(f"#{FieldName.PIN}", Field).value
        again = self.query_one(f"#{FieldName.PIN_AGAIN}", Field).value
        await self.securities.choose_pin(pin, again)
        match self.securities.enrolment_step:
            case EnrolmentStep.REGISTRATION:
                await self.ask(self.securities.request_registration())
                await self.view.open_token()
            case EnrolmentStep.FINISH:
                await bind(self, self.securities.finish_binding())
            case _:
                await self.view.open_token()
