"""A phone in the hand of a test, beside the server of the core's tests."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from io import BytesIO

import pytest
from PIL import Image

from simulator.hands import Hands, phone_in_hand
from simulator.language import translate
from simulator.phone import MailOnPhone, Phone, TextOnPhone
from simulator.securities.app import SecuritiesApp


@dataclass
class Handheld:
    """One phone that is switched on, and all that a test says about it."""

    hands: Hands
    phone: Phone
    app: SecuritiesApp
    world: object
    kit: object

    def say(self, words: str) -> str:
        return translate(words, self.phone.language)

    async def tap(self, words: str) -> None:
        await self.hands.tap(self.say(words))

    async def type(self, words: str, text: str) -> None:
        await self.hands.type(into=self.say(words), text=text)

    async def open_the_first_time(self) -> None:
        await self.tap("鉅亨證券 2")
        await self.tap("允許")
        await self.tap("我明白及同意")
        await self.tap("立即開始")
        await self.hands.screen("welcome")

    # The same by the core, for what only begins there

    async def have_opened(self) -> None:
        await self.app.answer_permission(allowed=True)
        await self.app.accept_disclaimer()
        await self.app.finish_tutorial()

    async def be_at_the_welcome(self) -> None:
        await self.have_opened()
        await self.tap("鉅亨證券 2")

    async def be_logged_in(self) -> None:
        await self.have_opened()
        await self.app.log_in(self.kit.account, self.kit.password)

    async def be_at_the_binding(self) -> None:
        await self.have_opened()
        await self.kit.to_the_code(self.world, self.app)
        await self.tap("鉅亨證券 2")
        await self.tap("保安編碼器")
        await self.hands.screen("binding-choice")

    async def be_bound(self) -> None:
        await self.have_opened()
        await self.kit.to_the_end(self.world, self.app)

    async def log_in(self) -> None:
        await self.tap("登入")
        await self.type("用戶名稱", self.kit.account)
        await self.type("密碼", self.kit.password)
        await self.tap("登入")

    async def prove_the_phone_number(self) -> None:
        await self.tap("啟用")
        await self.tap("同意")
        await self.hands.screen("sms-code")
        await self.type("6位數字驗證碼", self.world.enrolment().sms_code)
        await self.tap("啟用")
        await self.hands.screen("choose-pin")

    async def choose_the_pin(self) -> None:
        await self.type("保安編碼器密碼", self.kit.pin)
        await self.type("確認保安編碼器密碼", self.kit.pin)
        await self.tap("確定")

    async def show_the_code(self, pin: str | None = None) -> str:
        """From the account, or the welcome."""
        await self.tap("保安編碼器")
        await self.type("保安編碼器密碼", pin or self.kit.pin)
        await self.tap("確定")
        await self.hands.screen("token-code")
        return await self.hands.code()

    @property
    def registration_code(self) -> str:
        code = self.world.enrolment().registration_code
        return "-".join(code[start : start + 5] for start in range(0, 20, 5))

    def qr(self) -> bytes:
        return self.kit.qr_png(self.world.server.registration_text(self.world.enrolment().registration_code))

    def mail(self, number: int = 1, **changed: object) -> MailOnPhone:
        content = {
            "sender": "Anue Securities Service <service@anue.example>",
            "subject": "保安編碼器註冊資料",
            "text": "註冊編碼：\nABCDE-FGHIJ-KLMNO-PQRST\n\nhttps://www.anue.example/help。",
            "html": "",
            "pictures": (),
            "received_at": self.phone.now(),
        }
        return MailOnPhone(number=number, **(content | changed))

    def text(self, number: int = 1, **changed: object) -> TextOnPhone:
        content = {
            "sender": "鉅亨證券",
            "text": "啟用保安編碼器的驗證碼是 281704，5分鐘內有效。電話 2122 8800。",
            "received_at": self.phone.now(),
        }
        return TextOnPhone(number=number, **(content | changed))


Play = Callable[[Handheld], Awaitable[None]]


@pytest.fixture
def play(world, kit) -> Callable[..., None]:
    """Switch the world's phone on, let a coroutine function play with it, and switch it off again."""

    def run(*acts: Play, size: tuple[int, int] = (44, 40), light: bool = False) -> None:
        async def main() -> None:
            for act in acts:
                with world.opened() as app:
                    phone = app._workings.phone
                    async with phone_in_hand(phone, app, size=size, light=light) as hands:
                        await act(Handheld(hands=hands, phone=phone, app=app, world=world, kit=kit))

        asyncio.run(main())

    return run


@pytest.fixture
def blank_picture() -> bytes:
    file = BytesIO()
    Image.new("L", (40, 40), 255).save(file, format="PNG")
    return file.getvalue()


@pytest.fixture
def two_codes(kit) -> Callable[[str, str], bytes]:
    """A picture with two QR codes side by side, as the install page shows them."""

    def picture(left: str, right: str) -> bytes:
        one, two = (Image.open(BytesIO(kit.qr_png(text))).convert("L") for text in (left, right))
        both = Image.new("L", (one.width + two.width, max(one.height, two.height)), 255)
        both.paste(one, (0, 0))
        both.paste(two, (one.width, 0))
        return kit.png(both)

    return picture
