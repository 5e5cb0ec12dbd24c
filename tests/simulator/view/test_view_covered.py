"""What a picture for a report leaves out, and what cannot be pressed yet."""

import pytest

from simulator.cannot_touch import CannotTouch
from simulator.qr import sextants

COVERED = "······"


def test_a_covered_picture_does_not_show_the_tokens_digits(play):
    async def show(phone):
        await phone.be_bound()
        await phone.tap("鉅亨證券 2")
        await phone.show_the_code()
        assert COVERED in phone.hands.picture(covered=True)
        assert COVERED not in phone.hands.picture()
        drawn = phone.hands.picture().count("<path"), phone.hands.picture(covered=True).count("<path")
        assert drawn[1] <= drawn[0]

    play(show)


def test_a_covered_picture_does_not_show_the_qr_code_of_a_mail(play):
    async def show(phone):
        await phone.be_at_the_binding()
        picture = phone.qr()
        phone.phone.deliver_mail(phone.mail(pictures=(picture,)))
        await phone.hands.home()
        await phone.tap("電郵")
        await phone.hands.tap(next(label.text for label in phone.hands.labels() if "註冊資料" in label.text))
        shown = "\n".join(phone.hands.lines())
        assert any(row.strip()[:20] in shown for row in sextants(picture) if row.strip())
        assert COVERED in phone.hands.picture(covered=True)
        assert COVERED not in phone.hands.picture()

    play(show)


def test_nothing_can_be_enabled_before_six_characters_stand_in_the_codes_field(play):
    async def type_five(phone):
        await phone.be_at_the_welcome()
        await phone.log_in()
        await phone.tap("啟用")
        await phone.tap("同意")
        await phone.hands.screen("sms-code")
        phone.hands.patience_seconds = 0.2
        for typed in ("", "12345", "12345 "):
            await phone.type("6位數字驗證碼", typed)
            with pytest.raises(CannotTouch, match="it is disabled"):
                await phone.tap("啟用")
        phone.hands.patience_seconds = 5
        await phone.type("6位數字驗證碼", phone.world.enrolment().sms_code)
        await phone.tap("啟用")
        await phone.hands.screen("choose-pin")

    play(type_five)
