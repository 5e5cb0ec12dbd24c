"""How each screen looks, as the lines that a terminal shows, in both languages."""

import re

import pytest
from rich.cells import cell_len

from simulator.biometrics import BiometricKind

HAN = re.compile(r"[\u4e00-\u9fff]")

TITLES = {
    "notification-permission": "通知",
    "disclaimer": "免責聲明",
    "tutorial": "基本教學",
    "welcome": "鉅亨證券 2",
    "login": "登入",
    "offer-token": "保安編碼器",
    "consent": "同意條款",
    "sms-code": "驗證電話號碼",
    "choose-pin": "設定密碼",
    "binding-choice": "綁定保安編碼器",
    "type-registration-code": "輸入註冊編碼",
    "camera": "相機",
    "token-bound": "保安編碼器",
    "account": "我的帳戶",
    "token-pin": "保安編碼器",
    "token-code": "保安編碼器",
    "mails": "電郵",
    "texts": "短訊",
    "account-settings": "設定",
    "general-settings": "設定",
    "main-account": "設定主要帳戶",
    "change-password": "更改密碼",
    "password-changed": "更改密碼",
    "token-service": "保安編碼認證服務",
    "pin-count": "錯誤密碼的計算",
    "biometrics-terms": "同意條款",
    "biometrics-pin": "請輸入保安密碼",
    "biometrics-enabled": "成功啟用",
    "biometrics-off": "生物認證服務",
    "sensor": "生物認證",
    "clear-token": "清除保安編碼器",
    "token-cleared": "清除保安編碼器",
}
"""The screens of the broker's app and the title of each."""

SETTINGS = set(list(TITLES)[list(TITLES).index("account-settings") :])
"""Those that only a customer comes to who has the token."""

MAIN_ACTIONS = {
    "notification-permission": "允許",
    "disclaimer": "我明白及同意",
    "tutorial": "立即開始",
    "login": "登入",
    "offer-token": "啟用",
    "consent": "同意",
    "sms-code": "啟用",
    "choose-pin": "確定",
    "binding-choice": "掃描二維碼",
    "type-registration-code": "確定",
    "camera": "用電郵中的圖片",
    "token-bound": "完成",
    "token-pin": "確定",
    "token-code": "完成",
    "change-password": "確定",
    "password-changed": "完成",
    "token-service": "開啟保安編碼器",
    "biometrics-terms": "同意",
    "biometrics-pin": "啟用",
    "biometrics-enabled": "完成",
    "biometrics-off": "停用",
    "sensor": "感應",
    "clear-token": "清除",
    "token-cleared": "完成",
}
"""The one main action of those screens that have one."""


BOTH = (
    pytest.mark.parametrize("language", ["zh-Hant", "en"]),
    pytest.mark.parametrize("size", [(44, 40), (80, 24)]),
)


def _in_both_languages_and_sizes(test):
    for mark in BOTH:
        test = mark(test)
    return test


def _check(phone, language: str, size: tuple[int, int]) -> str:
    """Hold the screen against what is asked of every screen, and give its name."""
    hands = phone.hands
    lines, name = hands.lines(), hands.screen_name
    assert len(lines) == min(size[1], 40)
    assert {cell_len(line) for line in lines} == {44}, name
    assert lines[0] == f"╭{'─' * 42}╮"
    assert lines[-1] == f"╰{'─' * 42}╯"
    assert all(line[0] in "╭│├╰" and line[-1] in "╮│┤╯" for line in lines), name
    if name in TITLES:
        assert phone.say(TITLES[name]) in lines[3], name
        assert f"‹ {phone.say('返回')}" in lines[3], name
    if name in MAIN_ACTIONS:
        main = hands._view.query_one("Touch.-primary")
        assert main.label == phone.say(MAIN_ACTIONS[name])
    if language == "en":
        shown = "\n".join(lines).replace("「」", "").replace("陳大文", "")
        assert not HAN.search(shown), f"{name}: {HAN.findall(shown)}"
    return name


