"""The camera: it looks at the picture that is held before it, and says what it sees (M1, M17)."""

import asyncio
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.visual import VisualType

from simulator.scanning import Installation, OneTimePasswords, Registration, SomethingElse, what_is
from simulator.securities.refusals import AppRefusal
from simulator.view.screens.screen import PhoneScreen
from simulator.view.widgets.field import Field
from simulator.view.widgets.message_row import cut
from simulator.view.widgets.still import Column
from simulator.view.widgets.touch import Action, Touch
from simulator.view.widgets.viewfinder import Viewfinder
from simulator.view.widgets.words import Words

LARGEST_PICTURE_BYTES = 20 * 1024 * 1024
"""No phone's camera makes a larger file; more is a mistake in the path."""


class FoundCode(Touch):
    """One of several codes in a picture, or what to do with the one."""

    IS_PRIVATE: ClassVar[bool] = True

    def render(self) -> VisualType:
        return Content(f"{cut(self.label, self.content_size.width - 2)} ›")


class CameraScreen(PhoneScreen):
    """A viewfinder, and for a person at a keyboard two more ways to hold a picture before it."""

    NAME: ClassVar[str] = "camera"

    @property
    def title(self) -> str:
        return self.say("相機")

    @property
    def what_to_do(self) -> str:
        """The line under the viewfinder."""
        return self.say("請將二維碼對準取景框。")

    def body(self) -> ComposeResult:
        yield Viewfinder()
        yield Words(self.what_to_do, classes="-centred")
        yield Words(id="seen", classes="-good")
        yield Column(id="found")
        yield Field(self.say("圖片檔案"), id="picture-file")
        yield Touch(self.say("開啟檔案"), self._open_file, id="open-file", kind="quiet")

    def foot(self) -> ComposeResult:
        yield Touch(self.say("用電郵中的圖片"), self._use_mail, id="use-mail", kind="primary")

    def on_mount(self) -> None:
        """Look at what is there already."""
        self.call_after_refresh(self.phone_changed)

    def phone_changed(self) -> None:
        if self.phone.camera is not None:
            self.view.act(self._look)

    # What it sees

    async def use(self, picture: bytes) -> None:
        """Do something with a picture (a file's bytes). Raises `AppRefusal` when it is of no use."""
        from simulator.qr import Blurred, NoCode, NotAPicture, read_some  # noqa: PLC0415 - slow to import

        try:
            texts = await asyncio.to_thread(read_some, picture)
        except NotAPicture as error:
            raise AppRefusal(self.say("此檔案不是圖片，或已損壞。")) from error
        except Blurred as error:
            raise AppRefusal(self.say("圖片太模糊，未能讀取二維碼。請靠近一點，或待畫面清晰後再試。")) from error
        except NoCode as error:
            raise AppRefusal(self.say("圖片中沒有可讀取的二維碼。")) from error
        if len(texts) == 1:
            await self._take(texts[0])
        else:
            self._say(self.say("圖片中有 {count} 個二維碼，請選擇一個。", count=len(texts)))
            for number, text in enumerate(texts, 1):
                await self._offer(self._words_for(text), partial(self._take_chosen, text), id=f"code-{number}")

    async def _take_chosen(self, text: str) -> None:
        await self._forget()
        await self._take(text)

    async def _take(self, text: str) -> None:
        """Hand what a code says to the app that it is for."""
        match what_is(text):
            case Installation() as scanned:
                from simulator.view.screens.store import StorePageScreen  # noqa: PLC0415 - loaded when it is opened

                await self.view.open_at("store", lambda view: StorePageScreen(view, scanned))
            case OneTimePasswords():
                from simulator.view.screens.authenticator import scanned_screen  # noqa: PLC0415 - as above

                await self.view.open_at("authenticator", scanned_screen(self.view, text))
            case Registration() if self.phone.broker_app_installed:
                self._say(self.say("這是保安編碼器的註冊二維碼，供「鉅亨證券 2」使用。"))
                label = self.say("開啟「鉅亨證券 2」")
                await self._offer(label, lambda: self.view.open_app("securities"), id="open-securities")
            case Registration():
                raise AppRefusal(self.say("這是「鉅亨證券 2」的註冊二維碼。請先安裝該應用程式。"))
            case SomethingElse():
                self._say(f"{self.say('此二維碼不屬於此電話的任何應用程式：')}\n{text}")

    def _words_for(self, text: str) -> str:
        """What a code in a choice is called."""
        match what_is(text):
            case Installation(platform="android"):
                return self.say("安裝「鉅亨證券 2」安卓版本")
            case Installation():
                return self.say("安裝「鉅亨證券 2」蘋果版本")
            case OneTimePasswords():
                return self.say("加入至 Authenticator")
            case Registration():
                return self.say("「鉅亨證券 2」的註冊二維碼")
            case SomethingElse():
                return text

    async def _offer(self, label: str, action: Action, *, id: str) -> None:
        await self.query_one("#found", Column).mount(FoundCode(label, action, id=id, kind="row"))

    def _say(self, text: str) -> None:
        self.query_one("#seen", Words).say(text)

    async def _forget(self) -> None:
        """Take away what an earlier picture led to."""
        self._say("")
        await self.query_one("#found", Column).remove_children()

    # Where pictures come from

    async def _look(self) -> None:
        await self._forget()
        if (picture := self.phone.camera) is not None:
            try:
                self._need_permission()
                await self.use(picture)
            finally:
                self.phone.show_to_camera(None)

    def _need_permission(self) -> None:
        """An app that borrows the camera needs its owner's leave; the camera itself does not."""
        if self.view.front == "securities" and not self.phone.settings.camera_allowed:
            raise AppRefusal(self.say("「鉅亨證券 2」未獲准使用相機。請在「設定」→「應用程式權限」允許。"))

    async def _use_mail(self) -> None:
        """The newest mail's last picture: a QR code stands under the text, a logo above it."""
        pictures = next((mail.pictures for mail in reversed(self.phone.mails) if mail.pictures), ())
        if not pictures:
            raise AppRefusal(self.say("電郵中沒有圖片。"))
        self.phone.show_to_camera(pictures[-1])
        await self._look()

    async def _open_file(self) -> None:
        field = self.query_one("#picture-file", Field)
        try:
            picture = await asyncio.to_thread(_read, Path(field.value))
        except (OSError, ValueError, RuntimeError):
            await field.refuse(self.say("無法開啟此檔案。"))
            return
        self.phone.show_to_camera(picture)
        await self._look()


def _read(path: Path) -> bytes:
    """A file's bytes. Raises `OSError`, `ValueError` (too large, a NUL in the name) or `RuntimeError` (`~nobody`)."""
    path = path.expanduser()
    if not path.is_file():
        raise ValueError("not a file that ends")
    with path.open("rb") as file:
        picture = file.read(LARGEST_PICTURE_BYTES + 1)
    if len(picture) > LARGEST_PICTURE_BYTES:
        raise ValueError("larger than any picture")
    return picture
