"""The phone around its apps: home screen, status bar, notification shade, Settings, App store, storage trouble."""

import re
from dataclasses import replace

import pytest
from rich.cells import cell_len

from simulator.biometrics import BiometricKind, SensorResult
from simulator.phone import Network, PushOnPhone
from simulator.qr import read_codes
from simulator.settings import Settings

NEW_PHONE = {
    "語言": "繁體中文",
    "外觀": "深色",
    "飛航模式": "關",
    "網絡": "正常",
    "時鐘": "準確 ›",
    "生物認證": "0 ›",
    "應用程式權限": "›",
    "儲存空間": "›",
    "已取得最高權限（越獄）": "關",
    "關於此電話": "›",
}
"""The first page of Settings on a phone as it was delivered."""

HAN = re.compile(r"[\u4e00-\u9fff]")


def _status(phone) -> str:
    return phone.hands.lines()[1].strip("│").strip()


@pytest.mark.parametrize(
    ("settings", "status"),
    [
        (Settings(), "16:00          ▂▄▆                  84%"),
        (Settings(network=Network.SLOW), "16:00          ▂▁▁ 網絡緩慢         84%"),
        (Settings(network=Network.OFF), "16:00          ✕ 無網絡             84%"),
        (Settings(airplane_mode=True), "16:00          ✈ 飛航模式           84%"),
        (Settings(language="en", airplane_mode=True), "16:00          ✈ Airplane mode      84%"),
        (Settings(clock_offset_seconds=-60.0), "15:59          ▂▄▆                  84%"),
    ],
)
def test_the_status_bar_tells_time_and_network(play, settings, status):
    async def act(phone):
        phone.phone.change(settings)
        await phone.hands.rest()
        assert _status(phone) == status

    play(act)


def test_the_status_bar_tells_whether_the_sensor_is_ready(play, clock):
    async def act(phone):
        phone.phone.biometrics.add(BiometricKind.FACE)
        await phone.hands.see("生物認證可用")
        assert _status(phone).endswith("ID  84%")
        phone.phone.biometrics.next_result = SensorResult.LOCKED_OUT
        phone.phone.biometrics.scan()
        await phone.hands.see("生物認證已鎖定")
        assert _status(phone).endswith("ID✕  84%")
        clock.at += 30
        await phone.hands.see("生物認證可用")

    play(act)


def test_the_shade_shows_what_came_opens_it_and_leads_back_to_where_one_was(play, clock):
    async def act(phone):
        await phone.be_at_the_welcome()
        phone.phone.deliver_mail(phone.mail())
        phone.phone.deliver_text(phone.text())
        await phone.hands.see("281704")
        clock.at += 60
        await phone.hands.see_not("281704")
        assert _status(phone).startswith("16:01  ● 2")
        await phone.hands.shade()
        await phone.hands.screen("notifications")
        await phone.hands.tap("保安編碼器註冊資料")
        await phone.hands.screen("mail")
        await phone.hands.back()
        await phone.hands.screen("welcome")
        await phone.hands.shade()
        await phone.hands.see_not("保安編碼器註冊資料")
        await phone.tap("全部清除")
        await phone.hands.see("沒有通知")
        await phone.hands.shade()
        await phone.hands.screen("welcome")
        assert phone.phone.unread_texts == 1

    play(act)


def test_the_shade_opens_a_mail_also_over_the_mails(play):
    async def act(phone):
        await phone.tap("電郵")
        phone.phone.deliver_mail(phone.mail())
        phone.phone.dismiss(phone.phone.notices[0])
        await phone.hands.shade()
        await phone.hands.tap("保安編碼器註冊資料")
        await phone.hands.screen("mail")
        await phone.hands.shade()
        await phone.hands.see("沒有通知")

    play(act)


def test_a_push_opens_the_brokers_app(play):
    async def act(phone):
        await phone.have_opened()
        phone.phone.deliver_push(PushOnPhone(number=1, sender="鉅亨證券 2", text="有新的登入", received_at=0.0))
        await phone.tap("有新的登入")
        await phone.hands.screen("welcome")
        assert phone.phone.shade == ()

    play(act)


def test_m1_the_install_page_is_scanned_one_of_its_two_codes_chosen_and_the_app_installed(play, two_codes):
    async def act(phone):
        phone.phone.change(replace(phone.phone.settings, broker_app_installed=False))
        await phone.hands.home()
        assert "鉅亨證券 2" not in phone.hands.texts()
        await phone.tap("相機")
        origin = phone.kit.origin
        await phone.hands.scan(two_codes(f"{origin}/iweb/app/android", f"{origin}/iweb/app/ios"))
        await phone.hands.see("圖片中有 2 個二維碼，請選擇一個。")
        await phone.tap("安裝「鉅亨證券 2」蘋果版本")
        await phone.hands.screen("store-page")
        await phone.hands.see("來源：broker.example:8000")
        await phone.tap("安裝")
        await phone.hands.see("已安裝")
        await phone.hands.home()
        await phone.tap("鉅亨證券 2")
        await phone.hands.screen("notification-permission")

    play(act)


