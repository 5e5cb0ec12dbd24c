"""The camera: it looks at the picture that is held before it, and says what it sees (M1, M17)."""

import asyncio
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult

from simulator.securities.refusals import AppRefusal
from simulator.view.screens.screen import PhoneScreen
from simulator.view.widgets.field import Field
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.viewfinder import Viewfinder
from simulator.view.widgets.words import Words

LARGEST_PICTURE_BYTES = 20 * 1024 * 1024
"""No phone's camera makes a larger file; more is a mistake in the path."""


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

    async def use(self, picture: bytes) -> None:
        """Do something with a picture (a file's bytes). Raises `AppRefusal` when it is of no use."""
        from simulator.qr import NoCode, NotAPicture, SeveralCodes, read_code  # noqa: PLC0415 - slow to import

        try:
            text = await asyncio.to_thread(read_code, picture)
        except NotAPicture as error:
            raise AppRefusal(self.say("此檔案不是圖片，或已損壞。")) from error
        except NoCode as error:
            raise AppRefusal(self.say("圖片中沒有可讀取的二維碼。")) from error
        except SeveralCodes as error:
            raise AppRefusal(self.say("圖片中有多於一個二維碼，請每次只掃描一個。")) from error
        self.query_one("#seen", Words).say(text)

    async def _look(self) -> None:
        self.query_one("#seen", Words).say("")
        if (picture := self.phone.camera) is not None:
            try:
                await self.use(picture)
            finally:
                self.phone.show_to_camera(None)

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
    with path.expanduser().open("rb") as file:
        picture = file.read(LARGEST_PICTURE_BYTES + 1)
    if len(picture) > LARGEST_PICTURE_BYTES:
        raise ValueError("larger than any picture")
    return picture