@_in_both_languages_and_sizes
def test_each_screen_of_the_journey_fits_the_phone_and_speaks_its_language(play, world, language, size):
    world.language = language
    met: list[str] = []

    def check(phone) -> None:
        met.append(_check(phone, language, size))

    async def act(phone):
        async def tap(words: str, leads_to: str) -> None:
            await phone.tap(words)
            await phone.hands.screen(leads_to)
            check(phone)

        check(phone)
        await tap("鉅亨證券 2", "notification-permission")
        await tap("允許", "disclaimer")
        await tap("我明白及同意", "tutorial")
        await tap("立即開始", "welcome")
        await tap("登入", "login")
        await phone.type("用戶名稱", phone.kit.account)
        await phone.type("密碼", phone.kit.password)
        await tap("登入", "offer-token")
        await tap("啟用", "consent")
        await tap("同意", "sms-code")
        await phone.type("6位數字驗證碼", phone.world.enrolment().sms_code)
        await tap("啟用", "choose-pin")
        await phone.choose_the_pin()
        await phone.hands.screen("binding-choice")
        check(phone)
        await tap("輸入用戶登入名稱及註冊編碼", "type-registration-code")
        await phone.hands.back()
        await tap("掃描二維碼", "camera")
        await phone.hands.scan(phone.qr())
        await phone.hands.screen("token-bound")
        check(phone)
        await tap("完成", "account")
        await tap("保安編碼器", "token-pin")
        await phone.type("保安編碼器密碼", phone.kit.pin)
        await tap("確定", "token-code")
        await phone.hands.home()
        await tap("電郵", "mails")
        await phone.hands.home()
        await tap("短訊", "texts")

    play(act, size=size)
    assert set(TITLES) - SETTINGS <= set(met)


@_in_both_languages_and_sizes
def test_each_screen_of_the_settings_fits_the_phone_and_speaks_its_language(play, world, clock, language, size):
    world.language = language
    met: list[str] = []

    async def act(phone):
        async def tap(words: str, leads_to: str, **places: str) -> None:
            await phone.hands.tap(" ".join(phone.say(word).format(**places) for word in words.split(" / ")))
            await phone.hands.screen(leads_to)
            await phone.hands.rest()
            met.append(_check(phone, language, size))

        phone.phone.biometrics.add(BiometricKind.FINGERPRINT)
        await phone.be_bound()
        await phone.tap("鉅亨證券 2")
        await tap("設定", "account-settings")
        await tap("一般設定", "general-settings")
        await tap("帳戶設定", "account-settings")
        await tap("設定主要帳戶 {account}", "main-account", account=phone.kit.account)
        await phone.hands.back()
        await tap("更改密碼 / 設定", "change-password")
        await phone.type("現時密碼", phone.kit.password)
        await phone.type("新密碼", "Neuland2")
        await phone.type("確認新密碼", "Neuland2")
        await tap("確定", "password-changed")
        await tap("完成", "account-settings")
        await tap("保安編碼認證服務 / 設定", "token-service")
        await tap("錯誤密碼的計算 / 設定", "pin-count")
        await phone.type("保安編碼器密碼", phone.kit.pin)
        await phone.type("確認保安編碼器密碼", phone.kit.pin)
        await phone.tap("改由此電話計算")
        await phone.hands.screen("token-service")
        await tap("錯誤密碼的計算 / 設定", "pin-count")
        await phone.hands.back()
        await phone.hands.back()
        await tap("生物認證服務 / 啟用", "biometrics-terms")
        await tap("同意", "biometrics-pin")
        await phone.type("保安密碼", phone.kit.pin)
        await tap("啟用", "biometrics-enabled")
        await tap("完成", "account-settings")
        await tap("生物認證服務 / 停用", "biometrics-off")
        await phone.hands.home()
        await phone.tap("鉅亨證券 2")
        await phone.hands.back()
        await phone.hands.back()
        await tap("保安編碼器", "token-pin")
        await tap("以生物認證開啟", "sensor")
        await tap("感應", "token-code")
        clock.at += 30
        await phone.tap("再次顯示")
        await phone.hands.back()
        await phone.tap("設定")
        await tap("保安編碼認證服務 / 清除", "clear-token")
        await tap("清除", "token-cleared")

    play(act, size=size)
    assert set(met) >= SETTINGS


