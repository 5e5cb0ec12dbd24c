"""Mails, text messages, their banners, and the camera."""

import zxingcpp
from PIL import Image

from simulator.view.phone_view import BANNER_SECONDS


def test_a_banner_tells_of_a_text_message_and_opens_it(play):
    async def act(phone):
        phone.phone.deliver_text(phone.text())
        await phone.hands.see("鉅亨證券")
        assert tuple(t for t in phone.hands.texts() if t in {"短訊", "1"}) == ("短訊", "1")
        await phone.hands.tap(phone.text().text)
        await phone.hands.screen("text")
        assert phone.text().text in phone.hands.texts()
        assert phone.phone.unread_texts == 0
        assert phone.phone.notices == ()

    play(act)


def test_the_way_back_from_a_banner_leads_to_where_one_was(play):
    async def act(phone):
        await phone.be_at_the_binding()
        phone.phone.deliver_mail(phone.mail())
        await phone.tap("保安編碼器註冊資料")
        await phone.hands.screen("mail")
        await phone.hands.back()
        await phone.hands.screen("binding-choice")

    play(act)


def test_a_banner_goes_when_its_time_is_over_and_the_message_stays_unread(play, clock):
    async def act(phone):
        phone.phone.deliver_text(phone.text())
        await phone.hands.see("281704")
        clock.at += BANNER_SECONDS - 1
        await phone.hands.see("281704")
        clock.at += 1
        await phone.hands.see_not("281704")
        assert phone.phone.unread_texts == 1

    play(act)


def test_a_banner_can_be_put_aside(play):
    async def act(phone):
        phone.phone.deliver_mail(phone.mail())
        await phone.hands.see("保安編碼器註冊資料")
        await phone.hands.tap("✕")
        await phone.hands.see_not("保安編碼器註冊資料")
        assert phone.phone.unread_mails == 1

    play(act)


def test_a_banner_never_covers_what_can_be_pressed(play):
    async def act(phone):
        await phone.be_at_the_welcome()
        await phone.tap("登入")
        await phone.type("用戶名稱", phone.kit.account)
        await phone.type("密碼", phone.kit.password)
        phone.phone.deliver_text(phone.text())
        await phone.tap("登入")
        await phone.hands.screen("offer-token")

    play(act, size=(44, 24))


def test_the_newest_mail_stands_first_and_the_list_follows_what_comes(play):
    async def act(phone):
        phone.phone.deliver_mail(phone.mail(1, subject="Password Reset", received_at=100.0))
        await phone.hands.tap("電郵")
        phone.phone.deliver_mail(phone.mail(2))
        await phone.hands.see("保安編碼器註冊資料")
        labels = [label.text for label in phone.hands.labels()]
        assert labels.index("保安編碼器註冊資料") < labels.index("Password Reset")
        await phone.hands.tap("Password Reset")
        await phone.hands.screen("mail")
        await phone.hands.back()
        await phone.hands.screen("mails")

    play(act)


def test_a_mail_shows_its_text_its_links_and_its_qr_code(play):
    async def act(phone):
        picture = phone.kit.qr_png("A" * 20)
        phone.phone.deliver_mail(phone.mail(pictures=(picture,)))
        await phone.hands.tap("電郵")
        await phone.hands.tap("保安編碼器註冊資料")
        await phone.hands.see("ABCDE-FGHIJ-KLMNO-PQRST")
        await phone.hands.see("（二維碼）")
        await phone.hands.tap("https://www.anue.example/help")
        assert phone.phone.clipboard == "https://www.anue.example/help"
        modules = [line.strip("│")[2:-2] for line in phone.hands.lines() if any(glyph in line for glyph in "█▀▄")]
        rows = [[glyph in above for glyph in line] for line in modules[1:] for above in ("█▀", "█▄")]
        image = Image.new("L", (len(rows[0]), len(rows)), 255)
        image.putdata([0 if dark else 255 for row in rows for dark in row])
        code = zxingcpp.read_barcode(image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST))
        assert code is not None
        assert code.text == "A" * 20

    play(act)


def test_control_characters_of_a_message_never_reach_the_screen(play):
    async def act(phone):
        phone.phone.deliver_text(phone.text(text="\x1b[31mred\x07 \u202egpj.exe [bold]not markup[/bold]"))
        await phone.hands.see("not markup")
        await phone.hands.tap("短訊")
        shown = "\n".join(phone.hands.lines())
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "[31mred" in shown

    play(act)


def test_the_camera_says_what_it_reads_and_why_it_cannot(play, blank_picture):
    async def act(phone):
        await phone.hands.tap("相機")
        await phone.hands.scan(phone.kit.qr_png("https://www.anue.example/install/ios"))
        await phone.hands.see("https://www.anue.example/install/ios")
        await phone.hands.scan(blank_picture)
        await phone.hands.see("圖片中沒有可讀取的二維碼。")
        await phone.hands.see_not("install/ios")
        await phone.hands.scan(b"no picture at all")
        await phone.hands.see("此檔案不是圖片，或已損壞。")
        await phone.hands.tap("用電郵中的圖片")
        await phone.hands.see("電郵中沒有圖片。")

    play(act)


def test_the_camera_looks_at_the_same_picture_again(play, blank_picture):
    async def act(phone):
        await phone.be_at_the_binding()
        await phone.tap("掃描二維碼")
        await phone.hands.scan(blank_picture)
        await phone.hands.see("畫面上沒有二維碼")
        await phone.hands.scan(blank_picture)
        await phone.hands.see("畫面上沒有二維碼")
        await phone.hands.scan(phone.qr())
        await phone.hands.screen("token-bound")

    play(act)


def test_a_picture_that_was_held_up_before_the_camera_opened_is_read(play):
    async def act(phone):
        phone.phone.show_to_camera(phone.kit.qr_png("held up already"))
        await phone.hands.tap("相機")
        await phone.hands.see("held up already")

    play(act)


def test_the_camera_opens_a_file_and_says_when_it_cannot(play, tmp_path):
    async def act(phone):
        file = tmp_path / "code.png"
        file.write_bytes(phone.kit.qr_png("from a file"))
        await phone.hands.tap("相機")
        await phone.hands.type(into="圖片檔案", text=str(tmp_path / "nothing.png"))
        await phone.hands.tap("開啟檔案")
        await phone.hands.see("無法開啟此檔案。")
        await phone.hands.type(into="圖片檔案", text=str(file))
        await phone.hands.tap("開啟檔案")
        await phone.hands.see("from a file")

    play(act)