def test_the_store_leads_to_the_app_too(play):
    async def act(phone):
        await phone.tap("App 商店")
        await phone.tap("鉅亨證券 2")
        await phone.tap("開啟")
        await phone.hands.screen("notification-permission")

    play(act)


def test_a_registration_code_leads_to_the_brokers_app_once_that_is_installed(play):
    async def act(phone):
        await phone.have_opened()
        picture = phone.kit.qr_png("TWOFOLD1?c=ABC")
        phone.phone.change(replace(phone.phone.settings, broker_app_installed=False))
        await phone.tap("相機")
        await phone.hands.scan(picture)
        await phone.hands.see("請先安裝該應用程式")
        phone.phone.install_broker_app()
        await phone.hands.scan(picture)
        await phone.tap("開啟「鉅亨證券 2」")
        await phone.hands.screen("welcome")

    play(act)


def test_an_app_that_may_not_use_the_camera_says_so_and_the_camera_itself_needs_no_leave(play):
    async def act(phone):
        phone.phone.change(replace(phone.phone.settings, camera_allowed=False))
        await phone.be_at_the_binding()
        await phone.tap("掃描二維碼")
        await phone.hands.scan(phone.qr())
        await phone.hands.see("未獲准使用相機")
        await phone.hands.home()
        await phone.tap("相機")
        await phone.hands.scan(phone.kit.qr_png("hello"))
        await phone.hands.see("hello")

    play(act)


@pytest.mark.parametrize(("language", "size"), [("zh-Hant", (44, 40)), ("en", (80, 24))])
def test_each_page_of_settings_fits_the_phone_and_speaks_its_language(play, world, language, size):
    world.language = language
    pages = {
        "時鐘": "settings-clock",
        "生物認證": "settings-biometrics",
        "應用程式權限": "settings-permissions",
        "儲存空間": "settings-storage",
        "關於此電話": "settings-about",
    }

    async def act(phone):
        await phone.tap("設定")
        for label, name in pages.items():
            await phone.tap(label)
            await phone.hands.screen(name)
            lines = phone.hands.lines()
            assert {cell_len(line) for line in lines} == {44}
            assert phone.say(label) in lines[3]
            if language == "en":
                assert not HAN.search("\n".join((*lines, *phone.hands.texts())))
            await phone.hands.back()
        await phone.hands.screen("settings")
        if language == "zh-Hant":
            assert [line.strip("│ ") for line in phone.hands.lines()][5:15] == [
                f"{label}{' ' * (38 - cell_len(label + value))}{value}" for label, value in NEW_PHONE.items()
            ]

    play(act, size=size)


def test_settings_change_the_phone(play):
    async def act(phone):
        await phone.tap("設定")
        for label in ("飛航模式", "網絡", "網絡", "已取得最高權限（越獄）", "外觀"):
            await phone.tap(label)
        settings = phone.phone.settings
        assert (settings.airplane_mode, settings.network, settings.rooted) == (True, Network.OFF, True)
        assert settings.light
        await phone.hands.see("淺色")
        assert phone.hands._view.host.theme == "twofold-light"
        await phone.tap("應用程式權限")
        await phone.tap("通知")
        await phone.tap("相機")
        assert (phone.phone.notifications_allowed, phone.phone.settings.camera_allowed) == (True, False)
        await phone.hands.back()
        await phone.tap("語言")
        await phone.hands.see("Settings")

    play(act)


@pytest.mark.parametrize("wrong", ["", "abc", "1.5", "４５", "1e3", "99999999"])
def test_a_clocks_offset_is_whole_seconds(play, wrong):
    async def act(phone):
        await phone.tap("設定")
        await phone.tap("時鐘")
        await phone.type("偏差（秒），例如 -45", wrong)
        await phone.tap("確定")
        await phone.hands.see("請輸入整數秒數")
        await phone.type("偏差（秒），例如 -45", "-45")
        await phone.tap("確定")
        await phone.hands.see("已設定")
        assert phone.phone.clock_offset_seconds == -45

    play(act)


def test_biometrics_are_added_tried_locked_unlocked_and_removed(play):
    async def act(phone):
        await phone.tap("設定")
        await phone.tap("生物認證")
        await phone.tap("試用感應器")
        await phone.hands.see("此電話沒有登記指紋或面容。")
        await phone.tap("加入指紋")
        await phone.tap("試用感應器")
        await phone.hands.see("感應結果：相符")
        await phone.tap("感應結果")
        for _ in range(5):
            await phone.tap("試用感應器")
        await phone.hands.see("感應器已鎖定")
        await phone.type("電話密碼", "1111")
        await phone.tap("解鎖感應器")
        await phone.hands.see("電話密碼不正確。")
        await phone.type("電話密碼", "0000")
        await phone.tap("解鎖感應器")
        await phone.hands.see_not("感應器已鎖定")
        await phone.hands.tap("指紋 1")
        assert phone.phone.biometrics.enrolled == ()

    play(act)