def test_the_home_screen(play):
    async def act(phone):
        phone.phone.deliver_mail(phone.mail())
        phone.phone.dismiss(phone.phone.notices[0])
        await phone.hands.rest()
        assert [line.rstrip("│ ") for line in phone.hands.lines()][:13] == [
            "╭──────────────────────────────────────────╮",
            "│ 16:00  ● 1     ▂▄▆                  84%",
            "├──────────────────────────────────────────┤",
            "",
            "│    ┌──────┐     ┌──────┐     ┌──────┐",
            "│    │ 鉅亨 │     │ ╲╱ 1 │     │ 「」",
            "│    └──────┘     └──────┘     └──────┘",
            "│   鉅亨證券 2      電郵         短訊",
            "",
            "│    ┌──────┐     ┌──────┐     ┌──────┐",
            "│    │  [◉] │     │   ⚷  │     │   ⇩",
            "│    └──────┘     └──────┘     └──────┘",
            "│      相機     Authenticator  App 商店",
        ]

    play(act)


def test_the_code_is_drawn_large_with_its_countdown(play, clock):
    async def act(phone):
        await phone.be_bound()
        await phone.tap("鉅亨證券 2")
        clock.at += 12
        await phone.show_the_code()
        lines = [line.strip("│").strip() for line in phone.hands.lines()]
        assert lines[5] == phone.kit.account
        assert all(cell_len(line) <= 25 for line in lines[7:10])
        assert set("".join(lines[7:10])) <= set("┏┓┗┛┣┫━┃╺╸╻╹┻ ")
        assert lines[11] == "━━━━━━━━━━━━━━━───────── 18 秒"
        assert lines[13] == "請在網上交易登入頁面輸入此驗證碼"

    play(act)


def test_without_a_network_the_status_bar_says_so(play):
    async def act(phone):
        phone.phone.network_on = False
        await phone.hands.see("無網絡")
        assert phone.hands.lines()[1] == "│ 16:00          ✕ 無網絡             84%  │"

    play(act)


def test_a_person_can_do_it_all_by_keyboard(play):
    async def act(phone):
        view = phone.hands._view
        fingers = phone.hands._fingers

        async def press(*keys: str) -> None:
            for key in keys:
                await phone.hands.rest()
                fingers.key(key, key if len(key) == 1 else None)
                focused = view.screen.focused
                await fingers.pass_through(*([focused, *focused.ancestors] if focused else []))

        await press("tab", "enter")
        await phone.hands.screen("notification-permission")
        await press("enter")
        await phone.hands.screen("disclaimer")
        await press("enter")
        assert phone.hands.screen_name == "disclaimer"
        await press("tab", "enter")
        await phone.hands.screen("tutorial")
        await press("enter")
        await phone.hands.screen("welcome")
        await press("enter")
        await phone.hands.screen("login")
        await press(*phone.kit.account, "tab", *phone.kit.password)
        assert phone.kit.account in phone.hands.texts()
        await press("escape")
        await phone.hands.screen("welcome")
        await press("f2")
        await phone.hands.screen("home")

    play(act)


def test_the_light_theme_shows_the_same_words_in_other_colours(play):
    lines, pictures = [], []

    async def act(phone):
        lines.append(phone.hands.lines())
        pictures.append(phone.hands.picture())

    play(act)
    play(act, light=True)
    assert lines[0] == lines[1]
    assert pictures[0] != pictures[1]
