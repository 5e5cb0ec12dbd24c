"""Hands: what they can touch, type and see, and what they say when they cannot."""

import asyncio
import re
from xml.etree import ElementTree as ET

import pytest

from simulator.cannot_touch import CannotTouch
from simulator.hands import phone_in_hand
from simulator.labels import Label

SHORT_PATIENCE = 0.05
"""For what will not come."""


def test_a_tap_opens_what_it_touches(play):
    async def act(phone):
        await phone.hands.tap("鉅亨證券 2")
        assert phone.hands.screen_name == "notification-permission"

    play(act)


def test_a_label_that_is_not_there_is_refused_and_the_nearest_are_named(play):
    async def act(phone):
        phone.hands.patience_seconds = SHORT_PATIENCE
        with pytest.raises(CannotTouch, match="“home”") as refused:
            await phone.hands.tap("鉅亨證券2")
        assert "鉅亨證券 2" in refused.value.nearest

    play(act)


def test_a_field_that_is_not_there_is_refused_and_the_nearest_are_named(play):
    async def act(phone):
        await phone.be_at_the_welcome()
        await phone.tap("登入")
        phone.hands.patience_seconds = SHORT_PATIENCE
        with pytest.raises(CannotTouch) as refused:
            await phone.hands.type(into="用戶名", text="9999-9990")
        assert refused.value.nearest[0] == "用戶名稱"

    play(act)


def test_what_is_disabled_is_refused_and_not_pressed(play):
    async def act(phone):
        tile = phone.hands._view.query_one("#app-mails")
        tile.disabled = True
        assert Label(text="電郵", enabled=False) in phone.hands.labels()
        phone.hands.patience_seconds = SHORT_PATIENCE
        with pytest.raises(CannotTouch, match="disabled"):
            await phone.hands.tap("電郵")
        assert phone.hands.screen_name == "home"

    play(act)


def test_another_screen_than_the_one_waited_for_is_named_with_what_it_complains_of(play):
    async def act(phone):
        await phone.be_at_the_welcome()
        await phone.tap("保安編碼器")
        phone.hands.patience_seconds = SHORT_PATIENCE
        with pytest.raises(CannotTouch, match="“welcome”, not “token-pin”, which says: 此電話尚未啟用保安編碼器"):
            await phone.hands.screen("token-pin")

    play(act)


def test_typing_replaces_what_the_field_held(play):
    async def act(phone):
        await phone.hands.tap("相機")
        await phone.hands.type(into="圖片檔案", text="first")
        await phone.hands.type(into="圖片檔案", text="二 nd.png")
        assert "二 nd.png" in phone.hands.texts()
        assert not any("first" in text for text in phone.hands.texts())

    play(act)


def test_each_printable_character_arrives_as_it_is(play):
    async def act(phone):
        every = "".join(map(chr, range(33, 127))) + " ２８鉅é"
        await phone.hands.tap("相機")
        await phone.hands.type(into="圖片檔案", text=every)
        assert every in phone.hands.texts()

    play(act)


def test_what_no_keyboard_has_cannot_be_typed(play):
    async def act(phone):
        await phone.hands.tap("相機")
        with pytest.raises(CannotTouch, match="no keyboard"):
            await phone.hands.type(into="圖片檔案", text="two\nlines")

    play(act)


def test_what_is_further_down_is_scrolled_to_and_pressed(play):
    async def act(phone):
        await phone.hands.tap("鉅亨證券 2")
        await phone.hands.tap("允許")
        assert not re.search("│ +我明白及同意 +│", "\n".join(phone.hands.lines()))  # the text speaks of the button
        await phone.hands.tap("我明白及同意")
        await phone.hands.screen("tutorial")

    play(act, size=(44, 18))


def test_seeing_waits_for_what_comes_and_not_seeing_for_what_goes(play):
    async def act(phone):
        seeing = asyncio.create_task(phone.hands.see("驗證碼是 281704"))
        await asyncio.sleep(0)
        phone.phone.deliver_text(phone.text())
        await seeing
        phone.hands.patience_seconds = SHORT_PATIENCE
        with pytest.raises(CannotTouch, match="still"):
            await phone.hands.see_not("驗證碼是 281704")
        phone.hands.patience_seconds = 5.0
        gone = asyncio.create_task(phone.hands.see_not("驗證碼是 281704"))
        phone.phone.dismiss(phone.phone.notices[0])
        await gone

    play(act)


def test_an_error_never_holds_what_was_typed_mailed_or_computed(play):
    async def act(phone):
        await phone.be_bound()
        await phone.tap("鉅亨證券 2")
        code = await phone.show_the_code()
        phone.phone.deliver_text(phone.text())
        phone.hands.patience_seconds = SHORT_PATIENCE
        with pytest.raises(CannotTouch) as unseen:
            await phone.hands.see(code[:5] + "x")
        with pytest.raises(CannotTouch) as untouched:
            await phone.hands.tap("啟用保安編碼器的驗證碼是 28170")
        said = f"{unseen.value} {unseen.value.nearest} {untouched.value} {untouched.value.nearest}"
        assert code not in said
        assert "281704" not in said

    play(act)


def test_a_secret_reads_as_bullets_until_somebody_looks(play):
    async def act(phone):
        await phone.be_at_the_welcome()
        await phone.tap("登入")
        await phone.type("密碼", "Passw0rd1")
        assert "•••••••••" in phone.hands.texts()
        assert not any("Passw0rd1" in line for line in phone.hands.lines())
        await phone.tap("顯示")
        assert "Passw0rd1" in phone.hands.texts()
        await phone.tap("隱藏")
        assert "Passw0rd1" not in phone.hands.texts()

    play(act)


def test_hands_touch_a_phone_in_a_larger_and_in_a_smaller_terminal(play):
    def of_height(lines):
        async def act(phone):
            await phone.tap("相機")
            assert len(phone.hands.lines()) == lines
            await phone.type("圖片檔案", "x")
            await phone.hands.home()

        return act

    play(of_height(40), size=(120, 50))
    play(of_height(16), size=(50, 16))


def test_the_picture_is_svg_of_the_phone_alone_that_loads_nothing(play):
    async def act(phone):
        await phone.be_at_the_welcome()
        picture = phone.hands.picture()
        root = ET.fromstring(picture)  # noqa: S314 - our own
        assert root.get("viewBox") == "0 0 396 800"
        words = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
        assert "歡迎使用鉅亨證券" in words
        assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")
        assert "@font-face" not in picture

    play(act, size=(100, 45))


def test_an_error_that_ends_the_app_is_raised_when_the_phone_is_put_down(world):
    async def main():
        with world.opened() as app:
            async with phone_in_hand(app._workings.phone, app) as hands:

                def fail() -> None:
                    raise ZeroDivisionError

                hands._view.act(fail)
                hands.patience_seconds = SHORT_PATIENCE
                with pytest.raises(CannotTouch):
                    await hands.see("never")

    with pytest.raises(Exception, match="ZeroDivisionError"):
        asyncio.run(main())
