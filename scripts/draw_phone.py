"""Draws the phone's own screens into docs/phone, one picture each: `.venv/bin/python -m scripts.draw_phone`.

The phone in the pictures belongs to nobody: its clock stands still, and its codes are those of RFC 6238.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import segno
from PIL import Image

from harness.browsers import keeping_a_browser
from simulator.biometrics import BiometricKind
from simulator.hands import Hands, phone_in_hand
from simulator.phone import MailOnPhone, Phone, TextOnPhone
from simulator.securities.app import SecuritiesApp
from simulator.securities.http_api import HttpBrokerApi
from simulator.storage import Storage

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "phone"
COLOURS = 48
"""Enough for a terminal's, and the file a third as large."""

NOON = 1_800_000_012.0
REGISTRATION = f"TWOFOLD1?c={'A2B3C' * 4}&u=http%3A%2F%2Flocalhost%3A8000&k=q1w2e3r4t5y&s={'Ab-_9' * 19}"
OTPAUTH = "otpauth://totp/GitHub:chan?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=GitHub"


async def main() -> None:
    """Draw every screen."""
    FOLDER.mkdir(exist_ok=True)
    async with keeping_a_browser(os.environ) as keeper:
        page = await (await keeper.get()).new_page()
        async for name, drawn in _drawn():
            await page.set_content(f"<body style='margin:0'>{drawn}</body>")
            shot = await page.locator("svg").screenshot()
            Image.open(BytesIO(shot)).convert("RGB").quantize(COLOURS).save(FOLDER / f"{name}.png", optimize=True)
            print(f"docs/phone/{name}.png")


async def _drawn() -> AsyncIterator[tuple[str, str]]:
    """The name of each screen and its picture, as SVG."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        with Storage(path, durable=False) as storage:
            phone = _phone(storage)
            phone.biometrics.add(BiometricKind.FINGERPRINT)
            async with phone_in_hand(phone, _app(phone)) as hands:
                async for name in _played(hands, phone):
                    await hands.screen(name)
                    yield name, hands.picture()
        (path / "phone.json").write_bytes(b"cut")
        (path / "authenticator.json").write_bytes(b"cut")
        with Storage(path, durable=False) as storage:
            phone = _phone(storage)
            async with phone_in_hand(phone, _app(phone)) as hands:
                yield "settings-damaged", hands.picture()
                await hands.tap("重設電話設定")
                await hands.tap("Authenticator")
                await hands.screen("authenticator-damaged")
                yield "authenticator-damaged", hands.picture()


async def _played(hands: Hands, phone: Phone) -> AsyncIterator[str]:
    """Go from screen to screen, and name each when it shows."""
    phone.deliver_mail(_mail())
    phone.deliver_text(_text())
    yield "home"
    await hands.shade()
    yield "notifications"
    await hands.home()
    await hands.tap("電郵")
    yield "mails"
    await hands.tap("保安編碼器註冊資料")
    yield "mail"
    await hands.tap("放大二維碼")
    yield "code"
    await hands.home()
    await hands.tap("短訊")
    yield "texts"
    await hands.tap(_text().text)
    yield "text"
    await hands.home()
    await hands.tap("App 商店")
    yield "store"
    await hands.home()
    await hands.tap("相機")
    yield "camera"
    await hands.scan(_picture("http://localhost:8000/iweb/app/ios"))
    yield "store-page"
    await hands.home()
    await hands.tap("Authenticator")
    await hands.tap("輸入密鑰")
    yield "authenticator-add"
    await hands.home()
    await hands.tap("相機")
    await hands.scan(_picture(OTPAUTH))
    yield "authenticator-confirm"
    await hands.tap("加入")
    yield "authenticator"
    await hands.tap("GitHub: chan")
    yield "authenticator-code"
    await hands.tap("重新命名")
    yield "authenticator-rename"
    await hands.back()
    await hands.tap("刪除")
    yield "authenticator-remove"
    await hands.home()
    await hands.tap("設定")
    yield "settings"
    for label, name in (
        ("時鐘", "clock"),
        ("生物認證", "biometrics"),
        ("應用程式權限", "permissions"),
        ("儲存空間", "storage"),
        ("關於此電話", "about"),
    ):
        await hands.tap(label)
        yield f"settings-{name}"
        await hands.back()


def _phone(storage: Storage) -> Phone:
    return Phone(storage, now=lambda: NOON)


def _app(phone: Phone) -> SecuritiesApp:
    return SecuritiesApp(phone, HttpBrokerApi("http://localhost:8000"))


def _picture(text: str) -> bytes:
    file = BytesIO()
    segno.make_qr(text).save(file, kind="png", scale=4)
    return file.getvalue()


def _mail() -> MailOnPhone:
    return MailOnPhone(
        number=1,
        sender="Anue Securities Service <service@anue.example>",
        subject="保安編碼器註冊資料",
        text="註冊編碼：\nA2B3C-A2B3C-A2B3C-A2B3C",
        html="",
        pictures=(_picture(REGISTRATION),),
        received_at=NOON - 60,
    )


def _text() -> TextOnPhone:
    words = "啟用保安編碼器的驗證碼是 281704，5分鐘內有效。"
    return TextOnPhone(number=1, sender="鉅亨證券", text=words, received_at=NOON - 30)


if __name__ == "__main__":
    asyncio.run(main())