def test_a_restart_is_offered_where_the_phone_can_be_switched_on_again(play):
    async def act(phone):
        await phone.tap("設定")
        assert "重新啟動" not in phone.hands.texts()
        asked = []
        phone.hands._view.restart = lambda: asked.append("restart")
        await phone.hands.back()
        await phone.tap("設定")
        await phone.tap("重新啟動")
        await phone.tap("語言")
        assert asked == ["restart", "restart"]

    play(act)


def test_a_phone_without_room_says_so_and_shows_the_way_out(play):
    async def act(phone):
        phone.phone.deliver_text(phone.text())
        await phone.tap("設定")
        await phone.tap("儲存空間")
        await phone.hands.see("電郵 0 封，短訊 1 則")
        await phone.tap("模擬儲存空間已滿")
        await phone.hands.see("電話的儲存空間不足")
        await phone.hands.back()
        await phone.tap("飛航模式")
        await phone.hands.see("電話的儲存空間不足，未能儲存。請騰出空間後再試。")
        assert not phone.phone.settings.airplane_mode
        await phone.hands.home()
        await phone.tap("短訊")
        await phone.hands.tap(phone.text().text)
        await phone.hands.screen("text")
        await phone.hands.home()
        await phone.tap("管理儲存空間")
        await phone.tap("模擬儲存空間已滿")
        await phone.tap("刪除所有電郵及短訊")
        await phone.hands.see("電郵 0 封，短訊 0 則")
        await phone.hands.home()
        assert "管理儲存空間" not in phone.hands.texts()

    play(act)


def test_damaged_settings_have_a_screen_of_their_own_and_a_way_out_that_loses_no_message(play, world):
    async def spoil(phone):
        phone.phone.deliver_mail(phone.mail())
        phone.phone.network_on = False
        (world.folder / "phone.json").write_bytes(b"twofold-phone-1 cut")

    async def mend(phone):
        await phone.hands.screen("settings-damaged")
        phone.phone.deliver_text(phone.text())
        await phone.hands.tap(phone.text().text)
        await phone.hands.screen("text")
        await phone.hands.home()
        await phone.hands.screen("settings-damaged")
        await phone.tap("重設電話設定")
        await phone.hands.screen("home")
        assert (phone.phone.unread_mails, phone.phone.network_on) == (1, True)

    play(spoil, mend)


def test_damaged_messages_are_told_among_the_others_and_can_be_deleted(play, world):
    async def spoil(phone):
        phone.phone.deliver_mail(phone.mail(1))
        phone.phone.deliver_mail(phone.mail(2, subject="Password Reset"))
        phone.phone.deliver_text(phone.text())
        for name in ("mail-1", "text-1"):
            (world.folder / "messages" / f"{name}.json").write_bytes(b"cut")

    async def look(phone):
        await phone.tap("電郵")
        await phone.hands.see("有 1 封電郵已損毀，未能讀取。")
        await phone.hands.see("Password Reset")
        await phone.hands.home()
        await phone.tap("短訊")
        await phone.hands.see("有 1 則短訊已損毀，未能讀取。")
        await phone.tap("刪除已損毀的訊息")
        await phone.hands.see_not("已損毀")

    play(spoil, look)


@pytest.mark.parametrize("size", [(44, 24), (80, 24), (44, 40), (120, 40), (200, 60)])
def test_the_mails_code_can_be_scanned_off_the_terminal_whatever_its_size(play, size):
    async def act(phone):
        text = phone.world.server.registration_text("A2B3C" * 4)
        phone.phone.deliver_mail(phone.mail(pictures=(phone.kit.qr_png(text),)))
        await phone.tap("電郵")
        await phone.hands.tap("保安編碼器註冊資料")
        await phone.tap("放大二維碼")
        await phone.hands.screen("code")
        phone.hands.lines()
        view = phone.hands._view
        terminal = view.within(view.screen._compositor.render_strips)
        blocks = [_only_blocks(strip.text) for strip in terminal[4:-2]]
        assert read_codes(phone.kit.png(phone.kit.photographed(blocks, cell=(8, 16)))) == (text,)
        await phone.hands.back()
        await phone.hands.screen("mail")

    play(act, size=size)


def _only_blocks(line: str) -> str:
    """The line without the edges of the phone and other words, cell by cell."""
    cells = "".join(character * cell_len(character) for character in line)
    return "".join(c if c in "▀▄█▌▐" or 0x1FB00 <= ord(c) <= 0x1FB3B else " " for c in cells)
