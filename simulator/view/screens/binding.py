"""Binding the token with what the mail says (M16–M18)."""

from typing import ClassVar

from textual.app import ComposeResult

from simulator.securities.refusals import AppRefusal
from simulator.securities.refusals import Field as FieldName
from simulator.view.screens.awaiting import AwaitingScreen
from simulator.view.screens.binding_end import bind
from simulator.view.screens.camera import CameraScreen
from simulator.view.screens.screen import PhoneScreen
from simulator.view.widgets.field import Field
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words


class BindingChoiceScreen(AwaitingScreen):
    """By QR code or by registration code; both are in the mail."""

    NAME: ClassVar[str] = "binding-choice"

    @property
    def title(self) -> str:
        return self.say("綁定保安編碼器")

    def body(self) -> ComposeResult:
        if self.securities.sent_to:
            yield Words(self.say("註冊資料已傳送至 {address}", address=self.securities.sent_to))
        yield self.delivery
        yield Words(self.say("請開啟主旨為「保安編碼器註冊資料」的電郵，然後選擇綁定方式。"))
        yield Words(id="done", classes="-good")

    def foot(self) -> ComposeResult:
        yield Touch(self.say("掃描二維碼"), self._scan, id="scan", kind="primary")
        yield Touch(self.say("輸入用戶登入名稱及註冊編碼"), self._type, id="type")
        yield Touch(self.say("重新發送電郵"), self._send_again, id="send-again", kind="quiet")

    async def _scan(self) -> None:
        await self.view.show(BindingCameraScreen)

    async def _type(self) -> None:
        await self.view.show(TypeRegistrationCodeScreen)

    async def _send_again(self) -> None:
        done = self.query_one("#done", Words)
        done.say("")
        await self.ask(self.securities.request_registration())
        done.say("✔ " + self.say("已重新發送，請使用最新的電郵。"))


class BindingCameraScreen(CameraScreen):
    """The camera, opened to bind (M17)."""

    @property
    def what_to_do(self) -> str:
        return self.say("請將電郵中的二維碼對準取景框。")

    async def use(self, picture: bytes) -> None:
        await bind(self, self.securities.bind_with_picture(picture))


class TypeRegistrationCodeScreen(PhoneScreen):
    """The account number and the registration code, typed or pasted (M18)."""

    NAME: ClassVar[str] = "type-registration-code"

    @property
    def title(self) -> str:
        return self.say("輸入註冊編碼")

    def body(self) -> ComposeResult:
        yield Field(self.say("用戶登入名稱"), id=FieldName.ACCOUNT)
        yield Field(self.say("註冊編碼"), id=FieldName.REGISTRATION_CODE)
        yield Touch(self.say("貼上"), self._paste, id="paste", kind="quiet")

    def foot(self) -> ComposeResult:
        yield Touch(self.say("確定"), self._bind, id="bind", kind="primary")

    @property
    def _code(self) -> Field:
        return self.query_one(f"#{FieldName.REGISTRATION_CODE}", Field)

    def _paste(self) -> None:
        if not self.phone.clipboard:
            raise AppRefusal(self.say("剪貼簿是空的。請先在電郵中複製註冊編碼。"), FieldName.REGISTRATION_CODE)
        self._code.fill(self.phone.clipboard)

    async def _bind(self) -> None:
        account = self.query_one(f"#{FieldName.ACCOUNT}", Field).value
        await bind(self, self.securities.bind_with_code(account, self._code.value))
